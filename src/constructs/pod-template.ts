import type { ApiObject } from 'cdk8s';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';

type Tree = Readonly<Record<string, unknown>>;

const IN_SPEC = ['spec', 'template'];

/** Where Kubernetes' own kinds have their pod template, by the group of their API. A pod is one itself. */
const TEMPLATE_PATHS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  core: { Pod: [], ReplicationController: IN_SPEC },
  apps: { Deployment: IN_SPEC, StatefulSet: IN_SPEC, DaemonSet: IN_SPEC, ReplicaSet: IN_SPEC },
  batch: { Job: IN_SPEC, CronJob: ['spec', 'jobTemplate', ...IN_SPEC] },
};

/** Kubernetes' own kinds that have a pod template. */
export const POD_KINDS = Object.values(TEMPLATE_PATHS).flatMap(kinds => Object.keys(kinds));

/** Keys that lead to the pod template of an object; nothing if it has none. */
export function templatePathOf(apiObject: ApiObject): readonly string[] | undefined {
  const { apiGroup, kind } = apiObject;
  // Groups of Kubernetes without a domain. What is lazy in their objects need not be ready yet, so that these are not looked into.
  if (!apiGroup.includes('.')) { return TEMPLATE_PATHS[apiGroup]?.[kind]; }
  const template = templateIn(apiObject.toJson(), IN_SPEC);
  return Array.isArray(template?.spec?.containers) ? IN_SPEC : undefined;
}

/** The pod template at these keys of an object, if it is there. */
export function templateIn(object: unknown, path: readonly string[]): PodTemplateSpec | undefined {
  return path.reduce<unknown>((value, key) => (value as Tree | null | undefined)?.[key], object) as PodTemplateSpec | undefined;
}

/** An object with another pod template at these keys. */
export function withTemplate(object: object, [key, ...rest]: readonly string[], template: PodTemplateSpec): object {
  return key === undefined ? template : { ...object, [key]: withTemplate((object as Tree)[key] as object, rest, template) };
}
