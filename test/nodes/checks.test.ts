import { nodePools, onlyProblem, parca, paths, pyroscope, refusalOf } from '../config/errors';
import { resolved } from '../support';

const nodes = (section: object) => ({ nodes: section });
const inventory = (section: object) => nodes({ ebpfInventory: section });
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };
const old = { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, fallback };

describe('Nodes', () => {
  it('are left alone without the section', () => {
    expect(resolved().nodes).toBeUndefined();
  });

  it('are left alone where it is empty', () => {
    expect(resolved(nodes({})).nodes).toEqual({ delivery: 'daemonSet', pod: {} });
  });

  it('raise perf_event_paranoid to 2 unless it says otherwise', () => {
    expect(resolved(nodes({ perfEventParanoid: {} })).nodes!.perfEventParanoid).toEqual({ mode: 'atLeast', value: 2 });
    expect(resolved(nodes({ perfEventParanoid: { mode: 'exact' } })).nodes!.perfEventParanoid).toEqual({ mode: 'exact', value: 2 });
    expect(resolved(nodes({ perfEventParanoid: { mode: 'leave' } })).nodes!.perfEventParanoid).toBeUndefined();
  });

  it('have an inventory with an interval and a time to learn', () => {
    expect(resolved(inventory({})).nodes!.ebpfInventory).toEqual({
      engine: 'bundled', intervalSeconds: 300, learnForSeconds: 900, loaders: [], falcoNamespace: 'falco',
    });
    expect(resolved(inventory({ interval: '24h', learnFor: '0s' })).nodes!.ebpfInventory).toMatchObject({ intervalSeconds: 86_400, learnForSeconds: 0 });
  });

  it('sort the baseline, so that its order does not matter', () => {
    const entries = [{ type: 'kprobe', name: 'b' }, { type: 'kprobe', name: 'a', tag: 'b'.repeat(16) }, { type: 'kprobe', name: 'a', tag: 'a'.repeat(16), uid: 7 }];
    const baseline = (list: object[]) => resolved(inventory({ baseline: list })).nodes!.ebpfInventory!.baseline;
    expect(baseline(entries)).toEqual(baseline([...entries].reverse()));
    expect(baseline(entries)![2]).toEqual({ type: 'kprobe', name: 'b', uid: 0 });
  });

  it.each<[string, object]>([
    ['perfEventParanoid.value', { perfEventParanoid: { value: 1 } }],
    ['perfEventParanoid.value', { perfEventParanoid: { value: -1 } }],
    ['perfEventParanoid.value', { perfEventParanoid: { value: 5 } }],
    ['perfEventParanoid.value', { perfEventParanoid: { value: 2.5 } }],
    ['perfEventParanoid.mode', { perfEventParanoid: { mode: 'atMost' } }],
    ['perfEventMaxSampleRate', { perfEventMaxSampleRate: 99 }],
    ['perfEventMaxSampleRate', { perfEventMaxSampleRate: 100_001 }],
    ['perfEventMaxSampleRate', { perfEventMaxSampleRate: '1000' }],
    ['delivery', { perfEventMaxSampleRate: 1000, delivery: 'cronJob' }],
    ['ebpfInventory.engine', { ebpfInventory: { engine: 'cilium' } }],
    ['ebpfInventory.interval', { ebpfInventory: { interval: '9s' } }],
    ['ebpfInventory.interval', { ebpfInventory: { interval: '25h' } }],
    ['ebpfInventory.interval', { ebpfInventory: { interval: '0m' } }],
    ['ebpfInventory.interval', { ebpfInventory: { interval: '1d' } }],
    ['ebpfInventory.interval', { ebpfInventory: { interval: '05m' } }],
    ['ebpfInventory.learnFor', { ebpfInventory: { learnFor: '-1s' } }],
    ['ebpfInventory.learnFor', { ebpfInventory: { learnFor: '86401s' } }],
    ['ebpfInventory.baseline', { ebpfInventory: { baseline: [] } }],
    ['ebpfInventory.baseline[0].type', { ebpfInventory: { baseline: [{ type: 'BPF_PROG_TYPE_KPROBE', name: 'a' }] } }],
    ['ebpfInventory.baseline[0].name', { ebpfInventory: { baseline: [{ type: 'kprobe' }] } }],
    ['ebpfInventory.baseline[0].name', { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'a"b' }] } }],
    ['ebpfInventory.baseline[0].tag', { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'a', tag: 'xyz' }] } }],
    ['ebpfInventory.baseline[0].uid', { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'a', uid: -1 }] } }],
    ['ebpfInventory.baseline[0].id', { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'a', id: 12 }] } }],
    ['ebpfInventory.loaders[0]', { ebpfInventory: { engine: 'falco', loaders: ['systemd'] } }],
    ['ebpfInventory.falcoNamespace', { ebpfInventory: { engine: 'falco', falcoNamespace: 'Falco' } }],
  ])('are refused with a wrong %s: %j', (path, section) => {
    expect(paths(refusalOf(nodes(section)))).toEqual([`nodes.${path}`]);
  });

  it('say of an interval what is allowed', () => {
    expect(onlyProblem(refusalOf(inventory({ interval: '5s' })))).toMatchObject({
      path: 'nodes.ebpfInventory.interval', found: '"5s"', allowed: 'a whole number of seconds, minutes or hours from 10s to 24h, such as 30s or 5m',
    });
  });
});

