import { agents, parca, pyroscope } from './errors';
import { overridden, resolvePod } from '../../src/config/resolve-pod';
import { CHART } from '../pyroscope/tenants';
import { having, resolved, resolvedParca } from '../support';

const RESOURCES = { cpuRequest: '50m', memoryRequest: '256Mi', memoryLimit: '1Gi' };

describe('Settings of pods', () => {
  it('are nothing where nothing is said', () => {
    expect(resolvePod()).toEqual({});
    expect(resolvedParca().parca.server.pod).toEqual({});
  });

  it('are what the API server knows', () => {
    const spread = { topologyKey: 'topology.kubernetes.io/zone' };
    const pod = {
      tolerations: [{ key: 'gpu' }, { key: 'gpu', value: 'yes' }, { key: 'gpu', operator: 'Equal' }, { operator: 'Exists', effect: 'NoExecute' }],
      nodeSelector: { disk: 'ssd' },
      nodeAffinity: [{ key: 'zone', operator: 'In', values: ['a'] }, { key: 'spot', operator: 'DoesNotExist' }],
      topologySpread: [spread, { ...spread, maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' }],
      priorityClassName: 'corp',
      imagePullPolicy: 'Always',
      labels: { team: 'sre' },
      annotations: { note: 'a' },
      resources: { cpuLimit: '4', memoryLimit: '8Gi' },
    };
    expect(resolvedParca(parca({ server: { pod } })).parca.server.pod).toEqual({
      ...pod,
      tolerations: [
        { key: 'gpu', operator: 'Exists' }, { key: 'gpu', operator: 'Equal', value: 'yes' }, { key: 'gpu', operator: 'Equal' }, { operator: 'Exists', effect: 'NoExecute' },
      ],
      topologySpread: [{ ...spread, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }, { ...spread, maxSkew: 2, whenUnsatisfiable: 'DoNotSchedule' }],
    });
  });

  it('of one\'s own come before those of all; resources, labels and annotations one by one', () => {
    const all = { tolerations: [{ key: 'a' }], priorityClassName: 'corp', resources: { cpuLimit: '1', memoryLimit: '1Gi' }, labels: { a: '1', b: '1' }, annotations: { c: '1' } };
    expect(overridden(all, { tolerations: [], resources: { memoryLimit: '2Gi' }, labels: { b: '2' } })).toEqual({
      tolerations: [], priorityClassName: 'corp', resources: { cpuLimit: '1', memoryLimit: '2Gi' }, labels: { a: '1', b: '2' }, annotations: { c: '1' },
    });
    expect(overridden({}, {})).toEqual({});
  });
});

describe('Settings of agents', () => {
  it('are those of all pools, unless a pool has its own', () => {
    const { pod, nodePools } = resolved(agents({
      pod: { tolerations: [{ key: 'gpu' }], priorityClassName: 'corp', resources: { memoryLimit: '2Gi' } },
      nodePools: [{ name: 'a', nodeSelector: { pool: 'a' } }, { name: 'b', tolerations: [], resources: { cpuRequest: '1' } }],
    })).agents;
    const shared = { tolerations: [{ key: 'gpu', operator: 'Exists' }], priorityClassName: 'corp', resources: { ...RESOURCES, memoryLimit: '2Gi' } };
    expect(pod).toEqual(shared);
    expect(nodePools.map(one => one.pod)).toEqual([shared, { ...shared, tolerations: [], resources: { ...shared.resources, cpuRequest: '1' } }]);
  });
});

describe('Settings of Alloy', () => {
  const podOf = (alloy: object, sections: object = {}) => having('alloy', resolved({ ...sections, ...pyroscope({ alloy }) })).alloy.groups[0].pod;
  const POOLS = [
    { name: 'a', nodeSelector: { pool: 'a' }, tolerations: [{ key: 'gpu' }, { key: 'arm' }] }, { name: 'b', nodeSelector: { pool: 'b' }, tolerations: [{ key: 'gpu' }] },
    { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, tolerations: [{ key: 'legacy' }] },
  ];

  it('are those of all agents, with what any pool that it runs on tolerates, once', () => {
    expect(podOf({}, agents({ pod: { priorityClassName: 'corp' }, nodePools: POOLS }))).toEqual({
      priorityClassName: 'corp', resources: RESOURCES, tolerations: [{ key: 'gpu', operator: 'Exists' }, { key: 'arm', operator: 'Exists' }],
    });
  });

  it('are those of single pools only for the pods of these, and from the chart for none', () => {
    const pools = agents({ nodePools: [{ name: 'rest' }, { name: 'a', nodeSelector: { pool: 'a' }, priorityClassName: 'corp', labels: { a: 'b' } }] });
    const groups = (alloy: object) => having('alloy', resolved({ ...pools, ...pyroscope({ alloy }) })).alloy.groups.map(({ pool, pod }) => [pool, pod]);
    const own = { resources: RESOURCES, priorityClassName: 'corp', labels: { a: 'b' } };
    expect(groups({})).toEqual([[undefined, { resources: RESOURCES }], ['a', own]]);
    expect(groups({ delivery: 'chart' })).toEqual([[undefined, { resources: RESOURCES }]]);
  });

  it('are its own where it has some, and then tolerations are all that it has', () => {
    const alloy = { pod: { tolerations: [{ key: 'mine' }], priorityClassName: 'alloy', resources: { memoryLimit: '3Gi' } } };
    expect(podOf(alloy, agents({ pod: { priorityClassName: 'corp' }, nodePools: POOLS }))).toEqual({
      priorityClassName: 'alloy', resources: { ...RESOURCES, memoryLimit: '3Gi' }, tolerations: [{ key: 'mine', operator: 'Exists' }],
    });
  });
});

describe('Settings of Pyroscope\'s gateway', () => {
  const gatewayOf = (keys: object) => having('pyroscope', resolved(pyroscope({ ...CHART, ...keys }))).pyroscope.gateway.pod;

  it('are those of Pyroscope but for resources, which are those of another program', () => {
    const pod = { nodeSelector: { disk: 'ssd' }, priorityClassName: 'corp', resources: { memoryLimit: '8Gi' } };
    expect(gatewayOf({ pod })).toEqual({ nodeSelector: { disk: 'ssd' }, priorityClassName: 'corp' });
    expect(gatewayOf({ pod, gateway: { pod: { priorityClassName: 'gateway', resources: { memoryLimit: '2Gi' } } } })).toEqual({
      nodeSelector: { disk: 'ssd' }, priorityClassName: 'gateway', resources: { memoryLimit: '2Gi' },
    });
  });
});
