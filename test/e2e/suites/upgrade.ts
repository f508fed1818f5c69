import { strict as assert } from 'node:assert';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { toYamlStream } from '../../../src/kube/yaml';
import { DEFAULT_IMAGES } from '../../../src/versions';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import { loadVariant } from '../cluster/images';
import type { Sections } from '../cluster/installation';
import { documentFor, Installation, PEERS } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { MANAGED_LABEL } from '../cluster/kubectl';
import { TOKENS } from '../harness/deployment';
import { until } from '../harness/processes';
import { push, query } from '../harness/profiles';

const SERVER_NAMESPACE = 'older';
const AGENT_NAMESPACE = 'older-agents';
const READER_NAMESPACE = 'older-reader';
const NAMESPACES: readonly string[] = [SERVER_NAMESPACE, AGENT_NAMESPACE, READER_NAMESPACE];
const NEXT_AGENT = DEFAULT_IMAGES.agent.replace(/:.*$/, ':v0.49.99');

/** A document of some time ago. */
function older(cluster: Cluster): Sections {
  return {
    ...documentFor(cluster.digests),
    scope: { sensitiveNamespaces: ['payments'] },
    access: { readers: [{ ...PEERS.reader, namespace: READER_NAMESPACE }] },
    agents: { namespace: AGENT_NAMESPACE },
    parca: {
      namespace: SERVER_NAMESPACE,
      tls: { secretName: 'parca-tls' },
      server: { persistence: { size: '1Gi' } },
    },
  };
}

/** The same with another scope, other Secrets for tokens, and another image of the agent. */
function newer(cluster: Cluster, agent: string): Sections {
  const { images, parca, ...rest } = older(cluster);
  return {
    ...rest,
    images: { ...images as object, agent },
    scope: { sensitiveNamespaces: ['payments', 'vault'], optInLabel: { key: 'corp/profiling', value: 'on' } },
    parca: { ...parca as object, tokens: { push: { secretName: 'new-push-token' }, read: { secretName: 'new-read-token' } } },
  };
}

/** An installation that is changed in place. */
export const upgrade: Suite = {
  name: 'upgrade',
  about: 'a newer document is applied over an older one, and the older one again',
  needs: CLUSTER_PROGRAMS,
  beside: 'pod-security',
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const digest = await loadVariant(NEXT_AGENT, DEFAULT_IMAGES.agent, { files: { '/version': 'next' } }, cluster.programs);
    const documents = { older: older(cluster), newer: newer(cluster, `${NEXT_AGENT}@${digest}`) };

    const first = await Installation.apply(cluster, documents.older);
    const profile = { functionName: 'older_promise', at: new Date() };
    await push(await first.client(), TOKENS.push, profile);

    for (const [name, sections] of [['newer', documents.newer], ['older', documents.older]] as const) {
      const before = await agents(cluster);
      let current = first;
      await report.check(`The ${name} document is applied over the other`, 'kubectl apply, until server and agents are ready: no field is immutable', async () => {
        current = await Installation.apply(cluster, sections);
      });
      await report.check(`The agents roll to the ${name} document`, 'their pods, the image they run and the rules they read', async () => {
        const { spec } = current.manifests.find(({ kind }) => kind === 'DaemonSet') as unknown as DaemonSet;
        const pods = await until('only new agents', 60, async () => {
          const now = await agents(cluster);
          return now.length > 0 && now.every(({ metadata }) => !before.some(old => old.metadata.uid === metadata.uid)) ? now : undefined;
        });
        assert.deepEqual(pods.map(pod => pod.spec.containers[0].image), [spec!.template.spec!.containers[0].image]);
        const config = await cluster.kubectl.get<KubeObject & ConfigMap>('configmap', 'parca-agent', AGENT_NAMESPACE);
        assert.equal(config!.data!['parca-agent.yaml'].includes('vault'), name === 'newer');
        return `${pods[0].metadata.name} with ${pods[0].spec.containers[0].image?.split('@')[0]}`;
      });
      await report.check(`Nothing of the other document is left over (${name})`, 'every object that says it is managed by the library, against what is emitted', async () => {
        const expected = [...new Set(current.manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`))].sort();
        assert.deepEqual(await managed(cluster), expected);
        return `${expected.length} objects`;
      });
      await report.check(`Profiles of before are still there (${name})`, 'the same query, with the read token', async () => {
        await until('the profile', 30, async () => query(await current.client(), TOKENS.read, profile));
      });
    }
    // Later suites look at everything that runs in the cluster.
    await cluster.kubectl.run(['delete', '--ignore-not-found', '--timeout=90s', '-f', '-'], { input: toYamlStream(first.manifests), seconds: 100 });
  },
};

async function agents(cluster: Cluster): Promise<Pod[]> {
  const pods = await cluster.api.list<Pod>('Pod', AGENT_NAMESPACE, 'app.kubernetes.io/name=parca-agent');
  return pods.filter(({ metadata }) => !metadata.deletionTimestamp);
}

/** Objects of this installation that were applied, not made by a controller. Secrets are the user's to remove. */
async function managed(cluster: Cluster): Promise<string[]> {
  const all = await cluster.kubectl.everything(MANAGED_LABEL);
  const isOurs = ({ metadata: { namespace, name } }: KubeObject): boolean =>
    namespace === undefined ? NAMESPACES.includes(name) || name.startsWith(`${AGENT_NAMESPACE}-`) : NAMESPACES.includes(namespace);
  const applied = all.filter(one => isOurs(one) && one.metadata.ownerReferences === undefined && one.kind !== 'Secret');
  return [...new Set(applied.map(({ kind, metadata }) => `${kind} ${metadata.name}`))].sort();
}
