import { nodeFits } from '../../src/posture/node-fit';
import type { ClusterNode } from '../../src/posture/node-list';
import { readNodes } from '../../src/posture/node-list';
import { groupNodes, nodeNotes, nodeProblems } from '../../src/posture/node-report';
import { agents, nodePools } from '../config/errors';
import { resolved } from '../support';

const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };

function node(changes: Partial<ClusterNode> = {}): ClusterNode {
  return {
    name: 'n1',
    labels: {},
    taints: [],
    operatingSystem: 'linux',
    architecture: 'amd64',
    kernel: '6.1.75+',
    osImage: 'Container-Optimized OS from Google',
    containerRuntime: 'containerd://1.7.13',
    ...changes,
  };
}
const fit = (changes: Partial<ClusterNode>, ...pools: object[]) =>
  nodeFits(resolved(pools.length > 0 ? nodePools(...pools) : {}), [node(changes)])[0];

describe('Node', () => {
  it('fits with a new kernel and a new runtime', () => {
    expect(fit({})).toEqual({ node: 'n1', pool: 'default', kernel: '6.1.75+', verdict: 'fits', reasons: [], fixes: [] });
  });

  it.each(['5.10.0', '5.10.220-209.869.amzn2.x86_64', '6.6.51.1-5.azl3', '10.0'])('fits with kernel %s', kernel => {
    expect(fit({ kernel }).verdict).toBe('fits');
  });

  it.each(['5.9.16', '4.19.0-26-lts', '3.10.0-1160.el7.x86_64', '5.4'])('cannot with kernel %s', kernel => {
    expect(fit({ kernel })).toMatchObject({
      verdict: 'cannot',
      reasons: ['its kernel is older than 5.10, and pool default runs with the least capabilities'],
      fixes: ['Upgrade it, or label such nodes and give them a pool with `kernel` and `fallback`.'],
    });
  });

  it('is to be checked with a kernel that is no version', () => {
    expect(fit({ kernel: 'microsoft-standard' })).toMatchObject({ verdict: 'check', reasons: ['its kernel microsoft-standard is no version'] });
  });

  it.each([['containerd://1.6.8', '1.6.9'], ['containerd://1.5.18', '1.6.9'], ['cri-o://1.30.4', '1.31.0']])('cannot with the seccomp profile of %s', (containerRuntime, lowest) => {
    const { verdict, fixes } = fit({ containerRuntime });
    expect(verdict).toBe('cannot');
    expect(fixes[0]).toContain(`to ${lowest} or newer`);
  });

  it.each(['containerd://1.6.9', 'containerd://2.1.4-rc.1', 'containerd://v1.7.28-k3s1'])('fits with %s', containerRuntime => {
    expect(fit({ containerRuntime }).verdict).toBe('fits');
  });

  it.each(['docker://20.10.24', 'containerd://Unknown', '', 'cri-o://1.31.0', 'cri-o://1.34.2'])('is to be checked with %s', containerRuntime => {
    expect(fit({ containerRuntime }).verdict).toBe('check');
  });

  it.each([
    ['6.1.0', 'Ubuntu 22.04.4 LTS', 3], ['6.1.0', 'Debian GNU/Linux 12 (bookworm)', 2],
    ['5.15.0-1053-aws', 'K3s v1.33.1', 3], ['6.8.0-40-generic', 'Debian GNU/Linux 12 (bookworm)', 3],
    ['6.1.0-25-cloud-amd64', 'Raspbian', 2], ['6.9.3-hardened1-1-hardened', 'Arch Linux', 2],
  ])('is to be checked with kernel %s on %s', (kernel, osImage, threshold) => {
    const { verdict, reasons } = fit({ kernel, osImage });
    expect(verdict).toBe('check');
    expect(reasons[0]).toContain(`more than ${threshold}`);
  });

  it.each<[string, object, string]>([
    ['exact', { mode: 'exact' }, 'fits'], ['atLeast', {}, 'check'], ['leave', { mode: 'leave' }, 'check'],
  ])('of Ubuntu is judged by what is held there: %s', (_, perfEventParanoid, verdict) => {
    expect(nodeFits(resolved({ nodes: { perfEventParanoid } }), [node({ osImage: 'Ubuntu 24.04' })])[0].verdict).toBe(verdict);
  });

  it('cannot on an architecture without an agent', () => {
    expect(fit({ architecture: 's390x' })).toMatchObject({ verdict: 'cannot', reasons: ['there is no agent for s390x'] });
    expect(fit({ architecture: 'arm64' }).verdict).toBe('fits');
  });

  it('is not judged by its architecture where its pool has no agent', () => {
    expect(fit({ architecture: 's390x', kernel: '4.19.0' }, { name: 'none', kernel: '4.19' }).verdict).toBe('no agent');
  });

  it('gets no agent where it runs Windows', () => {
    expect(fit({ operatingSystem: 'windows', kernel: '10.0.20348.2340' })).toMatchObject({ verdict: 'no agent', reasons: ['it runs windows'], fixes: [] });
  });

  it.each([
    'node.kubernetes.io/not-ready', 'node.kubernetes.io/unschedulable', 'node.cloudprovider.kubernetes.io/uninitialized', 'ToBeDeletedByClusterAutoscaler',
    'karpenter.sh/disrupted', 'node.cilium.io/agent-not-ready',
  ])('gets an agent in spite of %s', key => {
    expect(fit({ taints: [{ key, effect: 'NoSchedule' }] }).verdict).toBe('fits');
  });

  it('gets no agent where its taint is not tolerated', () => {
    expect(fit({ taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] })).toMatchObject({
      verdict: 'no agent',
      reasons: ['its pool does not tolerate the taint node-role.kubernetes.io/control-plane:NoSchedule'],
      fixes: ['To profile it, add to pool default: tolerations: [{ key: node-role.kubernetes.io/control-plane }]'],
    });
  });

  it.each<[string, object, string]>([
    ['the key', { key: 'gpu' }, 'fits'],
    ['key and value', { key: 'gpu', value: 'yes' }, 'fits'],
    ['another value', { key: 'gpu', value: 'no' }, 'no agent'],
    ['another effect', { key: 'gpu', effect: 'NoExecute' }, 'no agent'],
    ['another key', { key: 'cpu' }, 'no agent'],
    ['every taint', { operator: 'Exists' }, 'fits'],
    ['every taint of an effect', { operator: 'Exists', effect: 'NoSchedule' }, 'fits'],
    ['every taint of another effect', { operator: 'Exists', effect: 'NoExecute' }, 'no agent'],
    ['the key and no value', { key: 'gpu', operator: 'Equal' }, 'no agent'],
  ])('is judged by the tolerations of its pool: %s', (_, toleration, verdict) => {
    expect(fit({ taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] }, { name: 'a', tolerations: [toleration] }).verdict).toBe(verdict);
  });

  it('is judged as the scheduler does where neither taint nor toleration has a value', () => {
    const tolerations = [{ key: 'gpu', operator: 'Equal' }];
    expect(fit({ taints: [{ key: 'gpu', effect: 'NoSchedule' }] }, { name: 'a', tolerations }).verdict).toBe('fits');
  });

  it('is judged by the tolerations of all pools where its pool has none of its own', () => {
    const taints = [{ key: 'gpu', effect: 'NoSchedule' }];
    const fitOf = (pool: object) => nodeFits(resolved(agents({ pod: { tolerations: [{ key: 'gpu' }] }, nodePools: [pool] })), [node({ taints })])[0];
    expect(fitOf({ name: 'a' }).verdict).toBe('fits');
    expect(fitOf({ name: 'a', tolerations: [] }).verdict).toBe('no agent');
  });

  it('gets an agent in spite of a taint that only prefers', () => {
    expect(fit({ taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] }).verdict).toBe('fits');
  });
});

