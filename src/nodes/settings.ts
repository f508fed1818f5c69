import type { NodeDaemon } from './node-daemon';
import { HTTPD_CONF, nodeDaemonSet } from './node-daemon';
import { NODE_RESOURCES } from './resources';
import { NodesDelivery } from '../api/nodes';
import { asset } from '../assets/asset';
import type { Slice } from '../component';
import type { ResolvedNodes, ResolvedSpec } from '../config/resolved-spec';
import type { Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';

/** Name of the DaemonSet that holds kernel settings, and its `app.kubernetes.io/name`. */
export const SETTINGS_NAME = 'node-settings';

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
function settingPath({ file }: KernelSetting): string {
  return `/proc/sys/kernel/${file}`;
}

/**
 * DaemonSet that holds kernel settings (sysctls) on every node.
 *
 * The script gets them as file:rule:value, the rules being atLeast, atMost and exact. It needs no capabilities: the files belong to
 * root, and it is root. Nothing is restored at its end: a pod that is replaced must not open the node for a moment. Values are read
 * with `cat`: these files end after the first read, and the shell reads one character at a time.
 *
 * `/proc/sys` is read-only in a container, but a single file of it that is mounted elsewhere is not, and the kernel lets root write
 * these whatever its capabilities.
 *
 * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html
 */
export function settings(spec: Slice<'nodes'>): Part {
  const held = daemonSetSettings(spec);
  if (held.length === 0) { return {}; }
  const namespace = spec.agents.namespace;
  const daemon: NodeDaemon = {
    name: SETTINGS_NAME,
    image: spec.images.nodeSettings,
    script: 'settings.sh',
    configDirectory: '/etc/node-settings',
    config: { 'settings.sh': asset('nodes/settings.sh'), 'httpd.conf': HTTPD_CONF },
    env: { SETTINGS: held.map(({ file, rule, value }) => `${file}:${rule}:${value}`).join(' ') },
    capabilities: [],
    memoryLimit: NODE_RESOURCES.settingsMemory,
    hostMounts: held.map(setting => ({
      name: setting.file.replaceAll('_', '-'), hostPath: settingPath(setting), type: 'File', mountPath: `/host/${setting.file}`,
    })),
  };
  return {
    'settings-service-account': serviceAccount(SETTINGS_NAME, namespace),
    'settings-config': configMap(SETTINGS_NAME, namespace, SETTINGS_NAME, daemon.config),
    'settings-daemon-set': nodeDaemonSet(spec, daemon),
  };
}
