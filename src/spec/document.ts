import { readFileSync, statSync } from 'node:fs';
import { CORE_SCHEMA, EVENT_ID, getScalarValue, loadAll, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import type { ScalarEvent } from 'js-yaml';
import type { Position, Problem } from './problem';
import { SpecError } from './problem';

/** A document read from YAML or JSON, with the means to find a path in its text. */
export interface LoadedDocument {
  readonly value: unknown;
  readonly source: string;
  /** Line and column of a problem's value; of its nearest parent where the path does not exist. */
  readonly locate: (problem: Problem) => Position | undefined;
}

const MAX_BYTES = 4 * 2 ** 20;

/**
 * Reads a document from a file.
 *
 * @throws SpecError if the file cannot be read or is no single YAML document without anchors
 */
export function readDocument(file: string): LoadedDocument {
  try {
    if (statSync(file).size > MAX_BYTES) { throw tooLarge(file); }
    return parseDocument(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof SpecError) { throw error; }
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new SpecError([{ path: [], message: `cannot be read (${reason})`, allowed: 'a readable YAML or JSON file', fix: 'check the path' }], file);
  }
}

/**
 * Reads a document from its text. JSON is YAML, so both are accepted.
 *
 * @throws SpecError if it is no single YAML document without anchors
 */
export function parseDocument(text: string, source: string): LoadedDocument {
  if (Buffer.byteLength(text) > MAX_BYTES) { throw tooLarge(source); }
  let documents: unknown[];
  try {
    // No aliases: a few nested ones expand to gigabytes, and nothing here is long enough to need them.
    documents = loadAll(text, { schema: CORE_SCHEMA, maxAliases: 0, maxDepth: 50 });
  } catch (error) {
    throw new SpecError([syntaxProblem(error)], source, () => markOf(error));
  }
  if (documents.length !== 1 || documents[0] === null || documents[0] === undefined) {
    const message = documents.length > 1 ? `holds ${documents.length} documents` : 'is empty';
    throw new SpecError([{
      path: [], message, allowed: 'one document', fix: 'start from the output of `hardened-profiling init`',
    }], source);
  }
  let positions: PositionTree | undefined;
  return {
    value: documents[0],
    source,
    locate: problem => positionOf(problem.path, positions ??= indexPositions(text)),
  };
}

function tooLarge(source: string): SpecError {
  return new SpecError([{ path: [], message: 'is too large', allowed: 'at most 4 MiB', fix: 'split the deployment' }], source);
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

/** Where a node starts, and the same for what it contains. */
interface PositionTree {
  readonly position: Position;
  readonly children: Map<string | number, PositionTree>;
}

function positionOf(path: Problem['path'], root: PositionTree): Position {
  let node = root;
  for (const segment of path) {
    const child = node.children.get(segment);
    if (!child) { break; }
    node = child;
  }
  return node.position;
}

/** The offset of a scalar's first character, its quote if it has one; negative for a value that is left out. */
function scalarStart({ valueStart, style }: ScalarEvent): number {
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return isQuoted ? valueStart - 1 : valueStart;
}

/** Walks the parser's events once. Only needed when there is something to report. */
function indexPositions(text: string): PositionTree {
  const lineStarts = [text.startsWith('\ufeff') ? 1 : 0];
  for (const { 0: lineBreak, index } of text.matchAll(/\r\n?|\n/g)) { lineStarts.push(index + lineBreak.length); }
  const at = (offset: number): Position => {
    let [low, high] = [0, lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lineStarts[middle] <= offset) { low = middle; } else { high = middle - 1; }
    }
    return { line: low + 1, column: offset - lineStarts[low] + 1 };
  };

  interface Open { readonly node: PositionTree; readonly isMapping: boolean; index: number; key?: { text: string; offset: number } }
  const root: PositionTree = { position: { line: 1, column: 1 }, children: new Map() };
  const stack: Open[] = [{ node: root, isMapping: false, index: 0 }];

  const add = (offset: number): PositionTree => {
    const parent = stack[stack.length - 1];
    if (stack.length === 1) { return root; }
    // A mapping entry is found at its key: that is what one reads first.
    const start = parent.key?.offset ?? offset;
    const node: PositionTree = { position: start < 0 ? parent.node.position : at(start), children: new Map() };
    parent.node.children.set(parent.key?.text ?? parent.index++, node);
    parent.key = undefined;
    return node;
  };

  for (const event of parseEvents(text, { maxDepth: 50 })) {
    const top = stack[stack.length - 1];
    switch (event.type) {
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        stack.push({ node: add(event.start), isMapping: event.type === EVENT_ID.MAPPING, index: 0 });
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
