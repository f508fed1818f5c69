import { strict as assert } from 'node:assert';
import type { Suite } from '.';
import { selectorLabels } from '../../../src/kube/labels';
import { AGENT_METRICS_PORT, AGENT_NAME, SERVER_NAME } from '../../../src/parca/names';
import { renderManifests } from '../../../src/render';
import type { End } from '../../access/flows';
import { allows } from '../../access/flows';
import { resolved } from '../../support';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { readyPod } from '../cluster/containers';
import { AGENT_NAMESPACE, documentFor, object, PEERS, SERVER_NAMESPACE } from '../cluster/installation';
import { API_PORT, NODE_ADDRESS } from '../cluster/layout';
import type { TestPod } from '../cluster/test-pods';
import { curlIn, TEST_PORT, testPod } from '../cluster/test-pods';
import { BACKEND, GATEWAY } from '../harness/deployment';
import { until } from '../harness/processes';
import type { Report } from '../harness/report';

const agentLabels = selectorLabels(AGENT_NAME);
const serverLabels = selectorLabels(SERVER_NAME);

/** Pods that connect: where each is and what it is labelled, since policies know nothing else of it. All of them can also be connected to, on port 8080. */
const TEST_PODS = {
  'agent': { namespace: AGENT_NAMESPACE, podLabels: agentLabels },
  'server': { namespace: SERVER_NAMESPACE, podLabels: serverLabels },
  'reader': PEERS.reader,
  'scraper': PEERS.scraper,
  'uploader': PEERS.symbolUploader,
  'other pod': { namespace: 'shop', podLabels: { app: 'checkout' } },
  'other pod beside the reader': { namespace: PEERS.reader.namespace, podLabels: { app: 'other' } },
  'other pod with the reader\'s labels': { namespace: 'shop', podLabels: PEERS.reader.podLabels },
  'other pod with the scraper\'s labels': { namespace: 'shop', podLabels: PEERS.scraper.podLabels },
  'other pod with the agents\' labels': { namespace: 'shop', podLabels: agentLabels },
  'other pod in the agents\' namespace': { namespace: AGENT_NAMESPACE, podLabels: { app: 'other' } },
  'other pod in the server\'s namespace': { namespace: SERVER_NAMESPACE, podLabels: { app: 'other' } },
} as const satisfies Record<string, Omit<TestPod, 'name'>>;
type TestPodName = keyof typeof TEST_PODS;

type Target = 'the gateway' | 'the server behind it' | 'an agent\'s metrics' | 'DNS' | 'the API server' | 'the kubelet' | TestPodName;

type Flow = readonly [from: TestPodName, to: Target];

/** Everything that must pass. */
const ALLOWED: readonly Flow[] = [
  ['agent', 'the gateway'],
  ['agent', 'the API server'],
  ['agent', 'DNS'],
  ['reader', 'the gateway'],
  ['scraper', 'the gateway'],
  ['scraper', 'an agent\'s metrics'],
  ['uploader', 'the gateway'],
  // Nobody's policies hold these: they show that the pods and the network work.
  ['other pod', 'DNS'],
  ['other pod', 'reader'],
  ['reader', 'other pod'],
];

/** What must not. */
const FORBIDDEN: readonly Flow[] = [
  // To the gateway: who is not named.
  ['other pod', 'the gateway'],
  ['other pod beside the reader', 'the gateway'],
  ['other pod with the reader\'s labels', 'the gateway'],
  ['other pod with the scraper\'s labels', 'the gateway'],
  ['other pod with the agents\' labels', 'the gateway'],
  ['other pod in the agents\' namespace', 'the gateway'],
  ['other pod in the server\'s namespace', 'the gateway'],
  ['server', 'the gateway'],
  // Behind it: nobody.
  ['agent', 'the server behind it'],
  ['reader', 'the server behind it'],
  ['scraper', 'the server behind it'],
  ['other pod', 'the server behind it'],
  // To the agents: scrapers only.
  ['agent', 'an agent\'s metrics'],
  ['server', 'an agent\'s metrics'],
  ['reader', 'an agent\'s metrics'],
  ['uploader', 'an agent\'s metrics'],
  ['other pod', 'an agent\'s metrics'],
  ['other pod beside the reader', 'an agent\'s metrics'],
  ['other pod with the scraper\'s labels', 'an agent\'s metrics'],
  ['other pod in the agents\' namespace', 'an agent\'s metrics'],
  // From the agents: nowhere else.
  ['agent', 'other pod'],
  ['agent', 'reader'],
  ['agent', 'the kubelet'],
  ['agent', 'other pod in the agents\' namespace'],
  ['other pod in the agents\' namespace', 'other pod'],
  ['other pod in the agents\' namespace', 'DNS'],
  ['other pod in the agents\' namespace', 'the API server'],
  // From the server: nowhere at all.
  ['server', 'DNS'],
  ['server', 'the API server'],
  ['server', 'agent'],
  ['server', 'reader'],
  ['server', 'other pod'],
  ['server', 'the kubelet'],
  ['other pod in the server\'s namespace', 'other pod'],
  // Into both namespaces, whatever else runs there.
  ['other pod', 'other pod in the agents\' namespace'],
  ['other pod', 'other pod in the server\'s namespace'],
  ['reader', 'other pod in the server\'s namespace'],
];

