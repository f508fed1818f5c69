import type { Deployment } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { CHART, pyroscope, resolvedPyroscope, TENANTS } from './pyroscope/tenants';
import { find, render, resolved } from './support';
import type { ResolvedSpec } from '../src/config/resolved-spec';
import type { Manifest } from '../src/kube/manifest';
import { renderHelmValues, renderManifests, renderNetworkPolicies, renderPushPolicy, renderSecrets } from '../src/render';

const METADATA = { labels: { 'corp.example/cost-center': '1234' }, annotations: { 'corp.example/owner': 'sre team' } };
const PULL_SECRETS = ['backup', 'mirror'];

/** A document in which every kind of object is. */
const EVERYTHING = {
  images: { pinning: 'tagsAllowed', pullSecrets: PULL_SECRETS },
  parca: { tls: { certManager: { issuerRef: { name: 'corp-ca' } } } },
  access: { portForward: { groups: ['sre-team'] }, readers: [{ namespace: 'monitoring', podLabels: { app: 'grafana' } }] },
  admission: { platformGroups: ['platform'] },
  nodes: { perfEventParanoid: {}, ebpfInventory: {} },
  externalSecrets: { storeRef: { name: 'vault' } },
  pyroscope: { tenants: TENANTS, ...CHART, alloy: CHART, grafana: { namespace: 'monitoring', operator: { instanceLabels: { a: 'b' } } } },
};

interface Image { readonly registry: string; readonly repository: string; readonly pullSecrets?: object }

/** The part of the charts' values that these tests look at. */
interface Values {
  readonly pyroscope: {
    readonly pyroscope: { readonly extraLabels: object; readonly podAnnotations: object; readonly imagePullSecrets: object; readonly image: Image };
  };
  readonly alloy: { readonly controller: { readonly podLabels: object; readonly podAnnotations: object }; readonly image: Image };
}
const valuesOf = (spec: ResolvedSpec): Values => renderHelmValues(spec) as unknown as Values;

const templates = (manifests: readonly Manifest[]): Array<readonly [string, PodTemplateSpec]> => manifests.flatMap(manifest => {
  const { template } = (manifest as Manifest & { spec?: { template?: PodTemplateSpec } }).spec ?? {};
  return template?.spec ? [[`${manifest.kind} ${manifest.metadata.name}`, template] as const] : [];
});
const has = ({ labels, annotations }: { labels?: object; annotations?: object } = {}) =>
  Object.entries(METADATA.labels).every(([key, value]) => (labels as Record<string, string>)?.[key] === value)
  && Object.entries(METADATA.annotations).every(([key, value]) => (annotations as Record<string, string>)?.[key] === value);

