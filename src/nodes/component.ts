import { appliesSettings, listsPrograms, nodesChecks } from './checks';
import { bundledInventory, INVENTORY_NAME } from './inventory';
import { NODES_METRICS_PORT } from './node-daemon';
import { nodes as nodesObjects } from './nodes';
import { nodesMissing, nodesNotes } from './notes';
import { daemonSetSettings, SETTINGS_NAME } from './settings';
import type { Component, Contribution, Slice } from '../component';
import { selectorLabels } from '../kube/labels';

/** Kernel settings of the nodes, and the inventory of their eBPF programs. */
export const nodes: Component = {
  parts: ['nodes'],
  tokenRoles: [],
  checks: [nodesChecks],
  images: { nodeSettings: appliesSettings, ebpfInventory: listsPrograms },
  contribution: spec => spec.nodes && contribution({ ...spec, nodes: spec.nodes }),
};

function contribution(spec: Slice<'nodes'>): Contribution {
  const { namespace } = spec.agents;
  const daemons = [...(daemonSetSettings(spec).length > 0 ? [SETTINGS_NAME] : []), ...(bundledInventory(spec) ? [INVENTORY_NAME] : [])];
  return {
    namespaces: [{ id: 'agents', name: namespace, podSecurity: 'privileged' }],
    objects: () => ({ nodes: nodesObjects(spec) }),
    // They connect to nobody, so that the default deny is all they need.
    metrics: daemons.map(name => ({ id: `${name}-scraper`, name: `${name}-scraper`, namespace, podLabels: selectorLabels(name), port: NODES_METRICS_PORT })),
    notes: () => nodesNotes(spec),
    missing: () => nodesMissing(spec),
  };
}
