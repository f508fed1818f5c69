import { agents, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf } from './errors';
import { CHART, MICROSERVICES } from '../pyroscope/tenants';
import { resolved } from '../support';

/** Every place in a document where pods are given settings, by its path; the last ones are workloads that may be placed as well. */
const PLACES: Readonly<Record<string, (pod: object) => object>> = {
  'agents.pod': pod => agents({ pod }),
  'agents.nodePools[0]': pod => nodePools({ name: 'a', ...pod }),
  'nodes.pod': pod => ({ nodes: { ebpfInventory: {}, pod } }),
  'pyroscope.alloy.pod': pod => pyroscope({ alloy: { pod } }),
  'parca.server.pod': pod => parca({ server: { pod } }),
  'pyroscope.pod': pod => pyroscope({ pod }),
  'pyroscope.gateway.pod': pod => pyroscope({ ...CHART, gateway: { pod } }),
};
const ALL = Object.entries(PLACES);
const WORKLOADS = ALL.slice(-3);

describe('Tolerations', () => {
  it.each(ALL)('are refused without a taint: %s', (path, sections) => {
    expect(onlyProblem(refusalOf(sections({ tolerations: [{ key: 'gpu' }, { effect: 'NoSchedule' }] })))).toEqual({
      path: `${path}.tolerations[1]`,
      message: 'names no taint',
      found: 'neither key nor operator',
      allowed: 'a key; or `operator: Exists` alone, which tolerates every taint',
      fix: 'add the key of the taint',
    });
  });

  it('are refused for one that compares no key', () => {
    expect(onlyProblem(refusalOf(agents({ pod: { tolerations: [{ operator: 'Equal', value: 'yes' }] } })))).toMatchObject({
      path: 'agents.pod.tolerations[0]', message: 'names no taint', found: 'operator Equal without a key',
    });
  });

  it('are refused with a value that nothing compares', () => {
    expect(onlyProblem(refusalOf(agents({ pod: { tolerations: [{ key: 'gpu', operator: 'Exists', value: 'yes' }] } })))).toEqual({
      path: 'agents.pod.tolerations[0].value',
      message: 'means nothing with operator `Exists`',
      found: 'yes',
      allowed: 'no value, or operator `Equal`',
      fix: 'remove one of the two',
    });
  });

  it.each<[string, object]>([
    ['a key', { key: 'gpu' }], ['a key and a value', { key: 'gpu', value: 'yes' }], ['every taint', { operator: 'Exists' }],
    ['every taint of an effect', { operator: 'Exists', effect: 'NoExecute' }], ['a key and its operator', { key: 'gpu', operator: 'Equal', value: '' }],
  ])('are accepted for %s', (_, toleration) => {
    ALL.forEach(([, sections]) => expect(() => resolved(sections({ tolerations: [toleration] }))).not.toThrow());
  });

  it.each<[string, object | number]>([['', 7], ['.key', { key: '-' }], ['.operator', { operator: 'In' }], ['.value', { operator: 'Exists', value: ' ' }]])(
    'are not judged by what is wrong itself: %s', (path, toleration) => {
      expect(paths(refusalOf(agents({ pod: { tolerations: [toleration] } })))).toEqual([`agents.pod.tolerations[0]${path}`]);
    });
});

describe('Node affinity', () => {
  const conditions = (...nodeAffinity: unknown[]) => ({ nodeAffinity });

  it.each(WORKLOADS)('is refused without the values that its operator compares: %s', (path, sections) => {
    expect(onlyProblem(refusalOf(sections(conditions({ key: 'disk', operator: 'Exists' }, { key: 'disk', operator: 'In' }))))).toEqual({
      path: `${path}.nodeAffinity[1].values`,
      message: 'is required with operator `In`',
      allowed: 'values with `In` and `NotIn`, and none with `Exists` and `DoesNotExist`',
      fix: 'add the values',
    });
  });

  it.each(['Exists', 'DoesNotExist'])('is refused with values that its operator does not compare: %s', operator => {
    expect(onlyProblem(refusalOf(parca({ server: { pod: conditions({ key: 'disk', operator, values: ['ssd'] }) } })))).toEqual({
      path: 'parca.server.pod.nodeAffinity[0].values',
      message: `means nothing with operator \`${operator}\``,
      allowed: 'values with `In` and `NotIn`, and none with `Exists` and `DoesNotExist`',
      fix: 'remove them',
    });
  });

  it('is accepted by each of the four', () => {
    const four = conditions(
      { key: 'a', operator: 'In', values: ['b'] }, { key: 'a', operator: 'NotIn', values: ['b', 'c'] }, { key: 'a', operator: 'Exists' }, { key: 'a', operator: 'DoesNotExist' },
    );
    WORKLOADS.forEach(([, sections]) => expect(() => resolved(sections(four))).not.toThrow());
  });

  it.each<[string, unknown]>([['', 'ssd'], ['.operator', { key: 'a', operator: 'Gt', values: ['5'] }], ['.values', { key: 'a', operator: 'In', values: 'b' }]])(
    'is not judged by what is wrong itself: %s', (path, condition) => {
      expect(paths(refusalOf(parca({ server: { pod: conditions(condition) } })))).toEqual([`parca.server.pod.nodeAffinity[0]${path}`]);
    });

  it('is no option of pods that run on every node', () => {
    ALL.slice(0, 4).forEach(([path, sections]) => {
      expect(onlyProblem(refusalOf(sections(conditions({ key: 'a', operator: 'Exists' }))))).toMatchObject({ path: `${path}.nodeAffinity`, message: 'unknown key' });
    });
  });
});

