import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import type { Suite } from '.';
import type { SpoofedRequest } from './tenant-attacks';
import { SPOOFED_REQUESTS, NEAR_PATHS, TENANT_ENDPOINTS } from './tenant-attacks';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import { resolved } from '../../support';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { digestOf, GATEWAY } from '../harness/deployment';
import type { Running } from '../harness/processes';
import { until } from '../harness/processes';
import type { Recorder } from '../harness/recorder';
import { startRecorder } from '../harness/recorder';
import type { Report } from '../harness/report';
import type { Keys } from '../harness/tenants';
import { gatewayKeys, PYROSCOPE, startAdmin, TENANTS, TENANTS_HOST, TenantsPod, tenantTokens } from '../harness/tenants';
import type { Answer, Header } from '../harness/wire';
import { connects, http1, http1Text, http2 } from '../harness/wire';

const SPEC = resolved({ pyroscope: TENANTS });
const TOKENS = tenantTokens(SPEC);

/** What each credential entitles to, and the tenant that Pyroscope must see; undefined for none. */
const CREDENTIALS: ReadonlyArray<readonly [name: string, role?: 'push' | 'read' | 'metrics', tenant?: string]> = [
  ['team-a.agent', 'push', 'team-a'],
  ['team-a.push', 'push', 'team-a'],
  ['team-a.read', 'read', 'team-a'],
  ['team-b.push', 'push', 'team-b'],
  ['team-b.read', 'read', 'team-b'],
  ['platform.read', 'read', 'team-a|team-b'],
  ['metrics', 'metrics'],
  ['gone.read'],
  ['no token'],
];

const TYPES = '/querier.v1.QuerierService/ProfileTypes';
const PUSH = '/push.v1.PusherService/Push';

/** The gateway of the native single binary, before a backend that records what reaches it. */
export const tenants: Suite = {
  name: 'tenants',
  about: 'a token shows and writes its own tenant, whatever else a request says; 500 tenants cost nothing',
  needs: ['haproxy-3.2', 'openssl'],
  run: async ({ report }) => {
    const certificate = await newCertificate(TENANTS_HOST);
    const [recorder, admin] = [await startRecorder(PYROSCOPE), await startAdmin()];
    // The tokens of a tenant that leaves are still in the Secret: it is the document that ends them.
    const keys = { ...gatewayKeys(SPEC), 'gone.read': digestOf(digestOf('token of gone.read')), 'gone.push': digestOf(digestOf('token of gone.push')) };
    try {
      await withPod(new TenantsPod(SPEC, certificate, keys), async (pod, gateway) => {
        await entitlements(report, certificate, recorder, admin);
        await spoofedRequests(report, certificate, recorder);
        await nearPaths(report, certificate, recorder);
        await changes(report, certificate, recorder, pod, gateway, keys);
      });
      await manyTenants(report, certificate);
    } finally {
      await recorder.close();
      await admin.close();
    }
    report.notVerified('the real Pyroscope behind the gateway: its modules cannot be had here, a backend that records requests stands for it');
  },
};

async function withPod(pod: TenantsPod, body: (pod: TenantsPod, gateway: Running) => Promise<void>): Promise<void> {
  try {
    const gateway = await pod.start();
    await until('the gateway accepts connections', 30, async () => await connects(GATEWAY) === 'connected' ? true : undefined);
    await body(pod, gateway);
  } finally {
    await pod.stop();
  }
}

type Request = { method?: string; path?: string; headers?: readonly Header[]; protocol?: 'h1' | 'h2' };

