import type { LoadedDocument } from './document';
import { readDocument } from './document';
import type { Position, Problem } from './problem';
import { show, SpecError } from './problem';

/** Documents merged into one value, with the means to find a path in the one that gave it. */
export interface MergedDocument {
  readonly value: unknown;
  /** Names of the documents, in their order. */
  readonly source: readonly string[];
  /** Position of a problem's value in the last document that gave it; of its nearest parent where the path does not exist. */
  readonly locate: (problem: Problem) => Position;
}

type Mapping = Record<string, unknown>;

/**
 * Reads documents of which each is an overlay on those before it: mappings are merged, lists and other values are replaced, and null removes.
 * With the descriptor of standard input, that is what the name `-` stands for.
 *
 * @throws SpecError with what is wrong with each of them: it cannot be read, is no YAML, no mapping, or of another version than the first
 */
export function readDocuments(files: readonly string[], input?: number): MergedDocument {
  if (files.length === 0) {
    throw new SpecError([{ path: [], message: 'names no document', allowed: 'one file or more', fix: 'give the path of a YAML or JSON file' }]);
  }
  return mergeDocuments(files.map(file => attempt(() => (file === '-' && input !== undefined ? readDocument('standard input', input) : readDocument(file)))));
}

/** What the work gives, or what it refuses with. */
function attempt<T>(work: () => T): T | SpecError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SpecError) { return error; }
    throw error;
  }
}

/**
 * Merges documents in their order.
 *
 * @throws SpecError with the errors among them, and with what is wrong with the others
 */
export function mergeDocuments(documents: ReadonlyArray<LoadedDocument | SpecError>): MergedDocument {
  const read = documents.flatMap(document => document instanceof SpecError ? [] : [document]);
  const versioned = read.find(({ value }) => versionOf(value) !== undefined);
  const errors = documents.flatMap(document => document instanceof SpecError ? [document]
    : documents.length === 1 ? [] : refusalsOf(document, versioned));
  if (errors.length > 0) { throw SpecError.joined(errors); }
  return {
    value: mergePatches(read.map(({ value }) => value)),
    source: read.map(({ source }) => source),
    locate: problem => {
      const document = giverOf(problem.path, read);
      return { ...document.locate(problem), source: document.source };
    },
  };
}

function versionOf(value: unknown): unknown {
  return isMapping(value) && Object.hasOwn(value, 'apiVersion') ? value.apiVersion : undefined;
}

/** Why a document cannot be merged with others. */
function refusalsOf({ value, source, locate }: LoadedDocument, versioned: LoadedDocument | undefined): SpecError[] {
  const refusal = (problem: Problem): SpecError => SpecError.of([{ problem, position: locate(problem) }], source);
  if (!isMapping(value)) {
    return [refusal({ path: [], message: 'is no mapping', found: show(value), allowed: 'a mapping, to be merged with the others', fix: 'write keys with their values' })];
  }
  const version = versionOf(value);
  const first = versioned && versionOf(versioned.value);
  // What is no text there is left to the schema.
  if (!versioned || typeof first !== 'string' || version === undefined || version === first) { return []; }
  return [refusal({
    path: ['apiVersion'],
    message: `is another version than that of ${versioned.source}`,
    found: show(version),
    allowed: show(first),
    fix: 'write both documents for one version, or leave `apiVersion` out of the overlay',
  })];
}

/**
 * Values merged in their order by JSON Merge Patch. None is changed, and of each mapping there is one copy at most, however many patches
 * it gets.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7396
 */
export function mergePatches([base, ...patches]: readonly unknown[]): unknown {
  const copies = new Set<Mapping>();
  const patched = (target: unknown, patch: unknown): unknown => {
    if (!isMapping(patch)) { return patch; }
    const result = isMapping(target) ? copies.has(target) ? target : { ...target } : {};
    copies.add(result);
    for (const key of Object.keys(patch)) {
      if (patch[key] === null) {
        delete result[key];
      } else {
        put(result, key, patched(Object.hasOwn(result, key) ? result[key] : undefined, patch[key]));
      }
    }
    return result;
  };
  return patches.reduce(patched, base);
}

/** Sets a key that may be called `__proto__`, as the parser does it: a key like any other. */
function put(mapping: Mapping, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(mapping, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    mapping[key] = value;
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The document that has most of a path, the last of several, among those whose value at the path is not replaced by a later one. */
function giverOf(path: Problem['path'], documents: readonly LoadedDocument[]): LoadedDocument {
  let giver = documents[documents.length - 1];
  let most = -1;
  for (let i = documents.length - 1; i >= 0; i--) {
    const { depth, replaces } = follow(path, documents[i].value);
    if (depth > most) { [giver, most] = [documents[i], depth]; }
    if (replaces) { break; }
  }
  return giver;
}

/** How much of a path a value has, and whether it has something else than a mapping on the way, which replaces all that was before. */
function follow(path: Problem['path'], root: unknown): { readonly depth: number; readonly replaces: boolean } {
  let value = root;
  let replaces = !isMapping(value);
  for (const [depth, segment] of path.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) { return { depth, replaces }; }
    value = (value as Mapping)[segment];
    replaces ||= !isMapping(value);
  }
  return { depth: path.length, replaces };
}
