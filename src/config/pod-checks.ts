import type { Partially } from './partial-spec';
import { isInvalid } from './partial-spec';
import type { Problem } from './problem';
import { show } from './problem';
import type { NodePodSpec, ResourcesSpec, WorkloadPodSpec } from '../api/pod';
import { NodeAffinityOperator, TolerationOperator } from '../api/pod';
import { parseBytes, parseCpu } from '../kube/quantity';

type Path = Problem['path'];

/** Settings of pods in a document, with the resources of the workload that they change. */
export interface GivenPod {
  readonly path: Path;
  readonly pod: Partially<NodePodSpec & WorkloadPodSpec> | undefined;
  readonly defaults: ResourcesSpec;
}

/** Every contradiction in the settings of pods. */
export function podChecks(pods: readonly GivenPod[]): Problem[] {
  return pods.flatMap(({ path, pod, defaults }) => pod
    ? [...tolerations(path, pod), ...nodeAffinity(path, pod), ...linuxOnly(path, pod), ...resources([...path, 'resources'], pod.resources, defaults)] : []);
}

/** A toleration of everything has to say so; one that contradicts itself is refused by the API server, when it is too late. */
function tolerations(path: Path, pod: GivenPod['pod']): Problem[] {
  return (pod?.tolerations ?? []).flatMap((toleration, i) => {
    if (!toleration || isInvalid(toleration, 'operator') || isInvalid(toleration, 'key') || isInvalid(toleration, 'value')) { return []; }
    const { key, operator, value } = toleration;
    const at = [...path, 'tolerations', i];
    if (operator === TolerationOperator.EXISTS && value !== undefined) {
      return [{ path: [...at, 'value'], message: 'means nothing with operator `Exists`', found: value, allowed: 'no value, or operator `Equal`', fix: 'remove one of the two' }];
    }
    return key === undefined && operator !== TolerationOperator.EXISTS ? [{
      path: at,
      message: 'names no taint',
      found: operator === undefined ? 'neither key nor operator' : `operator ${operator} without a key`,
      allowed: 'a key; or `operator: Exists` alone, which tolerates every taint',
      fix: 'add the key of the taint',
    }] : [];
  });
}

function nodeAffinity(path: Path, pod: GivenPod['pod']): Problem[] {
  return (pod?.nodeAffinity ?? []).flatMap((condition, i) => {
    if (!condition?.operator || isInvalid(condition, 'values')) { return []; }
    const needsValues = [NodeAffinityOperator.IN, NodeAffinityOperator.NOT_IN].includes(condition.operator);
    return needsValues === (condition.values !== undefined) ? [] : [{
      path: [...path, 'nodeAffinity', i, 'values'],
      message: needsValues ? `is required with operator \`${condition.operator}\`` : `means nothing with operator \`${condition.operator}\``,
      allowed: 'values with `In` and `NotIn`, and none with `Exists` and `DoesNotExist`',
      fix: needsValues ? 'add the values' : 'remove them',
    }];
  });
}

const OS = 'kubernetes.io/os';

function linuxOnly(path: Path, pod: GivenPod['pod']): Problem[] {
  const os = pod?.nodeSelector?.[OS];
  return os === undefined || os === 'linux' ? [] : [{
    path: [...path, 'nodeSelector', OS], message: 'is no system that these images run on', found: show(os), allowed: 'linux', fix: 'remove it: `linux` is always selected',
  }];
}

/** A request above its limit, be it given or the workload's own: the API server refuses the pod, and no pod starts. */
function resources(path: Path, given: Partially<ResourcesSpec> | undefined, defaults: ResourcesSpec): Problem[] {
  if (!given) { return []; }
  const all = { ...defaults, ...given };
  const pair = (request: keyof ResourcesSpec, limit: keyof ResourcesSpec, parse: (quantity: string) => number | undefined): Problem[] => {
    const [asked, most] = [parse(all[request] ?? ''), parse(all[limit] ?? '')];
    if (asked === undefined || most === undefined || asked <= most || isInvalid(given, request) || isInvalid(given, limit)) { return []; }
    return [{
      path: [...path, given[limit] === undefined ? request : limit],
      message: `makes the ${request.startsWith('cpu') ? 'CPU' : 'memory'} request larger than the limit`,
      found: `request ${all[request]}, limit ${all[limit]}`,
      allowed: 'a request that is at most the limit',
      fix: 'raise the limit or lower the request',
    }];
  };
  return [...pair('memoryRequest', 'memoryLimit', parseBytes), ...pair('cpuRequest', 'cpuLimit', parseCpu)];
}