function send(certificate: Certificate, token: string | undefined, { method = 'POST', path = TYPES, headers = [], protocol = 'h2' }: Request): Promise<Answer> {
  const tls = { ca: certificate.certificate, servername: TENANTS_HOST };
  const all: readonly Header[] = [
    ...(protocol === 'h1' ? [['host', TENANTS_HOST] as const] : []),
    ...(token === undefined ? [] : [['authorization', `Bearer ${token}`] as const]),
    ...headers,
  ];
  const request = { method, path, headers: all, body: method === 'POST' ? '{}' : '' };
  return protocol === 'h1' ? http1(GATEWAY, tls, http1Text(request)) : http2(GATEWAY, tls, request, TENANTS_HOST);
}

function tokenOf(name: string): string | undefined {
  return name === 'no token' ? undefined : TOKENS[name] ?? digestOf(`token of ${name}`);
}

/** The tenant headers of a recorded request, however they are spelled. */
function tenantsSeen(request: Recorder['requests'][number]): string[] {
  return Object.entries(request).filter(([name]) => /^x[-_]scope[-_]orgid$/i.test(name)).flatMap(([, value]) => value ?? []);
}

async function entitlements(report: Report, certificate: Certificate, recorder: Recorder, admin: Recorder): Promise<void> {
  await until('the gateway reaches the recorder', 15, async () => await send(certificate, TOKENS['team-a.read'], {}) === 200 ? true : undefined);
  const rows = TENANT_ENDPOINTS.flatMap(([owner, method, path]) =>
    CREDENTIALS.map(([name, role, tenant]) => ({ owner, method, path, name, role, tenant })));
  await report.each('Each token reaches the endpoints of its role, as its own tenant, and nothing else', rows,
    ({ name, method, path }) => `${name}: ${method} ${path}`,
    async ({ owner, method, path, name, role, tenant }) => {
      const expected = role === undefined ? 401 : role === owner ? 200 : 403;
      const backend = owner === 'metrics' ? admin : recorder;
      const [before, beforeAll] = [backend.requests.length, recorder.requests.length + admin.requests.length];
      assert.equal(await send(certificate, tokenOf(name), { method, path }), expected);
      assert.equal(recorder.requests.length + admin.requests.length - beforeAll, expected === 200 ? 1 : 0, 'requests that reached the server');
      if (expected !== 200) { return; }
      const seen = backend.requests[before];
      assert.deepEqual(tenantsSeen(seen), tenant ? [tenant] : []);
      assert.equal(seen.authorization, undefined);
    });
}

async function spoofedRequests(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  const rows = SPOOFED_REQUESTS.flatMap(spoofed => (spoofed.protocols ?? ['h1', 'h2'] as const).flatMap(protocol =>
    (['team-a.read', 'team-a.push', 'platform.read'] as const).map(name => ({ spoofed, protocol, name }))));
  await report.each('Nothing in a request makes it the request of another tenant', rows,
    ({ spoofed, protocol, name }) => `${name}, ${spoofed.name} (${protocol})`,
    async ({ spoofed, protocol, name }) => {
      const { path = '', headers, expected = 200 }: SpoofedRequest = spoofed;
      const before = recorder.requests.length;
      const answer = await send(certificate, TOKENS[name], { path: `${name.endsWith('push') ? PUSH : TYPES}${path}`, headers, protocol });
      assert.equal(answer, expected);
      const reached = recorder.requests.slice(before);
      assert.equal(reached.length, expected === 200 ? 1 : 0, 'requests that reached the server');
      const own = name === 'platform.read' ? 'team-a|team-b' : 'team-a';
      reached.forEach(seen => assert.deepEqual(tenantsSeen(seen), [own]));
    });
}

async function nearPaths(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  const rows = NEAR_PATHS.flatMap(path => (['h1', 'h2'] as const).flatMap(protocol =>
    (['team-a.read', 'metrics'] as const).map(name => ({ path, protocol, name }))));
  await report.each('A path is one of the list, letter by letter', rows, ({ path, protocol, name }) => `${name}: ${path} (${protocol})`, async ({ path, protocol, name }) => {
    const before = recorder.requests.length;
    const method = name === 'metrics' || path.includes('render') || path.includes('metrics') ? 'GET' : 'POST';
    const answer = await send(certificate, TOKENS[name], { method, path, protocol });
    assert.ok(answer === 403 || answer === 400, `answered ${answer}`);
    assert.equal(recorder.requests.length, before, 'requests that reached the server');
  });
}

