import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { agents, nodePools, parca, pyroscope } from './config/errors';
import { CHART, MICROSERVICES } from './pyroscope/tenants';
import { find, render, resolved } from './support';
import { renderHelmValues, renderParts } from '../src/render';

type Sections = Parameters<typeof render>[0];

const NODE_POD = {
  tolerations: [{ key: 'gpu' }],
  priorityClassName: 'corp-critical',
  imagePullPolicy: 'Always',
  labels: { 'corp.example/tier': 'a' },
  annotations: { 'corp.example/note': 'b' },
  resources: { cpuRequest: '200m', cpuLimit: '4', memoryRequest: '1Gi', memoryLimit: '6Gi' },
};
const WORKLOAD_POD = {
  ...NODE_POD,
  nodeSelector: { disk: 'ssd' },
  nodeAffinity: [{ key: 'spot', operator: 'DoesNotExist' }],
  topologySpread: [{ topologyKey: 'topology.kubernetes.io/zone' }],
};

/** Every workload that we make, its place in the document, and the label by which it is found. */
const WORKLOADS: ReadonlyArray<readonly [place: string, kind: string, name: string, sections: (pod: object) => Sections, isOnEveryNode: boolean]> = [
  ['parca.server.pod', 'StatefulSet', 'parca', pod => parca({ server: { pod } }), false],
  ['pyroscope.pod', 'StatefulSet', 'pyroscope', pod => pyroscope({ pod }), false],
  ['pyroscope.gateway.pod', 'Deployment', 'pyroscope-gateway', pod => pyroscope({ ...CHART, gateway: { pod } }), false],
  ['agents.pod', 'DaemonSet', 'parca-agent-default', pod => agents({ pod }), true],
  ['agents.nodePools[]', 'DaemonSet', 'parca-agent-default', pod => nodePools({ name: 'default', ...pod }), true],
  ['agents.pod, for Alloy', 'DaemonSet', 'alloy', pod => ({ ...agents({ pod }), ...pyroscope() }), true],
  ['pyroscope.alloy.pod', 'DaemonSet', 'alloy', pod => pyroscope({ alloy: { pod } }), true],
  ['nodes.pod, for settings', 'DaemonSet', 'node-settings', pod => ({ nodes: { perfEventParanoid: {}, pod } }), true],
  ['nodes.pod, for the inventory', 'DaemonSet', 'ebpf-inventory', pod => ({ nodes: { ebpfInventory: {}, pod } }), true],
];
const templateOf = (kind: string, name: string, sections: Sections): PodTemplateSpec => find<DaemonSet>(render(sections), kind, name).spec!.template;

describe.each(WORKLOADS)('Settings at %s', (_, kind, name, sections, isOnEveryNode) => {
  const { metadata, spec } = templateOf(kind, name, sections(isOnEveryNode ? NODE_POD : WORKLOAD_POD));
  const plain = templateOf(kind, name, sections({}));

  it('are those of the pods', () => {
    expect(spec).toMatchObject({ tolerations: [{ key: 'gpu', operator: 'Exists' }], priorityClassName: 'corp-critical' });
    expect([...spec!.containers, ...spec!.initContainers ?? []].filter(({ imagePullPolicy }) => imagePullPolicy !== 'Always')).toEqual([]);
    expect(metadata).toMatchObject({ labels: NODE_POD.labels, annotations: NODE_POD.annotations });
    expect(spec!.containers[0].resources).toMatchObject({ requests: { cpu: '200m', memory: '1Gi' }, limits: { cpu: '4', memory: '6Gi' } });
    // Of others, such as what writes logs.
    expect(Object.keys(spec!.containers[0].resources!.limits!)).toContain('ephemeral-storage');
  });

  it('are where the pods go, of those that do not run everywhere', () => {
    const placed = { nodeSelector: spec!.nodeSelector, spread: spec!.topologySpreadConstraints };
    expect(placed).toEqual(isOnEveryNode ? { nodeSelector: plain.spec!.nodeSelector, spread: undefined } : {
      nodeSelector: { 'kubernetes.io/os': 'linux', 'disk': 'ssd' },
      spread: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { 'app.kubernetes.io/name': name } } }],
    });
    const affinity = spec!.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
    if (!isOnEveryNode) { expect(affinity).toEqual([{ matchExpressions: [{ key: 'spot', operator: 'DoesNotExist' }] }]); }
    // What keeps replicas apart is still there.
    expect(spec!.affinity?.podAntiAffinity).toEqual(plain.spec!.affinity?.podAntiAffinity);
  });

  it('are nothing else: the security of the pods is no option', () => {
    const security = ({ spec: pod }: PodTemplateSpec) => [
      pod!.securityContext, pod!.hostPID, pod!.hostNetwork, pod!.serviceAccountName, pod!.volumes,
      ...[...pod!.containers, ...pod!.initContainers ?? []].map(container => [
        container.securityContext, container.args, container.command, container.volumeMounts, container.ports,
      ]),
    ];
    expect(security({ spec })).toEqual(security(plain));
  });

  it('leave the pods to be found by their labels', () => {
    const { selector, template } = find<DaemonSet>(render(sections(NODE_POD)), kind, name).spec!;
    expect(template.metadata!.labels).toMatchObject(selector.matchLabels!);
    expect(Object.keys(selector.matchLabels!)).not.toContain('corp.example/tier');
  });
});

