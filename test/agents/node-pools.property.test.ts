import fc from 'fast-check';
import { overlap, remainder } from '../../src/agents/node-pools';
import type { SelectablePool } from '../../src/agents/node-pools';
import { runs } from '../property-runs';

const KEYS = ['pool', 'zone', 'constructor'] as const;
const VALUES = ['a', 'b', 'c'] as const;

const selector = fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(...VALUES), { minKeys: 1, maxKeys: 3, noNullPrototype: true });
// Three labels in three pools leave at most 27 kinds of other nodes, which is below the limit.
const pools = fc.array(selector, { maxLength: 3 }).map(selectors => selectors.map((nodeSelector, i) => ({ name: `p${i}`, nodeSelector })));

/** Every node there can be: each label absent or with one of the values, or one that no pool names. */
const NODES = KEYS.reduce<Array<Record<string, string>>>(
  (nodes, key) => nodes.flatMap(node => [node, ...[...VALUES, 'other'].map(value => ({ ...node, [key]: value }))]), [{}]);

const has = (node: Record<string, string>, key: string) => Object.hasOwn(node, key) ? node[key] : undefined;
const isSelected = (node: Record<string, string>, { nodeSelector = {} }: SelectablePool) =>
  Object.entries(nodeSelector).every(([key, value]) => has(node, key) === value);

/** As the scheduler reads `NotIn`: a label that is missing is in no list. */
function rest(named: readonly SelectablePool[]): Array<Record<string, string>> {
  const exclusions = remainder(named)!;
  return NODES.filter(node => exclusions.some(exclusion => Object.entries(exclusion).every(([key, values]) => !values.includes(has(node, key) ?? ''))));
}

describe('remainder', () => {
  it('takes every node that no pool selects, and no other', () => {
    fc.assert(fc.property(pools, named => {
      expect(rest(named)).toEqual(NODES.filter(node => !named.some(pool => isSelected(node, pool))));
    }), runs(200));
  });
});

describe('overlap', () => {
  it('is there exactly if one node is selected by both', () => {
    fc.assert(fc.property(selector, selector, (a, b) => {
      const [left, right] = [{ name: 'a', nodeSelector: a }, { name: 'b', nodeSelector: b }];
      expect(overlap(left, right)).toBe(NODES.some(node => isSelected(node, left) && isSelected(node, right)));
    }), runs(300));
  });

  it('leaves each node to one pool or to the rest where there is none', () => {
    const disjoint = pools.map(named => named.filter((pool, i) => !named.slice(0, i).some(other => overlap(pool, other))));
    fc.assert(fc.property(disjoint, named => {
      const chosen = [...named.flatMap(pool => NODES.filter(node => isSelected(node, pool))), ...rest(named)];
      expect(chosen).toHaveLength(NODES.length);
      expect(new Set(chosen).size).toBe(NODES.length);
    }), runs(100));
  });
});
