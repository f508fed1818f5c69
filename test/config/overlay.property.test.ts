import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { anyJson, mutated, mutation } from './arbitraries';
import { validSpec } from './valid-spec';
import { parseDocument } from '../../src/config/document';
import { mergeDocuments, mergePatches } from '../../src/config/overlay';
import { SpecError } from '../../src/config/problem';
import { resolve } from '../../src/resolve';
import { runs } from '../property-runs';

type Path = ReadonlyArray<string | number>;
type Mapping = Record<string, unknown>;
const isMapping = (value: unknown): value is Mapping => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The algorithm of section 2 of RFC 7396, line by line. */
function reference(target: unknown, patch: unknown): unknown {
  if (!isMapping(patch)) { return patch; }
  const result = new Map(isMapping(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) { result.delete(name); } else { result.set(name, reference(result.get(name), value)); }
  }
  return Object.fromEntries(result);
}

const key = fc.constantFrom('a', 'b', 'c', '0', '__proto__', 'constructor', 'length');

/** Values that have much in common. */
const { value: similar, mapping } = fc.letrec<{ value: unknown; mapping: Mapping }>(tie => ({
  value: fc.oneof({ maxDepth: 5, depthSize: 'small' }, anyJson, fc.constant(null), tie('mapping'), fc.array(tie('value'), { maxLength: 3 })),
  mapping: fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
}));

/** Every path in a value with what is there. */
function entriesIn(value: unknown, path: Path = []): Array<readonly [path: Path, value: unknown]> {
  const children = Array.isArray(value) ? value.map((child, i) => [i, child] as const) : isMapping(value) ? Object.entries(value) : [];
  return [[path, value], ...children.flatMap(([segment, child]) => entriesIn(child, [...path, segment]))];
}

const at = (value: unknown, path: Path): unknown => path.reduce<unknown>(
  (parent, segment) => typeof parent === 'object' && parent !== null && Object.hasOwn(parent, segment) ? (parent as Mapping)[segment] : undefined, value);

/** A document whose every value has a line of its own. */
const documentOf = (value: unknown, i: number) => parseDocument(JSON.stringify(value, null, 1), `${i}.json`);

describe('mergePatches', () => {
  it('gives what RFC 7396 says', () => {
    fc.assert(fc.property(fc.array(similar, { minLength: 1, maxLength: 4 }), values => {
      const before = JSON.stringify(values);
      expect(JSON.stringify(mergePatches(values))).toBe(JSON.stringify(values.reduce(reference)));
      expect(JSON.stringify(values)).toBe(before);
    }), runs(2000));
  });
});

describe('mergeDocuments', () => {
  it('finds each value in the last document that gave it', () => {
    fc.assert(fc.property(fc.array(mapping, { minLength: 2, maxLength: 4 }), values => {
      const documents = values.map(documentOf);
      const { value, locate } = mergeDocuments(documents);
      for (const [path, found] of entriesIn(value).filter(([, child]) => !isMapping(child))) {
        const giver = Number.parseInt(locate({ path, message: '', fix: '' }).source!, 10);
        expect(isDeepStrictEqual(at(documents[giver].value, path), found)).toBe(true);
        expect(documents.slice(giver + 1).filter(later => at(later.value, path) !== undefined)).toEqual([]);
      }
    }), runs(500));
  });

  it('finds a position for every path, whether there is something or not', () => {
    const paths = fc.array(fc.oneof(key, fc.nat(3)), { maxLength: 6 });
    fc.assert(fc.property(fc.array(mapping, { minLength: 1, maxLength: 4 }), paths, (values, path) => {
      const { locate } = mergeDocuments(values.map(documentOf));
      const { source, line, column } = locate({ path, message: '', fix: '' });
      expect(source).toMatch(/^\d\.json$/);
      expect(Math.min(line!, column!)).toBeGreaterThan(0);
    }), runs(500));
  });

  it('accepts a specification that is split over two documents, or refuses it as it should', () => {
    fc.assert(fc.property(validSpec, fc.array(mutation, { maxLength: 3 }), (spec, mutations) => {
      const overlay = mutated(spec, mutations);
      if (!isMapping(overlay)) { return; }
      try {
        const document = mergeDocuments([spec, overlay].map(documentOf));
        resolve(document.value, document);
      } catch (error) {
        if (!(error instanceof SpecError)) { throw error; }
        // An overlay of another version is refused before it is merged, and alone.
        expect(error.message).toMatch(/^(0\.json, )?1\.json: \d+ problems?\n\n[01]\.json:\d+:\d+ {2}/);
      }
    }), runs(200));
  });

  it('takes a document over itself for that document', () => {
    fc.assert(fc.property(validSpec, spec => {
      expect(mergeDocuments([spec, spec].map(documentOf)).value).toEqual(spec);
    }), runs(50));
  });
});
