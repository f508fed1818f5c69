import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { containerPid, isRuntimeMount, readyPod } from '../cluster/containers';
import { SERVER_NAMESPACE } from '../cluster/installation';
import type { Client } from '../harness/client';
import { TOKENS } from '../harness/deployment';
import { NO_CAPABILITIES, processStatus } from '../harness/process-status';
import { until } from '../harness/processes';
import type { Profile } from '../harness/profiles';
import { push, query } from '../harness/profiles';
import type { Report } from '../harness/report';

const POD = 'parca-0';

/** How many callers write while the server is deleted, and for how long before and after. */
const WRITERS = 4;
const WRITE_SECONDS = 3;

/** The server and its gateway as the kubelet runs them. */
export const liveServer: Suite = {
  name: 'live-server',
  about: 'server and gateway as the kubelet runs them: privileges, push, query, refusals, restarts without loss',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const installation = await cluster.installation();
    await confinement(report, cluster);

    const client = await installation.client();
    const profile = { functionName: 'cluster_promise', at: new Date() };
    await report.check('A profile is written with the push token and read with the read token', 'gRPC and HTTP through the Service', async () => {
      assert.equal(await push(client, TOKENS.push, profile), 'grpc-status 0');
      await until('the profile', 20, () => query(client, TOKENS.read, profile));
    });
    await report.each('Everybody else is refused', [
      ['no token', undefined, 401], ['an unknown token', 'a'.repeat(64), 401], ['the push token', TOKENS.push, 403], ['the metrics token', TOKENS.metrics, 403],
      ['the symbols token', TOKENS.symbols, 403],
    ] as const, ([name]) => `GET of profile types with ${name}`, async ([, token, expected]) => {
      const { status } = await client.get('/api/profiles/types', token);
      assert.equal(status, expected);
      return `${status}`;
    });
    await report.check('A deleted pod comes back with its data', 'kubectl delete pod, then the same query', async () => {
      const seconds = await replacePod(cluster, client);
      await until('the profile', 20, () => query(client, TOKENS.read, profile));
      return `ready again after ${seconds.toFixed(1)} s`;
    });
    await report.check('Nothing acknowledged is lost when the pod is deleted during writes', `${WRITERS} callers write one profile after the other`, async () => {
      const writers = Array.from({ length: WRITERS }, (_, index) => new Writer(client, `writer${index}`));
      await sleep(WRITE_SECONDS * 1000);
      await replacePod(cluster, client);
      await sleep(WRITE_SECONDS * 1000);
      const acknowledged = (await Promise.all(writers.map(writer => writer.stop()))).flat();
      const missing = await until('all profiles', 30, async () => {
        const stored = await storedJobs(client, acknowledged[0].at);
        const absent = acknowledged.filter(({ functionName }) => !stored.has(functionName));
        return absent.length === 0 ? absent : undefined;
      }).catch(async () => {
        const stored = await storedJobs(client, acknowledged[0].at);
        return acknowledged.filter(({ functionName }) => !stored.has(functionName));
      });
      assert.deepEqual(missing.map(({ functionName }) => functionName), []);
      assert.ok(acknowledged.length > 10, `only ${acknowledged.length} writes`);
      return `${acknowledged.length} acknowledged, all found, ${writers.reduce((sum, { refused }) => sum + refused, 0)} not acknowledged`;
    });
  },
};

/** What the kernel says of the running containers. */
async function confinement(report: Report, cluster: Cluster): Promise<void> {
  const pod = await readyPod(cluster, SERVER_NAMESPACE, POD);
  for (const [name, uid] of [['parca', '65534'], ['gateway', '99']] as const) {
    const pid = await containerPid(pod, name);
    await report.check(`${name} has no privileges`, `/proc/PID of the running container: uid ${uid}, no capabilities, seccomp filter`, async () => {
      const { groups, ...status } = processStatus(pid);
      assert.deepEqual(status, {
        uid, gid: uid, effective: NO_CAPABILITIES, bounding: NO_CAPABILITIES, noNewPrivs: '1', seccomp: '2',
      });
      assert.ok(groups.split(' ').includes('65534'), groups);
      return `uid ${uid}, groups ${groups}, CapEff 0, CapBnd 0, NoNewPrivs 1, Seccomp 2`;
    });
    await report.check(`${name} can write to its volumes alone`, 'mounts of the running container', async () => {
      const all = mounts(pid);
      assert.ok(all.find(({ path }) => path === '/')?.options.includes('ro'), 'the root is read-only');
      const writable = all.filter(({ path, options }) => options.includes('rw') && !isRuntimeMount(path)).map(({ path }) => path).sort();
      assert.deepEqual(writable, name === 'parca' ? ['/tmp', '/var/lib/parca'] : []);
      return writable.join(', ') || 'none';
    });
  }
}

function mounts(pid: number): Array<{ path: string; options: string[] }> {
  return readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n').map(line => {
    const [, , , , path, options] = line.split(' ');
    return { path, options: options.split(',') };
  });
}

/** Deletes the server's pod and waits until another one answers. Returns how many seconds that took. */
async function replacePod(cluster: Cluster, client: Client): Promise<number> {
  const { metadata: { uid } } = await readyPod(cluster, SERVER_NAMESPACE, POD);
  const started = Date.now();
  await cluster.kubectl.run(['delete', 'pod', POD, '-n', SERVER_NAMESPACE, '--timeout=100s'], { seconds: 110 });
  await until('a new pod', 90, async () => (await readyPod(cluster, SERVER_NAMESPACE, POD, 90)).metadata.uid === uid ? undefined : true);
  await client.reachable();
  return (Date.now() - started) / 1000;
}

/** The jobs of which there are profiles since some time. */
async function storedJobs(client: Client, since: Date): Promise<ReadonlySet<string>> {
  const parameters = new URLSearchParams({
    start: new Date(since.getTime() - 60_000).toISOString(),
    end: new Date(Date.now() + 60_000).toISOString(),
    profile_type: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds:delta',
  });
  const { status, body } = await client.get(`/api/profiles/labels/job/values?${parameters.toString()}`, TOKENS.read);
  assert.equal(status, 200, body.toString());
  return new Set((JSON.parse(body.toString()) as { labelValues?: string[] }).labelValues);
}

/** Writes one profile after the other and remembers which were acknowledged. */
class Writer {
  public refused = 0;
  private readonly acknowledged: Profile[] = [];
  private isOver = false;
  private readonly work: Promise<void>;

  constructor(client: Client, name: string) {
    const deadline = Date.now() + 120_000;
    const write = async (): Promise<void> => {
      for (let count = 0; !this.isOver && Date.now() < deadline; count++) {
        const profile = { functionName: `${name}_${count}`, at: new Date() };
        const status = await push(client, TOKENS.push, profile).catch((error: Error) => error.message);
        if (status === 'grpc-status 0') { this.acknowledged.push(profile); } else { this.refused++; }
        await sleep(20);
      }
    };
    this.work = write();
  }

  public async stop(): Promise<readonly Profile[]> {
    this.isOver = true;
    await this.work;
    return this.acknowledged;
  }
}
