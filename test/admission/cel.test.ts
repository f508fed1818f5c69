import fc from 'fast-check';
import { readCel } from './cel-text';
import { evaluate } from './evaluator';
import type { CelValue } from '../../src/admission/cel';
import { cel, createdBefore, inGroups } from '../../src/admission/cel';
import { anyText } from '../config/arbitraries';
import { runs } from '../property-runs';

const HOSTILE = [
  '"', '""', '\\', '\\"', '\\\\', '\'', '`', '"""', '" || true || "', '\\" || true || \\"', '\n', '\r\n', '\t', '\u0000', '\u001b', '\u2028', '\u2029', '//', 'é', '日本語', '😀',
  '\\u0022', '\\x22', '${x}', '{{ x }}', '] || true || ["', '__proto__',
];

const text = fc.oneof(fc.constantFrom(...HOSTILE), anyText);
const value: fc.Arbitrary<CelValue> = fc.letrec<{ value: CelValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 3 }, text, fc.integer(), fc.boolean(), fc.array(tie('value'), { maxLength: 4 }), fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

describe('A literal', () => {
  it.each<[string, CelValue, string]>([
    ['a text', 'sre-team', '"sre-team"'],
    ['an empty text', '', '""'],
    ['quotes and backslashes', 'a "b" \\ c', '"a \\"b\\" \\\\ c"'],
    ['a line break', 'a\nb', '"a\\nb"'],
    ['a list', ['a', 'b'], '["a", "b"]'],
    ['an empty list', [], '[]'],
    ['a mapping', { a: ['x'], b: ['BPF', 'PERFMON'] }, '{"a": ["x"], "b": ["BPF", "PERFMON"]}'],
    // Without being told, the API server refuses values of several types.
    ['a mapping of several types', { a: 'x', b: 1, c: [true] }, '{"a": dyn("x"), "b": dyn(1), "c": dyn([true])}'],
    ['a list of several types', ['a', ['b']], '[dyn("a"), dyn(["b"])]'],
    ['what Kyverno would replace in a ClusterPolicy', '$(POD_IP) {{ x }}', '"\\u0024(POD_IP) \\u007b{ x }}"'],
    ['an empty mapping', {}, '{}'],
  ])('is written for %s', (_, given, expected) => {
    expect(cel(given)).toBe(expected);
  });

  it.each(HOSTILE)('says what it was made of, and nothing after it: %j', given => {
    expect(readCel(`${cel(given)} == "x"`)).toEqual({ literals: [given, 'x'], skeleton: '"" == ""' });
    expect(evaluate(`[${cel(given)}, "x"]`)).toEqual([given, 'x']);
  });

  it('means the value it was made of, whatever that is', () => {
    fc.assert(fc.property(value, given => {
      expect(evaluate(cel(given))).toEqual(given);
    }), runs(500));
  });

  it('is cut at the same places by the reader of the properties and by CEL', () => {
    fc.assert(fc.property(text, given => { expect(readCel(cel(given))).toEqual({ literals: [evaluate(cel(given))], skeleton: '""' }); }), runs(200));
  });

  it('stays on its line', () => {
    fc.assert(fc.property(value, given => { expect(cel(given)).not.toMatch(/[\n\r]/); }), runs(200));
  });
});

describe('createdBefore', () => {
  const holds = (metadata: object) => evaluate(createdBefore('2027-03-31'), { object: { metadata } });

  it('ends with the day before, by the clock of UTC', () => {
    const times = ['2027-03-30T00:00:00Z', '2027-03-30T23:59:59Z', '2027-03-31T00:00:00Z', '2027-04-01T00:00:00Z', '2027-03-31T00:30:00+01:00'];
    expect(times.filter(creationTimestamp => holds({ creationTimestamp }))).toEqual([times[0], times[1], times[4]]);
  });

  it('does not hold for what has no time', () => {
    expect([{}, { creationTimestamp: null }].map(holds)).toEqual([false, false]);
  });
});

describe('inGroups', () => {
  const holds = (groups: readonly string[], userInfo: object) => evaluate(inGroups(groups), { request: { userInfo } });

  it('compares whole names, and does not fail for users without groups', () => {
    expect([['a'], ['x', 'b'], ['ab'], ['A'], []].map(groups => holds(['a', 'b'], { groups }))).toEqual([true, true, false, false, false]);
    expect(holds(['a', 'b'], {})).toBe(false);
  });

  it('holds for nobody when there are no groups', () => {
    expect(holds([], { groups: ['a', ''] })).toBe(false);
  });
});
