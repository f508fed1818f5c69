import type { Construct } from 'constructs';
import type { ComponentName, Deployed, Parts } from './composition';
import { composedOf, plainSpec } from './composition';
import { engine } from './load-engine';
import { ProfilingAccess } from './profiling-access';
import { ProfilingPart } from './profiling-part';

/** Parts that a construct alone brings besides its own. */
const OTHERS = ['profilers', 'git-ops'] as const;

/** The deployment of one component: its objects, of those that its specification leads to. */
export function deployedAlone(construct: Construct, spec: object, component: ComponentName): Deployed {
  const { COMPONENT, renderParts, resolvePart } = engine();
  const plain = plainSpec(spec);
  return { spec: plain, component, parts: renderParts(resolvePart(plain, { source: construct.node.path }), [COMPONENT[component]]) };
}

/** Adds what a construct needs besides its own objects, and before them: namespaces and the ways to it, the PriorityClass, and what installs charts. */
export function addSurroundings(construct: Construct, deployed: Deployed): void {
  const { parts, spec: { cluster } } = deployed;
  if (hasObjects(parts, ['namespaces', 'network-policies', 'port-forward'])) { new ProfilingAccess(construct, 'access', composedOf(deployed)); }
  for (const id of OTHERS) {
    if (hasObjects(parts, [id])) { new ProfilingPart(construct, id)._add(parts[id], cluster.name); }
  }
}

function hasObjects(parts: Parts, ids: readonly string[]): boolean {
  return ids.some(id => Object.keys(parts[id] ?? {}).length > 0);
}
