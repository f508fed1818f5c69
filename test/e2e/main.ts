import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { endProcesses, removeCgroups, runningTests } from './cluster/machine';
import { canIsolate, prepare } from './harness/prepare';
import { endAll, until } from './harness/processes';
import type { Plan } from './harness/report';
import { Report } from './harness/report';
import { saveSysctls } from './harness/sysctls';
import { SUITES } from './suites';

const HELP = `Runs what the library emits in the real programs and on a real Kubernetes, and says which promises hold.

Usage: npm run e2e -- [--only <suite>]... [--keep] [--list] [--help]

  --only <suite>     run this suite; can be given several times
  --keep             leave the cluster up at the end, and say how to use it
  --list             list the suites
  --help             show this text

Needs Debian 12 or similar, Node 20, Go 1.26 and root. Installs Debian packages that are missing and builds the other
programs, which takes about 40 minutes the first time. Everything runs in namespaces of its own, without any network
but its own, and is gone afterwards. Results: dist/e2e/report.md and dist/e2e/junit.xml.

Examples:
  npm run e2e                                      everything
  npm run e2e -- --only gateway                    the attack matrix alone
  npm run e2e -- --only port-forward --keep        one suite on the cluster, then look around

Exit codes: 0 nothing failed, 1 something failed (with CI=true also: a suite could not run), 2 bad options.
`;

const NODE_PID = 'dist/e2e/node.pid';

/** The process that runs the suites, once there is one. */
let inner: ChildProcess | undefined;
let restoreSysctls = (): void => undefined;

async function main(): Promise<number> {
  const { values: { only = SUITES.map(({ name }) => name), keep = false, list, help } } = parseArgs({
    options: { only: { type: 'string', multiple: true }, keep: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (help || list) {
    process.stdout.write(help ? HELP : SUITES.map(({ name, about }) => `${name.padEnd(18)}${about}\n`).join(''));
    return 0;
  }
  const unknown = only.filter(wanted => !SUITES.some(({ name }) => name === wanted));
  if (unknown.length > 0) { throw new TypeError(`no suite is called ${unknown.join(', ')}; see --list`); }

  const suites = SUITES.filter(({ name }) => only.includes(name));
  const started = Date.now();
  const programs = await prepare([...new Set(suites.flatMap(({ needs, uses = [] }) => [...needs, ...uses]))]);
  const plan: Plan = { started, programs, suites: suites.map(({ name }) => name), keep };

  const obstacle = await canIsolate();
  if (obstacle === undefined) { return runInside(plan); }
  const report = new Report(plan);
  suites.forEach(({ name }) => report.notRun(name, obstacle));
  return report.finish();
}

/**
 * Runs the suites with a network and mounts of their own, which end with the last process in them. The process ids are the machine's:
 * eBPF programs know no others, so that the agents of a node whose ids are its own would not run. All that was started is
 * in one cgroup and ended afterwards, whatever happened; the kernel's settings are put right.
 */
async function runInside(plan: Plan): Promise<number> {
  const other = runningTests();
  if (other !== undefined) { throw new TypeError(`another run of the end-to-end tests goes on, as process ${other}`); }
  // What a run has left that was killed together with its watcher.
  await endProcesses();
  removeCgroups();
  restoreSysctls = saveSysctls();
  const child = spawn('unshare', [
    '--net', '--mount', '--propagation', 'private', '--',
    process.execPath, '-r', 'ts-node/register/transpile-only', join(__dirname, 'inside.ts'), JSON.stringify(plan),
    // The pipe tells the other end that this process is gone, even after kill -9.
  ], { stdio: ['pipe', 'inherit', 'inherit'] });
  inner = child;
  const ended = new Promise<number>((done, failed) => {
    child.on('error', failed);
    child.on('exit', code => done(code ?? 1));
  });
  if (plan.keep) {
    mkdirSync(dirname(NODE_PID), { recursive: true });
    writeFileSync(NODE_PID, `${child.pid}`);
  }
  const code = await ended;
  await cleanUp();
  return code;
}

async function cleanUp(): Promise<void> {
  await endProcesses();
  restoreSysctls();
  rmSync(NODE_PID, { force: true });
  // The kernel lets go of what has ended a moment later.
  await until('the cgroups are empty', 20, () => {
    try {
      removeCgroups();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') { throw error; }
      return undefined;
    }
  });
}

/** Ends what is running, and with it everything that it started. */
async function interrupt(): Promise<void> {
  if (inner?.kill('SIGKILL')) { await once(inner, 'exit'); }
  await endAll();
  await cleanUp();
  process.stderr.write('\ninterrupted: everything that was started has been ended\n');
  process.exit(130);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) { process.once(signal, () => { void interrupt(); }); }
main().then(code => { process.exitCode = code; }, (error: Error) => {
  process.stderr.write(error instanceof TypeError ? `${error.message}\n(--help shows the options)\n` : `${error.stack}\n`);
  process.exitCode = error instanceof TypeError ? 2 : 1;
});
