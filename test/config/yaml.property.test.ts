import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { parse } from 'yaml';
import { anyJson, anyText } from './arbitraries';
import { toYaml } from '../../src/kube/yaml';
import { runs } from '../property-runs';

/** A lone dot is a number to the grammar of YAML 1.1, though to hardly a reader of it. */
const hasLoneDot = (value: unknown): boolean => value === '.'
  || (typeof value === 'object' && value !== null && Object.entries(value).some(([key, child]) => key === '.' || hasLoneDot(child)));

const value = fc.oneof(fc.array(anyJson), fc.dictionary(anyText, anyJson, { noNullPrototype: true })).filter(candidate => !hasLoneDot(candidate));

describe('toYaml', () => {
  it('means the value to readers of YAML 1.1', () => {
    fc.assert(fc.property(value, candidate =>
      isDeepStrictEqual(parse(toYaml(candidate), { version: '1.1', merge: true }), candidate)), runs(500));
  });

  it('means the value to readers of YAML 1.2', () => {
    fc.assert(fc.property(value, candidate =>
      isDeepStrictEqual(parse(toYaml(candidate), { version: '1.2' }), candidate)), runs(500));
  });
});

/** Strings near the border between what is plain and what is not. */
const edgy = fc.oneof(
  anyText,
  fc.stringMatching(/^[-+.\d]?[-a-zA-Z0-9/(:#,.{}\[\]'"|>~=<!*&%@ \t\n_]{0,12}$/),
  fc.stringMatching(/^[\d.]{1,4}[-_:.eExXobTZa-f\d]{0,8}$/),
  fc.constantFrom('yes', 'No', 'null', 'a\n', 'a\n\n', 'a\nb', ' a\n', 'a \n\n b\n', 'a\n \nb', '\n', '---', '--- a', '...', 'a:', 'a: b', 'x'.repeat(300)),
);

const { edgyJson } = fc.letrec<{ edgyJson: unknown }>(tie => ({
  edgyJson: fc.oneof(
    { weight: 4, arbitrary: edgy }, fc.integer(), fc.double({ noNaN: true }), fc.constantFrom(undefined, null, true, -0, 1e21),
    fc.array(tie('edgyJson'), { maxLength: 4 }), fc.dictionary(edgy, tie('edgyJson'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('toYaml, which asks js-yaml for the difficult cases only,', () => {
  it('writes what js-yaml writes for everything', () => {
    fc.assert(fc.property(edgyJson, candidate => {
      // The number ends it: js-yaml closes a document whose last lines are empty.
      expect(toYaml([candidate, 0])).toBe(dump([candidate, 0], { noRefs: true, lineWidth: -1, seqNoIndent: true }));
    }), runs(2000));
  });
});
