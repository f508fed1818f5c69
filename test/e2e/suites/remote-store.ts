import { strict as assert } from 'node:assert';
import { createSecureServer } from 'node:http2';
import type { IncomingHttpHeaders } from 'node:http2';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { selectorLabels } from '../../../src/kube/labels';
import type { Manifest } from '../../../src/kube/manifest';
import { toYamlStream } from '../../../src/kube/yaml';
import { AGENT_METRICS_PORT, AGENT_NAME } from '../../../src/parca/names';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { readyPod } from '../cluster/containers';
import { AGENT_PROFILE } from '../cluster/images';
import type { Sections } from '../cluster/installation';
import { documentFor, Installation, object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { API_PORT, NODE_ADDRESS } from '../cluster/layout';
import type { TestPod } from '../cluster/test-pods';
import { connectsFrom, httpServer, testPod } from '../cluster/test-pods';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { GATEWAY, TOKENS } from '../harness/deployment';
import { manifestsOf, shape } from '../harness/examples';
import { until } from '../harness/processes';
import { labelValues, query } from '../harness/profiles';
import type { Report } from '../harness/report';
import { startImpostor, Tap } from '../harness/tap';
import type { Address } from '../harness/wire';

const STORE_NAMESPACE = 'hosted-store';
const AGENT_NAMESPACE = 'remote-agents';
const SHOP = 'remote-shop';
const CLUSTER_NAME = 'us-7';

/** The name and the port of the hosted store, which is on the node: for pods an address outside the cluster. */
const STORE_HOST = `store.${STORE_NAMESPACE}.svc`;
const STORE: Address = { host: NODE_ADDRESS, port: 9443 };
/** Beside it, where agents have no business. */
const OTHER_PORT = 9444;

const PROJECT = '00000000-0000-0000-0000-000000000000';
const CA = { name: 'hosted-store-ca', key: 'ca.crt' };

/** A Parca server of somebody else, who has agents elsewhere. */
function storeDocument(cluster: Cluster): Sections {
  return {
    ...documentFor(cluster.digests),
    access: {},
    parca: { namespace: STORE_NAMESPACE, agent: { enabled: false }, tls: { secretName: 'parca-tls' }, server: { persistence: { size: '1Gi' } } },
  };
}

/** The example of agents alone, with the address of this store and a second header. */
function agentsDocument(): Sections {
  const { cluster, parca, ...rest } = shape('agents-only');
  const { remoteStore } = parca as { remoteStore: { headers: object } };
  assert.deepEqual(remoteStore.headers, { projectID: PROJECT });
  assert.equal((cluster as { name: string }).name, CLUSTER_NAME);
  return {
    ...rest,
    cluster: { ...cluster as object, kubernetesVersion: '1.34', apiServerCidrs: [`${NODE_ADDRESS}/32`] },
    agents: { namespace: AGENT_NAMESPACE },
    parca: {
      remoteStore: {
        ...remoteStore, address: `${STORE_HOST}:${STORE.port}`, headers: { ...remoteStore.headers, 'x-region': 'eu=1' }, caConfigMap: CA, egressCidrs: [`${STORE.host}/32`],
      },
    },
  };
}

/** Agents that send to a store elsewhere. */
export const remoteStore: Suite = {
  name: 'remote-store',
  about: 'agents alone send to a real Parca that plays a hosted store, under the name of their cluster; an impostor gets no byte of the token',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const store = await Installation.apply(cluster, storeDocument(cluster), STORE_HOST);
    const gateway = await store.service();
    const [tap, other] = [await Tap.open(STORE, gateway), await Tap.open({ ...STORE, port: OTHER_PORT }, gateway)];
    const manifests = manifestsOf(agentsDocument());
    try {
      await applyAgents(cluster, manifests, store.certificate);
      await onlyAgents(report, cluster, manifests);
      await profiles(report, cluster, store);
      await headers(report, cluster, tap, store.certificate);
      await impostors(report, cluster, tap);
      await egress(report, cluster);
    } finally {
      [tap, other].forEach(one => one.close());
      await cluster.kubectl.run(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], { input: toYamlStream([...manifests].reverse()), strict: false });
      await cluster.kubectl.run(['delete', 'namespace', SHOP, '--ignore-not-found', '--wait=false'], { strict: false });
      await store.remove();
    }
    report.notVerified('that the agent of a release adds the headers and trusts the CA as its fake does: the fake parses the flag and the variables in the same way');
  },
};

