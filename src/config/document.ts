import type { Position, Problem } from './problem';
import { SpecError } from './problem';
import { readText } from './read-text';
import { constructFromEvents, CORE_SCHEMA, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from '../kube/js-yaml';
import type { ScalarEvent } from '../kube/js-yaml';

/** A document read from YAML or JSON, with the means to find a path in its text. */
export interface LoadedDocument {
  readonly value: unknown;
  readonly source: string;
  /** Line and column of a problem's value; of its nearest parent where the path does not exist. */
  readonly locate: (problem: Problem) => Position | undefined;
}

const MAX_BYTES = 4 * 2 ** 20;
const WHEN_LARGER = 'split the deployment';

/** Limit on events of the parser: beginnings and ends of lists and mappings, keys and values. What fits into 4 MiB is at most five times as much. */
const MAX_EVENTS = 10 ** 6;

/**
 * Reads a document from a file.
 *
 * @throws SpecError if the file cannot be read or is no single YAML document without aliases
 */
export function readDocument(file: string): LoadedDocument {
  return parseDocument(readText({ name: file, from: file, allowed: 'a readable YAML or JSON file', maxBytes: MAX_BYTES, whenLarger: WHEN_LARGER }), file);
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
  let events: Events;
  let documents: unknown[];
  try {
    events = parseEvents(text, { maxDepth: 50 });
    if (events.length > MAX_EVENTS) {
      throw new SpecError([{ path: [], message: 'has too many values', allowed: 'at most half a million', fix: WHEN_LARGER }], source);
    }
    // No aliases: a few nested ones expand to gigabytes, and nothing here is long enough to need them.
    documents = constructFromEvents(events, { source: text, schema: CORE_SCHEMA, maxAliases: 0 });
  } catch (error) {
    if (error instanceof SpecError) { throw error; }
    throw new SpecError([syntaxProblem(error)], source, () => markOf(error));
  }
  if (documents.length !== 1 || documents[0] === null || documents[0] === undefined) {
    const message = documents.length > 1 ? `holds ${documents.length} documents` : 'is empty';
    throw new SpecError([{
      path: [], message, allowed: 'one document', fix: 'start from the output of `hardened-profiling init`',
    }], source);
  }
  let index: ((path: Problem['path']) => Position) | undefined;
  return {
    value: documents[0],
    source,
    locate: ({ path }) => (index ??= indexPositions(text, events))(path),
  };
}

function syntaxProblem(error: unknown): Problem {
  const reason = error instanceof YAMLException ? error.reason : 'not readable as YAML';
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

function markOf(error: unknown): Position | undefined {
  const mark = error instanceof YAMLException ? error.mark : undefined;
  return mark && { line: mark.line + 1, column: mark.column + 1 };
}

type Events = ReturnType<typeof parseEvents>;

/** Position at which a node of the document starts, and the same for what it contains. */
interface Place {
  readonly offset: number;
  /** By key or index; a scalar has none. */
  children?: Map<string | number, Place>;
}

/** The offset of a scalar's first character, its quote if it has one; negative for a value that is left out. */
function scalarStart({ valueStart, style }: ScalarEvent): number {
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return isQuoted ? valueStart - 1 : valueStart;
}

/** Finds paths in a text. Only needed when there is something to report. */
function indexPositions(text: string, events: Events): (path: Problem['path']) => Position {
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const root = placesOf(text, events, start);
  const lineStarts = [start];
  for (const { 0: lineBreak, index } of text.matchAll(/\r\n?|\n/g)) { lineStarts.push(index + lineBreak.length); }
  return path => {
    let place = root;
    for (const segment of path) {
      const child = place.children?.get(segment);
      if (!child) { break; }
      place = child;
    }
    let [low, high] = [0, lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lineStarts[middle] <= place.offset) { low = middle; } else { high = middle - 1; }
    }
    return { line: low + 1, column: place.offset - lineStarts[low] + 1 };
  };
}

/** No key of a specification is as deep. */
const DEEPEST = 16;

/** Walks the parser's events once. */
function placesOf(text: string, events: Events, start: number): Place {
  interface Open { readonly place: Place; readonly isMapping: boolean; index: number; key?: { text: string; offset: number } }
  const root: Place = { offset: start };
  const stack: Open[] = [{ place: root, isMapping: false, index: 0 }];

  const add = (offset: number): Place => {
    const parent = stack[stack.length - 1];
    if (stack.length === 1) { return root; }
    // A mapping entry is found at its key: that is what one reads first.
    const found = parent.key?.offset ?? offset;
    const place: Place = { offset: found < 0 ? parent.place.offset : found };
    if (stack.length <= DEEPEST) { (parent.place.children ??= new Map()).set(parent.key?.text ?? parent.index++, place); }
    parent.key = undefined;
    return place;
  };

  for (const event of events) {
    const top = stack[stack.length - 1];
    switch (event.type) {
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        stack.push({ place: add(event.start), isMapping: event.type === EVENT_ID.MAPPING, index: 0 });
        break;
      case EVENT_ID.SCALAR:
        if (top.isMapping && top.key === undefined) {
          top.key = { text: getScalarValue(text, event), offset: scalarStart(event) };
        } else {
          add(scalarStart(event));
        }
        break;
      case EVENT_ID.POP:
        if (stack.length > 1) { stack.pop(); }
        break;
      default:
        break;
    }
  }
  return root;
}