describe('perf_event_paranoid', () => {
  it('is refused with a value that would be left', () => {
    expect(onlyProblem(refusalOf(nodes({ perfEventParanoid: { mode: 'leave', value: 2 } })))).toEqual({
      path: 'nodes.perfEventParanoid.value',
      message: 'means nothing with mode `leave`',
      found: '2',
      allowed: 'no value',
      fix: 'remove it, or use mode `atLeast`',
    });
  });

  it.each([3, 4])('is refused at %i where agents have the least capabilities', value => {
    expect(onlyProblem(refusalOf(nodes({ perfEventParanoid: { value } })))).toEqual({
      path: 'nodes.perfEventParanoid.value',
      message: 'stops the agents of pool default on kernels of Debian and Ubuntu, which demand SYS_ADMIN there; to mainline kernels it means the same as 2',
      found: `${value}`,
      allowed: '2, or more if every pool runs the fallback with SYS_ADMIN',
      fix: 'write value: 2. With mode `atLeast`, nodes that have more keep it',
    });
  });

  it('is refused at 3 as long as one of several pools has the least capabilities', () => {
    const problem = (...pools: object[]) => onlyProblem(refusalOf({ ...nodePools(...pools), ...nodes({ perfEventParanoid: { mode: 'exact', value: 3 } }) })).message;
    expect(problem(old, { name: 'new' })).toContain('of pool new on');
    expect(problem(old, { name: 'a', nodeSelector: { pool: 'a' } }, { name: 'b' })).toContain('of 2 pools, such as a on');
  });

  it('is accepted at 3 where every pool runs the fallback or no agent', () => {
    const { fallback: _, ...none } = { ...old, name: 'none', nodeSelector: { pool: 'none' } };
    expect(resolved({ ...nodePools(old, none), ...nodes({ perfEventParanoid: { value: 3 } }) }).nodes!.perfEventParanoid!.value).toBe(3);
  });

  it('is accepted at 3 where no agents run at all, and refused where Alloy does', () => {
    const three = { ...parca({ agent: { enabled: false } }), ...nodes({ perfEventParanoid: { value: 3 } }) };
    expect(resolved(three).nodes!.perfEventParanoid!.value).toBe(3);
    expect(paths(refusalOf({ ...three, ...pyroscope() }))).toEqual(['nodes.perfEventParanoid.value']);
  });

  it.each<[string, object]>([['agents', { agents: 7 }], ['agents.nodePools', { agents: { nodePools: 7 } }], ['agents.nodePools[0].kernel', nodePools({ name: 'a', kernel: 5.4 })]])(
    'is not compared with the default pool where %s is wrong', (path, sections) => {
      expect(paths(refusalOf({ ...sections, ...nodes({ perfEventParanoid: { value: 3 } }) }))).toEqual([path]);
    });

  it('is refused once where its value is wrong', () => {
    expect(paths(refusalOf(nodes({ perfEventParanoid: { value: 9 } })))).toEqual(['nodes.perfEventParanoid.value']);
  });

  it.each([{}, { mode: 'atLeast' }])('cannot be raised by a file: %j', perfEventParanoid => {
    expect(onlyProblem(refusalOf(nodes({ delivery: 'nodeConfiguration', perfEventParanoid })))).toEqual({
      path: 'nodes.perfEventParanoid.mode',
      message: 'cannot be said in a file of kernel settings, which replaces whatever the node has',
      found: 'atLeast',
      allowed: 'exact with delivery nodeConfiguration',
      fix: 'write `mode: exact`, which lowers a distribution\'s 3 or 4 to the value, or remove `delivery`',
    });
  });

  it('is refused once where its mode is wrong', () => {
    expect(paths(refusalOf(nodes({ delivery: 'nodeConfiguration', perfEventParanoid: { mode: 'more' } })))).toEqual(['nodes.perfEventParanoid.mode']);
  });
});

