export type Labels = Readonly<Record<string, string>>;

/** Prefix of our own annotations. */
export const ANNOTATION_PREFIX = 'hardened-profiling';

/** The label of every object and every pod of this library, but for pods of charts. */
export const PART_OF: Labels = { 'app.kubernetes.io/part-of': 'hardened-profiling' };

const COMMON: Labels = { 'app.kubernetes.io/managed-by': 'cdk8s-hardened-profiling', ...PART_OF };

/**
 * Labels for selectors: only those that never change for the same object.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export function selectorLabels(name: string, instance?: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, ...(instance && { 'app.kubernetes.io/instance': instance }) };
}

/** The labels of an object. */
export function labels(name: string, instance?: string): Record<string, string> {
  return { ...selectorLabels(name, instance), ...COMMON };
}
