import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import type { Manifest } from '../../../src/kube/manifest';
import { toYamlStream } from '../../../src/kube/yaml';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { defineForeignKinds, FOREIGN_KINDS } from '../cluster/definitions';
import type { Sections } from '../cluster/installation';
import { object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { MANAGED_LABEL } from '../cluster/kubectl';
import { Drift } from '../harness/drift';
import { exampleManifests, manifestsOf } from '../harness/examples';
import { until } from '../harness/processes';

const [MANAGED_BY, MANAGED_BY_US] = MANAGED_LABEL.split('=');

/** The API server says this where a cluster before 1.30 was asked for, which knows no other form. */
const EXPECTED_WARNING = /deprecated since v1\.30; use the "appArmorProfile" field instead/;

/** What the examples leave out: kinds of other projects, and every setting of pods. */
const OTHER_KINDS: Sections = {
  cluster: { name: 'e2e', kubernetesVersion: '1.34', apiServerCidrs: ['10.0.0.10/32'], dns: { cidrs: ['169.254.20.10/32'] } },
  images: { pinning: 'tagsAllowed', pullSecrets: ['mirror-pull'] },
  agents: {
    nodePools: [
      {
        name: 'default',
        tolerations: [{ operator: 'Exists' }],
        resources: { cpuRequest: '1', cpuLimit: '2', memoryLimit: '1024Mi' },
        pushToken: { secretName: 'default-push-token' },
      },
      { name: 'legacy', kernel: '5.4', nodeSelector: { pool: 'legacy' }, fallback: { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'of this test', remediateBy: '2099-12-31' } },
    ],
  },
  parca: {
    tls: { certManager: { issuerRef: { kind: 'ClusterIssuer', name: 'corp-ca' } } },
    server: {
      pod: {
        tolerations: [{ key: 'infra', value: 'yes', effect: 'NoSchedule' }],
        nodeAffinity: [{ key: 'pool', operator: 'In', values: ['infra'] }],
        topologySpread: [{ topologyKey: 'topology.kubernetes.io/zone' }],
        imagePullPolicy: 'Always',
      },
    },
  },
  pyroscope: {
    mode: 'microservices',
    storage: { s3: { bucket: 'profiles', region: 'eu-1', endpoint: 's3.eu-1.amazonaws.com', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' } },
    tenants: [{ name: 'checkout', namespaces: ['checkout'], grafana: { orgId: 1 } }],
    grafana: { namespace: 'monitoring', operator: { instanceLabels: { dashboards: 'grafana' } } },
  },
  access: { portForward: { groups: ['sre-team'], breakGlassGroups: ['on-call'] } },
  externalSecrets: { storeRef: { name: 'vault' } },
  gitOps: { flux: {} },
  nodes: { perfEventMaxSampleRate: 1000, ebpfInventory: { engine: 'tetragon', loaders: ['/usr/bin/cilium-agent'] } },
  admission: { action: 'audit' },
};

/** Kinds whose status a controller writes, so that their resourceVersion changes without anybody wanting anything. */
const CONTROLLED: readonly string[] = ['DaemonSet', 'Deployment', 'PersistentVolumeClaim', 'PodDisruptionBudget', 'StatefulSet', 'ValidatingAdmissionPolicy'];

/** Every object of every example, in a real API server. */
export const admitted: Suite = {
  name: 'admitted',
  about: 'every object of every example and shape is applied twice, looked at as Argo CD and Flux do, and deleted again',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    await defineForeignKinds(cluster.kubectl);
    const drift = new Drift(cluster.api);
    const made = new Set<string>();
    await report.check('A default that the server adds to a list is found', 'a NetworkPolicy without the protocol of its port, so that the checks below mean something', async () => {
      const policy = object('networking.k8s.io/v1', 'NetworkPolicy', 'e2e', 'default', { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } });
      const { stdout } = await cluster.kubectl.run(['apply', '--server-side', '--dry-run=server', '-o', 'json', '-f', '-'], { input: toYamlStream([policy]) });
      assert.deepEqual(await drift.between(policy, JSON.parse(stdout)), ['NetworkPolicy e2e: spec.ingress[0].ports[0].protocol is added: "TCP"']);
    });
    for (const [name, objects] of Object.entries({ ...exampleManifests(), 'other kinds': manifestsOf(OTHER_KINDS) })) {
      (await makeNamespaces(cluster, objects)).forEach(namespace => made.add(namespace));
      await report.check(`Every object of ${name} is admitted`, `kubectl apply --server-side --validate=strict, ${objects.length} objects`, async () => {
        const output = await cluster.kubectl.apply(objects);
        assert.equal(output.match(/serverside-applied$/gm)?.length, objects.length, output);
        assert.deepEqual(warnings(output).filter(warning => !EXPECTED_WARNING.test(warning)), []);
        return `${objects.length} objects, ${warnings(output).length} warnings`;
      });
      const before = await live(cluster, objects);
      await report.check(`GitOps tools find of ${name} what is emitted`, 'every field of every object as it is read back, with the list keys of the API server\'s OpenAPI', async () => {
        assert.equal(before.length, objects.length);
        // Workloads of the app's users are as cdk8s-plus emits them.
        const isOurs = ({ metadata }: Manifest): boolean => metadata.labels?.[MANAGED_BY] === MANAGED_BY_US;
        const pairs = objects.map((one, index) => [one, before[index]] as const).filter(([one]) => isOurs(one));
        const differences = await Promise.all(pairs.map(([one, found]) => drift.between(one, found)));
        assert.deepEqual(differences.flat(), []);
        return `${pairs.length} objects`;
      });
      await report.check(`Applying ${name} again changes nothing`, 'the same again: resourceVersion, and where a controller writes the status, what we manage and when', async () => {
        // Times of managers are in seconds.
        await sleep(1100);
        await cluster.kubectl.apply(objects);
        assert.deepEqual(versions(await live(cluster, objects)), versions(before));
        return `${objects.length} objects as they were`;
      });
      await report.check(`${name} is deleted cleanly`, 'kubectl delete, then every kind is searched', async () => {
        // Pods first: a namespace that still has some looks again only after half of their grace period, for which nobody waits here.
        const deleted = cluster.kubectl.run(
          ['delete', '--ignore-not-found', '--cascade=foreground', '--timeout=90s', '-f', '-'], { input: toYamlStream([...objects].reverse()), seconds: 100 },
        );
        await cluster.kubectl.run(['delete', 'pods', '--all-namespaces', '-l', MANAGED_LABEL, '--grace-period=0', '--force', '--wait=false']);
        await deleted;
        await until('nothing is left', 30, async () => (await leftovers(cluster, objects)).length === 0 ? true : undefined)
          .catch(async () => assert.deepEqual(await leftovers(cluster, objects), []));
        return 'nothing is left';
      });
    }
    await cluster.kubectl.run(['delete', 'namespace', ...made, '--ignore-not-found', '--timeout=60s'], { seconds: 70 });
    report.notVerified(FOREIGN_KINDS);
  },
};

/** Namespaces that an example does not make: those of workloads that it lets in, and of others. Returns those that were not there. */
async function makeNamespaces(cluster: Cluster, objects: readonly Manifest[]): Promise<string[]> {
  const there = (await cluster.kubectl.list('namespaces')).map(({ metadata }) => metadata.name);
  const made = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const named = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  const missing = [...named].filter(name => !made.includes(name) && !there.includes(name));
  await cluster.kubectl.apply(missing.map(name => object('v1', 'Namespace', name)));
  return missing;
}

function warnings(output: string): string[] {
  return output.split('\n').filter(line => line.startsWith('Warning:'));
}

interface LiveObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly managedFields?: ReadonlyArray<{ readonly manager: string; readonly operation: string }> };
}

