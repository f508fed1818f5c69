import { strict as assert } from 'node:assert';
import type { LabelSelector } from 'kubernetes-types/meta/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { Suite } from '.';
import type { Manifest } from '../../../src/kube/manifest';
import { AGENT_METRICS_PORT } from '../../../src/parca/names';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { readyPod } from '../cluster/containers';
import type { Sections } from '../cluster/installation';
import { Installation, object, PORT_FORWARDERS } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { MANAGED_LABEL } from '../cluster/kubectl';
import { NODE_ADDRESS } from '../cluster/layout';
import type { TestPod } from '../cluster/test-pods';
import { connectsFrom, TEST_PORT, testPod } from '../cluster/test-pods';
import { Tunnel } from '../cluster/tunnel';
import { Client } from '../harness/client';
import { GATEWAY, TOKENS } from '../harness/deployment';
import { shape } from '../harness/examples';
import { until } from '../harness/processes';
import type { Report } from '../harness/report';

/** The namespaces of the example under names that no other suite has. */
const MONITORING = 'shared-monitoring';
const PRIVILEGED = 'shared-privileged';
/** Of others who have nothing to do with profiling. */
const ELSEWHERE = 'shared-elsewhere';
const NAMESPACES = [MONITORING, PRIVILEGED, ELSEWHERE] as const;

/** Who made the namespaces and what is in them. */
const OWNERS = 'owners';

/** Pods of others: a server in each namespace, and a client in each of those that are shared, which asks all of them all the time. */
const SERVERS = NAMESPACES.map((namespace): TestPod => ({ name: 'server', namespace, podLabels: { app: 'server' } }));
/** It may not reach the server beside it: the policy of its owners says so, before and after. */
const STRANGER: TestPod = { name: 'stranger', namespace: MONITORING, podLabels: { app: 'stranger' } };
const READER: TestPod = { name: 'grafana', namespace: MONITORING, podLabels: { 'app.kubernetes.io/name': 'grafana' } };

/** The example, in this cluster, with all that could touch others. */
function document(): Sections {
  const renamed = JSON.stringify(shape('shared-namespaces')).replaceAll('"monitoring"', `"${MONITORING}"`).replaceAll('"platform-privileged"', `"${PRIVILEGED}"`);
  const { parca, access, ...rest } = JSON.parse(renamed) as Sections;
  return {
    ...rest,
    cluster: { name: 'e2e', kubernetesVersion: '1.34', apiServerCidrs: [`${NODE_ADDRESS}/32`] },
    parca: { ...parca as object, server: { persistence: { size: '1Gi' } } },
    access: { ...access as object, portForward: { groups: [PORT_FORWARDERS] } },
    admission: { action: 'enforce', platformGroups: ['platform'], podSecurity: {} },
  };
}

