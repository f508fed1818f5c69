import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Validator } from 'jsonschema';
import type { Schema } from 'jsonschema';
import { anyJson } from './arbitraries';
import { validSpec } from './valid-spec';
import { FORMATS } from '../../src/config/formats';
import { checkShape, SCHEMA_FILE } from '../../src/config/shape';
import { runs } from '../property-runs';

const SCHEMA = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schema;

const OURS = 'ours-';

/** Another implementation of JSON Schema. */
const validator = new Validator();
validator.customFormats = Object.fromEntries(Object.entries(FORMATS).map(([name, { test }]) =>
  [OURS + name, (input: unknown) => typeof input !== 'string' || test(input)])) as Validator['customFormats'];

/** The schema for that implementation, which has formats of its own by some of our names. */
const OURS_SCHEMA = JSON.parse(JSON.stringify(SCHEMA), (key, child: unknown) => key === 'format' && typeof child === 'string' ? OURS + child : child) as Schema;

/** What the other implementation says. It finds keys such as `constructor` on every object, so these are left to the other tests. */
const isValid = (value: unknown) => validator.validate(value, OURS_SCHEMA).valid;

/** Every place in a value. */
function placesIn(value: unknown, path: ReadonlyArray<string | number> = []): Array<ReadonlyArray<string | number>> {
  const entries = Array.isArray(value) ? value.map((child, i) => [i, child] as const) : typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...entries.flatMap(([key, child]) => placesIn(child, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: ReadonlyArray<string | number>, other: unknown): unknown {
  if (key === undefined) { return other; }
  const copy = (Array.isArray(value) ? [...value as unknown[]] : { ...value as object }) as Record<string | number, unknown>;
  copy[key] = replaced(copy[key], rest, other);
  return copy;
}

describe('checkShape', () => {
  it('agrees with another implementation of JSON Schema about what is valid and what somebody has changed', () => {
    const parameters = runs(300);
    let refused = 0;
    fc.assert(fc.property(validSpec, fc.nat(), fc.oneof(anyJson, fc.constantFrom(0, -1, 1e9, 1.5, '', 'x', [], {})), (spec, place, other) => {
      expect(checkShape(spec)).toEqual([]);
      const places = placesIn(spec);
      const changed = JSON.parse(JSON.stringify(replaced(spec, places[place % places.length], other))) as unknown;
      fc.pre(!/"(__proto__|constructor|toString|hasOwnProperty|length|\$ref)":/.test(JSON.stringify(changed)));
      const problems = checkShape(changed);
      expect(problems.length === 0).toBe(isValid(changed));
      if (problems.length > 0) { refused++; }
    }), parameters);
    expect(refused).toBeGreaterThan(parameters.numRuns / 6);
  });

  it('knows every keyword that the schema uses', () => {
    const KNOWN = ['$schema', 'title', 'description', 'definitions', '$ref', 'type', 'properties', 'additionalProperties', 'propertyNames', 'required',
      'minProperties', 'items', 'minItems', 'enum', 'format', 'minimum', 'maximum'];
    const used = new Set<string>();
    const walk = (value: unknown, areNames: boolean): void => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) { return; }
      Object.entries(value).forEach(([key, child]) => {
        if (!areNames) { used.add(key); }
        walk(child, !areNames && ['properties', 'definitions'].includes(key));
      });
    };
    walk(SCHEMA, false);
    expect([...used].filter(keyword => !KNOWN.includes(keyword))).toEqual([]);
    expect(KNOWN.filter(keyword => !used.has(keyword))).toEqual([]);
  });
});
