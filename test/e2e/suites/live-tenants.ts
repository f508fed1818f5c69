import { strict as assert } from 'node:assert';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PodSpec, Secret } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import type { Manifest } from '../../../src/kube/manifest';
import { toYaml } from '../../../src/kube/yaml';
import { PUSH_LABEL } from '../../../src/pyroscope/names';
import { pyroscopeSecrets } from '../../../src/pyroscope/secrets';
import { renderManifests } from '../../../src/render';
import { DEFAULT_IMAGES } from '../../../src/versions';
import { resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { containerPid, isReady, readyPod } from '../cluster/containers';
import { TOOLS_IMAGE } from '../cluster/images';
import { AGENT_NAMESPACE, disk, documentFor, object, PORT_FORWARDERS, tlsSecret } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { HOME } from '../cluster/layout';
import { SYNC_SECONDS } from '../cluster/node';
import { tryTunnel } from '../cluster/tunnel';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { Client } from '../harness/client';
import { digestOf, GATEWAY } from '../harness/deployment';
import { commandsOf, rotationOf, shell } from '../harness/documentation';
import { ProcessList } from '../harness/process-list';
import { BETWEEN_REFUSALS, until } from '../harness/processes';
import type { Report } from '../harness/report';
import { Stream } from '../harness/stream';
import { PYROSCOPE, PYROSCOPE_ADMIN, TENANTS, TENANTS_HOST, TENANTS_NAMESPACE, tenantTokens } from '../harness/tenants';
import type { Address } from '../harness/wire';

const CHART_NAMESPACE = 'pyroscope-chart';
const TYPES = '/querier.v1.QuerierService/ProfileTypes';
const PUSH = '/push.v1.PusherService/Push';

/** The kubelet's period with its jitter, the gateway's 5 seconds, and what a busy machine adds. */
const SECONDS = 2 * SYNC_SECONDS + 20;

/** Both ways to run Pyroscope, with a backend in its place that says what reached it. */
export const liveTenants: Suite = {
  name: 'live-tenants',
  about: 'Pyroscope\'s gateway, NetworkPolicies, tokens and Alloy in the cluster, before a backend that says what reaches it',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    await cluster.installation();
    const certificate = await newCertificate(TENANTS_HOST);
    const document = { ...documentFor(cluster.digests), pyroscope: { ...TENANTS, persistence: { size: '1Gi' }, tls: tls('pyroscope-native-ca') } };
    writeFileSync(join(HOME, 'profiling.yaml'), toYaml(document));
    const native = resolved(document);
    const made = await install(cluster, native, certificate);
    try {
      await nativeDelivery(report, cluster, native, certificate);
      await chartDelivery(report, cluster, made);
    } finally {
      await remove(cluster, made);
    }
    report.notVerified('the real Pyroscope, its chart and Alloy in the cluster: fakes run in their pods');
  },
};

function tls(caConfigMap: string): object {
  return { secretName: 'pyroscope-tls', caConfigMap: { name: caConfigMap } };
}

/** Applies what a document adds to the one that the suites share. Returns it, to be removed. */
async function install(cluster: Cluster, spec: ResolvedSpec, certificate: Certificate): Promise<Manifest[]> {
  const { kubectl } = cluster;
  const shared = new Set(renderManifests(resolved(documentFor(cluster.digests))).map(idOf));
  const manifests = renderManifests(spec);
  const namespaces = ['team-a', 'team-b', 'team-b-jobs', 'shop'].map(name => object('v1', 'Namespace', name));
  const added = [...namespaces, ...manifests.filter(manifest => !shared.has(idOf(manifest)))];
  await kubectl.apply([...added.filter(({ kind }) => kind === 'Namespace')]);
  await kubectl.apply([
    ...secretsOf(spec),
    tlsSecret('pyroscope-tls', TENANTS_NAMESPACE, certificate),
    object('v1', 'ConfigMap', 'pyroscope-native-ca', AGENT_NAMESPACE, { data: { 'ca.crt': certificate.certificate } }),
    disk(TENANTS_NAMESPACE, 'pyroscope', '1Gi'),
  ]);
  await kubectl.apply(manifests);
  await kubectl.rolledOut('statefulset/pyroscope', TENANTS_NAMESPACE);
  await kubectl.rolledOut('daemonset/alloy', AGENT_NAMESPACE);
  return added;
}