/** Namespaces that belong to others. */
export const sharedNamespaces: Suite = {
  name: 'shared-namespaces',
  about: 'in namespaces of others nothing of theirs is touched: labels, traffic before, during and after, new pods',
  needs: CLUSTER_PROGRAMS,
  // Its policies are about every pod of the cluster.
  alone: true,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    await cluster.kubectl.apply(thingsOfOthers(), `--field-manager=${OWNERS}`);
    const addresses = new Map(await Promise.all(SERVERS.map(
      async ({ name, namespace }) => [namespace, (await readyPod(cluster, namespace, name)).status.podIP!] as const,
    )));
    await cluster.kubectl.apply(clients(addresses), `--field-manager=${OWNERS}`);
    await readyPod(cluster, MONITORING, STRANGER.name);
    const before = await snapshot(cluster);
    await report.check('The traffic of others flows before', 'a client in each namespace asks a server in each, and a stranger is refused by their own policy', async () => {
      await answered(cluster, 0);
      assert.equal(await connectsFrom(cluster, STRANGER, { host: addresses.get(MONITORING)!, port: TEST_PORT }), false);
    });

    const installation = await Installation.apply(cluster, document());
    await report.check('Server and agents run in the namespaces of others', 'the example, applied; no Namespace is among its objects', async () => {
      assert.deepEqual(installation.manifests.filter(({ kind }) => kind === 'Namespace'), []);
      const pods = await ourPods(cluster);
      assert.deepEqual([...pods.keys()].map(name => name.replace(/-[a-z0-9]{5}$/, '')).sort(), ['parca-0', 'parca-agent-default']);
      return [...pods.keys()].join(', ');
    });
    await isolation(report, cluster);
    await tunnels(report, cluster, installation, addresses);
    await newPods(report, cluster);
    await report.check('Nothing of others has changed', 'labels, annotations and managers of their namespaces, their ConfigMap and their NetworkPolicy', async () => {
      assert.deepEqual(await snapshot(cluster), before);
    });

    const seen = await answered(cluster, 0);
    await installation.remove();
    await report.check('The traffic of others has flowed all the time', 'what the clients wrote down, from before the apply until after everything of ours was deleted', async () => {
      const requests = await answered(cluster, seen + 2 * CLIENTS.length * SERVERS.length);
      assert.equal(await connectsFrom(cluster, STRANGER, { host: addresses.get(MONITORING)!, port: TEST_PORT }), false);
      return `${requests} requests, none failed`;
    });
    await report.check('Nothing of ours is left, and everything of theirs', 'every kind is searched for our label', async () => {
      const left = (await cluster.kubectl.everything(MANAGED_LABEL)).filter(({ metadata: { name, namespace } }) =>
        name.startsWith(PRIVILEGED) || (namespace !== undefined && (NAMESPACES as readonly string[]).includes(namespace)));
      assert.deepEqual(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`), []);
      assert.deepEqual(await snapshot(cluster), before);
    });
    await cluster.kubectl.run(['delete', 'namespace', ...NAMESPACES, '--timeout=90s'], { seconds: 100 });
  },
};

function thingsOfOthers(): Manifest[] {
  const pods = [...SERVERS, STRANGER, READER].map(testPod);
  return [
    ...NAMESPACES.map(name => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name,
        labels: { 'team': 'others', 'app.kubernetes.io/managed-by': 'others', ...(name === PRIVILEGED && { 'pod-security.kubernetes.io/enforce': 'privileged' }) },
        annotations: { 'example.com/owner': 'others' },
      },
    })),
    object('v1', 'ConfigMap', 'of-others', MONITORING, { data: { key: 'value' } }),
    object('networking.k8s.io/v1', 'NetworkPolicy', 'of-others', MONITORING, {
      spec: { podSelector: { matchLabels: { app: 'server' } }, ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'client' } } }] }] },
    }),
    ...pods,
  ];
}

const CLIENTS = NAMESPACES.map(namespace => ({ name: 'client', namespace, podLabels: { app: 'client' } }));

/** Each writes a line for every request; not for ever. */
function clients(addresses: ReadonlyMap<string, string>): Manifest[] {
  const urls = [...addresses].map(([namespace, address]) => `http://${address}:${TEST_PORT}/metrics#${namespace}`);
  const script = `for url in ${urls.join(' ')}; do if curl -s -m 3 -o /dev/null "$url"; then echo "ok $url"; else echo "FAILED $url"; fi; done`;
  return CLIENTS.map(client => {
    const { spec, ...pod } = testPod({ ...client, command: ['sh', '-c', `while :; do ${script}; sleep 1; done`] });
    return { ...pod, spec: { ...spec, activeDeadlineSeconds: 900 } };
  });
}

/** Waits until the clients have had more answers than this, and fails if one of their requests was not answered. Returns how many were. */
function answered(cluster: Cluster, more: number): Promise<number> {
  return until('answers to the clients', 60, async () => {
    const logs = await Promise.all(CLIENTS.map(({ name, namespace }) => cluster.kubectl.run(['logs', '-n', namespace, name], { strict: false })));
    const lines = logs.map(({ stdout }) => stdout.trim().split('\n').filter(Boolean));
    assert.deepEqual(lines.flat().filter(line => !line.startsWith('ok ')), []);
    const isComplete = lines.every(one => NAMESPACES.every(namespace => one.some(line => line.endsWith(`#${namespace}`))));
    return isComplete && lines.flat().length > more ? lines.flat().length : undefined;
  }, 500);
}

/** What belongs to others, with who manages which of its fields. */
async function snapshot(cluster: Cluster): Promise<unknown> {
  const get = (...args: readonly string[]): Promise<Array<KubeObject & { metadata: { managedFields: ReadonlyArray<{ manager: string }> } }>> =>
    cluster.kubectl.list(...args, '--show-managed-fields');
  const namespaces = (await get('namespaces')).filter(({ metadata }) => (NAMESPACES as readonly string[]).includes(metadata.name));
  const [configMaps, policies] = await Promise.all(['configmaps', 'networkpolicies'].map(kind => get(kind, '-n', MONITORING)));
  const all = [...namespaces, ...[...configMaps, ...policies].filter(({ metadata }) => metadata.name === 'of-others')];
  assert.equal(all.length, NAMESPACES.length + 2);
  all.forEach(({ metadata }) => assert.deepEqual(metadata.managedFields.map(({ manager }) => manager), [OWNERS]));
  return all;
}

/** Our pods by their names. */
async function ourPods(cluster: Cluster): Promise<ReadonlyMap<string, Pod>> {
  const pods = await Promise.all([MONITORING, PRIVILEGED].map(namespace => cluster.api.list<Pod>('Pod', namespace, MANAGED_LABEL)));
  return new Map(pods.flat().map(pod => [pod.metadata.name, pod]));
}

/** Our default denies select our pods, and close them. */
async function isolation(report: Report, cluster: Cluster): Promise<void> {
  const ours = await ourPods(cluster);
  await report.each('Our NetworkPolicies select pods of ours and no others', [MONITORING, PRIVILEGED], namespace => `every policy and every pod of ${namespace}`, async namespace => {
    const policies = await cluster.api.list<KubeObject & NetworkPolicy>('NetworkPolicy', namespace, MANAGED_LABEL);
    const pods = await cluster.api.list<Pod>('Pod', namespace);
    const selected = ({ spec }: NetworkPolicy): string[] =>
      pods.filter(({ metadata }) => matches(spec!.podSelector, metadata.labels ?? {})).map(({ metadata }) => metadata.name);
    policies.forEach(policy => selected(policy).forEach(name => assert.ok(ours.has(name), `${policy.metadata!.name} selects ${name}`)));
    const denied = selected(policies.find(({ metadata }) => metadata.name.endsWith('default-deny'))!).sort();
    assert.deepEqual(denied, pods.map(({ metadata }) => metadata.name).filter(name => ours.has(name)).sort());
    return `${policies.length} policies; the default deny selects ${denied.join(', ')}`;
  });
  const server = { host: ours.get('parca-0')!.status.podIP!, port: GATEWAY.port };
  const agent = { host: [...ours.values()].find(({ metadata }) => metadata.namespace === PRIVILEGED)!.status.podIP!, port: AGENT_METRICS_PORT };
  await until('our policies are enforced', 20, async () => await connectsFrom(cluster, STRANGER, server) ? undefined : true);
  const rows = [
    ['a reader to the gateway', READER, server, true],
    ['another pod beside it to the gateway', STRANGER, server, false],
    ['a client of its namespace to the gateway', CLIENTS[0], server, false],
    ['a pod beside the agent to its metrics', CLIENTS[1], agent, false],
    ['the reader to the agent\'s metrics', READER, agent, false],
  ] as const;
  // All at once, since a refused connection takes its whole time.
  const verdicts = new Map(rows.map(row => [row, connectsFrom(cluster, row[1], row[2])] as const));
  await Promise.allSettled(verdicts.values());
  await report.each('Our pods are closed to others', rows, ([name]) => name, async row => {
    assert.equal(await verdicts.get(row), row[3]);
    return row[3] ? 'connected' : 'not connected';
  });
}

function matches({ matchLabels = {}, ...rest }: LabelSelector, podLabels: Readonly<Record<string, string>>): boolean {
  assert.deepEqual(rest, {}, 'selectors are labels');
  return Object.entries(matchLabels).every(([key, value]) => podLabels[key] === value);
}

/** The group gets to our server, and to nothing of others. */
async function tunnels(report: Report, cluster: Cluster, { certificate }: Installation, addresses: ReadonlyMap<string, string>): Promise<void> {
  const member = await cluster.user('shared-alice', PORT_FORWARDERS);
  await report.check('The group may open a tunnel to our server', 'kubectl port-forward pod/parca-0, then a request through it', async () => {
    const tunnel = await Tunnel.open(member, MONITORING, 'pod/parca-0', GATEWAY.port);
    try {
      const client = new Client(certificate.certificate, tunnel.address, `parca.${MONITORING}.svc`);
      assert.equal((await client.get('/api/profiles/types', TOKENS.read)).status, 200);
    } finally {
      await tunnel.close();
    }
  });
  assert.equal(addresses.size, NAMESPACES.length);
  await report.each('It may not open one to pods of others, or look at them', [
    ['port-forward', '-n', MONITORING, 'pod/server', `:${TEST_PORT}`],
    ['port-forward', '-n', MONITORING, 'pod/grafana', `:${TEST_PORT}`],
    ['port-forward', '-n', PRIVILEGED, 'pod/server', `:${TEST_PORT}`],
    ['get', 'pods', '-n', MONITORING],
    ['get', 'pod', 'server', '-n', MONITORING],
    ['get', 'secrets', '-n', MONITORING],
  ] as const, args => `kubectl ${args.join(' ')}`, async args => {
    assert.match(await member.refusal(args, { seconds: 20 }) ?? 'allowed', /forbidden/i);
    return '403';
  });
}

/** The policies are enforced, and let others make their pods. */
async function newPods(report: Report, cluster: Cluster): Promise<void> {
  const { api } = cluster;
  const create = async (namespace: string, content: object): Promise<string> => {
    const pod = testPod({ name: 'new', namespace, podLabels: { app: 'new' } });
    const path = api.path({ kind: 'Pod', metadata: pod.metadata }, 'all');
    const { status, body } = await api.call('POST', `${path}?dryRun=All`, { ...pod, spec: { ...pod.spec, ...content } });
    return `${status} ${status === 201 ? '' : body}`;
  };
  await until('the policies take effect', 30, async () => /denied request/.test(await create(ELSEWHERE, { hostPID: true })) || undefined);
  await report.each('Pods of others are admitted while our policies are enforced', NAMESPACES, namespace => `an ordinary pod in ${namespace}`, async namespace => {
    assert.match(await create(namespace, {}), /^201/);
  });
  await report.each('Pods that reach the node are refused, in these namespaces as well', NAMESPACES, namespace => `a pod with hostPID in ${namespace}`, async namespace => {
    assert.match(await create(namespace, { hostPID: true }), /^4.*(denied request|violates PodSecurity)/);
  });
  await report.check('Pods of others can be made anew', 'the client of the agents\' namespace is replaced, and asks again', async () => {
    const { metadata: { uid } } = (await api.get<Pod>('Pod', CLIENTS[1].name, PRIVILEGED))!;
    const { stdout } = await cluster.kubectl.run(['get', 'pod', CLIENTS[1].name, '-n', PRIVILEGED, '-o', 'json']);
    const { spec: { activeDeadlineSeconds, containers: [{ command }] } } = JSON.parse(stdout) as Pod;
    const { spec, ...pod } = testPod({ ...CLIENTS[1], command });
    // What it has written ends with it.
    await answered(cluster, 0);
    await cluster.kubectl.run(['delete', 'pod', CLIENTS[1].name, '-n', PRIVILEGED, '--timeout=30s']);
    await cluster.kubectl.apply([{ ...pod, spec: { ...spec, activeDeadlineSeconds } }], `--field-manager=${OWNERS}`);
    assert.notEqual((await readyPod(cluster, PRIVILEGED, CLIENTS[1].name)).metadata.uid, uid);
    await answered(cluster, 0);
  });
  await report.check('Our agents come back while the policies are enforced', 'their pods are deleted', async () => {
    const old = (await api.list<Pod>('Pod', PRIVILEGED, MANAGED_LABEL)).map(({ metadata }) => metadata.uid);
    await cluster.kubectl.run(['delete', 'pods', '-n', PRIVILEGED, '-l', MANAGED_LABEL, '--wait=false']);
    await until('a new agent', 60, async () => {
      const now = await api.list<Pod>('Pod', PRIVILEGED, MANAGED_LABEL);
      return now.some(({ metadata, status }) => !old.includes(metadata.uid) && status.phase === 'Running') || undefined;
    });
  });
}
