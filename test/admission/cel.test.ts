import fc from 'fast-check';
import { readCel, readCelValue } from './cel-text';
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
  });

  it('can be read back, whatever the value', () => {
    fc.assert(fc.property(value, given => {
      expect(readCelValue(cel(given))).toEqual(given);
    }), runs(500));
  });

  it('stays on its line', () => {
    fc.assert(fc.property(value, given => { expect(cel(given)).not.toMatch(/[\n\r]/); }), runs(200));
  });
});

describe('createdBefore', () => {
  it('ends with the day before, by the clock of UTC, and does not hold for what has no time', () => {
    const created = 'object.metadata.creationTimestamp';
    expect(createdBefore('2027-03-31')).toBe(`has(${created}) && ${created} != null && timestamp(${created}) < timestamp("2027-03-31T00:00:00Z")`);
  });
});

describe('inGroups', () => {
  it('compares whole names, and does not fail for users without groups', () => {
    expect(inGroups(['a', 'b'])).toBe('has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["a", "b"])');
  });

  it('holds for nobody when there are no groups', () => {
    expect(inGroups([])).toMatch(/exists\(g, g in \[\]\)$/);
  });
});
