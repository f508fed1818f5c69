import type { Summary } from './summary';

/** Colours for a terminal; without one, the same text plain. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly warn: (text: string) => string;
}

export const PLAIN: Style = { bold: text => text, warn: text => text };
export const COLOURED: Style = { bold: text => `\u001b[1m${text}\u001b[22m`, warn: text => `\u001b[33m${text}\u001b[39m` };

/** The summary as text for people. `applyCommand` is what puts the output into the cluster. */
export function formatSummary(summary: Summary, applyCommand: string, { bold, warn }: Style): string {
  const total = summary.objects.reduce((sum, { count }) => sum + count, 0);
  const unpinned = summary.images.filter(({ isPinned }) => !isPinned).length;
  const sections: Array<readonly [title: string, lines: readonly string[]]> = [
    [`${total} objects for cluster ${summary.cluster}`, [summary.objects.map(({ kind, count }) => `${count} ${kind}`).join(', ')]],
    [
      `${summary.images.length} images${unpinned > 0 ? `, ${unpinned} not pinned by digest` : ', all pinned by digest'}`,
      summary.images.map(({ image, isPinned }) => (isPinned ? `pinned    ${image}` : warn(`tag only  ${image}`))),
    ],
    ['SYS_ADMIN fallbacks', summary.fallbacks.map(({ pool, reason, remediateBy }) => warn(`${pool}: until ${remediateBy}, ${reason}`))],
    ['Note', summary.notes],
    ['Next', [applyCommand]],
    // After it, since the namespaces have to be there. Pods wait for what they mount.
    ['Then create what the pods wait for', summary.missing.flatMap(({ what, command }) => [what, `  ${command}`])],
  ];
  return sections.filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${bold(title)}\n${lines.map(line => `  ${line}\n`).join('')}`).join('\n');
}
