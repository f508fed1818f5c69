import { printable } from '../config/printable';
import { SpecError } from '../config/problem';
import { readText } from '../config/read-text';
import type { NodeFit } from '../posture/node-fit';
import { NodeVerdict } from '../posture/node-fit';
import type { ClusterNode } from '../posture/node-list';
import { readNodes } from '../posture/node-list';
import { groupNodes, nodeNames } from '../posture/node-report';
import type { Line } from '../summary/lines';

const ALLOWED = 'what kubectl prints, with at least one node';

/** Reads what `kubectl get nodes -o json` printed, from a file or, for `-`, from standard input. */
export function loadNodes(file: string, input: number): ClusterNode[] {
  const [name, from] = file === '-' ? ['standard input', input] : [file, file];
  // Nodes of large clusters are 20 kB each, with the list of their images.
  const nodes = readNodes(readText({ name, from, allowed: ALLOWED, maxBytes: 128 * 2 ** 20, whenLarger: 'give a part of the nodes at a time' }));
  if (!nodes) {
    throw new SpecError([{ path: [], message: 'is no list of nodes', allowed: ALLOWED, fix: 'kubectl get nodes -o json > nodes.json' }], name);
  }
  return nodes;
}

/** Nodes report these texts themselves, and the longest makes its column as wide in every row. */
function cell(text: string): string {
  const shown = printable(text.slice(0, 100));
  return shown.length > 80 ? `${shown.slice(0, 79)}…` : shown;
}

/** A line for each node, then what to do, then a line that counts. */
export function formatNodes(fits: readonly NodeFit[]): Line[] {
  const rows = [
    ['NODE', 'POOL', 'KERNEL', 'VERDICT'],
    ...fits.map(({ node, pool, kernel, verdict }) => [node, pool ?? '-', kernel, verdict].map(cell)),
  ];
  const widths = [0, 1, 2].map(column => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0));
  const table = rows.map((row, i): Line => {
    const text = [...widths.map((width, column) => row[column].padEnd(width)), row[3]].join('  ');
    return i === 0 ? { text, style: 'bold' } : row[3] === NodeVerdict.CANNOT ? { text, style: 'warn' } : text;
  });
  const advice = groupNodes(fits).flatMap((group): Line[] => [
    '', { text: `${group.verdict}: ${nodeNames(group)}`, style: 'bold' }, ...[...group.reasons, ...group.fixes].map(sentence => `  ${sentence}`),
  ]);
  const counts = Object.values(NodeVerdict).map(verdict => `${fits.filter(fit => fit.verdict === verdict).length} ${verdict}`);
  return [...table, ...advice, '', `${fits.length} nodes: ${counts.join(', ')}`];
}
