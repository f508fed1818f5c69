import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import { capacity, MEMORY } from '../../../src/gateway/capacity';
import { parseBytes } from '../../../src/kube/quantity';
import { Agent } from '../harness/agents';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { BACKEND, digestOf, emitted, GATEWAY, HOST, probe, serverPod, startGateway, startParca, TOKEN_SECRETS, TOKENS } from '../harness/deployment';
import type { FloodKind, FloodResult } from '../harness/flood';
import { MemoryGroup } from '../harness/memory-group';
import type { Programs } from '../harness/prepare';
import { run, until } from '../harness/processes';
import { WRITE_RAW } from '../harness/profiles';
import { LARGE, startRecorder } from '../harness/recorder';
import type { Report } from '../harness/report';
import { newClientAddress } from '../harness/wire';

const KINDS: readonly FloodKind[] = ['idle TCP', 'TLS without a request', 'endless bodies', 'slow headers', 'wrong tokens', 'rapid reset'];
const SECONDS = 2;
const AGENTS = 10;
const PUSHES_A_SECOND = 50;
const UPLOAD = '/parca.debuginfo.v1alpha1.DebuginfoService/Upload';

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;
const kibibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 10)} KiB`;

/** What callers without a token cost, with the real Parca behind the gateway, in a cgroup with the emitted limit. */
export const flooded: Suite = {
  name: 'flood',
  about: 'floods without a valid token, while agents push: no push fails, and memory stays below the emitted limit',
  needs: ['haproxy-3.2', 'openssl', 'parca', 'grpc-health-probe'],
  run: async ({ report, programs }) => {
    const certificate = await newCertificate(HOST);
    await floods(report, programs, certificate);
    const rows = [await fleet(report, certificate, 1000), await fleet(report, certificate, 10_000)];
    report.table({ title: 'Memory of the gateway by number of agents', header: ['agents', 'connected', 'before', 'with them', 'at most', 'limit'], rows });
    await requestsInFlight(report, certificate);
    await latency(report, certificate);
  },
};

/** The emitted limit of the gateway's memory. */
function limitOf(pod: ReturnType<typeof emitted>['pod']): number {
  return parseBytes(pod.containers.find(({ name }) => name === 'gateway')!.resources!.limits!.memory)!;
}

async function floods(report: Report, programs: Programs, certificate: Certificate): Promise<void> {
  const manifests = emitted();
  const limit = limitOf(manifests.pod);
  const group = new MemoryGroup('flood', limit);
  const pod = serverPod(certificate, TOKEN_SECRETS, programs, manifests);
  const rows: string[][] = [];
  try {
    await startParca(pod);
    await startGateway(pod, group.folder);
    await until('the gateway is ready', 20, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
    for (const addresses of [1, 50]) {
      for (const [index, kind] of KINDS.entries()) {
        await report.check('Floods without a token stop nobody', `${kind} from ${addresses} address${addresses === 1 ? '' : 'es'}, while agents push`, async () => {
          const traffic = new Traffic();
          const arguments_ = ['-r', 'ts-node/register/transpile-only', join(__dirname, '..', 'harness', 'flood.ts'), JSON.stringify({ kind, network: `127.2.${addresses + index}`, addresses, seconds: SECONDS })];
          const { stdout } = await run(process.execPath, arguments_, { seconds: 60 });
          const { pushes, failures, health } = await traffic.stop();
          const { attempts, accepted, openAtEnd } = JSON.parse(stdout) as FloodResult;
          rows.push([kind, `${addresses}`, `${attempts}`, `${accepted}`, `${openAtEnd}`, `${pushes}`, `${failures.length}`, megabytes(group.nowBytes)]);
          assert.deepEqual([...new Set(failures)], [], `${failures.length} of ${pushes} pushes`);
          assert.deepEqual(health.filter(status => status !== 200), [], 'health');
          assert.equal(group.kills, 0, 'killed for want of memory');
          return `${attempts} connections tried, ${accepted} accepted, ${openAtEnd} open at the end; ${pushes} pushes stored`;
        });
      }
    }
    await report.check('Memory stays below the emitted limit', 'all floods one after the other, in a cgroup with that limit', async () => {
      assert.equal(group.kills, 0);
      assert.ok(group.peakBytes < limit, `${megabytes(group.peakBytes)} of ${megabytes(limit)}`);
      return `at most ${megabytes(group.peakBytes)} of ${megabytes(limit)}`;
    });
    await report.check('Requests without a valid token are counted', 'GET /gateway/metrics with the metrics token', async () => {
      const agent = new Agent('127.3.9.9', TOKENS.metrics);
      assert.equal(await agent.call({ ':method': 'GET', ':path': '/gateway/metrics' }), '200');
      agent.close();
    });
    report.table({ title: 'Floods', header: ['flood', 'addresses', 'tried', 'accepted', 'open at end', 'pushes', 'failed', 'memory'], rows });
  } finally {
    await pod.stop();
  }
}

/** What goes on meanwhile: agents that stay connected and push, others that arrive, and the probe of the kubelet. */
class Traffic {
  private isOver = false;
  private pushes = 0;
  private readonly failures: string[] = [];
  private readonly health: number[] = [];
  private readonly tasks: Array<Promise<void>>;

  constructor() {
    const agents = Array.from({ length: AGENTS }, (_, index) => new Agent(`127.3.0.${index + 1}`, TOKENS.push));
    this.tasks = [...agents.map(agent => this.pushing(agent)), this.arriving(), this.probing()];
  }

  public async stop(): Promise<{ pushes: number; failures: readonly string[]; health: readonly number[] }> {
    this.isOver = true;
    await Promise.all(this.tasks);
    return { pushes: this.pushes, failures: this.failures, health: this.health };
  }

  private async pushing(agent: Agent): Promise<void> {
    while (!this.isOver) {
      const next = sleep(1000 * AGENTS / PUSHES_A_SECOND);
      await this.push(agent);
      await next;
    }
    agent.close();
  }

  /** Agents of new nodes, whose addresses nobody knows. */
  private async arriving(): Promise<void> {
    while (!this.isOver) {
      const agent = new Agent(`127.4.${Math.floor(arrivals / 250)}.${arrivals++ % 250 + 1}`, TOKENS.push);
      await this.push(agent);
      agent.close();
      await sleep(250);
    }
  }

  private async probing(): Promise<void> {
    while (!this.isOver) {
      this.health.push(await probe('/proxy-healthz'));
      await sleep(250);
    }
  }

  private async push(agent: Agent): Promise<void> {
    this.pushes++;
    const seen = await agent.push();
    if (seen !== '200 0') { this.failures.push(seen); }
  }
}

let arrivals = 0;

/** As many agents as a document says, all connected at the same time. */
async function fleet(report: Report, certificate: Certificate, clients: number): Promise<string[]> {
  const manifests = emitted({ parca: { gateway: { clients }, tls: { secretName: 'parca-tls' } } });
  const limit = limitOf(manifests.pod);
  const group = new MemoryGroup(`fleet-${clients}`, limit);
  // Runtimes allow containers more open files than this machine allows anybody; only what is needed here is there. And a slow machine
  // has to have the first agents still when the last are there.
  const configMaps = mapConfig(manifests.configMaps, text =>
    text.replace('global\n', 'global\n    no strict-limits\n').replace('timeout http-keep-alive 30s', 'timeout http-keep-alive 10m'));
  const pod = serverPod(certificate, TOKEN_SECRETS, undefined, { ...manifests, configMaps });
  const recorder = await startRecorder();
  const agents: Agent[] = [];
  try {
    await startGateway(pod, group.folder);
    await until('the gateway is ready', 20, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
    const empty = group.nowBytes;
    await report.check('The document’s number of agents fits, and in the memory derived from it', `${clients} agents, each with a connection and a push`, async () => {
      agents.push(...Array.from({ length: clients }, (_, index) => new Agent(`127.5.${Math.floor(index / 250)}.${index % 250 + 1}`, TOKENS.push)));
      for (let first = 0; first < clients; first += 100) {
        const answers = await Promise.all(agents.slice(first, first + 100).map(agent => agent.push()));
        assert.deepEqual([...new Set(answers)], ['200'], `agents ${first} to ${first + 100}`);
      }
      const connected = agents.filter(({ isConnected }) => isConnected).length;
      assert.equal(group.kills, 0, 'killed for want of memory');
      assert.ok(connected >= clients * 0.99, `${connected} are connected`);
      return `${connected} connected`;
    });
    const connected = agents.filter(({ isConnected }) => isConnected).length;
    return [clients, connected].map(String).concat([empty, group.nowBytes, group.peakBytes, limit].map(megabytes));
  } finally {
    agents.forEach(agent => agent.close());
    await pod.stop();
    await recorder.close();
  }
}

/** Pools with a push token of their own; together they may have more requests with the server than there is room for. */
const POOLS = ['a', 'b'] as const;

/**
 * As many requests as the server may have, each with more to send than it reads and more to receive than its client does, so that
 * all buffers of a request are full.
 */
async function requestsInFlight(report: Report, certificate: Certificate): Promise<void> {
  const clients = 1000;
  const { requests } = capacity(clients);
  const ofOneCredential = Math.ceil(requests / 2);
  const manifests = emitted({
    agents: { nodePools: POOLS.map(name => ({ name, kernel: '6.1', nodeSelector: { pool: name }, pushToken: { secretName: `push-${name}` } })) },
    parca: {
      gateway: { clients },
      tls: { secretName: 'parca-tls' },
    },
  });
  const limit = limitOf(manifests.pod);
  const group = new MemoryGroup('in-flight', limit);
  const pod = serverPod(certificate, TOKEN_SECRETS, undefined, manifests, Object.fromEntries(POOLS.map(name => [`push-${name}`, { token: digestOf(name) }])));
  const recorder = await startRecorder(BACKEND, { isStuck: true });
  const agents: Agent[] = [];
  const begin = async (token: string, count: number, path: string): Promise<number> => {
    const before = recorder.requests.length;
    const some = Array.from({ length: count }, () => new Agent(newClientAddress(GATEWAY).localAddress!, token));
    agents.push(...some);
    some.forEach(agent => agent.begin(path, LARGE));
    // Until no buffer grows.
    await sleep(3000);
    return recorder.requests.length - before;
  };
  try {
    await startGateway(pod, group.folder);
    await until('the gateway is ready', 20, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
    const empty = group.nowBytes;
    await report.check('One credential has no more than its share of the requests', `${requests} pushes at the same time with one token`, async () => {
      assert.equal(await begin(digestOf('a'), requests, WRITE_RAW), ofOneCredential);
      const one = new Agent('127.9.9.9', digestOf('a'));
      assert.equal(await one.push().finally(() => one.close()), '429');
      return `${ofOneCredential} of ${requests}, then 429`;
    });
    await report.check('A server that hangs is not asked for more than it may have', `${requests} pushes more with another token`, async () => {
      const most = Math.ceil(requests * 0.75);
      // HAProxy counts a request a moment after it has let it in.
      const more = await begin(digestOf('b'), requests, WRITE_RAW);
      assert.ok(more >= most - ofOneCredential && more <= requests - ofOneCredential, `${more}`);
      const one = new Agent('127.9.9.9', digestOf('b'));
      // Those that were refused count for their credential until they have been answered.
      await until('one more push is answered with 503', 20, async () => await one.push() === '503' ? true : undefined, 500);
      one.close();
      assert.equal(await begin(TOKENS.symbols, 16, UPLOAD), 16, 'uploads are still taken');
      return `${ofOneCredential + more} of ${requests}, then 503`;
    });
    await report.check('Memory is enough for all requests that are in flight', 'of none of them does either side read on, in a cgroup with the emitted limit', async () => {
      assert.equal(group.kills, 0, 'killed for want of memory');
      const count = recorder.requests.length;
      const each = (group.peakBytes - empty - agents.length * MEMORY.connection) / count;
      assert.ok(each <= MEMORY.request, `${kibibytes(each)} of ${kibibytes(MEMORY.request)} for each`);
      return `${count} requests over ${agents.length} connections: ${megabytes(group.peakBytes)} of ${megabytes(limit)}, ${kibibytes(each)} of ${kibibytes(MEMORY.request)} for each request`;
    });
  } finally {
    agents.forEach(agent => agent.close());
    await pod.stop();
    await recorder.close();
  }
}

type ConfigMaps = ReturnType<typeof emitted>['configMaps'];

function mapConfig(configMaps: ConfigMaps, change: (text: string) => string): ConfigMaps {
  const gateway = configMaps['parca-gateway'];
  return { ...configMaps, 'parca-gateway': { ...gateway, 'haproxy.cfg': change(gateway['haproxy.cfg']) } };
}

const ROUNDS = 5;
const REQUESTS = 600;
/** The lines that count and bound; without them the configuration does what it did before there were any. */
const COUNTING = /^ +(tcp-request .*|http-request (track-sc|sc-|set-var\(sess|set-timeout|wait-for-body time 5s at-least|set-var\(txn\.(refused|max_body|per_day)).*(?<!unless is_allowed))$\n/gm;

/** Latency of a push with the rules, and without those that count and bound. For the report; nothing depends on it. */
async function latency(report: Report, certificate: Certificate): Promise<void> {
  const manifests = emitted();
  const without = mapConfig(manifests.configMaps, text => text.replace(COUNTING, ''));
  const recorder = await startRecorder();
  const seen: Record<'with' | 'without', number[]> = { with: [], without: [] };
  try {
    for (let round = 0; round < 2 * ROUNDS; round++) {
      const kind = round % 2 === 0 ? 'with' : 'without';
      const pod = serverPod(certificate, TOKEN_SECRETS, undefined, kind === 'with' ? manifests : { ...manifests, configMaps: without });
      try {
        await startGateway(pod);
        await until('the gateway is ready', 20, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
        const agent = new Agent('127.6.0.1', TOKENS.push);
        const times: number[] = [];
        for (let count = 0; count < REQUESTS; count++) {
          const started = process.hrtime.bigint();
          assert.equal(await agent.push(), '200');
          times.push(Number(process.hrtime.bigint() - started) / 1e6);
        }
        agent.close();
        seen[kind].push(times.sort((a, b) => a - b)[REQUESTS / 2]);
      } finally {
        await pod.stop();
      }
    }
  } finally {
    await recorder.close();
  }
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [on, off] = [median(seen.with), median(seen.without)];
  report.table({
    title: `Latency of a push, with and without the rules that count and bound (${ROUNDS} rounds of ${REQUESTS}, medians, before a backend that answers at once)`,
    header: ['with', 'without', 'ratio'],
    rows: [[`${on.toFixed(3)} ms`, `${off.toFixed(3)} ms`, (on / off).toFixed(2)]],
  });
}
