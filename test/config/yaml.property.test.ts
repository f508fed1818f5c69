import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
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
