import { DEFAULTS } from './defaults';
import { resolvePod } from './resolve-pod';
import { sorted } from './resolve-values';
import type { ResolvedEbpfInventory, ResolvedNodes } from './resolved-spec';
import type { EbpfInventorySpec } from '../api/ebpf-inventory';
import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import type { NodesSpec } from '../api/nodes';
import { NodesDelivery, PerfEventParanoidMode } from '../api/nodes';
import { parseSeconds } from '../kube/duration';

/** The section `nodes` with its defaults. */
export function resolveNodes({ delivery, perfEventParanoid, perfEventMaxSampleRate, ebpfInventory, pod }: NodesSpec): ResolvedNodes {
  const mode = perfEventParanoid && (perfEventParanoid.mode ?? PerfEventParanoidMode.AT_LEAST);
  return {
    delivery: delivery ?? NodesDelivery.DAEMON_SET,
    ...(mode && mode !== PerfEventParanoidMode.LEAVE && { perfEventParanoid: { mode, value: perfEventParanoid.value ?? DEFAULTS.nodes.paranoid } }),
    ...(perfEventMaxSampleRate !== undefined && { perfEventMaxSampleRate }),
    ...(ebpfInventory && { ebpfInventory: resolveInventory(ebpfInventory) }),
    pod: resolvePod(pod),
  };
}

function resolveInventory({ engine, interval, learnFor, baseline, loaders, falcoNamespace }: EbpfInventorySpec): ResolvedEbpfInventory {
  return {
    engine: engine ?? EbpfInventoryEngine.BUNDLED,
    intervalSeconds: parseSeconds(interval ?? DEFAULTS.nodes.interval)!,
    learnForSeconds: parseSeconds(learnFor ?? DEFAULTS.nodes.learnFor)!,
    ...(baseline && {
      baseline: baseline.map(program => ({ uid: 0, ...program }))
        .sort((a, b) => (JSON.stringify([a.type, a.name, a.tag, a.uid]) < JSON.stringify([b.type, b.name, b.tag, b.uid]) ? -1 : 1)),
    }),
    loaders: sorted(loaders),
    falcoNamespace: falcoNamespace ?? DEFAULTS.nodes.falcoNamespace,
  };
}
