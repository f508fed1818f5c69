import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Labels } from './labels';
import type { Manifest, Part } from './manifest';

/** What is added to objects and to their pods. */
export interface Additions {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** Names of Secrets with which images are pulled. */
  readonly pullSecrets: readonly string[];
  /** Annotations of objects of a kind, besides those of all; undefined for none. */
  readonly annotationsOf?: (kind: string) => Labels;
}

interface Templates {
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly target?: { readonly template?: { readonly metadata?: object } };
  };
}

/** The objects of a part with the additions. What an object has itself wins, and no selector changes. */
export function withAdditions(part: Part, additions: Additions): Part {
  if (isNothing(additions)) { return part; }
  return Object.fromEntries(Object.entries(part).map(([id, manifest]) => [id, added(manifest, additions)]));
}

/** Most specifications add nothing, and copies of everything would take as long as making it. */
function isNothing({ labels, annotations, pullSecrets, annotationsOf }: Additions): boolean {
  return annotationsOf === undefined && Object.keys(labels).length + Object.keys(annotations).length + pullSecrets.length === 0;
}

/** One object with the additions, and the pods or the Secret that it makes. */
export function added<T extends Manifest>(manifest: T, additions: Additions): T {
  const { labels, annotations, annotationsOf } = additions;
  const metadata = merged(manifest.metadata, labels, { ...annotations, ...annotationsOf?.(manifest.kind) });
  const { spec } = manifest as Templates;
  if (spec?.template?.spec) { return { ...manifest, metadata, spec: { ...spec, template: addedToPods(spec.template, additions) } }; }
  if (spec?.target?.template) {
    const template = { ...spec.target.template, metadata: merged(spec.target.template.metadata ?? {}, labels, annotations) };
    return { ...manifest, metadata, spec: { ...spec, target: { ...spec.target, template } } };
  }
  const isCertificate = manifest.kind === 'Certificate' && Object.keys(labels).length + Object.keys(annotations).length > 0;
  return isCertificate ? { ...manifest, metadata, spec: { ...spec, secretTemplate: merged({}, labels, annotations) } } : { ...manifest, metadata };
}

function addedToPods(template: PodTemplateSpec, { labels, annotations, pullSecrets }: Additions): PodTemplateSpec {
  return {
    metadata: merged(template.metadata ?? {}, labels, annotations),
    spec: { ...template.spec!, ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }) },
  };
}

/** Keys that were there stay where they were: the order is that of the output. */
function merged<T extends { readonly labels?: Labels; readonly annotations?: Labels }>(own: T, labels: Labels, annotations: Labels): T {
  const all = { labels: { ...own.labels, ...labels, ...own.labels }, annotations: { ...own.annotations, ...annotations, ...own.annotations } };
  return {
    ...own,
    ...(Object.keys(all.labels).length > 0 && { labels: all.labels }),
    ...(Object.keys(all.annotations).length > 0 && { annotations: all.annotations }),
  };
}
