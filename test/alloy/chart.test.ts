import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { alloyValues } from '../../src/alloy/chart';
import { alloyConfig } from '../../src/alloy/config';
import { readDocument } from '../../src/config/document';
import { escapeTemplate } from '../../src/kube/helm';
import { labels } from '../../src/kube/labels';
import { renderHelmValues } from '../../src/render';
import { resolve } from '../../src/resolve';
import { runs } from '../property-runs';
import { validPyroscope } from '../pyroscope/arbitraries';
import { alloySlice, CHART, pyroscope, resolvedPyroscope, resolvedSection } from '../pyroscope/tenants';
import { ALLOY_CHART_VALUES, unknownKeys } from '../pyroscope/upstream';
import { find, render } from '../support';

const EXAMPLES = join(__dirname, '..', '..', 'examples');
const ALLOY = { alloy: CHART };

interface Values {
  readonly image: {
    readonly registry: string;
    readonly repository: string;
    readonly tag?: string;
    readonly digest?: string;
    readonly pullPolicy?: string;
    readonly pullSecrets?: object[];
  };
  readonly controller: Readonly<Record<string, unknown>> & { readonly volumes: { readonly extra: Volume[] } };
  readonly alloy: Readonly<Record<string, unknown>> & {
    readonly configMap: { readonly content: string };
    readonly mounts: { readonly extra: VolumeMount[] };
    readonly extraArgs: string[];
    readonly extraEnv: unknown[];
    readonly listenAddr: string;
    readonly listenPort: number;
  };
}

const values = (keys: object = {}, sections: object = {}): Values =>
  alloyValues(alloySlice(resolvedPyroscope({ ...ALLOY, ...keys }, sections))) as unknown as Values;
const plain = (keys: object = {}, sections: object = {}) =>
  find<DaemonSet>(render({ ...sections, ...pyroscope(keys) }), 'DaemonSet', 'alloy', 'profiling-agents').spec!;

const old = { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, tolerations: [{ key: 'legacy' }] };
const POOLS = { agents: { nodePools: [{ name: 'rest', tolerations: [{ key: 'gpu' }] }, old] } };
const OLD_SERVER = { cluster: { name: 'dev', kubernetesVersion: '1.29' } };
const SETTINGS = {
  tolerations: [{ key: 'mine' }], priorityClassName: 'corp', imagePullPolicy: 'Always', labels: { 'corp.example/a': 'pod' }, annotations: { 'corp.example/b': 'pod' },
};
const COMPANY = {
  metadata: { labels: { 'corp.example/a': 'all', 'corp.example/c': 'all' }, annotations: { 'corp.example/b': 'all', 'corp.example/d': 'all' } },
  images: { pinning: 'tagsAllowed', pullSecrets: ['mirror'] },
};
const JAVA = { tenants: [{ name: 'jvm', namespaces: ['jvm'], java: { enabled: true, alloc: '512k' } }] };

