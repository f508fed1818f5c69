import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The same relative path from `src`, from `lib` and from the bundle of the command line. */
const ASSETS = join(__dirname, '..', '..', 'assets');

/** Text of a file below `assets`, such as `parca/preflight.sh`. Read when asked for: most commands need few of them or none. */
export function asset(path: string): string {
  return readFileSync(join(ASSETS, path), 'utf8');
}
