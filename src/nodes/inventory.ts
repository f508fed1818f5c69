import { INVENTORY_JQ } from './inventory-jq';
import { INVENTORY_SCRIPT } from './inventory-script';
import { HTTPD_CONF } from './metrics-shell';
import { INVENTORY_NAME } from './names';
import { BASELINE_DIRECTORY, bundledInventory, INVENTORY_CAPABILITIES } from './needs';
import type { NodeDaemon } from './node-daemon';
import { nodeDaemonSet } from './node-daemon';
import type { Slice } from '../component';
import type { Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';

/** What lists the eBPF programs of every node, and compares them with a baseline. */
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
      'inventory.sh': INVENTORY_SCRIPT,
      'inventory.jq': INVENTORY_JQ,
      'httpd.conf': HTTPD_CONF,
      ...(baseline && { 'baseline.json': `[\n${baseline.map(program => JSON.stringify(program)).join(',\n')}\n]\n` }),
    },
    env: { INTERVAL_SECONDS: `${intervalSeconds}`, ...(!baseline && { LEARN_SECONDS: `${learnForSeconds}` }) },
    capabilities: INVENTORY_CAPABILITIES,
    memoryLimit: '64Mi',
    hostMounts: baseline ? [] : [{ name: 'state', hostPath: BASELINE_DIRECTORY, type: 'DirectoryOrCreate', mountPath: '/state' }],
  };
  return {
    'inventory-service-account': serviceAccount(INVENTORY_NAME, namespace),
    'inventory-config': configMap(INVENTORY_NAME, namespace, INVENTORY_NAME, daemon.config),
    'inventory-daemon-set': nodeDaemonSet(spec, daemon),
  };
}
