import { accessMissing, accessNotes } from '../access/missing';
import { admissionNotes } from '../admission/notes';
import type { Chart, Contribution, Missing, Names } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { parseImage } from '../kube/image';
import type { Manifest } from '../kube/manifest';

/** Summary of a synthesis, to be read before its output is applied. */
export interface Summary {
  readonly cluster: string;
  readonly objects: ReadonlyArray<{ readonly kind: string; readonly count: number }>;
  readonly images: ReadonlyArray<{ readonly image: string; readonly isPinned: boolean }>;
  readonly fallbacks: ReadonlyArray<{ readonly pool: string; readonly reason: string; readonly remediateBy: string }>;
  /** Notes on what the output leaves closed or out, and why. */
  readonly notes: readonly string[];
  /** Objects that the user must still create, each with the command that does it. */
  readonly missing: readonly Missing[];
}

/** Summarises what components bring. */
export function summaryOf(spec: ResolvedSpec, contributions: readonly Contribution[], manifests: readonly Manifest[], names: Names): Summary {
  const charts = contributions.flatMap(contribution => contribution.charts?.() ?? []);
  return {
    cluster: spec.cluster.name,
    objects: countKinds(manifests),
    images: imagesOf(manifests, charts).map(image => ({ image, isPinned: parseImage(image)?.digest !== undefined })),
    fallbacks: spec.agents.nodePools.flatMap(({ name, fallback }) => fallback && spec.parcaAgent
      ? [{ pool: name, reason: fallback.reason, remediateBy: fallback.remediateBy }] : []),
    notes: [...accessNotes(spec, contributions), ...contributions.flatMap(({ notes }) => notes?.() ?? []), ...admissionNotes(spec)],
    missing: joined([...accessMissing(spec, contributions), ...contributions.flatMap(({ missing }) => missing?.(names) ?? [])]),
  };
}

/** Missing objects, with those that one command creates in one entry. */
function joined(entries: Summary['missing']): Summary['missing'] {
  const byCommand = new Map<string, string[]>();
  entries.forEach(({ what, command }) => byCommand.set(command, [...new Set([...byCommand.get(command) ?? [], what])]));
  return [...byCommand].map(([command, whats]) => ({ what: whats.join('; '), command }));
}

function countKinds(manifests: readonly Manifest[]): Array<{ kind: string; count: number }> {
  const counts = new Map<string, number>();
  manifests.forEach(({ kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => ({ kind, count }));
}

interface PodTemplateHolder {
  readonly spec?: { readonly template?: { readonly spec?: Readonly<Record<string, ReadonlyArray<{ image?: string }> | undefined>> } };
}

/** Every image that will run, those of charts included. */
function imagesOf(manifests: readonly Manifest[], charts: readonly Chart[]): string[] {
  const images = manifests.flatMap(manifest => {
    const podSpec = (manifest as Manifest & PodTemplateHolder).spec?.template?.spec;
    return [...podSpec?.initContainers ?? [], ...podSpec?.containers ?? []].map(container => container.image ?? '');
  });
  return [...new Set([...images, ...charts.flatMap(chart => chart.images)])].sort();
}
