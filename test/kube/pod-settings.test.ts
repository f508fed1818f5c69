import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { withNodeAffinity, withResources, withSettings } from '../../src/kube/pod-settings';

const SELECTOR = { 'app.kubernetes.io/name': 'parca' };
const TEMPLATE: PodTemplateSpec = {
  metadata: { labels: { ...SELECTOR, tier: 'ours' }, annotations: { checksum: 'ours' } },
  spec: {
    serviceAccountName: 'parca',
    priorityClassName: 'profilers',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    initContainers: [{ name: 'preflight', image: 'busybox', imagePullPolicy: 'IfNotPresent' }],
    containers: [
      {
        name: 'parca',
        image: 'parca',
        imagePullPolicy: 'IfNotPresent',
        resources: { requests: { 'cpu': '100m', 'memory': '256Mi', 'ephemeral-storage': '16Mi' }, limits: { 'memory': '1Gi', 'ephemeral-storage': '1Gi' } },
      },
      { name: 'gateway', image: 'haproxy', imagePullPolicy: 'IfNotPresent', resources: { limits: { memory: '64Mi' } } },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  },
};
const podOf = (settings: Parameters<typeof withSettings>[1]) => withSettings(TEMPLATE, settings, SELECTOR).spec!;

describe('Settings of pods', () => {
  it('that say nothing change nothing, the order of keys included', () => {
    expect(JSON.stringify(withSettings(TEMPLATE, {}, SELECTOR))).toBe(JSON.stringify(TEMPLATE));
  });

  it('add labels and annotations, but not in place of those that selectors and policies look for', () => {
    const { metadata } = withSettings(TEMPLATE, { labels: { team: 'sre', tier: 'theirs', ...{ 'app.kubernetes.io/name': 'theirs' } }, annotations: { note: 'a', checksum: 'theirs' } }, SELECTOR);
    expect(metadata).toEqual({ labels: { ...SELECTOR, tier: 'ours', team: 'sre' }, annotations: { checksum: 'ours', note: 'a' } });
  });

  it('make no empty annotations', () => {
    const bare = { metadata: { labels: SELECTOR }, spec: TEMPLATE.spec };
    expect(withSettings(bare, { labels: { team: 'sre' } }, SELECTOR).metadata).not.toHaveProperty('annotations');
    expect(withSettings(bare, { annotations: { note: 'a' } }, SELECTOR).metadata).toMatchObject({ annotations: { note: 'a' } });
  });

  it('keep the system that the images run on', () => {
    expect(podOf({ nodeSelector: { 'disk': 'ssd', 'kubernetes.io/os': 'windows' } }).nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'disk': 'ssd' });
  });

  it('say all that is tolerated, also when that is nothing, without an empty list', () => {
    const tolerant = { ...TEMPLATE, spec: { ...TEMPLATE.spec!, tolerations: [{ operator: 'Exists' }] } };
    const gpu = [{ key: 'gpu', operator: 'Exists' }];
    expect(withSettings(tolerant, { tolerations: gpu }, SELECTOR).spec!.tolerations).toEqual(gpu);
    expect(withSettings(tolerant, { tolerations: [] }, SELECTOR).spec).not.toHaveProperty('tolerations');
    expect(podOf({ tolerations: [] })).not.toHaveProperty('tolerations');
    expect(withSettings(tolerant, {}, SELECTOR).spec!.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  it('name another PriorityClass', () => {
    expect(podOf({ priorityClassName: 'corp' }).priorityClassName).toBe('corp');
    expect(podOf({}).priorityClassName).toBe('profilers');
  });

  it('pull every image of the pod in the same way', () => {
    const { initContainers, containers } = podOf({ imagePullPolicy: 'Always' });
    expect([...initContainers!, ...containers].map(({ imagePullPolicy }) => imagePullPolicy)).toEqual(['Always', 'Always', 'Always']);
  });

  it('size the first container alone, and leave what they do not say', () => {
    const { containers } = podOf({ resources: { cpuLimit: '2', memoryRequest: '512Mi' } });
    expect(containers[0].resources).toEqual({
      requests: { 'cpu': '100m', 'memory': '512Mi', 'ephemeral-storage': '16Mi' }, limits: { 'cpu': '2', 'memory': '1Gi', 'ephemeral-storage': '1Gi' },
    });
    expect(containers[1]).toEqual(TEMPLATE.spec!.containers[1]);
  });

  it('spread the pods by their selector, not by what is added to them', () => {
    const topologySpread = [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' }];
    expect(podOf({ topologySpread, labels: { team: 'sre' } }).topologySpreadConstraints).toEqual([{ ...topologySpread[0], labelSelector: { matchLabels: SELECTOR } }]);
    expect(podOf({})).not.toHaveProperty('topologySpreadConstraints');
  });

  it('do not change what they are given', () => {
    const before = JSON.stringify(TEMPLATE);
    withSettings(TEMPLATE, { labels: { a: 'b' }, resources: { cpuLimit: '1' }, imagePullPolicy: 'Always', nodeAffinity: [{ key: 'a', operator: 'Exists' }] }, SELECTOR);
    expect(JSON.stringify(TEMPLATE)).toBe(before);
  });
});

describe('Conditions on nodes', () => {
  const [ssd, zone] = [{ key: 'disk', operator: 'In', values: ['ssd'] }, { key: 'zone', operator: 'Exists' }];
  const required = (nodeSelectorTerms: object[]) => ({ nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } });

  it('are an affinity where there is none', () => {
    expect(withNodeAffinity(undefined, [ssd, zone])).toEqual(required([{ matchExpressions: [ssd, zone] }]));
  });

  it('hold in each alternative of an affinity: one that lacked them would let the pods go everywhere', () => {
    const [a, b] = [{ key: 'pool', operator: 'In', values: ['a'] }, { key: 'pool', operator: 'In', values: ['b'] }];
    expect(withNodeAffinity(required([{ matchExpressions: [a] }, { matchExpressions: [b] }, {}]), [ssd])).toEqual(required([
      { matchExpressions: [a, ssd] }, { matchExpressions: [b, ssd] }, { matchExpressions: [ssd] },
    ]));
  });

  it('leave the rest of an affinity', () => {
    const preferred = [{ weight: 1, preference: { matchExpressions: [zone] } }];
    const podAntiAffinity = { preferredDuringSchedulingIgnoredDuringExecution: [] };
    expect(withNodeAffinity({ podAntiAffinity, nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } }, [ssd])).toEqual({
      podAntiAffinity,
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred, ...required([{ matchExpressions: [ssd] }]).nodeAffinity },
    });
  });

  it('are nothing where there are none', () => {
    expect(withNodeAffinity(undefined)).toBeUndefined();
    expect(withNodeAffinity(required([]), [])).toEqual(required([]));
  });
});

describe('Resources', () => {
  it('are made of what is given where the container has none', () => {
    expect(withResources(undefined, { memoryLimit: '1Gi' })).toEqual({ limits: { memory: '1Gi' } });
    expect(withResources({}, { cpuRequest: '1', cpuLimit: '2', memoryRequest: '3Gi', memoryLimit: '4Gi' }))
      .toEqual({ requests: { cpu: '1', memory: '3Gi' }, limits: { cpu: '2', memory: '4Gi' } });
    expect(withResources({})).toEqual({});
  });
});