describe('Garbage collectors', () => {
  it.each<[string, (memoryLimit: string) => Sections]>([
    ['parca', memoryLimit => parca({ server: { pod: { resources: { memoryLimit } } } })], ['pyroscope', memoryLimit => pyroscope({ pod: { resources: { memoryLimit } } })],
  ])('know the limit that the document gives to %s', (name, sections) => {
    const heap = Number(templateOf('StatefulSet', name, sections('10Gi')).spec!.containers[0].env!.find(variable => variable.name === 'GOMEMLIMIT')!.value);
    expect(heap).toBe(Math.floor(0.9 * 10 * 2 ** 30));
  });
});

describe('The PriorityClass of profilers', () => {
  const profilers = (sections: Sections) => Object.keys(renderParts(resolved(sections)).profilers);

  it('is there once for all of them, named after their namespace', () => {
    const manifests = render({ ...agents({ namespace: 'eyes' }), ...pyroscope(), nodes: { perfEventParanoid: {}, ebpfInventory: {} } });
    expect(manifests.filter(({ kind }) => kind === 'PriorityClass').map(({ metadata }) => metadata.name)).toEqual(['eyes-profilers']);
    const daemonSets = manifests.filter(({ kind }) => kind === 'DaemonSet') as unknown as DaemonSet[];
    expect(daemonSets).toHaveLength(4);
    daemonSets.forEach(({ spec }) => expect(spec!.template.spec!.priorityClassName).toBe('eyes-profilers'));
  });

  it('is there as long as one of them has it', () => {
    const priorityClassName = 'corp-critical';
    expect(profilers({})).toEqual(['priority-class']);
    expect(profilers({ ...agents({ pod: { priorityClassName } }) })).toEqual([]);
    expect(profilers({ ...agents({ pod: { priorityClassName } }), nodes: { perfEventParanoid: {} } })).toEqual(['priority-class']);
    expect(profilers({ ...nodePools({ name: 'a', priorityClassName, nodeSelector: { pool: 'a' } }, { name: 'b' }) })).toEqual(['priority-class']);
    // Values of the chart name it as well.
    expect(profilers({ ...nodePools({ name: 'a', priorityClassName }), ...pyroscope({ alloy: CHART }) })).toEqual(['priority-class']);
  });

  it('is not there where nothing runs on the nodes', () => {
    expect(profilers(parca({ agent: { enabled: false } }))).toEqual([]);
    expect(profilers(nodePools({ name: 'old', kernel: '4.19' }))).toEqual([]);
  });
});

describe('Settings of what charts make', () => {
  interface Values {
    readonly architecture: { readonly overwriteResources?: object };
    readonly pyroscope: Readonly<Record<string, unknown>> & { readonly image: object };
    readonly image: object;
    readonly controller: Readonly<Record<string, unknown>>;
    readonly alloy: { readonly resources: object };
  }
  const valuesOf = (chart: 'alloy' | 'pyroscope', sections: Sections) => renderHelmValues(resolved(sections))[chart] as unknown as Values;

  it('are in the values of Pyroscope', () => {
    const { pyroscope: values, architecture } = valuesOf('pyroscope', pyroscope({ ...CHART, pod: WORKLOAD_POD }));
    expect(values).toMatchObject({
      image: { pullPolicy: 'Always' },
      nodeSelector: { 'kubernetes.io/os': 'linux', 'disk': 'ssd' },
      tolerations: [{ key: 'gpu', operator: 'Exists' }],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: WORKLOAD_POD.nodeAffinity }] } },
      },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'pyroscope' } } }],
      priorityClassName: 'corp-critical',
      extraLabels: NODE_POD.labels,
      podAnnotations: NODE_POD.annotations,
      resources: { requests: { cpu: '200m', memory: '1Gi' }, limits: { cpu: '4', memory: '6Gi' } },
      extraEnvVars: { GOMEMLIMIT: `${Math.floor(0.9 * 6 * 2 ** 30)}` },
    });
    expect(architecture).not.toHaveProperty('overwriteResources');
  });

  it('are those of each component of microservices, where they are given', () => {
    const { resources } = WORKLOAD_POD;
    const given = valuesOf('pyroscope', pyroscope({ ...MICROSERVICES, pod: { resources } }));
    expect(given.architecture.overwriteResources).toEqual({ requests: { cpu: '200m', memory: '1Gi' }, limits: { cpu: '4', memory: '6Gi' } });
    expect(given.pyroscope).not.toHaveProperty('resources');
    expect(valuesOf('pyroscope', pyroscope(MICROSERVICES)).architecture).not.toHaveProperty('overwriteResources');
  });

  it('are nothing where nothing is said', () => {
    const { pyroscope: values } = valuesOf('pyroscope', pyroscope(CHART));
    ['tolerations', 'affinity', 'topologySpreadConstraints', 'priorityClassName', 'extraLabels', 'imagePullSecrets'].forEach(key => expect(values).not.toHaveProperty(key));
    expect(values.image).not.toHaveProperty('pullPolicy');
    const alloy = valuesOf('alloy', pyroscope({ alloy: CHART }));
    expect(alloy.controller).not.toHaveProperty('podLabels');
    expect(alloy.image).not.toHaveProperty('pullPolicy');
  });

  it('are in the values of Alloy', () => {
    const values = valuesOf('alloy', pyroscope({ alloy: { ...CHART, pod: NODE_POD } }));
    expect(values).toMatchObject({
      image: { pullPolicy: 'Always' },
      controller: {
        tolerations: [{ key: 'gpu', operator: 'Exists' }], priorityClassName: 'corp-critical', podLabels: NODE_POD.labels, podAnnotations: NODE_POD.annotations,
      },
      alloy: { resources: { requests: { 'cpu': '200m', 'memory': '1Gi', 'ephemeral-storage': '64Mi' }, limits: { cpu: '4', memory: '6Gi' } } },
    });
  });
});