/** The gateway's own period, and what a busy machine adds. */
const SECONDS = 20;

async function changes(report: Report, certificate: Certificate, recorder: Recorder, pod: TenantsPod, gateway: Running, keys: Keys): Promise<void> {
  const becomes = async (name: string, token: string, status: Answer): Promise<void> => {
    await until(`${status} with ${name}`, SECONDS, async () => await send(certificate, token, {}) === status ? true : undefined);
  };
  const token = TOKENS['team-a.read'];
  const fresh = digestOf('a fresh token');
  await report.check('Two tokens of a tenant work side by side', 'two digests on two lines of one key', async () => {
    pod.change({ keys: { ...keys, 'team-a.read': `${digestOf(fresh)}\n${keys['team-a.read']}\n` } });
    await becomes('the new token', fresh, 200);
    assert.equal(await send(certificate, token, {}), 200, 'the old token');
  });
  await report.check('A digest is no token', 'the SHA-256 digest from the Secret as bearer token', async () => {
    assert.equal(await send(certificate, keys['team-a.read'], {}), 401);
  });
  // One change for all of these, since the gateway takes its time to see it.
  const { 'team-b.push': _, ...others } = keys;
  pod.change({ keys: { ...others, 'team-a.read': digestOf(fresh), 'team-a.push': '', 'platform.read': keys['team-b.read'] } });
  await report.check('A token whose digest is gone is worth nothing', 'a line is removed, a key emptied, a key removed', async () => {
    await becomes('the old token', token, 401);
    assert.equal(await send(certificate, fresh, {}), 200, 'the token of the other line');
    assert.equal(await send(certificate, TOKENS['team-a.push'], { path: PUSH }), 401, 'the emptied key');
    assert.equal(await send(certificate, TOKENS['team-b.push'], { path: PUSH }), 401, 'the removed key');
    assert.equal(await send(certificate, TOKENS['team-a.agent'], { path: PUSH }), 200, 'a key that is as before');
  });
  await report.check('A token of two tenants is good for neither', 'the digest of team-b stands in the key of the reader of several as well', async () => {
    assert.equal(await send(certificate, TOKENS['team-b.read'], {}), 401);
    assert.equal(await send(certificate, fresh, {}), 200, 'the token of one');
  });
  await report.check('A tenant is added without a restart', 'another document, another Secret, the same process', async () => {
    const larger = resolved({ pyroscope: { ...TENANTS, tenants: [...TENANTS.tenants, { name: 'team-c', namespaces: ['team-c'] }] } });
    const newcomer = tenantTokens(larger)['team-c.read'];
    assert.equal(await send(certificate, newcomer, {}), 401, 'not before');
    pod.change({ spec: larger, keys: { ...keys, ...gatewayKeys(larger) } });
    await becomes('the token of the new tenant', newcomer, 200);
    assert.deepEqual(tenantsSeen(recorder.requests[recorder.requests.length - 1]), ['team-c']);
    assert.equal(await send(certificate, token, {}), 200, 'the token of another');
  });
  await report.check('A tenant that leaves has no token from then on', 'the document says so, the Secret stays', async () => {
    const leaving = resolved({ pyroscope: { ...TENANTS, tenants: [{ ...TENANTS.tenants[0], offboarding: true }, TENANTS.tenants[1]] } });
    pod.change({ spec: leaving, keys });
    await becomes('the token of the tenant that leaves', token, 401);
    assert.equal(await send(certificate, TOKENS['team-a.push'], { path: PUSH }), 401);
    assert.equal(await send(certificate, TOKENS['team-b.read'], {}), 200, 'the other tenant');
  });
  await report.check('The gateway was not restarted meanwhile', 'its process', async () => {
    const state = await Promise.race([gateway.ended.then(() => 'ended', () => 'ended'), sleep(10).then(() => 'runs')]);
    assert.equal(state, 'runs');
  });
}