/** What `hardened-profiling secrets` prints, with tokens that the suite knows. */
function secretsOf(spec: ResolvedSpec): Secret[] {
  const tokens = Object.values(tenantTokens(spec));
  return pyroscopeSecrets({ ...spec, pyroscope: spec.pyroscope! }, () => tokens.shift()!);
}

function idOf({ kind, metadata: { namespace, name } }: Manifest): string {
  return `${kind} ${namespace} ${name}`;
}

async function serviceAddress(cluster: Cluster, namespace: string): Promise<Address> {
  const service = await cluster.kubectl.get<KubeObject & { spec: { clusterIP: string } }>('service', 'pyroscope-gateway', namespace);
  return { host: service!.spec.clusterIP, port: GATEWAY.port };
}

/** What the backend says of a request that reached it. */
interface Echo {
  readonly host: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

function tenantOf(body: Buffer | string): string | undefined {
  const { headers } = JSON.parse(body.toString()) as Echo;
  const names = Object.keys(headers).filter(name => /^x[-_]scope[-_]orgid$/i.test(name));
  return names.flatMap(name => headers[name]).join(' and ');
}

async function nativeDelivery(report: Report, cluster: Cluster, spec: ResolvedSpec, certificate: Certificate): Promise<void> {
  const { kubectl } = cluster;
  const tokens = tenantTokens(spec);
  const address = await serviceAddress(cluster, TENANTS_NAMESPACE);
  const client = new Client(certificate.certificate, address, TENANTS_HOST);
  const ask = (token: string, path: string, headers: Record<string, string> = {}): ReturnType<Client['send']> =>
    client.send({ ':method': 'POST', ':path': path, 'authorization': `Bearer ${token}`, ...headers }, Buffer.from('{}'));
  await client.reachable();
  const server = await readyPod(cluster, TENANTS_NAMESPACE, 'pyroscope-0');
  const [alloy] = await kubectl.list<Pod>('pods', '-n', AGENT_NAMESPACE, '-l', 'app.kubernetes.io/name=alloy');

  await report.check('The single binary and its gateway start as emitted, under Pod Security restricted', 'rollout of the StatefulSet', async () => {
    assert.deepEqual(server.status.containerStatuses?.map(({ name, restartCount }) => [name, restartCount]), [['gateway', 0], ['pyroscope', 0]]);
  });
  await report.each('A token of one tenant never shows or writes another\'s profiles', [
    ['team-a.read', TYPES, {}, 'team-a'],
    ['team-b.read', TYPES, {}, 'team-b'],
    ['team-a.read', TYPES, { 'x-scope-orgid': 'team-b' }, 'team-a'],
    ['team-a.push', PUSH, { 'x-scope-orgid': 'team-b' }, 'team-a'],
    ['team-b.agent', PUSH, { x_scope_orgid: 'team-a' }, 'team-b'],
    ['platform.read', TYPES, { 'x-scope-orgid': 'team-b' }, 'team-a|team-b'],
  ] as const, ([name, , headers, tenant]) => `${name} with ${JSON.stringify(headers)}: ${tenant}`, async ([name, path, headers, tenant]) => {
    const { status, body } = await ask(tokens[name], path, headers);
    assert.equal(status, 200);
    assert.equal(tenantOf(body), tenant);
  });
  await report.check('A token does only what its role does', 'read pushes, push reads, a reader of several pushes, no token', async () => {
    const statuses = [
      await ask(tokens['team-a.read'], PUSH), await ask(tokens['team-a.push'], TYPES), await ask(tokens['platform.read'], PUSH), await ask('', TYPES),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [403, 403, 403, 401]);
  });
  await report.check('Metrics take a token of their own', 'GET /metrics', async () => {
    const statuses = [await client.get('/metrics', tokens['team-a.read']), await client.get('/metrics', tokens.metrics)].map(({ status }) => status);
    assert.deepEqual(statuses, [403, 200]);
  });
  await report.each('Alloy pushes as the tenant whose token it takes', ['team-a', 'team-b'], tenant => tenant, async tenant => {
    const url = `https://${TENANTS_HOST}:${GATEWAY.port}${PUSH}`;
    const reply = await fetch(`http://${alloy.status.podIP}:12345/push/${tenant}?url=${encodeURIComponent(url)}`, { signal: AbortSignal.timeout(10_000) });
    const body = await reply.text();
    assert.equal(reply.status, 200, body);
    assert.equal(tenantOf(body), tenant);
  });
  await report.check('A tenant that is not profiled has no token on the node', 'the files that Alloy is given', async () => {
    const secret = await kubectl.get<KubeObject & { data: object }>('secret', 'alloy-push-tokens', AGENT_NAMESPACE);
    assert.deepEqual(Object.keys(secret!.data).sort(), ['team-a', 'team-b']);
  });
  await flows(report, cluster, tokens, server);
  await tunnels(report, cluster);
  await rotation(report, cluster, spec, certificate, address);
}

/** Pods that connect: one that may push, and others that lack one thing. */
const CALLERS = {
  'an application of the tenant': { namespace: 'team-a', podLabels: { app: 'web', [PUSH_LABEL.key]: PUSH_LABEL.value } },
  'an application of the tenant without the label': { namespace: 'team-a', podLabels: { app: 'other' } },
  'another pod with the label': { namespace: 'shop', podLabels: { app: 'web', [PUSH_LABEL.key]: PUSH_LABEL.value } },
} as const;

async function flows(report: Report, cluster: Cluster, tokens: Readonly<Record<string, string>>, server: Pod): Promise<void> {
  await makeCallers(cluster);
  const url = `https://${TENANTS_HOST}:${GATEWAY.port}${PUSH}`;
  const pod = server.status.podIP!;
  // What is forbidden is dropped; a new pod is open until the engine has seen it.
  await until('the policies hold for the new pods', 20, async () => await curl(cluster, 'another pod with the label', ['-k', url]) === '000' ? true : undefined);
  await report.check('Applications of a tenant push with their token', 'curl in a pod of the tenant with the label, through the Service', async () => {
    const token = await secretToken(cluster, 'team-a', 'pyroscope-push-token');
    assert.equal(token, tokens['team-a.push']);
    assert.equal(await curl(cluster, 'an application of the tenant', ['-k', '-X', 'POST', '-d', 'x', '-H', `Authorization: Bearer ${token}`, url]), '200');
  });
  await together(report, 'Others do not reach the gateway, token or not', ['an application of the tenant without the label', 'another pod with the label'] as const,
    name => name, async name => {
      assert.equal(await curl(cluster, name, ['-k', '-X', 'POST', '-d', 'x', '-H', `Authorization: Bearer ${tokens['team-a.push']}`, url]), '000');
    });
  await together(report, 'Pyroscope itself is reached by nobody', [PYROSCOPE.port, PYROSCOPE_ADMIN.port, 9095, 9099, 7946], port => `port ${port} of the pod`, async port => {
    assert.equal(await curl(cluster, 'an application of the tenant', [`http://${pod}:${port}/`]), '000');
    // From the node no policy holds: what answers here would answer a tunnel as well.
    await assert.rejects(fetch(`http://${pod}:${port}/`, { signal: AbortSignal.timeout(3000) }));
  });
}

async function tunnels(report: Report, cluster: Cluster): Promise<void> {
  const member = await cluster.user('alice', PORT_FORWARDERS);
  await report.each('A tunnel to Pyroscope itself is refused', [PYROSCOPE.port, PYROSCOPE_ADMIN.port], port => `kubectl port-forward pod/pyroscope-0 :${port}`, async port => {
    assert.match(await tryTunnel(member, TENANTS_NAMESPACE, 'pod/pyroscope-0', port), /connection refused/);
    return 'connection refused';
  });
}

const HOW_TO = 'docs/how-to/add-and-remove-tenants.md';

/** The commands of the how-to, for the read token of a tenant that Grafana's sidecar does not have. */
async function rotation(report: Report, cluster: Cluster, spec: ResolvedSpec, certificate: Certificate, address: Address): Promise<void> {
  const { kubectl } = cluster;
  const old = tenantTokens(spec)['team-a.read'];
  const client = new Client(certificate.certificate, address, TENANTS_HOST);
  const status = async (token: string): Promise<number> => (await client.send({ ':method': 'GET', ':path': '/pyroscope/render', 'authorization': `Bearer ${token}` })).status;
  let current = old;
  const stream = new Stream([certificate.certificate], () => current, address, { host: TENANTS_HOST, method: 'GET', path: '/pyroscope/render' });
  const before = await readyPod(cluster, TENANTS_NAMESPACE, 'pyroscope-0');
  const blocks = commandsOf(HOW_TO);
  const first = blocks.findIndex(block => block.includes('--rotate'));
  const { preamble, steps } = rotationOf(blocks[first], blocks[first + 1]);
  // Another tenant and role, and no Deployment of theirs.
  const step = async (index: number): Promise<void> => {
    const rotate = preamble.replace('--tenant checkout --rotate push', '--tenant team-a --rotate read');
    assert.notEqual(rotate, preamble);
    await shell(rotate + steps[index].replace(/^kubectl rollout restart .*$/m, ''));
  };
  const processes = new ProcessList();
  let fresh = '';
  try {
    await report.check('A tenant\'s token is exchanged under load', `${HOW_TO}, three steps`, async () => {
      await step(0);
      fresh = await secretToken(cluster, TENANTS_NAMESPACE, 'pyroscope-read-team-a', 'token.next');
      const started = Date.now();
      await until('the new token', SECONDS, async () => await status(fresh) === 200 ? true : undefined, BETWEEN_REFUSALS);
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      assert.equal(await status(old), 200, 'the old one still works');
      await step(1);
      current = await secretToken(cluster, TENANTS_NAMESPACE, 'pyroscope-read-team-a');
      assert.equal(current, fresh);
      // Every caller has taken the new token by then.
      await sleep(1000);
      await step(2);
      await until('401 with the old token', SECONDS, async () => await status(old) === 401 ? true : undefined, BETWEEN_REFUSALS);
      return `after ${seconds} s`;
    });
  } finally {
    await stream.stop();
  }
  const seen = processes.stop();
  await report.check('No token of a tenant was in the list of processes', 'command lines and environments of all processes, every few milliseconds', async () => {
    assert.ok(seen.includes('--tenant\0team-a\0--rotate\0read'), 'the command was not seen');
    [old, fresh].forEach(token => assert.ok(!seen.includes(token)));
  });
  await report.check('No request of a tenant fails meanwhile', 'three callers without a break', async () => {
    const { sent, failures } = stream.tally();
    assert.deepEqual(failures, []);
    assert.ok(sent > 100, `only ${sent} requests`);
    return `${sent} requests, none failed`;
  });
  await report.check('One tenant\'s Secrets are merged into those of all', 'hardened-profiling secrets --tenant, applied on the server\'s side', async () => {
    const renewed = digestOf('renewed tokens');
    const [secret, ...others] = pyroscopeSecrets({ ...spec, pyroscope: spec.pyroscope! }, () => renewed, 'team-b');
    assert.ok(others.length > 0);
    // Every token of the tenant is the same here, so only the first of its keys can be asked for afterwards.
    const { 'team-b.read': only } = secret.data!;
    await kubectl.apply([{ ...secret, data: { 'team-b.read': only } }], '--field-manager=team-b');
    await until('the renewed token', SECONDS, async () => await status(renewed) === 200 ? true : undefined, BETWEEN_REFUSALS);
    assert.equal(await status(fresh), 200, 'the token of the other tenant');
    assert.match(`${await status(tenantTokens(spec)['team-b.read'])}`, /^(401|429)$/, 'the token of before, again and again from one address');
  });
  await report.check('The pod was not restarted', 'uid and restarts', async () => {
    const after = await readyPod(cluster, TENANTS_NAMESPACE, 'pyroscope-0');
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.deepEqual(after.status.containerStatuses?.map(({ restartCount }) => restartCount), [0, 0]);
  });
}

/** The gateway before the chart: its Deployment finds the replicas of each component by name. */
async function chartDelivery(report: Report, cluster: Cluster, made: Manifest[]): Promise<void> {
  const { kubectl } = cluster;
  const host = `pyroscope-gateway.${CHART_NAMESPACE}.svc`;
  const certificate = await newCertificate(host);
  const storage = { s3: { bucket: 'profiles', region: 'eu-west-1', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' } };
  const spec = resolved({
    ...documentFor(cluster.digests), pyroscope: { ...TENANTS, namespace: CHART_NAMESPACE, mode: 'microservices', storage, tls: tls('pyroscope-native-ca') },
  });
  const manifests = renderManifests(spec).filter(({ kind, metadata }) => metadata.namespace === CHART_NAMESPACE || (kind === 'Namespace' && metadata.name === CHART_NAMESPACE));
  const namespace = manifests.filter(({ kind }) => kind === 'Namespace');
  made.push(...namespace);
  const tokens = tenantTokens(spec);
  await kubectl.apply(namespace);
  await kubectl.apply([...secretsOf(spec).slice(0, 1), tlsSecret('pyroscope-tls', CHART_NAMESPACE, certificate)]);
  await kubectl.apply([...manifests, ...Object.entries(REPLICAS).flatMap(([component, replicas]) => componentOf(component, replicas))]);
  await kubectl.rolledOut('deployment/pyroscope-gateway', CHART_NAMESPACE);
  const client = new Client(certificate.certificate, await serviceAddress(cluster, CHART_NAMESPACE), host);
  await client.reachable();
  const ask = async (name: string, path: string): Promise<{ status: number; host?: string; tenant?: string }> => {
    const { status, body } = await client.send({ ':method': 'POST', ':path': path, 'authorization': `Bearer ${tokens[name]}`, 'x-scope-orgid': 'team-b' }, Buffer.from('{}'));
    return status === 200 ? { status, host: (JSON.parse(body.toString()) as Echo).host, tenant: tenantOf(body) } : { status };
  };
  await until('every component is found', 40, async () => {
    const answers = [await ask('team-a.push', PUSH), await ask('team-a.read', TYPES), await ask('team-a.read', '/settings.v1.SettingsService/Get')];
    return answers.every(({ status }) => status === 200) ? true : undefined;
  });
  await report.each('Before the chart, each request goes to its component as its own tenant', [
    ['team-a.push', PUSH, 'distributor'],
    ['team-a.read', TYPES, 'query-frontend'],
    ['team-a.read', '/settings.v1.SettingsService/Get', 'tenant-settings'],
  ] as const, ([name, path]) => `${name}: ${path}`, async ([name, path, component]) => {
    const { host: reached, tenant } = await ask(name, path);
    assert.match(reached!, new RegExp(`^pyroscope-${component}-\\d$`));
    assert.equal(tenant, 'team-a');
  });
  await report.check('All replicas of a component get requests', 'the two distributors', async () => {
    const hosts = new Set<string>();
    for (let count = 0; count < 20; count++) { hosts.add((await ask('team-a.push', PUSH)).host!); }
    assert.equal(hosts.size, REPLICAS.distributor);
  });
  await lostReplicas(report, cluster, () => ask('team-a.push', PUSH));
  await report.check('Administrative paths stay closed before the chart', 'GET and POST with a read token', async () => {
    const statuses = [await client.get('/ops/object-store/tenants', tokens['team-a.read']), await client.get('/metrics', tokens['team-a.read'])].map(({ status }) => status);
    assert.deepEqual(statuses, [403, 403]);
  });
  const distributor = await readyPod(cluster, CHART_NAMESPACE, 'pyroscope-distributor-0');
  await together(report, 'Only the gateway and Pyroscope itself reach the ports of the chart\'s pods', Object.keys(CALLERS) as Array<keyof typeof CALLERS>, name => name, async name => {
    assert.equal(await curl(cluster, name, [`http://${distributor.status.podIP}:${PYROSCOPE.port}/ready`]), '000');
  });
  await report.check('The gateway is replaced without a failed request', 'kubectl rollout restart under load', async () => {
    const stream = new Stream([certificate.certificate], () => tokens['team-a.read'], await serviceAddress(cluster, CHART_NAMESPACE), { host, method: 'GET', path: '/pyroscope/render' });
    await kubectl.run(['rollout', 'restart', 'deployment/pyroscope-gateway', '-n', CHART_NAMESPACE]);
    await kubectl.rolledOut('deployment/pyroscope-gateway', CHART_NAMESPACE);
    await stream.stop();
    const { sent, failures } = stream.tally();
    assert.deepEqual(failures, []);
    return `${sent} requests, none failed`;
  });
}

/** What the gateway makes of a distributor that DNS still names: the kubelet takes some seconds to see that it is gone. */
async function lostReplicas(report: Report, cluster: Cluster, push: () => Promise<{ status: number; host?: string }>): Promise<void> {
  const replica = async (): Promise<number> => containerPid(await readyPod(cluster, CHART_NAMESPACE, 'pyroscope-distributor-0'), 'pyroscope');
  await report.check('A replica that is killed loses no push', 'SIGKILL of a distributor in its pod, and pushes from its end on', async () => {
    const pid = await replica();
    process.kill(pid, 'SIGKILL');
    // Until then the kernel accepts connections for it; a push that is in flight is answered with an error, and its client tries again.
    await until('the process has ended', 10, async () => existsSync(`/proc/${pid}`) ? undefined : true, 1);
    const statuses: number[] = [];
    for (const end = Date.now() + 4000; Date.now() < end;) { statuses.push((await push()).status); }
    assert.deepEqual([...new Set(statuses)], [200]);
    return `${statuses.length} pushes, all answered with 200`;
  });
  await report.check('A replica that hangs costs at most 15 seconds', 'SIGSTOP of a distributor in its pod, and 40 pushes', async () => {
    const pid = await replica();
    await until('the replica is used again', 60, async () => (await push()).host === 'pyroscope-distributor-0' ? true : undefined);
    process.kill(pid, 'SIGSTOP');
    try {
      const answers = await Promise.all(Array.from({ length: 40 }, async () => {
        const started = Date.now();
        return { status: (await push().catch(() => ({ status: 0 }))).status, seconds: (Date.now() - started) / 1000 };
      }));
      const longest = Math.max(...answers.map(({ seconds }) => seconds));
      assert.ok(longest > 1, `${longest.toFixed(1)} s: no push met the replica that hangs`);
      assert.ok(longest <= 15, `${longest.toFixed(1)} s`);
      return `${answers.filter(({ status }) => status === 200).length} of 40 answered with 200, the longest after ${longest.toFixed(1)} s`;
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
  await until('every distributor is ready again', 60, async () => {
    const pods = await cluster.kubectl.list<Pod>('pods', '-n', CHART_NAMESPACE, '-l', 'app.kubernetes.io/component=distributor');
    return pods.every(isReady) ? true : undefined;
  });
}

const REPLICAS = { 'distributor': 2, 'query-frontend': 1, 'tenant-settings': 1 } as const;

/** What the chart makes of a component, as far as the gateway and the policies look at it. */
function componentOf(component: string, replicas: number): unknown[] {
  const podLabels = { 'app.kubernetes.io/name': 'pyroscope', 'app.kubernetes.io/instance': 'pyroscope', 'app.kubernetes.io/component': component };
  const name = `pyroscope-${component}`;
  return [
    object('v1', 'Service', `${name}-headless`, CHART_NAMESPACE, { spec: { clusterIP: 'None', selector: podLabels, ports: [{ name: 'http2', port: PYROSCOPE.port }] } }),
    object('apps/v1', 'StatefulSet', name, CHART_NAMESPACE, {
      spec: {
        serviceName: `${name}-headless`,
        replicas,
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: podLabels },
        template: {
          metadata: { labels: podLabels },
          spec: {
            ...restricted({
              name: 'pyroscope',
              image: DEFAULT_IMAGES.pyroscope,
              args: [`-target=${component}`],
              readinessProbe: { httpGet: { path: '/ready', port: PYROSCOPE.port }, periodSeconds: 1 },
            }),
          },
        },
      },
    }),
  ];
}

function restricted(container: PodSpec['containers'][number]): PodSpec {
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ ...container, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
  };
}

async function makeCallers(cluster: Cluster): Promise<void> {
  await cluster.kubectl.apply(Object.entries(CALLERS).map(([name, { namespace, podLabels }]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: podName(name), namespace, labels: podLabels },
    spec: restricted({ name: 'caller', image: TOOLS_IMAGE, command: ['/bin/sleep', '3600'] }),
  })));
  for (const [name, { namespace }] of Object.entries(CALLERS)) { await readyPod(cluster, namespace, podName(name)); }
}

/** Tests that wait for what does not come: all at once, since each takes its whole time. */
async function together<T>(
  report: Report, promise: string, cases: readonly T[], test: (one: T) => string, body: (one: T) => Promise<void>,
): Promise<void> {
  const verdicts = new Map(cases.map(one => [one, body(one)]));
  await Promise.allSettled(verdicts.values());
  await report.each(promise, cases, test, async one => verdicts.get(one));
}

function podName(caller: string): string {
  return caller.replace(/\W+/g, '-');
}

/** The status that curl gets in a pod; 000 for no connection. */
async function curl(cluster: Cluster, caller: keyof typeof CALLERS, args: readonly string[]): Promise<string> {
  const { output } = await cluster.kubectl.run([
    'exec', '-n', CALLERS[caller].namespace, podName(caller), '--', 'curl', '-s', '-m', '3', '-o', '/dev/null', '-w', 'status %{http_code}\n', ...args,
  ], { strict: false, seconds: 30 });
  const status = /status (\d{3})/.exec(output)?.[1];
  if (!status) { throw new Error(`curl in ${caller}: ${output}`); }
  return status;
}

async function secretToken(cluster: Cluster, namespace: string, name: string, key: string = 'token'): Promise<string> {
  const secret = await cluster.kubectl.get<KubeObject & { data: Record<string, string> }>('secret', name, namespace);
  return Buffer.from(secret!.data[key], 'base64').toString();
}

/** Takes everything away that later suites do not expect. */
async function remove(cluster: Cluster, made: readonly Manifest[]): Promise<void> {
  const { kubectl } = cluster;
  const namespaces = made.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const others = made.filter(({ kind, metadata }) => kind !== 'Namespace' && !namespaces.includes(metadata.namespace ?? ''));
  await kubectl.run(['delete', 'secret', 'alloy-push-tokens', '-n', AGENT_NAMESPACE, '--ignore-not-found']);
  await kubectl.run(['delete', 'configmap', 'pyroscope-native-ca', '-n', AGENT_NAMESPACE, '--ignore-not-found']);
  for (const { kind, metadata: { name, namespace } } of others) {
    await kubectl.run(['delete', kind, name, ...(namespace ? ['-n', namespace] : []), '--ignore-not-found', '--wait=false'], { seconds: 60 });
  }
  await kubectl.run(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--wait=false']);
  for (const namespace of namespaces) { await kubectl.run(['delete', 'pods', '--all', '-n', namespace, '--grace-period=0', '--force', '--wait=false']); }
  await kubectl.run(['wait', '--for=delete', ...namespaces.map(namespace => `namespace/${namespace}`), '--timeout=90s'], { seconds: 100 });
  await kubectl.run(['delete', 'persistentvolume', TENANTS_NAMESPACE, '--ignore-not-found', '--wait=false']);
}
