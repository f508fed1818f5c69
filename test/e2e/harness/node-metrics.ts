import { strict as assert } from 'node:assert';
import { until } from './processes';
import { NODES_METRICS_PORT } from '../../../src/nodes/node-daemon';
import type { Cluster } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { isReady } from '../cluster/containers';
import { ctr } from '../cluster/images';

/** The pod of a DaemonSet on the only node, when it is ready and no other is left. */
export function daemonPod(cluster: Cluster, namespace: string, name: string): Promise<Pod> {
  return until(`a pod of ${name}`, 60, async () => {
    const pods = await cluster.api.list<Pod>('Pod', namespace, `app.kubernetes.io/name=${name}`);
    return pods.length === 1 && !pods[0].metadata.deletionTimestamp && isReady(pods[0]) ? pods[0] : undefined;
  });
}

/** What a pod exposes to Prometheus. Requests from the node are let in by every NetworkPolicy. */
export async function scrape({ status }: Pod): Promise<string> {
  const response = await fetch(`http://${status.podIP}:${NODES_METRICS_PORT}/metrics`, { signal: AbortSignal.timeout(10_000) });
  if (!`${response.headers.get('content-type')}`.startsWith('text/plain')) { throw new Error(`${response.status} ${response.headers.get('content-type')}`); }
  return response.text();
}

/** The value of a series, whose labels are in the order of the text; undefined if there is none. */
export function metric(text: string, series: string): number | undefined {
  const line = text.split('\n').find(candidate => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** Fails unless a container uses less memory than it requests. */
export function assertWithinRequest({ spec }: Pod, container: string, mebibytes: number): void {
  const { memory } = spec.containers.find(({ name }) => name === container)!.resources!.requests!;
  assert.match(memory, /^\d+Mi$/);
  assert.ok(mebibytes < parseInt(memory), `${mebibytes} MiB of ${memory}`);
}

/** What a container uses: memory now, and CPU time over some seconds. */
export async function usage(pod: Pod, container: string, seconds: number): Promise<{ mebibytes: number; milliCpu: number }> {
  const id = pod.status.containerStatuses!.find(({ name }) => name === container)!.containerID!.split('//')[1];
  const before = await counters(id);
  const started = Date.now();
  await until('some time', seconds + 1, () => Date.now() - started > seconds * 1000 ? true : undefined);
  const after = await counters(id);
  return { mebibytes: after.memory / 2 ** 20, milliCpu: (after.nanoseconds - before.nanoseconds) / (Date.now() - started) / 1000 };
}

/** Both versions of cgroups, by what the container runtime calls their fields. */
async function counters(id: string): Promise<{ memory: number; nanoseconds: number }> {
  const { stdout } = await ctr('tasks', 'metrics', '--format', 'json', id);
  const value = JSON.parse(stdout) as {
    memory: { usage: number | { usage: number }; usage_in_bytes?: number }; cpu: { usage?: { total: number }; usage_usec?: number };
  };
  const memory = typeof value.memory.usage === 'object' ? value.memory.usage.usage : value.memory.usage;
  return { memory, nanoseconds: value.cpu.usage?.total ?? (value.cpu.usage_usec ?? 0) * 1000 };
}
