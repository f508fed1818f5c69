import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import { NodesDelivery } from '../api/nodes';
import type { ResolvedEbpfInventory, ResolvedNodes, ResolvedSpec } from '../config/resolved-spec';

/** A setting of the kernel, below `/proc/sys/kernel`. */
export interface KernelSetting {
  readonly file: 'perf_event_paranoid' | 'perf_event_max_sample_rate';
  readonly rule: 'atLeast' | 'atMost' | 'exact';
  readonly value: number;
}

/** Kernel settings (sysctls) that the nodes should have. */
export function kernelSettings({ perfEventParanoid, perfEventMaxSampleRate }: ResolvedNodes): KernelSetting[] {
  return [
    ...(perfEventParanoid ? [{ file: 'perf_event_paranoid', rule: perfEventParanoid.mode, value: perfEventParanoid.value } as const] : []),
    ...(perfEventMaxSampleRate !== undefined ? [{ file: 'perf_event_max_sample_rate', rule: 'atMost', value: perfEventMaxSampleRate } as const] : []),
  ];
}

/** Kernel settings that a DaemonSet holds on the nodes; none if they are delivered otherwise. */
export function daemonSetSettings({ nodes }: Pick<ResolvedSpec, 'nodes'>): KernelSetting[] {
  return nodes?.delivery === NodesDelivery.DAEMON_SET ? kernelSettings(nodes) : [];
}

/** Path of a kernel setting below /proc/sys. */
export function settingPath({ file }: KernelSetting): string {
  return `/proc/sys/kernel/${file}`;
}

/** Directory of a node for the baselines that it learned, one for each kernel. */
export const BASELINE_DIRECTORY = '/var/lib/hardened-profiling/ebpf-inventory';

/** Capabilities of the inventory: without SYS_ADMIN the kernel does not list eBPF programs. */
export const INVENTORY_CAPABILITIES: readonly string[] = ['SYS_ADMIN'];

/** The inventory, if a DaemonSet of ours takes it. */
export function bundledInventory({ nodes }: Pick<ResolvedSpec, 'nodes'>): ResolvedEbpfInventory | undefined {
  return nodes?.ebpfInventory?.engine === EbpfInventoryEngine.BUNDLED ? nodes.ebpfInventory : undefined;
}