/** The agents, with all that the summary tells one to create: the token, and the CA of the store. */
async function applyAgents({ kubectl }: Cluster, manifests: readonly Manifest[], { certificate }: Certificate): Promise<void> {
  await kubectl.apply([
    ...manifests.filter(({ kind }) => kind === 'Namespace'),
    object('v1', 'Secret', 'store-token', AGENT_NAMESPACE, { stringData: { token: TOKENS.push } }),
    object('v1', 'ConfigMap', CA.name, AGENT_NAMESPACE, { data: { [CA.key]: certificate } }),
    object('v1', 'Namespace', SHOP),
    // The address of the store has no pod behind it.
    object('v1', 'Service', 'store', STORE_NAMESPACE, { spec: { clusterIP: 'None', ports: [{ port: STORE.port }] } }),
    {
      ...object('discovery.k8s.io/v1', 'EndpointSlice', 'store', STORE_NAMESPACE, {
        addressType: 'IPv4', endpoints: [{ addresses: [STORE.host] }], ports: [{ port: STORE.port, protocol: 'TCP' }],
      }),
      metadata: { name: 'store', namespace: STORE_NAMESPACE, labels: { 'kubernetes.io/service-name': 'store' } },
    },
    ...Object.values(PODS).map(testPod),
    { ...testPod(LIAR), metadata: { ...testPod(LIAR).metadata, annotations: { cluster: 'annotated' } } },
  ]);
  await kubectl.apply(manifests);
  await kubectl.rolledOut('daemonset', AGENT_NAMESPACE);
}

/** Opted in, and says that it is in another cluster. */
const LIAR: TestPod = { name: 'liar', namespace: SHOP, podLabels: { profiling: 'enabled', cluster: 'labelled' } };

const PODS = {
  agent: { name: 'agent', namespace: AGENT_NAMESPACE, podLabels: selectorLabels(AGENT_NAME) },
  unlabelled: { name: 'unlabelled', namespace: SHOP, podLabels: { app: 'unlabelled' }, command: httpServer(STORE.port) },
} as const satisfies Record<string, TestPod>;

async function onlyAgents(report: Report, cluster: Cluster, manifests: readonly Manifest[]): Promise<void> {
  const SERVER_KINDS = ['PersistentVolumeClaim', 'Secret', 'Service', 'StatefulSet'];
  await report.check('There is nothing of a server', 'kinds and namespaces of what is emitted, and what is in the agents\' namespace', async () => {
    assert.deepEqual(manifests.filter(({ kind }) => SERVER_KINDS.includes(kind)), []);
    assert.deepEqual([...new Set(manifests.flatMap(({ metadata: { namespace } }) => namespace ?? []))], [AGENT_NAMESPACE]);
    const there = await cluster.kubectl.list<KubeObject>('configmaps,persistentvolumeclaims,secrets,services,statefulsets', '-n', AGENT_NAMESPACE);
    const names = there.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
    assert.deepEqual(names, [`ConfigMap ${CA.name}`, 'ConfigMap kube-root-ca.crt', 'ConfigMap parca-agent', 'Secret store-token']);
    return names.join(', ');
  });
}

interface FakeAgentAnswer { readonly status?: number; readonly grpcStatus?: string; readonly tlsVersion?: string; readonly error?: string }

/** Makes the fake in the agents' pod send, and returns what came of each message. */
async function send(cluster: Cluster, what: '1' | 'pods'): Promise<Readonly<Record<string, FakeAgentAnswer>>> {
  const [{ metadata }] = await cluster.api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/instance=parca-agent-default');
  const { status } = await readyPod(cluster, AGENT_NAMESPACE, metadata.name);
  const response = await fetch(`http://${status.podIP}:${AGENT_METRICS_PORT}/report?push=${what}`, { signal: AbortSignal.timeout(20_000) });
  return (await response.json() as { gateway: Readonly<Record<string, FakeAgentAnswer>> }).gateway;
}

/** Profiles of the pods on the node, through the emitted relabelling, the emitted network path, and the CA and the token that were given. */
async function profiles(report: Report, cluster: Cluster, store: Installation): Promise<void> {
  await report.check('Profiles of pods that opted in reach the hosted store', 'WriteRaw over TLS 1.3 from the agents\' pod, for what the relabelling of its configuration leaves', async () => {
    const sent = await send(cluster, 'pods');
    assert.deepEqual(sent, { [`${SHOP}/${LIAR.name}/test-pod`]: { status: 200, grpcStatus: '0', tlsVersion: 'TLS 1.3', alpn: 'h2' } });
    await until('the pod', 30, async () => (await values('pod')).length > 0 || undefined);
    assert.deepEqual(await values('pod'), [LIAR.name]);
    return Object.keys(sent).join(', ');
  });
  await report.check('They carry the name of their cluster, whatever a pod says', 'labels in Parca; the pod has a label and an annotation `cluster` with other values', async () => {
    assert.deepEqual(await values('cluster'), [CLUSTER_NAME]);
    assert.deepEqual([await values('namespace'), await values('container')], [[SHOP], ['test-pod']]);
    return `cluster=${CLUSTER_NAME}`;
  });
  await report.check('The token of the agents does nothing else there', 'the same pod without it, and a query with it', async () => {
    const { write, writeWithoutToken, readWithPushToken } = await send(cluster, '1');
    assert.deepEqual([write.grpcStatus, writeWithoutToken.status, readWithPushToken.status], ['0', 401, 403]);
    await until('the profile', 20, async () => query(await store.client(), TOKENS.read, AGENT_PROFILE));
    return '200, 401, 403';
  });

  async function values(label: string): Promise<string[]> {
    return labelValues(await store.client(), TOKENS.read, label, AGENT_PROFILE.at);
  }
}

