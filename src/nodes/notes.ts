import { loadRulesName } from './load-rules';
import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import { NodesDelivery, PerfEventParanoidMode } from '../api/nodes';
import type { Missing, Slice } from '../component';
import { DEFAULT_IMAGES } from '../versions';

/** Notes on what the section `nodes` leaves to others, and why. */
export function nodesNotes(spec: Slice<'nodes'>): string[] {
  const { perfEventParanoid, ebpfInventory, delivery } = spec.nodes;
  return [
    ...(perfEventParanoid?.mode === PerfEventParanoidMode.AT_LEAST
      ? ['nodes.perfEventParanoid.mode is atLeast: nodes of Debian and Ubuntu that are installed with 3 or 4 keep it, and their agents say that they cannot run.'] : []),
    ...(delivery === NodesDelivery.NODE_CONFIGURATION ? ['nodes.delivery is nodeConfiguration: synth --out writes files beside the manifests; bring the one for your kind of node there.'] : []),
    ...(ebpfInventory?.engine === EbpfInventoryEngine.BUNDLED
      ? ['nodes.ebpfInventory needs SYS_ADMIN to list programs, so it is as privileged as what it watches.'] : []),
    ...(ebpfInventory?.engine === EbpfInventoryEngine.TETRAGON ? ['nodes.ebpfInventory.engine tetragon needs Tetragon in the cluster.'] : []),
    ...(ebpfInventory?.engine === EbpfInventoryEngine.FALCO
      ? [`nodes.ebpfInventory.engine falco needs Falco in namespace ${ebpfInventory.falcoNamespace}, with the ConfigMap ${loadRulesName(spec)} mounted at /etc/falco/rules.d.`] : []),
  ];
}

/** Objects and images that must be there before the pods on the nodes start. */
export function nodesMissing({ images: { ebpfInventory: image }, nodes }: Slice<'nodes'>): Missing[] {
  const isDefault = image === DEFAULT_IMAGES.ebpfInventory;
  // At a mirror, which cannot have it from anywhere.
  const isMirrored = image.endsWith(DEFAULT_IMAGES.ebpfInventory.replace(/^localhost/, ''));
  return nodes.ebpfInventory?.engine === EbpfInventoryEngine.BUNDLED && (isDefault || isMirrored) ? [{
    what: 'image of the eBPF inventory, which nobody publishes; name yours in images.ebpfInventory',
    command: `docker build -t ${isDefault ? 'registry.example.com/ebpf-inventory:1' : image} images/ebpf-inventory`,
  }] : [];
}