describe('Node selector', () => {
  it.each(WORKLOADS)('is refused for a system that no image runs on: %s', (path, sections) => {
    expect(onlyProblem(refusalOf(sections({ nodeSelector: { 'kubernetes.io/os': 'windows' } })))).toEqual({
      path: `${path}.nodeSelector["kubernetes.io/os"]`,
      message: 'is no system that these images run on',
      found: '"windows"',
      allowed: 'linux',
      fix: 'remove it: `linux` is always selected',
    });
  });

  it('is refused for such a system in a node pool, too', () => {
    expect(paths(refusalOf(nodePools({ name: 'a', nodeSelector: { 'kubernetes.io/os': 'windows' } })))).toEqual(['agents.nodePools[0].nodeSelector["kubernetes.io/os"]']);
  });

  it.each([{ 'kubernetes.io/os': 'linux' }, { disk: 'ssd' }])('is accepted: %j', nodeSelector => {
    WORKLOADS.forEach(([, sections]) => expect(() => resolved(sections({ nodeSelector }))).not.toThrow());
  });
});

describe('Resources', () => {
  const problem = (path: string, kind: string, found: string) => ({
    path, message: `makes the ${kind} request larger than the limit`, found, allowed: 'a request that is at most the limit', fix: 'raise the limit or lower the request',
  });

  it.each<[string, string, object]>([
    ['memoryLimit', 'request 256Mi, limit 128Mi', { memoryLimit: '128Mi' }],
    ['memoryRequest', 'request 2Gi, limit 1Gi', { memoryRequest: '2Gi' }],
    ['memoryLimit', 'request 1Gi, limit 1000Mi', { memoryRequest: '1Gi', memoryLimit: '1000Mi' }],
  ])('of the agents are refused when they ask for more memory than they may have: %s, %s', (key, found, resources) => {
    expect(onlyProblem(refusalOf(agents({ pod: { resources } })))).toEqual(problem(`agents.pod.resources.${key}`, 'memory', found));
  });

  it.each<[string, string, object]>([
    ['cpuLimit', 'request 50m, limit 10m', { cpuLimit: '10m' }],
    ['cpuLimit', 'request 2, limit 1500m', { cpuRequest: '2', cpuLimit: '1500m' }],
  ])('are refused when they ask for more CPU than they may have: %s, %s', (key, found, resources) => {
    expect(onlyProblem(refusalOf(agents({ pod: { resources } })))).toEqual(problem(`agents.pod.resources.${key}`, 'CPU', found));
  });

  it.each<[string, string, string, object]>([
    ['agents.nodePools[0]', 'memoryRequest', 'request 2Gi, limit 1Gi', { memoryRequest: '2Gi' }],
    ['pyroscope.alloy.pod', 'memoryRequest', 'request 2Gi, limit 1Gi', { memoryRequest: '2Gi' }],
    ['nodes.pod', 'memoryRequest', 'request 65Mi, limit 64Mi', { memoryRequest: '65Mi' }],
    ['parca.server.pod', 'memoryRequest', 'request 3Gi, limit 2Gi', { memoryRequest: '3Gi' }],
    ['pyroscope.pod', 'memoryRequest', 'request 5Gi, limit 4Gi', { memoryRequest: '5Gi' }],
    ['pyroscope.pod', 'memoryLimit', 'request 1Gi, limit 512Mi', { memoryLimit: '512Mi' }],
    ['pyroscope.gateway.pod', 'cpuLimit', 'request 100m, limit 20m', { cpuLimit: '20m' }],
    ['pyroscope.gateway.pod', 'memoryRequest', 'request 8Gi, limit 685Mi', { memoryRequest: '8Gi' }],
  ])('are compared with what the workload has of its own: %s, %s', (place, key, found, resources) => {
    expect(onlyProblem(refusalOf(PLACES[place]({ resources })))).toEqual(problem(`${place}.resources.${key}`, key.startsWith('cpu') ? 'CPU' : 'memory', found));
  });

  it('of a node pool are compared with those of all', () => {
    const sections = (memoryRequest: string) => agents({ pod: { resources: { memoryLimit: '2Gi' } }, nodePools: [{ name: 'a', resources: { memoryRequest } }] });
    expect(() => resolved(sections('2Gi'))).not.toThrow();
    expect(paths(refusalOf(sections('3Gi')))).toEqual(['agents.nodePools[0].resources.memoryRequest']);
  });

  it('of microservices are compared with one another alone: each component has its own', () => {
    const sections = (resources: object) => pyroscope({ ...MICROSERVICES, pod: { resources } });
    expect(() => resolved(sections({ memoryRequest: '64Gi' }))).not.toThrow();
    expect(paths(refusalOf(sections({ memoryRequest: '2Gi', memoryLimit: '1Gi' })))).toEqual(['pyroscope.pod.resources.memoryLimit']);
  });

  it.each(ALL)('are accepted when request and limit are equal: %s', (_, sections) => {
    expect(() => resolved(sections({ resources: { cpuRequest: '1000m', cpuLimit: '1', memoryRequest: '4096Mi', memoryLimit: '4Gi' } }))).not.toThrow();
  });

  it('are not compared when one of the two is wrong', () => {
    expect(paths(refusalOf(agents({ pod: { resources: { memoryRequest: '1GB', memoryLimit: '128Mi' } } })))).toEqual(['agents.pod.resources.memoryRequest']);
    expect(paths(refusalOf(agents({ pod: { resources: { cpuLimit: '0.1', cpuRequest: '1' } } })))).toEqual(['agents.pod.resources.cpuLimit']);
  });
});
