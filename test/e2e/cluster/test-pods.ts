import type { PodSpec } from 'kubernetes-types/core/v1';
import type { Cluster } from './cluster';
import { TOOLS_IMAGE } from './images';
import type { Manifest } from '../../../src/kube/manifest';
import type { Address } from '../harness/wire';

/** A pod that plays a part in a test. */
export interface TestPod {
  readonly name: string;
  readonly namespace: string;
  readonly podLabels: Readonly<Record<string, string>>;
  /** @default - an HTTP server on `TEST_PORT` */
  readonly command?: readonly string[];
}

export const TEST_PORT = 8080;

/** What serves HTTP at a port. */
export function httpServer(port: number): readonly string[] {
  return ['/bin/fake-agent', `--http-address=0.0.0.0:${port}`];
}

/** Fits Pod Security `restricted`, and ends at once. */
export function testPod({ name, namespace, podLabels, command = httpServer(TEST_PORT) }: TestPod): Manifest & { readonly spec: PodSpec } {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...podLabels, e2e: 'test-pod' } },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'test-pod',
        image: TOOLS_IMAGE,
        command: [...command],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      }],
    },
  };
}

/** Connects with curl in a pod. Times are in seconds, and 0 for what did not come about. */
export async function curlIn({ kubectl }: Cluster, { name, namespace }: Pick<TestPod, 'name' | 'namespace'>, url: string): Promise<{ lookup: number; connect: number }> {
  const { output } = await kubectl.run([
    'exec', '-n', namespace, name, '--', 'curl', '-sk', '-m', '3', '-o', '/dev/null', '-w', 'times %{time_namelookup} %{time_connect}\n', url,
  ], { strict: false, seconds: 60 });
  const times = /times (\S+) (\S+)/.exec(output);
  if (!times) { throw new Error(`curl in ${name}: ${output}`); }
  return { lookup: Number(times[1]), connect: Number(times[2]) };
}

/** Whether a pod can connect to an address. */
export async function connectsFrom(cluster: Cluster, pod: Pick<TestPod, 'name' | 'namespace'>, { host, port }: Address): Promise<boolean> {
  return (await curlIn(cluster, pod, `telnet://${host}:${port}`)).connect > 0;
}
