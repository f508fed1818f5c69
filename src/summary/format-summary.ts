import type { Line } from './lines';
import type { Summary } from './summary';

/** The summary as text for people. `applyCommand` is what puts the output into the cluster. */
export function formatSummary(summary: Summary, applyCommand: string): Line[] {
  const total = summary.objects.reduce((sum, { count }) => sum + count, 0);
  const unpinned = summary.images.filter(({ isPinned }) => !isPinned).length;
  const sections: Array<readonly [title: string, lines: readonly Line[]]> = [
    [`${total} objects for cluster ${summary.cluster}`, [summary.objects.map(({ kind, count }) => `${count} ${kind}`).join(', ')]],
    [
      `${summary.images.length} images${unpinned > 0 ? `, ${unpinned} not pinned by digest` : ', all pinned by digest'}`,
      summary.images.map(({ image, isPinned }) => (isPinned ? `pinned    ${image}` : warning(`tag only  ${image}`))),
    ],
    ['SYS_ADMIN fallbacks', summary.fallbacks.map(({ pool, reason, remediateBy }) => warning(`${pool}: until ${remediateBy}, ${reason}`))],
    ['Note', summary.notes],
    ['Next', [applyCommand]],
    // After it, since the namespaces have to be there. Pods wait for what they mount.
    ['Then create what the pods wait for', summary.missing.flatMap(({ what, command }) => [what, `  ${command}`])],
  ];
  return sections.filter(([, lines]) => lines.length > 0).flatMap(([title, lines], i): Line[] => [
    ...(i === 0 ? [] : ['']),
    { text: title, style: 'bold' },
    ...lines.map(line => (typeof line === 'string' ? `  ${line}` : { ...line, text: `  ${line.text}` })),
  ]);
}

function warning(text: string): Line {
  return { text, style: 'warn' };
}
