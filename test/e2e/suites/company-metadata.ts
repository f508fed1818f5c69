import { strict as assert } from 'node:assert';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { toYamlStream } from '../../../src/kube/yaml';
import { renderManifests, renderSecrets } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import type { Pod } from '../cluster/containers';
import type { Sections } from '../cluster/installation';
import { object } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { digestOf } from '../harness/deployment';
import { shape } from '../harness/examples';
import { until } from '../harness/processes';

const NAMESPACES = { agents: 'company-agents', parca: 'company-profiling', pyroscope: 'company-pyroscope' };

/** The example under names that no other suite has, with this label of the company. */
function document(team: string): Sections {
  const { metadata, agents, parca, pyroscope, ...rest } = shape('company-policy');
  const { labels, annotations } = metadata as { labels: object; annotations: object };
  return {
    ...rest,
    metadata: { labels: { ...labels, team }, annotations },
    agents: { ...agents as object, namespace: NAMESPACES.agents },
    parca: { ...parca as object, namespace: NAMESPACES.parca },
    pyroscope: { ...pyroscope as object, namespace: NAMESPACES.pyroscope },
  };
}

type Workload = KubeObject & { readonly spec?: { readonly template?: PodTemplateSpec } };

/** Labels, annotations and pull Secrets of a company, in what the API server has of them. */
export const companyMetadata: Suite = {
  name: 'company-metadata',
  about: 'labels and annotations of a company are on every object and pod and in no selector, and can be changed',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const { kubectl, api } = await start();
    const apply = async (team: string): Promise<Workload[]> => {
      const spec = resolve(document(team));
      let tokens = 0;
      // Pods name the class, which is the company's to make.
      const objects = [
        object('scheduling.k8s.io/v1', 'PriorityClass', 'infra-high', undefined, { value: 1 }),
        ...renderManifests(spec),
        ...renderSecrets(spec, () => digestOf(`${tokens++}`)).filter(({ metadata }) => Object.values(NAMESPACES).includes(metadata.namespace!)),
      ];
      await kubectl.apply(objects);
      const { stdout } = await kubectl.run(['get', '-o', 'json', '-f', '-'], { input: toYamlStream(objects.slice(1)) });
      return (JSON.parse(stdout) as { items: Workload[] }).items;
    };
    const company = document('platform').metadata as { labels: Record<string, string>; annotations: Record<string, string> };
    const { pullSecrets } = document('platform').images as { pullSecrets: string[] };
    const live = await apply('platform');
    const workloads = live.filter(({ spec }) => spec?.template);
    try {
      await report.each('Every object has the labels and annotations of the company', live, nameOf, async ({ metadata }) => {
        assertHas(metadata, company);
      });
      await report.each('Every pod template has them, and the pull Secrets', workloads, nameOf, async ({ spec }) => {
        assertHas(spec!.template!.metadata!, company);
        assert.deepEqual(spec!.template!.spec!.imagePullSecrets, pullSecrets.map(name => ({ name })));
      });
      await report.check('Controllers make pods that have them, and the pull Secrets', 'every pod in the three namespaces', async () => {
        const pods = await until('a pod of each workload', 60, async () => {
          const found = (await Promise.all(Object.values(NAMESPACES).map(namespace => api.list<Pod>('Pod', namespace)))).flat();
          return found.length >= workloads.length ? found : undefined;
        });
        pods.forEach(({ metadata, spec }) => {
          assertHas(metadata, company);
          assert.deepEqual(spec.imagePullSecrets, pullSecrets.map(name => ({ name })));
        });
        return pods.map(({ metadata }) => metadata.name).join(', ');
      });
      await report.check('No selector names one of them', 'everything below selector and matchLabels, of every object', async () => {
        const selectors = live.flatMap(one => selectorsIn(one).map(selector => [nameOf(one), selector] as const));
        Object.keys(company.labels).forEach(key => selectors.forEach(([name, selector]) => assert.ok(!(key in selector), `${name} selects by ${key}`)));
        assert.ok(selectors.length > live.filter(({ kind }) => kind === 'NetworkPolicy').length + workloads.length);
        return `${selectors.length} selectors`;
      });
      await report.check('A label of the company can be changed', 'the document with another team, applied over the first: no field is immutable', async () => {
        const changed = await apply('other');
        changed.forEach(({ metadata }) => assertHas(metadata, { ...company, labels: { ...company.labels, team: 'other' } }));
        changed.filter(({ spec }) => spec?.template).forEach(({ spec }) => assert.equal(spec!.template!.metadata!.labels!.team, 'other'));
        assert.deepEqual(changed.map(({ metadata }) => metadata.uid), live.map(({ metadata }) => metadata.uid), 'the same objects');
        return `${changed.length} objects`;
      });
    } finally {
      await kubectl.run(['delete', 'priorityclass', 'infra-high', '--ignore-not-found']);
      await kubectl.run(['delete', '--ignore-not-found', '--timeout=90s', '-f', '-'], { input: toYamlStream([...renderManifests(resolve(document('other')))].reverse()), seconds: 100 });
    }
  },
};

function nameOf({ kind, metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

type Metadata = { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: Readonly<Record<string, string>> };

function assertHas({ labels = {}, annotations = {} }: Metadata, company: Required<Metadata>): void {
  assert.deepEqual({ ...labels, ...company.labels }, labels);
  assert.deepEqual({ ...annotations, ...company.annotations }, annotations);
}

/** Labels by which anything is selected. */
function selectorsIn(value: unknown, key = ''): Array<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) { return []; }
  const own = key === 'matchLabels' || key === 'selector' ? [value as Readonly<Record<string, unknown>>] : [];
  return [...own, ...Object.entries(value).flatMap(([name, child]) => selectorsIn(child, name))];
}
