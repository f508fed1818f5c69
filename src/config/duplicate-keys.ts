import type { Events, TextPosition } from './positions';
import { offsetFinder, walkNodes } from './positions';
import type { LocatedProblem } from './problem';
import { MOST_PROBLEMS, UNTOLD } from './problem';

/** Every key that stands in its mapping already, with the lines of both. */
export function duplicateKeys(text: string, events: Events): LocatedProblem[] {
  const found: LocatedProblem[] = [];
  const find = offsetFinder(text);
  const path: Array<string | number> = []; // of the value that the walk is in, behind the number of its document
  const keys: Array<Map<string, number> | undefined> = []; // of the mappings around it, with the offsets of the first ones
  walkNodes(text, events, ({ segment, offset }) => {
    const around = keys.length - 1;
    path.push(segment ?? '?');
    keys.push(undefined);
    if (typeof segment !== 'string') { return; }
    const known = keys[around] ??= new Map();
    const first = known.get(segment);
    if (first === undefined) {
      known.set(segment, offset);
    } else {
      found.push(found.length < MOST_PROBLEMS ? duplicateKey(path.slice(1), find(first), find(offset)) : { problem: UNTOLD });
    }
  }, () => {
    path.pop();
    keys.pop();
  });
  return found;
}

function duplicateKey(path: ReadonlyArray<string | number>, first: TextPosition, second: TextPosition): LocatedProblem {
  const problem = {
    path,
    message: 'stands twice in one mapping',
    found: first.line === second.line
      ? `line ${first.line}, columns ${first.column} and ${second.column}` : `lines ${first.line} and ${second.line}`,
    allowed: 'each key once',
    fix: 'remove one of the two',
  };
  return { problem, position: second };
}
