import type { NodePodSpec, ResourcesSpec, TolerationSpec, WorkloadPodSpec } from '../api/pod';
import { TolerationOperator, UnsatisfiableSpread } from '../api/pod';
import type { PodSettings } from '../kube/pod-settings';

/** Settings of pods in their wire form; what is not said stays undefined. */
export function resolvePod(pod: NodePodSpec & WorkloadPodSpec = {}): PodSettings {
  const { tolerations, nodeAffinity, topologySpread, nodeSelector, priorityClassName, resources, imagePullPolicy, labels, annotations } = pod;
  return withoutUndefined({
    nodeSelector,
    tolerations: tolerations?.map(toleration),
    nodeAffinity: nodeAffinity?.map(({ key, operator, values }) => ({ key, operator, ...(values && { values }) })),
    topologySpread: topologySpread?.map(({ topologyKey, maxSkew, whenUnsatisfiable }) => ({
      maxSkew: maxSkew ?? 1, topologyKey, whenUnsatisfiable: whenUnsatisfiable ?? UnsatisfiableSpread.SCHEDULE_ANYWAY,
    })),
    priorityClassName,
    resources,
    imagePullPolicy,
    labels,
    annotations,
  });
}

/** Settings of one's own before those of all; resources, labels and annotations one by one. */
export function overridden<T extends PodSettings>(all: T, own: PodSettings): T & PodSettings {
  return withoutUndefined({
    ...all,
    ...own,
    resources: all.resources || own.resources ? { ...all.resources, ...own.resources } : undefined,
    labels: all.labels || own.labels ? { ...all.labels, ...own.labels } : undefined,
    annotations: all.annotations || own.annotations ? { ...all.annotations, ...own.annotations } : undefined,
  });
}

/** Settings without the resources, which are those of another program. */
export function placement({ resources: _, ...rest }: PodSettings): PodSettings {
  return rest;
}

/** Requests and limits as they will be. */
export function resourcesOf(defaults: ResourcesSpec, ...given: ReadonlyArray<ResourcesSpec | undefined>): ResourcesSpec {
  return Object.assign({}, defaults, ...given) as ResourcesSpec;
}

function toleration({ key, operator, value, effect }: TolerationSpec): { key?: string; operator: string; value?: string; effect?: string } {
  return {
    ...(key !== undefined && { key }),
    operator: operator ?? (value === undefined ? TolerationOperator.EXISTS : TolerationOperator.EQUAL),
    ...(value !== undefined && { value }),
    ...(effect && { effect }),
  };
}

function withoutUndefined<T extends object>(settings: T): T {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as T;
}
