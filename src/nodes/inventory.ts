import type { NodeDaemon } from './node-daemon';
import { HTTPD_CONF, nodeDaemonSet } from './node-daemon';
import { NODE_RESOURCES } from './resources';
import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import { asset } from '../assets/asset';
import type { Slice } from '../component';
import type { ResolvedEbpfInventory, ResolvedSpec } from '../config/resolved-spec';
import type { Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';

/** Name of the inventory of eBPF programs, and its `app.kubernetes.io/name`. */
export const INVENTORY_NAME = 'ebpf-inventory';

/** Directory of a node for the baselines that it learned, one for each kernel. */
export const BASELINE_DIRECTORY = '/var/lib/hardened-profiling/ebpf-inventory';

/** Capabilities of the inventory: without SYS_ADMIN the kernel does not list eBPF programs. */
const INVENTORY_CAPABILITIES: readonly string[] = ['SYS_ADMIN'];

/** The inventory, if a DaemonSet of ours takes it. */
export function bundledInventory({ nodes }: Pick<ResolvedSpec, 'nodes'>): ResolvedEbpfInventory | undefined {
  return nodes?.ebpfInventory?.engine === EbpfInventoryEngine.BUNDLED ? nodes.ebpfInventory : undefined;
}

/**
 * DaemonSet that lists the eBPF programs of every node, and compares them with a baseline.
 *
 * With a baseline in its configuration the script learns nothing; else it keeps one for each kernel in /state, a directory of the node,
 * so that it survives the pod. A baseline that cannot be read ends it: to learn a new one unasked would accept whatever is loaded.
 * So does one that cannot be written, with the old one left as it was.
 *
 * It computes in jq. Programs are told apart by type, name, tag and owner. Ids and times take no part: they change whenever a program
 * is loaded. What is missing is judged by type and name alone, because a new version of a loader brings new tags.
 *
 * @see https://jqlang.org/manual/v1.6/
 */
export function inventory(spec: Slice<'nodes'>): Part {
  const wanted = bundledInventory(spec);
  if (!wanted) { return {}; }
  const namespace = spec.agents.namespace;
  const { baseline, intervalSeconds, learnForSeconds } = wanted;
  const daemon: NodeDaemon = {
    name: INVENTORY_NAME,
    image: spec.images.ebpfInventory,
    script: 'inventory.sh',
    configDirectory: '/etc/ebpf-inventory',
    config: {
      'inventory.sh': asset('nodes/inventory.sh'),
      'inventory.jq': asset('nodes/inventory.jq'),
      'httpd.conf': HTTPD_CONF,
      ...(baseline && { 'baseline.json': `[\n${baseline.map(program => JSON.stringify(program)).join(',\n')}\n]\n` }),
    },
    env: { INTERVAL_SECONDS: `${intervalSeconds}`, ...(!baseline && { LEARN_SECONDS: `${learnForSeconds}` }) },
    capabilities: INVENTORY_CAPABILITIES,
    memoryLimit: NODE_RESOURCES.inventoryMemory,
    hostMounts: baseline ? [] : [{ name: 'state', hostPath: BASELINE_DIRECTORY, type: 'DirectoryOrCreate', mountPath: '/state' }],
  };
  return {
    'inventory-service-account': serviceAccount(INVENTORY_NAME, namespace),
    'inventory-config': configMap(INVENTORY_NAME, namespace, INVENTORY_NAME, daemon.config),
    'inventory-daemon-set': nodeDaemonSet(spec, daemon),
  };
}