/** Who reaches whom. */
export const networkPolicies: Suite = {
  name: 'network-policies',
  about: 'who reaches whom: every allowed flow passes, a table of forbidden ones does not',
  needs: [],
  uses: CLUSTER_PROGRAMS,
  run: async ({ report, programs, cluster: start }) => {
    await evaluation(report);
    const obstacles = CLUSTER_PROGRAMS.flatMap(name => programs[name].obstacle ?? []);
    if (obstacles.length > 0) {
      report.notVerified(`that NetworkPolicies are enforced: they were evaluated only, since ${obstacles.join('; ')}`);
    } else {
      await enforcement(report, await start());
    }
  },
};

/** The same table as below, through the rules of the documentation, so that both must be right about each row. */
async function evaluation(report: Report): Promise<void> {
  const manifests = renderManifests(resolved(documentFor()));
  await report.each('The rules of the documentation let exactly the allowed flows pass', [...ALLOWED, ...FORBIDDEN],
    row => `${row.join(' to ')}: evaluated, not enforced`, async row => {
      const [from, to] = row;
      assert.equal(allows(manifests, { from: endOf(from), to: endOf(to), port: portOf(to) }), ALLOWED.includes(row));
    });
}

/** The table with real pods and connections. */
async function enforcement(report: Report, cluster: Cluster): Promise<void> {
  await cluster.installation();
  const testPods = await TestPods.make(cluster);
  // What is forbidden is dropped: without the policies every one of these connections would be made.
  await until('the policies hold for the new pods', 20, async () => await testPods.connects('other pod', 'the gateway') ? undefined : true);
  await flows(report, testPods, 'An allowed flow passes', ALLOWED, true);
  await flows(report, testPods, 'A forbidden flow does not pass', FORBIDDEN, false);
  await report.check('The names of Services resolve for the agents', 'the gateway\'s name, by curl in a pod with the agents\' labels', async () => {
    const seen = await testPods.curl('agent', `https://parca.${SERVER_NAMESPACE}.svc:${GATEWAY.port}/`);
    assert.ok(seen.lookup > 0 && seen.connect > 0, JSON.stringify(seen));
  });
  await testPods.remove();
  report.notVerified('NetworkPolicies in a network plugin of production: they are enforced by an engine of these tests, on IPv4');
}

async function flows(report: Report, testPods: TestPods, promise: string, rows: readonly Flow[], expected: boolean): Promise<void> {
  // All at once, since a refused connection takes its whole time.
  const verdicts = new Map(rows.map(row => [row, testPods.connects(...row)]));
  await Promise.allSettled(verdicts.values());
  await report.each(promise, rows, ([from, to]) => `${from} to ${to}`, async row => {
    const connected = await verdicts.get(row)!;
    assert.equal(connected, expected, connected ? 'connected' : 'not connected');
    return connected ? 'connected' : 'not connected';
  });
}

function portOf(to: Target): number {
  const ports: Partial<Record<Target, number>> = {
    'the gateway': GATEWAY.port,
    'the server behind it': BACKEND.port,
    'an agent\'s metrics': AGENT_METRICS_PORT,
    'DNS': 53,
    'the API server': API_PORT,
    'the kubelet': 10250,
  };
  return ports[to] ?? TEST_PORT;
}

/** A pod or an address as the evaluator takes it. */
function endOf(name: Target): End {
  switch (name) {
    case 'the API server': case 'the kubelet': return { address: NODE_ADDRESS };
    case 'the gateway': case 'the server behind it': return endOf('server');
    case 'an agent\'s metrics': return endOf('agent');
    case 'DNS': return { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
    default: return { namespace: TEST_PODS[name].namespace, labels: TEST_PODS[name].podLabels };
  }
}

/** The pods, and the addresses of everything they might connect to. */
class TestPods {
  public static async make(cluster: Cluster): Promise<TestPods> {
    await cluster.kubectl.apply([object('v1', 'Namespace', 'shop'), ...Object.entries(TEST_PODS).map(([name, pod]) => testPod({ name: podName(name), ...pod }))]);
    const pods = await Promise.all(Object.entries(TEST_PODS).map(
      async ([name, { namespace }]) => [name, await readyPod(cluster, namespace, podName(name))] as const,
    ));
    const [agent] = await cluster.api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/instance=parca-agent-default');
    const server = await readyPod(cluster, SERVER_NAMESPACE, 'parca-0');
    const [dns] = await cluster.api.list<Pod>('Pod', 'kube-system', 'k8s-app=kube-dns');
    return new TestPods(cluster, {
      'the gateway': server.status.podIP!,
      'the server behind it': server.status.podIP!,
      'an agent\'s metrics': agent.status.podIP!,
      'DNS': dns.status.podIP!,
      'the API server': NODE_ADDRESS,
      'the kubelet': NODE_ADDRESS,
      ...Object.fromEntries(pods.map(([name, pod]) => [name, pod.status.podIP!])),
    } as Record<Target, string>);
  }

  private constructor(private readonly cluster: Cluster, private readonly addresses: Readonly<Record<Target, string>>) {}

  public async connects(from: TestPodName, to: Target): Promise<boolean> {
    return (await this.curl(from, `telnet://${this.addresses[to]}:${portOf(to)}`)).connect > 0;
  }

  public curl(from: TestPodName, url: string): ReturnType<typeof curlIn> {
    return curlIn(this.cluster, { name: podName(from), namespace: TEST_PODS[from].namespace }, url);
  }

  public async remove(): Promise<void> {
    for (const namespace of new Set(Object.values(TEST_PODS).map(pod => pod.namespace))) {
      await this.cluster.kubectl.run(['delete', 'pods', '-n', namespace, '-l', 'e2e=test-pod', '--grace-period=0', '--force', '--wait=false']);
    }
  }
}

function podName(name: string): string {
  return `test-${name.replace(/\W+/g, '-')}`;
}