describe('Labels and annotations of a company', () => {
  const plain = render(EVERYTHING);
  const labelled = render({ ...EVERYTHING, metadata: METADATA });

  it('are on every object and every pod', () => {
    expect(new Set(labelled.map(({ kind }) => kind)).size).toBeGreaterThan(15);
    expect(labelled.filter(({ metadata }) => !has(metadata)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([]);
    expect(templates(labelled).length).toBeGreaterThan(4);
    expect(templates(labelled).filter(([, { metadata }]) => !has(metadata)).map(([name]) => name)).toEqual([]);
  });

  it('change nothing else: no selector, no policy, no name', () => {
    const without = (manifests: readonly Manifest[]): unknown => JSON.parse(JSON.stringify(manifests), (key, value: unknown) => {
      if ((key !== 'labels' && key !== 'annotations' && key !== 'secretTemplate') || typeof value !== 'object' || value === null) { return value; }
      const rest = Object.fromEntries(Object.entries(value).filter(([own]) => !own.startsWith('corp.example/')));
      return Object.keys(rest).length > 0 && key !== 'secretTemplate' ? rest : undefined;
    });
    // The policy of the agents' namespace compares the pods, annotations included.
    const others = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => kind !== 'ValidatingAdmissionPolicy' && kind !== 'ValidatingAdmissionPolicyBinding');
    expect(without(others(labelled))).toEqual(without(others(plain)));
  });

  it('are on Secrets with tokens, and on objects that grants add later', () => {
    const spec = resolved({ metadata: METADATA, ...pyroscope() });
    const objects = [...renderSecrets(spec, () => 'token'), ...Object.values(renderNetworkPolicies(spec)), ...Object.values(renderPushPolicy(spec, 'checkout'))];
    expect(objects.length).toBeGreaterThan(10);
    expect(objects.filter(({ metadata }) => !has(metadata))).toEqual([]);
  });

  it('are on what charts make', () => {
    const { pyroscope: ofPyroscope, alloy } = valuesOf(resolved({ ...EVERYTHING, metadata: METADATA }));
    expect(ofPyroscope.pyroscope.extraLabels).toMatchObject(METADATA.labels);
    expect(ofPyroscope.pyroscope.podAnnotations).toMatchObject(METADATA.annotations);
    expect(alloy.controller.podLabels).toMatchObject(METADATA.labels);
    expect(alloy.controller.podAnnotations).toMatchObject(METADATA.annotations);
  });

  it('never ask Pyroscope\'s chart to profile it, whatever they say', () => {
    const annotations = { 'profiles.grafana.com.example/cpu.scrape': 'true' };
    const { podAnnotations } = valuesOf(resolvedPyroscope(CHART, { metadata: { annotations } })).pyroscope.pyroscope;
    expect(podAnnotations).toMatchObject({ ...annotations, 'profiles.grafana.com/cpu.scrape': 'false' });
  });
});

describe('Settings of single workloads', () => {
  it('win over those of the company for their pods, and stay off their objects', () => {
    const pod = { labels: { 'corp.example/cost-center': '5678', 'corp.example/tier': 'db' } };
    const { metadata, spec } = find<Deployment>(render({ metadata: METADATA, ...pyroscope({ ...CHART, gateway: { pod } }) }), 'Deployment', 'pyroscope-gateway');
    expect(spec!.template.metadata!.labels).toMatchObject(pod.labels);
    expect(metadata!.labels).toMatchObject(METADATA.labels);
    expect(metadata!.labels).not.toHaveProperty(['corp.example/tier']);
  });
});

describe('Secrets with which images are pulled', () => {
  it('are named by every pod, those of charts included', () => {
    const names = PULL_SECRETS.map(name => ({ name }));
    const pods = templates(render(EVERYTHING));
    expect(pods.length).toBeGreaterThan(4);
    pods.forEach(([, { spec }]) => expect(spec!.imagePullSecrets).toEqual(names));
    const values = valuesOf(resolved(EVERYTHING));
    expect(values.pyroscope.pyroscope.imagePullSecrets).toEqual(names);
    expect(values.alloy.image.pullSecrets).toEqual(names);
  });

  it('are nowhere where there are none', () => {
    templates(render({ ...EVERYTHING, images: { pinning: 'tagsAllowed' } })).forEach(([, { spec }]) => expect(spec).not.toHaveProperty('imagePullSecrets'));
  });
});

describe('A mirror', () => {
  it('serves every image that runs, those of charts included', () => {
    const spec = resolved({ ...EVERYTHING, images: { pinning: 'tagsAllowed', registry: 'mirror.example.com/ext' } });
    const containers = templates(renderManifests(spec)).flatMap(([, { spec: pod }]) => [...pod!.containers, ...pod!.initContainers ?? []]);
    const images = containers.map(({ image }) => image!);
    expect(images.length).toBeGreaterThan(6);
    expect(images.filter(image => !image.startsWith('mirror.example.com/ext/'))).toEqual([]);
    const { pyroscope: chart, alloy } = valuesOf(spec);
    expect(`${chart.pyroscope.image.registry}/${chart.pyroscope.image.repository}`).toBe('mirror.example.com/ext/grafana/pyroscope');
    expect(`${alloy.image.registry}/${alloy.image.repository}`).toBe('mirror.example.com/ext/grafana/alloy');
  });
});
