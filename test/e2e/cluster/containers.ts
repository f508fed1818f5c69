import type { PodSpec } from 'kubernetes-types/core/v1';
import type { Cluster } from './cluster';
import { ctr } from './images';
import type { KubeObject } from './kubectl';
import { until } from '../harness/processes';

/** A pod as far as suites look at it. */
export interface Pod extends KubeObject {
  readonly spec: PodSpec;
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string }>;
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount: number;
  readonly ready: boolean;
  readonly state?: Readonly<Record<string, { readonly reason?: string; readonly message?: string; readonly exitCode?: number } | undefined>>;
  readonly lastState?: ContainerStatus['state'];
}

/** Waits until a pod is ready. */
export function readyPod(cluster: Cluster, namespace: string, name: string, seconds = 60): Promise<Pod> {
  return until(`pod ${name} is ready`, seconds, async () => {
    const pod = await cluster.api.get<Pod>('Pod', name, namespace);
    return pod && !pod.metadata.deletionTimestamp && isReady(pod) ? pod : undefined;
  });
}

export function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false;
}

/** The id, on the node, of a container's first process. */
export async function containerPid(pod: Pod, container: string): Promise<number> {
  const id = pod.status.containerStatuses?.find(({ name }) => name === container)?.containerID?.split('//')[1];
  const { output } = await ctr('tasks', 'list');
  const row = output.split('\n').map(line => line.trim().split(/\s+/)).find(([task]) => task === id);
  if (!row) { throw new Error(`no process of ${container} in ${pod.metadata.name}:\n${output}`); }
  return Number(row[1]);
}

/** Whether every container has this mount, from its runtime or its kubelet. */
export function isRuntimeMount(path: string): boolean {
  return /^\/(|proc(\/.*)?|sys|sys\/fs\/cgroup(\/.*)?|sys\/firmware|dev(\/.*)?|etc\/(hosts|hostname|resolv\.conf))$/.test(path);
}
