import { duplicateKeys } from './duplicate-keys';
import type { Events } from './positions';
import { pathFinder } from './positions';
import type { LocatedProblem, Position, Problem } from './problem';
import { SpecError } from './problem';
import { readText } from './read-text';
import { constructFromEvents, CORE_SCHEMA, parseEvents, YAMLException } from '../kube/js-yaml';

/** A document read from YAML or JSON, with the means to find a path in its text. */
export interface LoadedDocument {
  readonly value: unknown;
  readonly source: string;
  /** Line and column of a problem's value; of its nearest parent where the path does not exist. */
  readonly locate: (problem: Problem) => Position;
}

const MAX_BYTES = 4 * 2 ** 20;
const WHEN_LARGER = 'split the deployment';

/** Limit on events of the parser: beginnings and ends of lists and mappings, keys and values. What fits into 4 MiB is at most five times as much. */
const MAX_EVENTS = 10 ** 6;

/**
 * Reads a document from a file, or from a descriptor that is open.
 *
 * @throws SpecError if it cannot be read or is no single YAML document without aliases
 */
export function readDocument(name: string, from: string | number = name): LoadedDocument {
  return parseDocument(readText({ name, from, allowed: 'a readable YAML or JSON file', maxBytes: MAX_BYTES, whenLarger: WHEN_LARGER }), name);
}

/**
 * Reads a document from its text. JSON is YAML, so both are accepted.
 *
 * @throws SpecError if it is no single YAML document without aliases
 */
export function parseDocument(text: string, source: string): LoadedDocument {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new SpecError([{ path: [], message: 'is too large', allowed: 'at most 4 MiB', fix: WHEN_LARGER }], source);
  }
  const events = parse(text, source);
  if (events.length > MAX_EVENTS) {
    throw new SpecError([{ path: [], message: 'has too many values', allowed: 'at most half a million', fix: WHEN_LARGER }], source);
  }
  const documents = construct(text, events, source);
  if (documents.length !== 1 || documents[0] === null || documents[0] === undefined) {
    const message = documents.length > 1 ? `holds ${documents.length} documents` : 'is empty';
    throw new SpecError([{
      path: [], message, allowed: 'one document', fix: 'start from the output of `hardened-profiling init`',
    }], source);
  }
  let find: ReturnType<typeof pathFinder> | undefined;
  return {
    value: documents[0],
    source,
    locate: ({ path }) => (find ??= pathFinder(text, events))(path),
  };
}

function parse(text: string, source: string): Events {
  try {
    return parseEvents(text, { maxDepth: 50 });
  } catch (error) {
    throw SpecError.of([syntaxProblem(error)], source);
  }
}

function construct(text: string, events: Events, source: string): unknown[] {
  // No aliases: a few nested ones expand to gigabytes, and nothing here is long enough to need them.
  const options = { source: text, schema: CORE_SCHEMA, maxAliases: 0 };
  try {
    return constructFromEvents(events, options);
  } catch (error) {
    const problems = [...duplicateKeys(text, events), ...problemsWithout(() => constructFromEvents(events, { ...options, json: true }))];
    throw SpecError.of(problems.length > 0 ? problems : [syntaxProblem(error)], source);
  }
}

/** What is wrong besides keys that stand twice, which the work takes. */
function problemsWithout(work: () => unknown): LocatedProblem[] {
  try {
    work();
    return [];
  } catch (error) {
    return [syntaxProblem(error)];
  }
}

function syntaxProblem(error: unknown): LocatedProblem {
  const { reason, mark } = error instanceof YAMLException ? error : { reason: 'not readable as YAML', mark: undefined };
  return { problem: problemOf(reason), position: mark && { line: mark.line + 1, column: mark.column + 1 } };
}

/** The words of the parser in ours. */
function problemOf(reason: string): Problem {
  if (/^(aliases exceeded|alias node|name of an alias node)/.test(reason)) {
    return { path: [], message: 'uses a YAML alias', allowed: 'plain values', fix: 'write the value out where the alias stands' };
  }
  if (/^duplicated mapping key/.test(reason)) {
    return { path: [], message: 'has a key twice in one mapping', allowed: 'each key once', fix: 'remove one of the two' };
  }
  // The parser quotes the tag, which may well be a password that starts with an exclamation mark.
  if (/\btag\b/i.test(reason)) {
    return { path: [], message: 'uses a YAML tag', allowed: 'plain values', fix: 'remove the tag, or put a value that starts with ! in quotes' };
  }
  return { path: [], message: `is no valid YAML: ${reason}`, allowed: 'one YAML or JSON document', fix: 'correct the syntax' };
}