describe('Pool of a node', () => {
  const pools = [{ name: 'rest' }, { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, fallback }, { name: 'none', kernel: '4.19', nodeSelector: { pool: 'none' } }];

  it.each<[string, Record<string, string>]>([['rest', {}], ['rest', { pool: 'other' }], ['old', { pool: 'old', zone: 'a' }]])('is %s for labels %j', (pool, labels) => {
    expect(fit({ labels, kernel: '5.4.0' }, ...pools).pool).toBe(pool);
  });

  it('is none where every pool selects others', () => {
    expect(fit({}, pools[1])).toMatchObject({ verdict: 'no agent', reasons: ['no node pool selects it'] });
    expect(fit({}, pools[1]).pool).toBeUndefined();
  });

  it('is not one that selects by a key of every object', () => {
    expect(fit({ labels: {} }, { name: 'a', nodeSelector: { constructor: 'x' } }).pool).toBeUndefined();
  });

  it('with the fallback fits an old kernel', () => {
    expect(fit({ labels: { pool: 'old' }, kernel: '5.4.0', containerRuntime: 'containerd://1.5.0', osImage: 'Ubuntu 18.04' }, ...pools).verdict).toBe('fits');
  });

  it('with the fallback is to be checked where a kernel is older than it says', () => {
    expect(fit({ labels: { pool: 'old' }, kernel: '3.10.0-1160.el7' }, ...pools)).toMatchObject({
      verdict: 'check', reasons: ['its kernel is older than the 5.4 that pool old is said to have'],
    });
  });

  it('with the fallback wastes SYS_ADMIN on a new kernel', () => {
    expect(fit({ labels: { pool: 'old' } }, ...pools)).toMatchObject({
      verdict: 'check', reasons: ['pool old is for kernels before 5.10, and this one needs no SYS_ADMIN'], fixes: ['Let another pool select it.'],
    });
  });

  it('without an agent gives none, and says so of a new kernel', () => {
    expect(fit({ labels: { pool: 'none' }, kernel: '4.19.1' }, ...pools)).toMatchObject({ verdict: 'no agent', reasons: ['pool none has an old kernel and no fallback'], fixes: [] });
    expect(fit({ labels: { pool: 'none' } }, ...pools)).toMatchObject({ verdict: 'no agent', fixes: ['Let another pool select it.'] });
  });
});

