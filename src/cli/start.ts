import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** Commands that read documents. What is kept compiled is what the first run has used, so each has its own. */
const COMMANDS: readonly string[] = ['audit', 'secrets', 'synth'];

/**
 * Starts the command line with the code that V8 compiled in its first run: compiling takes as long as the work on most documents.
 *
 * That is kept beside the code, where nobody can write who could not change the code as well. Where it cannot be written, every run
 * compiles. Node.js can keep compiled code since 22.1, but keeps what is compiled when a file is loaded, which are few of its functions.
 */
export function start(): void {
  const folder = join(__dirname, 'compiled', COMMANDS.includes(process.argv[2]) ? process.argv[2] : 'other');

  /** A `require` that keeps what is compiled of our files. */
  const load = (id: string): unknown => {
    if (id !== './main' && id !== './commands') { return require(id); }
    const [filename, kept] = [join(__dirname, `${id}.js`), join(folder, `${id}.${process.version}-${process.arch}`)];
    const script = new Script(`(function (module, exports, require, __dirname) {${readFileSync(filename, 'latin1')}\n})`, { filename, cachedData: read(kept) });
    const module = { exports: {} };
    (script.runInThisContext() as (...scope: unknown[]) => void)(module, module.exports, load, __dirname);
    // V8 takes what was compiled by another version, or from a file of another length, for none.
    if (script.cachedDataRejected !== false) { process.once('exit', () => keep(script, kept)); }
    return module.exports;
  };
  (load('./main') as typeof import('./main')).run();
  process.exit(); // Everything is written.
}

function read(file: string): Buffer | undefined {
  try { return readFileSync(file); } catch { return undefined; }
}

function keep(script: Script, file: string): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    writeFileSync(temporary, script.createCachedData(), { flag: 'wx', mode: 0o644 });
    renameSync(temporary, file);
  } catch { /* Not needed. */ }
}
