import { CHAPTERS } from './chapters';
import { run } from './harness/processes';
import type { Plan } from './harness/report';
import { Report } from './harness/report';

/** Runs the chapters of a plan. Started by main.ts as the first process of namespaces of its own. */
async function inside(plan: Plan): Promise<number> {
  // The only network is loopback, and what the chapters write goes to memory that ends with this process.
  await run('ip', ['link', 'set', 'lo', 'up']);
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', '/run']);

  const report = new Report(plan);
  for (const chapter of CHAPTERS.filter(({ name }) => plan.chapters.includes(name))) {
    const obstacles = chapter.needs.flatMap(program => plan.programs[program].obstacle ?? []);
    if (obstacles.length > 0) {
      report.notRun(chapter.name, obstacles.join('; '));
    } else {
      await report.chapter(chapter.name, () => chapter.run(report, plan.programs));
    }
  }
  return report.finish();
}

process.stdin.resume().on('end', () => process.exit(1));
inside(JSON.parse(process.argv[2]) as Plan).then(code => process.exit(code), (error: Error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