/** The objects as they are now, in the same order. */
async function live(cluster: Cluster, objects: readonly Manifest[]): Promise<LiveObject[]> {
  const { stdout } = await cluster.kubectl.run(['get', '-o', 'json', '--show-managed-fields', '-f', '-'], { input: toYamlStream(objects) });
  return (JSON.parse(stdout) as { items: LiveObject[] }).items;
}

/** What changes when an object is written. */
function versions(objects: readonly LiveObject[]): Record<string, unknown> {
  return Object.fromEntries(objects.map(({ kind, metadata: { namespace = '', name, uid, resourceVersion, generation, managedFields } }) => {
    const applied = managedFields?.filter(({ manager, operation }) => manager === 'kubectl' && operation === 'Apply');
    assert.equal(applied?.length, 1, `${kind} ${name} is applied by kubectl`);
    return [`${kind} ${namespace}/${name}`, CONTROLLED.includes(kind) ? { uid, generation, applied } : { uid, resourceVersion }];
  }));
}

/** Objects of the example, and whatever else still says that it is managed by the library. */
async function leftovers(cluster: Cluster, objects: readonly Manifest[]): Promise<string[]> {
  const { stdout } = await cluster.kubectl.run(['get', '-f', '-', '-o', 'name', '--ignore-not-found'], { input: toYamlStream(objects), strict: false });
  const managed = await cluster.kubectl.everything(MANAGED_LABEL);
  return [...stdout.trim().split('\n').filter(Boolean), ...managed.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)];
}
