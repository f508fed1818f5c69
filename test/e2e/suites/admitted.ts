import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Suite } from '.';
import { toYamlStream } from '../../../src/kube/yaml';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { MANAGED_LABEL } from '../cluster/kubectl';
import { until } from '../harness/processes';

const GOLDEN = join(__dirname, '../../golden');

/** Every example, as the files that `npm test` compares with what is synthesised. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'minimal': ['minimal.yaml'],
  'production': ['production.yaml'],
  'object-storage': ['object-storage.yaml'],
  'tenants': ['tenants.yaml'],
  'cdk8s-app': ['cdk8s-app.platform.k8s.yaml', 'cdk8s-app.shop.k8s.yaml', 'cdk8s-app.monitoring.k8s.yaml'],
};

/** The API server says this where a cluster before 1.30 was asked for, which knows no other form. */
const EXPECTED_WARNING = /deprecated since v1\.30; use the "appArmorProfile" field instead/;

/** Every object of every example, in a real API server. */
export const admitted: Suite = {
  name: 'admitted',
  about: 'every object of every example is applied twice and deleted again',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    await report.check('Every example is tried', 'the files that npm test compares', async () => {
      assert.deepEqual(Object.values(EXAMPLES).flat().sort(), readdirSync(GOLDEN).filter(file => !file.endsWith('.values.yaml')).sort());
    });
    await cluster.kubectl.apply(loadAll(readFileSync(join(__dirname, '../cluster/certificate-definition.yaml'), 'utf8')));
    await cluster.kubectl.run(['wait', '--for=condition=Established', 'customresourcedefinition/certificates.cert-manager.io', '--timeout=20s']);
    for (const [name, files] of Object.entries(EXAMPLES)) {
      const objects = files.flatMap(file => loadAll(readFileSync(join(GOLDEN, file), 'utf8')) as KubeObject[]);
      await makeNamespaces(cluster, objects);
      await report.check(`Every object of ${name} is admitted`, `kubectl apply --server-side --validate=strict, ${objects.length} objects`, async () => {
        const output = await cluster.kubectl.apply(objects);
        assert.equal(output.match(/serverside-applied$/gm)?.length, objects.length, output);
        assert.deepEqual(warnings(output).filter(warning => !EXPECTED_WARNING.test(warning)), []);
        return `${objects.length} objects, ${warnings(output).length} warnings`;
      });
      await report.check(`Applying ${name} again changes nothing`, 'the same again, and kubectl diff', async () => {
        const before = await generations(cluster, objects);
        await cluster.kubectl.apply(objects);
        assert.deepEqual(await generations(cluster, objects), before);
        // The exit code is 1 where there is a difference.
        await cluster.kubectl.run(['diff', '--server-side', '--force-conflicts', '-f', '-'], { input: toYamlStream(objects) });
        return 'no generation has changed, no difference';
      });
      await report.check(`${name} is deleted cleanly`, 'kubectl delete, then every kind is searched', async () => {
        // Pods first: a namespace that still has some looks again only after half of their grace period.
        await cluster.kubectl.run(
          ['delete', '--ignore-not-found', '--cascade=foreground', '--timeout=90s', '-f', '-'], { input: toYamlStream([...objects].reverse()), seconds: 100 },
        );
        await until('nothing is left', 30, async () => (await leftovers(cluster, objects)).length === 0 ? true : undefined)
          .catch(async () => assert.deepEqual(await leftovers(cluster, objects), []));
        return 'nothing is left';
      });
    }
    report.notVerified('the definition of Certificate that cert-manager installs: a short one of the same fields was used');
  },
};

/** Namespaces that an example does not make: those of workloads that it lets in. */
async function makeNamespaces(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  const made = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const named = objects.flatMap(({ metadata }) => metadata.namespace ?? []);
  await cluster.kubectl.apply([...new Set(named)].filter(name => !made.includes(name)).map(name => object('v1', 'Namespace', name)));
}

function warnings(output: string): string[] {
  return output.split('\n').filter(line => line.startsWith('Warning:'));
}

/** What changes when somebody wants something else of an object; objects without one have their data compared by kubectl. */
async function generations(cluster: Cluster, objects: readonly KubeObject[]): Promise<Record<string, unknown>> {
  const { stdout } = await cluster.kubectl.run(['get', '-o', 'json', '-f', '-'], { input: toYamlStream(objects) });
  const { items } = JSON.parse(stdout) as { items: KubeObject[] };
  return Object.fromEntries(items.map(({ kind, metadata }) => [`${kind} ${metadata.namespace ?? ''}/${metadata.name}`, [metadata.uid, metadata.generation]]));
}

/** Objects of the example, and whatever else still says that it is managed by the library. */
async function leftovers(cluster: Cluster, objects: readonly KubeObject[]): Promise<string[]> {
  const { stdout } = await cluster.kubectl.run(['get', '-f', '-', '-o', 'name', '--ignore-not-found'], { input: toYamlStream(objects), strict: false });
  const managed = await cluster.kubectl.everything(MANAGED_LABEL);
  return [...stdout.trim().split('\n').filter(Boolean), ...managed.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`)];
}