/** What the store's end sees of a request, where it has the certificate that agents trust. Without this, that an impostor sees nothing would mean nothing. */
async function headers(report: Report, cluster: Cluster, tap: Tap, { certificate, key }: Certificate): Promise<void> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createSecureServer({ cert: certificate, key });
  server.on('stream', (stream, received) => {
    seen.push(received);
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  await new Promise<void>(done => { server.listen(0, '127.0.0.1', done); });
  const { port } = server.address() as { port: number };
  try {
    await report.check('Headers of the document and the token come with a request', 'a recorder that has the key of the store', async () => {
      tap.leadTo({ host: '127.0.0.1', port });
      await send(cluster, '1');
      const write = seen.find(({ authorization }) => authorization === `Bearer ${TOKENS.push}`)!;
      assert.deepEqual([write.projectid, write['x-region']], [PROJECT, 'eu=1']);
      assert.ok(!tap.bytes.includes(TOKENS.push), 'it is encrypted on the way');
      return 'projectid, x-region, authorization';
    });
  } finally {
    server.close();
  }
}

/** Whoever takes the address of the store. */
async function impostors(report: Report, cluster: Cluster, tap: Tap): Promise<void> {
  await report.each('An impostor at the address of the store gets no byte of the token', [
    ['with a certificate of another CA', true, /unknown authority/],
    ['without TLS', false, /server gave HTTP response to HTTPS client/],
  ] as const, ([name]) => name, async ([, hasTls, refusal]) => {
    const impostor = await startImpostor(hasTls ? await newCertificate(STORE_HOST) : undefined);
    try {
      tap.leadTo(impostor.address);
      const { write } = await send(cluster, '1');
      assert.match(write.error ?? 'sent', refusal);
      assert.ok(tap.bytes.length > 0, 'it was connected to');
      // 22 begins a record of TLS handshakes.
      assert.equal(tap.bytes[0], 22);
      for (const bytes of [tap.bytes, impostor.read()]) {
        assert.ok(!bytes.includes(TOKENS.push) && !bytes.includes('Bearer') && !bytes.includes(PROJECT), bytes.toString('latin1'));
      }
      if (hasTls) { assert.equal(impostor.read().length, 0, 'nothing could be decrypted'); }
      return `${tap.bytes.length} bytes came, all of TLS handshakes: ${write.error}`;
    } finally {
      impostor.close();
    }
  });
}

/** By NetworkPolicy the agents reach the address and the port of the store, and what every agent needs. */
async function egress(report: Report, cluster: Cluster): Promise<void> {
  const unlabelled = await readyPod(cluster, SHOP, PODS.unlabelled.name);
  const store = await readyPod(cluster, STORE_NAMESPACE, 'parca-0');
  await readyPod(cluster, AGENT_NAMESPACE, PODS.agent.name);
  const targets: ReadonlyArray<readonly [string, Address, reached: boolean, byOthers: boolean]> = [
    ['the store', STORE, true, true],
    ['the API server', { host: NODE_ADDRESS, port: API_PORT }, true, true],
    ['another port of the store\'s address', { ...STORE, port: OTHER_PORT }, false, true],
    ['the store\'s port at another address', { host: unlabelled.status.podIP!, port: STORE.port }, false, true],
    ['the kubelet', { host: NODE_ADDRESS, port: 10250 }, false, true],
    ['the pod of the store', { host: store.status.podIP!, port: GATEWAY.port }, false, false],
  ];
  // All at once, since a refused connection takes its whole time.
  const verdicts = targets.map(([, target]) => Promise.all([PODS.agent, PODS.unlabelled].map(pod => connectsFrom(cluster, pod, target))));
  await Promise.allSettled(verdicts);
  await report.each('The agents reach the address and the port of the store, and nothing else', targets, ([name]) => `a pod with the agents' labels to ${name}, and one of others`,
    async row => {
      const [, , reached, byOthers] = row;
      assert.deepEqual(await verdicts[targets.indexOf(row)], [reached, byOthers]);
      return reached ? 'connected' : 'not connected';
    });
  await report.check('The configuration names the cluster last', 'the ConfigMap, so that no rule comes after it', async () => {
    const { data } = (await cluster.kubectl.get<KubeObject & ConfigMap>('configmap', 'parca-agent', AGENT_NAMESPACE))!;
    assert.match(data!['parca-agent.yaml'], new RegExp(`target_label: cluster\\n\\s+replacement: ${CLUSTER_NAME}\\n\\s+action: replace\\n$`));
  });
}
