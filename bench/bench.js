// Speed as ratios against references that are measured in the same run, since milliseconds say more about a machine
// than about a program. Exit code 1 if a target is missed. Usage: node bench/bench.js [--json]
const { execFileSync } = require('node:child_process');
const { join } = require('node:path');

const CASES = ['import', 'construct-synth', 'command-line', 'overlays', 'scaling', 'tenants', 'validation'];

// A process for each case: what one has warmed up or left behind is nothing to the next.
const runCase = name => JSON.parse(execFileSync(process.execPath, [
  '-e', 'process.stdout.write(JSON.stringify(require(process.argv[1])()))', join(__dirname, 'cases', name),
], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));

const rows = CASES.flatMap(runCase);
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(rows, undefined, 2));
} else {
  console.log(table(rows));
}
process.exitCode = rows.some(row => row.isMissed) ? 1 : 0;

function table(results) {
  const cells = results.map(({ name, subject, reference, ratio, target, isMissed, pairs }) => [
    name,
    ratio.toFixed(2),
    target === undefined ? '' : `<= ${target}`,
    target === undefined ? '' : isMissed ? 'MISSED' : 'ok',
    milliseconds(subject),
    milliseconds(reference),
    String(pairs),
  ]);
  const head = ['case / reference', 'ratio', 'target', '', 'ms, median (min)', 'reference', 'pairs'];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map(row => row[i].length)));
  const line = row => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd();
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

function milliseconds({ median, min }) {
  const digits = median < 1 ? 3 : 1;
  return `${median.toFixed(digits)} (${min.toFixed(digits)})`;
}
