import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same relative path from `src`, from `lib` and from the bundle of the command line. */
const ASSETS = join(__dirname, '..', '..', 'assets');

const read = new Map<string, string>();

/** Text of a file below `assets`, such as `parca/preflight.sh`. Read once, when asked for: most commands need few of them or none. */
export function asset(path: string): string {
  const text = read.get(path) ?? readFileSync(join(ASSETS, path), 'utf8');
  read.set(path, text);
  return text;
}