describe('Values of Alloy\'s chart', () => {
  it.each(readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml')))('of %s have no path that the chart does not know', file => {
    const document = readDocument(join(EXAMPLES, file));
    const { alloy } = renderHelmValues(resolve(document.value, document));
    expect(alloy === undefined ? [] : unknownKeys(alloy, ALLOY_CHART_VALUES)).toEqual([]);
  });

  it('have no path that the chart does not know, whatever the document says', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const ours = renderHelmValues(resolvedSection({ ...section, ...ALLOY })).alloy;
      fc.pre(ours !== undefined);
      expect(unknownKeys(ours, ALLOY_CHART_VALUES)).toEqual([]);
    }), runs(80));
  });

  it.each<[string, object, object]>([
    ['as it is', {}, {}], ['with Java', JAVA, {}], ['on some nodes', {}, POOLS], ['on an old API server', {}, OLD_SERVER],
    ['with resources', { alloy: { delivery: 'native', pod: { resources: { memoryLimit: '3Gi' } } } }, {}],
    ['with settings', { alloy: { delivery: 'native', pod: SETTINGS } }, {}],
    ['with company rules', { alloy: { delivery: 'native', pod: SETTINGS } }, COMPANY],
  ])('make the same pod as our own manifests: %s', (_, keys, sections) => {
    const { template, updateStrategy } = plain(keys, sections);
    const { spec, metadata } = template;
    const [ours] = spec!.containers;
    const { alloy = {} } = keys as { alloy?: object };
    const { controller, alloy: container, image } = values({ ...keys, alloy: { ...alloy, ...CHART } }, sections);
    expect(container.securityContext).toEqual(ours.securityContext);
    expect(container.resources).toEqual(ours.resources);
    expect(container.livenessProbe).toEqual(ours.livenessProbe);
    // The chart has the volume of the configuration itself.
    expect(container.mounts.extra).toEqual(ours.volumeMounts!.filter(({ name }) => name !== 'config'));
    expect(controller.volumes.extra).toEqual(spec!.volumes!.filter(({ name }) => name !== 'config'));
    expect(controller.podAnnotations).toEqual(metadata!.annotations);
    expect(metadata!.labels).toEqual({ ...labels('alloy'), ...controller.podLabels as object });
    expect(image.pullPolicy ?? 'IfNotPresent').toBe(ours.imagePullPolicy);
    expect(image.pullSecrets).toEqual(spec!.imagePullSecrets);
    expect(controller.affinity).toEqual(spec!.affinity);
    expect(controller.tolerations).toEqual(spec!.tolerations ?? []);
    expect(controller.nodeSelector).toEqual(spec!.nodeSelector);
    expect(controller.hostPID).toBe(spec!.hostPID);
    expect(controller.priorityClassName).toBe(spec!.priorityClassName);
    expect(controller.updateStrategy).toEqual(updateStrategy);
  });

  it('become the same flags, with what the chart adds of its own', () => {
    const { alloy } = values();
    const flags = [
      'run', '/etc/alloy/config.alloy', `--storage.path=${alloy.storagePath as string}`, `--server.http.listen-addr=${alloy.listenAddr}:${alloy.listenPort}`,
      ...(alloy.enableReporting === false ? ['--disable-reporting'] : []), `--stability.level=${alloy.stabilityLevel as string}`, ...alloy.extraArgs,
    ];
    expect(flags).toEqual(plain().template.spec!.containers[0].args);
    // HOSTNAME is there without us.
    expect(alloy.extraEnv).toEqual(plain().template.spec!.containers[0].env!.filter(({ name }) => name !== 'HOSTNAME'));
  });

  it('give the chart neither a role nor an account to make, nor a second image', () => {
    expect(values()).toMatchObject({
      fullnameOverride: 'alloy',
      rbac: { create: false },
      serviceAccount: { create: false, name: 'alloy' },
      configReloader: { enabled: false },
      service: { enabled: false },
      crds: { create: false },
      controller: { type: 'daemonset' },
    });
  });

  it('have the configuration of the nodes, as it comes out of the chart\'s templates', () => {
    const spec = resolvedPyroscope(ALLOY);
    expect(values().alloy.configMap).toEqual({ create: true, content: escapeTemplate(alloyConfig(alloySlice(spec))) });
  });

  it('take the image of the document', () => {
    expect(values().image).toEqual({ registry: 'docker.io', repository: 'grafana/alloy', tag: 'v1.18.1' });
  });

  it('are none where the manifests are our own, or nothing is profiled', () => {
    expect(alloyValues(alloySlice(resolvedPyroscope()))).toBeUndefined();
    expect(renderHelmValues(resolvedPyroscope({ ...ALLOY, tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] }))).toEqual({});
  });
});

/** What the chart makes of the values of an image, and of the label for its version. */
function rendered({ registry, repository, tag, digest }: Values['image']): { image: string; label: string } {
  const id = digest ? `@${digest.replace(/^(sha256:)?/, 'sha256:')}` : `:${tag}`;
  return { image: `${registry}/${repository}${id}`, label: id.replace(/^@sha256/, '').replace(/^:/, '').slice(0, 63) };
}
const DIGEST = `sha256:${'1'.repeat(64)}`;
const imageOf = (alloy: string) => rendered(values({}, { images: { pinning: 'tagsAllowed', alloy } }).image);

describe('The image in Alloy\'s chart', () => {
  it('is the same with a registry and a tag', () => {
    expect(imageOf('registry.example.com:5000/mirror/alloy:v1.18.1')).toEqual({ image: 'registry.example.com:5000/mirror/alloy:v1.18.1', label: 'v1.18.1' });
  });

  // The chart always writes a slash behind the registry, and makes a label of the tag, in which no @ may be.
  it.each([`docker.io/grafana/alloy:v1.18.1@${DIGEST}`, 'grafana/alloy:v1.18.1', `grafana/alloy@${DIGEST}`])('is one that runs: %s', alloy => {
    const { image, label } = imageOf(alloy);
    expect(image).toMatch(/^[^/]/);
    expect(label).toMatch(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
  });
});
