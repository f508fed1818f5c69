import { Cluster } from './cluster/cluster';
import { endProcesses, joinCgroup } from './cluster/machine';
import { run } from './harness/processes';
import type { Plan } from './harness/report';
import { Report } from './harness/report';
import { saveSysctls } from './harness/sysctls';
import { SUITES } from './suites';
import type { Suite } from './suites';

/** Runs the suites of a plan. Started by main.ts as the first process of namespaces of its own. */
async function inside(plan: Plan): Promise<number> {
  joinCgroup();
  // The only network is loopback, and what the suites write goes to memory that ends with this process.
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run']);

  const report = new Report(plan);
  let starting: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => starting ??= Cluster.start(plan.programs, stage => report.say(`   ${stage}`));
  const runOne = async (suite: Suite): Promise<void> => {
    const obstacles = suite.needs.flatMap(program => plan.programs[program].obstacle ?? []);
    if (obstacles.length > 0) {
      report.notRun(suite.name, obstacles.join('; '));
    } else {
      await report.suite(suite.name, () => suite.run({ report, programs: plan.programs, cluster }));
    }
  };
  const runAll = async (lane: readonly Suite[]): Promise<void> => {
    const isLater = ({ beside }: Suite): boolean => lane.some(({ name }) => name === beside);
    const running: Array<Promise<void>> = [];
    for (const suite of lane.filter(one => !isLater(one))) {
      if (suite.alone) { await Promise.all(running); }
      running.push(...lane.filter(({ beside }) => beside === suite.name).map(runOne));
      await runOne(suite);
    }
    await Promise.all(running);
  };
  const suites = SUITES.filter(({ name }) => plan.suites.includes(name));
  // Those on the cluster mostly wait for it, so the others run beside them.
  const lanes = [true, false].map(wanted => suites.filter(({ needs, uses = [] }) => [...needs, ...uses].includes('kubelet') === wanted));
  await Promise.all(lanes.map(runAll));
  const code = report.finish();
  if (starting && code !== 0) { await starting.then(running => running.writeLogs(), () => undefined); }
  if (starting && plan.keep) { await leaveUp(await starting); }
  return code;
}

/** Waits for ever: the cluster is ended after this process, which ends when the other end of its standard input does. */
async function leaveUp({ kubectl }: Cluster): Promise<void> {
  process.stdout.write(`
The cluster is up until you press Ctrl-C here. In another terminal:
  test/e2e/enter kubectl get pods --all-namespaces
  test/e2e/enter                                     a shell on the node
Kubeconfig of the administrator: ${kubectl.file}, of others beside it.
`);
  await new Promise(() => undefined);
}

const restoreSysctls = saveSysctls();
// Whoever started this is gone.
process.stdin.resume().on('end', () => {
  restoreSysctls();
  void endProcesses().finally(() => process.exit(1));
});
inside(JSON.parse(process.argv[2]) as Plan).then(code => process.exit(code), (error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
