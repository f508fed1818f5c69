import type { NodeFit } from './node-fit';
import { NodeVerdict } from './node-fit';
import type { Problem } from '../config/problem';
import type { ResolvedSpec } from '../config/resolved-spec';

/** Nodes of which the same can be said. */
export interface NodeGroup {
  readonly verdict: NodeVerdict;
  readonly pool?: string;
  readonly nodes: readonly string[];
  readonly reasons: readonly string[];
  readonly fixes: readonly string[];
}

/** Number of names of a group that are shown. */
const SHOWN = 3;

/** The nodes about which there is something to say, together with those of which the same is said; the worst first. */
export function groupNodes(fits: readonly NodeFit[]): NodeGroup[] {
  const groups = new Map<string, NodeGroup & { nodes: string[] }>();
  for (const { node, verdict, pool, reasons, fixes } of fits) {
    if (reasons.length === 0) { continue; }
    const key = JSON.stringify([verdict, pool, reasons, fixes]);
    const group = groups.get(key) ?? { verdict, pool, nodes: [], reasons, fixes };
    group.nodes.push(node);
    groups.set(key, group);
  }
  const order = [NodeVerdict.CANNOT, NodeVerdict.CHECK, NodeVerdict.NO_AGENT, NodeVerdict.FITS];
  return [...groups.values()].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}

/** Some names of a group, and how many there are. */
export function nodeNames({ nodes }: NodeGroup): string {
  return nodes.length <= SHOWN ? `${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(', ')}` : `${nodes.length} nodes, such as ${nodes.slice(0, SHOWN).join(', ')}`;
}

/** Pools that promise what some of their nodes cannot do. */
export function nodeProblems({ agents }: ResolvedSpec, fits: readonly NodeFit[]): Problem[] {
  return groupNodes(fits).filter(({ verdict }) => verdict === NodeVerdict.CANNOT).map((group): Problem => ({
    path: ['agents', 'nodePools', agents.nodePools.findIndex(({ name }) => name === group.pool)],
    message: `has nodes that cannot run its agents: ${group.reasons.join('; ')}`,
    found: nodeNames(group),
    allowed: 'pools all of whose nodes can',
    fix: group.fixes.join(' ') || 'let another pool select them',
  }));
}

/** Notes on the nodes without an agent, and on those that have to be checked. */
export function nodeNotes(fits: readonly NodeFit[]): string[] {
  return groupNodes(fits).filter(({ verdict }) => verdict !== NodeVerdict.CANNOT)
    .map(group => `${capitalized(nodeNames(group))}: ${group.verdict}: ${group.reasons.join('; ')}.${group.fixes.map(fix => ` ${fix}`).join('')}`);
}

function capitalized(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
