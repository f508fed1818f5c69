import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHAPTERS } from './chapters';
import { canIsolate, prepare } from './harness/prepare';
import { endAll } from './harness/processes';
import type { Plan } from './harness/report';
import { Report } from './harness/report';

const HELP = `Runs what the library emits in the real programs, on loopback, and says which promises hold.

Usage: test/e2e/run [--only <chapter>]... [--list] [--help]

  --only <chapter>   run this chapter; can be given several times
  --list             list the chapters
  --help             show this text

Needs Debian 12 or similar, Node 20, Go 1.25 and root. Installs Debian packages that are missing and builds the other
programs, which takes some minutes the first time. Everything runs in namespaces of its own, without any network but
loopback, and is gone afterwards. Results: dist/e2e/report.md and dist/e2e/junit.xml.

Examples:
  npm run e2e                                      everything
  test/e2e/run --only gateway                      the attack matrix alone
  test/e2e/run --only server --only rotation

Exit codes: 0 nothing failed, 1 something failed (with CI=true also: a chapter could not run), 2 bad options.
`;

/** The process that runs the chapters, once there is one. */
let inner: ChildProcess | undefined;

async function main(): Promise<number> {
  const { values: { only = CHAPTERS.map(({ name }) => name), list, help } } = parseArgs({
    options: { only: { type: 'string', multiple: true }, list: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (help || list) {
    process.stdout.write(help ? HELP : CHAPTERS.map(({ name, about }) => `${name.padEnd(10)}${about}\n`).join(''));
    return 0;
  }
  const unknown = only.filter(wanted => !CHAPTERS.some(({ name }) => name === wanted));
  if (unknown.length > 0) { throw new TypeError(`no chapter is called ${unknown.join(', ')}; see --list`); }

  const chapters = CHAPTERS.filter(({ name }) => only.includes(name));
  const started = Date.now();
  const programs = await prepare([...new Set(chapters.flatMap(({ needs }) => needs))]);
  const plan: Plan = { started, programs, chapters: chapters.map(({ name }) => name) };

  const obstacle = await canIsolate();
  if (obstacle === undefined) { return runInside(plan); }
  const report = new Report(plan);
  chapters.forEach(({ name }) => report.notRun(name, obstacle));
  return report.finish();
}

/**
 * Runs the chapters with a network, processes and mounts of their own. All of it ends with its first process, however
 * that ends, so nothing is left on the machine: no process, no mount, no file.
 */
function runInside(plan: Plan): Promise<number> {
  const child = spawn('unshare', [
    '--net', '--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--propagation', 'private', '--',
    process.execPath, '-r', 'ts-node/register/transpile-only', join(__dirname, 'inside.ts'), JSON.stringify(plan),
    // The pipe tells the other end that this process is gone, even after kill -9.
  ], { stdio: ['pipe', 'inherit', 'inherit'] });

  inner = child;
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', code => done(code ?? 1));
  });
}

/** Ends what is running, and with it everything that it started. */
async function interrupt(): Promise<void> {
  if (inner?.kill('SIGKILL')) { await once(inner, 'exit'); }
  await endAll();
  process.stderr.write('\ninterrupted: everything that was started has been ended\n');
  process.exit(130);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) { process.once(signal, () => { void interrupt(); }); }
main().then(code => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(error instanceof TypeError ? `${error.message}\n(--help shows the options)\n` : `${error.stack}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
});