const MANY = 500;
const ROUNDS = 5;
const REQUESTS = 600;

/** Figures for the report; the promises are that each tenant is its own. */
async function manyTenants(report: Report, certificate: Certificate): Promise<void> {
  const document = (count: number): ResolvedSpec => resolved({
    pyroscope: { tenants: Array.from({ length: count }, (_, i) => ({ name: `team-${i + 1}`, namespaces: [`team-${i + 1}`] })) },
  });
  const seen: Record<number, { p50: number[]; p99: number[]; rss: string }> = { 1: { p50: [], p99: [], rss: '' }, [MANY]: { p50: [], p99: [], rss: '' } };
  for (let round = 0; round < ROUNDS; round++) {
    for (const count of round % 2 === 0 ? [1, MANY] : [MANY, 1]) {
      const spec = document(count);
      const tokens = tenantTokens(spec);
      await withPod(new TenantsPod(spec, certificate), async (_, gateway) => {
        const last = tokens[`team-${count}.read`];
        await until('the last tenant is known', 30, async () => await send(certificate, last, {}) === 200 ? true : undefined);
        const latencies = await measure(certificate, last);
        seen[count].p50.push(latencies[Math.floor(REQUESTS / 2)]);
        seen[count].p99.push(latencies[Math.floor(REQUESTS * 0.99)]);
        seen[count].rss = residentMemory(gateway);
      });
    }
  }
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const row = (count: number): string[] => [
    `${count}`, `${median(seen[count].p50).toFixed(3)} ms`, `${(median(seen[count].p50) / median(seen[1].p50)).toFixed(2)}`, `${median(seen[count].p99).toFixed(3)} ms`, seen[count].rss,
  ];
  report.table({
    title: `Latency of the gateway by number of tenants (${ROUNDS} rounds of ${REQUESTS} requests, medians)`,
    header: ['tenants', 'p50', 'p50 to that of one tenant', 'p99', 'memory'],
    rows: [row(1), row(MANY)],
  });
  report.say(`p50 with ${MANY} tenants is ${row(MANY)[2]} of that with one; memory ${row(1)[4]} and ${row(MANY)[4]}`);
}

/** Latencies of requests one after the other over one connection, sorted. */
async function measure(certificate: Certificate, token: string): Promise<number[]> {
  const session = connect(`https://${TENANTS_HOST}:${GATEWAY.port}`, {
    createConnection: () => tlsConnect({ ...GATEWAY, ca: certificate.certificate, servername: TENANTS_HOST, ALPNProtocols: ['h2'] }),
  });
  try {
    const latencies: number[] = [];
    for (let count = 0; count < REQUESTS + 50; count++) {
      const started = process.hrtime.bigint();
      await new Promise<void>((done, failed) => {
        const stream = session.request({ ':method': 'POST', ':path': TYPES, 'authorization': `Bearer ${token}` });
        stream.on('response', headers => { if (headers[':status'] !== 200) { failed(new Error(`answered ${headers[':status']}`)); } });
        stream.on('error', failed);
        stream.on('end', done);
        stream.resume();
        stream.end('{}');
      });
      // The first ones warm both sides up.
      if (count >= 50) { latencies.push(Number(process.hrtime.bigint() - started) / 1e6); }
    }
    return latencies.sort((a, b) => a - b);
  } finally {
    session.destroy();
  }
}

/** Of the master and the worker together. */
function residentMemory({ pid }: Running): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const kilobytes = [`${pid}`, ...children].map(one => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? 0));
  return kilobytes.map(value => `${Math.round(value / 1024)} MB`).join(' + ');
}