describe('Delivery of kernel settings', () => {
  it.each<object>([{}, { perfEventParanoid: { mode: 'leave' } }, { ebpfInventory: {} }])('is refused where there is nothing to deliver: %j', section => {
    expect(onlyProblem(refusalOf(nodes({ ...section, delivery: 'daemonSet' })))).toEqual({
      path: 'nodes.delivery',
      message: 'has nothing to deliver',
      found: 'daemonSet',
      allowed: 'a delivery of `perfEventParanoid` or `perfEventMaxSampleRate`',
      fix: 'add one of the two, or remove `delivery`',
    });
  });

  it('is not judged by a setting that is wrong', () => {
    expect(paths(refusalOf(nodes({ delivery: 'daemonSet', perfEventMaxSampleRate: 1 })))).toEqual(['nodes.perfEventMaxSampleRate']);
  });

  it.each([{ perfEventMaxSampleRate: 1000 }, { perfEventParanoid: { mode: 'exact' } }])('is accepted as files: %j', section => {
    expect(resolved(nodes({ delivery: 'nodeConfiguration', ...section })).nodes!.delivery).toBe('nodeConfiguration');
  });
});

describe('Engine of the inventory', () => {
  it.each<[string, string, object]>([
    ['interval', 'bundled', { engine: 'falco', interval: '5m' }],
    ['learnFor', 'bundled', { engine: 'tetragon', learnFor: '5m' }],
    ['baseline', 'bundled', { engine: 'tetragon', baseline: [{ type: 'kprobe', name: 'a' }] }],
    ['loaders', 'tetragon or falco', { loaders: ['/bin/a'] }],
    ['falcoNamespace', 'falco', { engine: 'tetragon', falcoNamespace: 'falco' }],
  ])('refuses an option of others: %s is for %s', (key, engines, section) => {
    expect(onlyProblem(refusalOf(inventory(section)))).toMatchObject({
      path: `nodes.ebpfInventory.${key}`, allowed: `with engine ${engines}`, fix: 'remove it, or choose another engine',
    });
  });

  it('refuses to learn beside a baseline', () => {
    expect(onlyProblem(refusalOf(inventory({ learnFor: '5m', baseline: [{ type: 'kprobe', name: 'a' }] })))).toMatchObject({
      path: 'nodes.ebpfInventory.learnFor', message: 'means nothing beside `baseline`: nothing is learned then', found: '5m',
    });
  });

  it('judges no option by an engine that is wrong', () => {
    expect(paths(refusalOf(inventory({ engine: 'x', loaders: ['/bin/a'], interval: '5m' })))).toEqual(['nodes.ebpfInventory.engine']);
  });
});

describe('Baseline of the inventory', () => {
  const a = { type: 'kprobe', name: 'a', tag: 'a'.repeat(16) };

  it.each<[string, object, object, string]>([
    ['the same', a, a, 'kprobe, a, aaaaaaaaaaaaaaaa, uid 0'],
    ['the default owner written out', a, { ...a, uid: 0 }, 'kprobe, a, aaaaaaaaaaaaaaaa, uid 0'],
    ['two without name and tag', { type: 'cgroup_device', name: '' }, { type: 'cgroup_device', name: '' }, 'cgroup_device, (no name), any tag, uid 0'],
  ])('refuses an entry that stands twice: %s', (_, first, second, found) => {
    expect(onlyProblem(refusalOf(inventory({ baseline: [first, { type: 'xdp', name: 'x' }, second] })))).toEqual({
      path: 'nodes.ebpfInventory.baseline[2]', message: 'is entry 1 again', found, allowed: 'each program once, or with different tags', fix: 'remove one of the two',
    });
  });

  it.each<[string, object]>([
    ['another tag', { ...a, tag: 'b'.repeat(16) }], ['no tag', { type: 'kprobe', name: 'a' }], ['another owner', { ...a, uid: 1 }], ['another type', { ...a, type: 'xdp' }],
  ])('accepts entries that differ: %s', (_, other) => {
    expect(resolved(inventory({ baseline: [a, other] })).nodes!.ebpfInventory!.baseline).toHaveLength(2);
  });
});

describe('Images of the nodes', () => {
  const pinned = (...keys: string[]) => Object.fromEntries(keys.map(key => [key, `example.com/${key.toLowerCase()}:v9.9.9@sha256:${'0'.repeat(64)}`]));
  const four = pinned('parca', 'agent', 'gateway', 'preflight');

  it.each<[string, object, string[]]>([
    ['of nothing', {}, []],
    ['of settings that are left', { perfEventParanoid: { mode: 'leave' } }, []],
    ['of settings in files', { delivery: 'nodeConfiguration', perfEventMaxSampleRate: 1000 }, []],
    ['of held settings', { perfEventParanoid: {} }, ['images.nodeSettings']],
    ['of the inventory', { ebpfInventory: {} }, ['images.ebpfInventory']],
    ['of another engine', { ebpfInventory: { engine: 'falco' } }, []],
  ])('must be pinned where they are used: %s', (_, section, missing) => {
    const sections = { images: four, ...nodes(section) };
    if (missing.length === 0) { expect(() => resolved(sections)).not.toThrow(); } else { expect(paths(refusalOf(sections))).toEqual(missing); }
    expect(() => resolved({ ...sections, images: { ...four, ...pinned('nodeSettings', 'ebpfInventory') } })).not.toThrow();
  });
});