describe('Groups of nodes', () => {
  const many = Array.from({ length: 5 }, (_, i) => node({ name: `old-${i}`, kernel: '5.4.0' }));
  const spec = resolved();
  const fits = nodeFits(spec, [node({ name: 'good' }), node({ name: 'ubuntu', osImage: 'Ubuntu 22.04' }), ...many]);

  it('are those of which the same is said, the worst first', () => {
    expect(groupNodes(fits).map(({ verdict, nodes }) => [verdict, nodes])).toEqual([
      ['cannot', ['old-0', 'old-1', 'old-2', 'old-3', 'old-4']], ['check', ['ubuntu']],
    ]);
  });

  it('are one problem of their pool', () => {
    expect(nodeProblems(spec, fits)).toEqual([{
      path: ['agents', 'nodePools', 0],
      message: 'has nodes that cannot run its agents: its kernel is older than 5.10, and pool default runs with the least capabilities',
      found: '5 nodes, such as old-0, old-1, old-2',
      allowed: 'pools all of whose nodes can',
      fix: 'Upgrade it, or label such nodes and give them a pool with `kernel` and `fallback`.',
    }]);
  });

  it('are a note each if they can be profiled', () => {
    expect(nodeNotes(fits)).toHaveLength(1);
    expect(nodeNotes(fits)[0]).toMatch(/^Node ubuntu: check: kernels such as Ubuntu's demand SYS_ADMIN .*\. Set it to 2 on the node/);
  });
});

describe('List of nodes', () => {
  const item = (name: string) => ({ kind: 'Node', metadata: { name }, status: { nodeInfo: { kernelVersion: '6.1', operatingSystem: 'linux', architecture: 'amd64', osImage: 'x', containerRuntimeVersion: 'containerd://2.0.0' } } });

  it('is read from what kubectl prints, sorted by name', () => {
    expect(readNodes(JSON.stringify({ kind: 'List', items: [item('b'), item('a')] }))!.map(({ name }) => name)).toEqual(['a', 'b']);
    const { kind: _, ...noKind } = item('b');
    expect(readNodes(JSON.stringify({ kind: 'NodeList', items: [noKind] }))).toHaveLength(1);
    expect(readNodes(JSON.stringify({ kind: 'List', items: [noKind] }))).toBeUndefined();
    expect(readNodes(JSON.stringify(item('c')))).toEqual([node({ name: 'c', kernel: '6.1', osImage: 'x', containerRuntime: 'containerd://2.0.0' })]);
  });

  it('is read where a node tells little of itself', () => {
    const little = { kind: 'Node', metadata: { name: 'a', labels: null }, spec: { taints: {} }, status: { nodeInfo: { kernelVersion: '6.1' } } };
    const [read] = readNodes(JSON.stringify(little))!;
    expect(read).toEqual(node({ name: 'a', kernel: '6.1', architecture: '', osImage: '', containerRuntime: '' }));
    expect(nodeFits(resolved(), [read])[0].verdict).toBe('check');
  });

  it.each(['', 'x', 'null', '[]', '{}', '{"items":[]}', '{"items":{}}', '{"items":[null]}', '{"items":[{"kind":"Pod","metadata":{"name":"a"}}]}',
    JSON.stringify({ items: [item('a'), { kind: 'Node', metadata: { name: 'b' } }] })])('is not read from something else: %s', text => {
    expect(readNodes(text)).toBeUndefined();
  });
});
