import { readFileSync } from 'node:fs';
import type { Style } from '../format-summary';
import type { NodeFit } from '../nodes/node-fit';
import { NodeVerdict } from '../nodes/node-fit';
import type { ClusterNode } from '../nodes/node-list';
import { readNodes } from '../nodes/node-list';
import { groupNodes, nodeNames } from '../nodes/node-report';
import { SpecError } from '../spec/problem';

/** Reads what `kubectl get nodes -o json` printed, from a file or, for `-`, from standard input. */
export function loadNodes(file: string): ClusterNode[] {
  const nodes = readNodes(readFileSync(file === '-' ? 0 : file, 'utf8'));
  if (!nodes) {
    throw new SpecError([{
      path: [], message: 'is no list of nodes', allowed: 'what kubectl prints, with at least one node', fix: 'kubectl get nodes -o json > nodes.json',
    }], file === '-' ? 'standard input' : file);
  }
  return nodes;
}

/** A line for each node, then what to do, then a line that counts. */
export function formatNodes(fits: readonly NodeFit[], { bold, warn }: Style): string {
  const rows = [['NODE', 'POOL', 'KERNEL', 'VERDICT'], ...fits.map(({ node, pool, kernel, verdict }) => [node, pool ?? '-', kernel, verdict])];
  const widths = [0, 1, 2].map(column => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0));
  const table = rows.map((row, i) => {
    const line = [...widths.map((width, column) => row[column].padEnd(width)), row[3]].join('  ');
    return i === 0 ? bold(line) : row[3] === NodeVerdict.CANNOT ? warn(line) : line;
  });
  const advice = groupNodes(fits).map(group => [
    `\n${bold(`${group.verdict}: ${nodeNames(group)}`)}`, ...[...group.reasons, ...group.fixes].map(sentence => `  ${sentence}`),
  ].join('\n'));
  const counts = Object.values(NodeVerdict).map(verdict => `${fits.filter(fit => fit.verdict === verdict).length} ${verdict}`);
  return `${[...table, ...advice].join('\n')}\n\n${fits.length} nodes: ${counts.join(', ')}\n`;
}
