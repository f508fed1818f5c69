import type { Problem } from './problem';
import { CORE_SCHEMA, EVENT_ID, getScalarValue, SCALAR_STYLE } from '../kube/js-yaml';
import type { parseEvents, ScalarEvent } from '../kube/js-yaml';

/** Events of the parser: beginnings and ends of lists and mappings, keys and values. */
export type Events = ReturnType<typeof parseEvents>;

/** A value in a document, and where one reads of it. */
export interface Node {
  /** Its key or index in the collection around it; none behind a key that is no text. */
  readonly segment: string | number | undefined;
  /** Offset of its key, or of itself if it has none; that of the collection if it is left out. */
  readonly offset: number;
}

/** A list or mapping of which the end has not come. */
interface Open {
  readonly isMapping: boolean;
  /** Whether it is a key, or in one. */
  readonly isInKey: boolean;
  /** As that of its node. */
  readonly offset: number;
  index: number;
  /** The key whose value is next. */
  key?: Node;
}

/** Walks the values of all documents in a text, each from its beginning to its end. */
export function walkNodes(text: string, events: Events, enter: (node: Node) => void, leave: () => void): void {
  const stack: Open[] = [{ isMapping: false, isInKey: false, offset: textStart(text), index: 0 }];

  const begin = (top: Open, offset: number): Node => {
    const node = top.key ?? { segment: top.index++, offset };
    top.key = undefined;
    enter(node);
    return node;
  };

  for (const event of events) {
    const top = stack[stack.length - 1];
    const isKey = top.isMapping && top.key === undefined;
    switch (event.type) {
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        const isInKey = top.isInKey || isKey;
        const { offset } = isInKey ? { offset: event.start } : begin(top, event.start);
        stack.push({ isMapping: event.type === EVENT_ID.MAPPING, isInKey, offset, index: 0 });
        break;
      }
      case EVENT_ID.SCALAR:
      case EVENT_ID.ALIAS: {
        if (top.isInKey) { break; }
        const start = event.type === EVENT_ID.SCALAR ? scalarStart(event) : event.anchorStart;
        const offset = start < 0 ? top.offset : start;
        if (isKey) {
          top.key = { segment: event.type === EVENT_ID.SCALAR ? keyText(text, event) : undefined, offset };
        } else {
          begin(top, offset);
          leave();
        }
        break;
      }
      case EVENT_ID.POP: {
        if (stack.length === 1) { break; } // the end of a document
        stack.pop();
        const around = stack[stack.length - 1];
        if (!top.isInKey) { leave(); } else if (!around.isInKey) { around.key = { segment: undefined, offset: top.offset }; }
        break;
      }
      default:
        break;
    }
  }
}

/** The offset of a scalar's first character, its quote if it has one; negative for a value that is left out. */
function scalarStart({ valueStart, style }: ScalarEvent): number {
  const isQuoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return isQuoted ? valueStart - 1 : valueStart;
}

/** A key as it is in the value of the document: `0x10` is `16` there. */
function keyText(text: string, event: ScalarEvent): string {
  const source = getScalarValue(text, event);
  return event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0 ? String(CORE_SCHEMA.resolveImplicitScalarTag(source).value) : source;
}

/** Line and column in a text, both counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Positions of offsets in a text. */
export function offsetFinder(text: string): (offset: number) => TextPosition {
  const lineStarts = [textStart(text)];
  for (const { 0: lineBreak, index } of text.matchAll(/\r\n?|\n/g)) { lineStarts.push(index + lineBreak.length); }
  return offset => {
    let [low, high] = [0, lineStarts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lineStarts[middle] <= offset) { low = middle; } else { high = middle - 1; }
    }
    return { line: low + 1, column: offset - lineStarts[low] + 1 };
  };
}

/** A byte order mark is no part of the first line. */
function textStart(text: string): number {
  return text.startsWith('\ufeff') ? 1 : 0;
}

/** Position at which a value of the document starts, and the same for what it contains. */
interface Place {
  readonly offset: number;
  /** By key or index; a scalar has none. */
  children?: Map<Node['segment'], Place>;
}

/** Positions of paths in a text; of the nearest parent where a path does not exist. Only needed when there is something to report. */
export function pathFinder(text: string, events: Events): (path: Problem['path']) => TextPosition {
  const root = placesOf(text, events);
  const find = offsetFinder(text);
  return path => {
    let place = root;
    for (const segment of path) {
      const child = place.children?.get(segment);
      if (!child) { break; }
      place = child;
    }
    return find(place.offset);
  };
}

/** No key of a specification is as deep. */
const DEEPEST = 16;

function placesOf(text: string, events: Events): Place {
  const root: Place = { offset: textStart(text) };
  const open: Place[] = [];
  walkNodes(text, events, ({ segment, offset }) => {
    const place = open.length === 0 ? root : { offset };
    if (open.length > 0 && open.length <= DEEPEST) { (open[open.length - 1].children ??= new Map()).set(segment, place); }
    open.push(place);
  }, () => { open.pop(); });
  return root;
}
