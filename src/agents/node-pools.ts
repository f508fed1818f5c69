import type { NodeSelectorTerm } from 'kubernetes-types/core/v1';
import type { Labels } from '../kube/labels';

/** A node pool, cut down to what tells its nodes from those of the others. */
export interface SelectablePool {
  readonly name: string;
  readonly nodeSelector?: Labels;
}

/** One alternative of a node affinity: every listed label must not have one of these values. */
export type Exclusion = Readonly<Record<string, readonly string[]>>;

/** Most alternatives that the node affinity of the pool without selector may have. */
export const MAX_EXCLUSIONS = 64;

/** Whether one node could be selected by both pools: no label tells them apart. */
export function overlap(a: SelectablePool, b: SelectablePool): boolean {
  if (!a.nodeSelector || !b.nodeSelector) { return !a.nodeSelector && !b.nodeSelector; }
  const other = b.nodeSelector;
  return !Object.entries(a.nodeSelector).some(([key, value]) => Object.hasOwn(other, key) && other[key] !== value);
}

/**
 * The nodes that no pool with a selector takes, as alternatives of excluded label values.
 *
 * A selector of several labels is left by missing any one of them, so each such pool multiplies the alternatives.
 * Returns undefined if there would be more than `MAX_EXCLUSIONS`.
 */
export function remainder(pools: readonly SelectablePool[]): Exclusion[] | undefined {
  // Maps, since a label may be called `constructor` or like something else that every object has.
  let alternatives: Array<ReadonlyMap<string, readonly string[]>> = [new Map()];
  for (const { nodeSelector } of pools) {
    if (!nodeSelector) { continue; }
    const next = new Map<string, ReadonlyMap<string, readonly string[]>>();
    for (const alternative of alternatives) {
      for (const [key, value] of Object.entries(nodeSelector)) {
        const extended = new Map(alternative).set(key, [...new Set([...alternative.get(key) ?? [], value])].sort());
        next.set(JSON.stringify([...extended].sort()), extended);
      }
    }
    alternatives = [...next.values()];
    if (alternatives.length > MAX_EXCLUSIONS) { return undefined; }
  }
  return alternatives.map(alternative => Object.fromEntries(alternative));
}

/** The nodes that no pool with a selector takes, as terms of a node affinity. */
export function otherNodes(pools: readonly SelectablePool[]): NodeSelectorTerm[] {
  return remainder(pools)!.map(exclusion => ({
    matchExpressions: Object.entries(exclusion).sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, values]) => ({ key, operator: 'NotIn', values: [...values] })),
  }));
}
