import { agents, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf } from '../config/errors';
import { resolved } from '../support';

const DIGEST = `@sha256:${'0123456789abcdef'.repeat(4)}`;
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };

describe('Node pools', () => {
  it('are refused when two have one name', () => {
    expect(onlyProblem(refusalOf(nodePools(
      { name: 'a', nodeSelector: { pool: 'a' } }, { name: 'b', nodeSelector: { pool: 'b' } }, { name: 'a', nodeSelector: { pool: 'c' } },
    )))).toEqual({
      path: 'agents.nodePools[2].name',
      message: 'names two node pools',
      found: 'a',
      allowed: 'a different name for each pool',
      fix: 'rename one of the two',
    });
  });

  it('are refused when two select the same nodes', () => {
    expect(onlyProblem(refusalOf(nodePools(
      { name: 'a', nodeSelector: { pool: 'x', zone: '1' } }, { name: 'b', nodeSelector: { zone: '1', arch: 'arm64' } },
    )))).toEqual({
      path: 'agents.nodePools[1].nodeSelector',
      message: 'selects the same nodes as pool `a`',
      found: 'labels arch=arm64, zone=1',
      allowed: 'pools that differ in the value of one label; one pool may have no nodeSelector and takes the other nodes',
      fix: 'give both pools the same label with different values, such as nodeSelector: { pool: b }',
    });
  });

  it('are refused when two have no selector', () => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a' }, { name: 'b' })))).toMatchObject({
      path: 'agents.nodePools[1].nodeSelector', message: 'selects the same nodes as pool `a`', found: 'no nodeSelector',
    });
  });

  it('are refused when only a label of every object would tell them apart', () => {
    expect(paths(refusalOf(nodePools({ name: 'a', nodeSelector: { constructor: 'x' } }, { name: 'b', nodeSelector: { pool: 'b' } }))))
      .toEqual(['agents.nodePools[1].nodeSelector']);
  });

  it('are called by their number where the name is wrong', () => {
    const error = refusalOf(nodePools(7, { name: 'A!', nodeSelector: { pool: 'a' } }, { name: 'b', nodeSelector: { pool: 'a' } }));
    expect(paths(error)).toEqual(['agents.nodePools[0]', 'agents.nodePools[1].name', 'agents.nodePools[2].nodeSelector']);
    expect(error.problems[2].message).toBe('selects the same nodes as pool `number 2`');
  });

  it.each<[string, unknown]>([
    ['of the wrong type', 'pool'], ['empty', {}], ['with a wrong value', { pool: 1 }], ['with a wrong key', { 'a b': 'c' }],
  ])('are not compared by a selector that is %s', (_, nodeSelector) => {
    const found = paths(refusalOf(nodePools({ name: 'b', nodeSelector }, { name: 'a' }, { name: 'c', nodeSelector: { pool: 'c' } })));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('agents.nodePools[0].nodeSelector');
  });

  it('are accepted when one label tells them apart', () => {
    expect(() => resolved(nodePools({ name: 'a', nodeSelector: { pool: 'a', zone: '1' } }, { name: 'b', nodeSelector: { pool: 'b', zone: '1' } }, { name: 'c' })))
      .not.toThrow();
  });

  const labelled = (count: number) => Array.from({ length: count }, (_, i) =>
    ({ name: `p${i}`, nodeSelector: { pool: `p${i}`, [`a${i}`]: 'x', [`b${i}`]: 'x', [`c${i}`]: 'x' } }));

  it('are refused when the rest of the nodes has too many forms', () => {
    expect(onlyProblem(refusalOf(nodePools(...labelled(4), { name: 'rest' })))).toEqual({
      path: 'agents.nodePools',
      message: 'has selectors of several labels that leave too many kinds of nodes for the pool without a nodeSelector',
      allowed: 'selectors whose labels multiply to at most 64',
      fix: 'select each pool by one label, or give every pool a nodeSelector',
    });
  });

  it('may have selectors of many labels when none takes the rest', () => {
    expect(() => resolved(nodePools(...labelled(4)))).not.toThrow();
  });
});

describe('Fallbacks', () => {
  it.each<[string, object]>([
    ['5.10', { kernel: '5.10' }], ['6.1', { kernel: '6.1' }], ['5.10', {}],
  ])('are refused on kernel %s', (kernel, keys) => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a', ...keys, fallback })))).toEqual({
      path: 'agents.nodePools[0].fallback',
      message: 'is for kernels below 5.10 only',
      found: `kernel ${kernel}`,
      allowed: 'no fallback with kernel 5.10 or newer: the least-capability agent works there',
      fix: 'remove `fallback`',
    });
  });

  it.each([5.4, '5.4.1', null])('are not judged by a kernel that is wrong: %j', kernel => {
    expect(paths(refusalOf(nodePools({ name: 'a', kernel, fallback })))).toEqual(['agents.nodePools[0].kernel']);
  });

  it.each(['ghcr.io/parca-dev/parca-agent:v0.27.0', 'ghcr.io/parca-dev/parca-agent:v0.32.0', 'ghcr.io/parca-dev/parca-agent:main', `example.com/a${DIGEST}`])(
    'are refused with %s', image => {
      expect(onlyProblem(refusalOf(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, image } })))).toEqual({
        path: 'agents.nodePools[0].fallback.image',
        message: 'is no agent of the generation for old kernels',
        found: image,
        allowed: 'Parca Agent with one of the tags v0.28.0, v0.29.0, v0.30.0, v0.31.0, v0.31.1',
        fix: 'use ghcr.io/parca-dev/parca-agent:v0.31.1; with a digest, keep the tag before it',
      });
    });

  it.each(['v0.28.0', 'v0.31.1', `v0.30.0${DIGEST}`])('are accepted with the tag %s', tag => {
    expect(() => resolved(nodePools({ name: 'a', kernel: '5.9', fallback: { ...fallback, image: `ghcr.io/parca-dev/parca-agent:${tag}` } }))).not.toThrow();
  });

  it.each(['image', 'reason', 'remediateBy'])('are refused without %s', key => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, [key]: undefined } })))).toMatchObject({
      path: `agents.nodePools[0].fallback.${key}`, message: 'is required',
    });
  });
});

describe('Settings of what runs on the nodes', () => {
  const idle = { agent: { enabled: false } };

  it('are refused where nothing runs there', () => {
    expect(onlyProblem(refusalOf({ ...parca(idle), ...agents({ namespace: 'obs-agents' }) }))).toEqual({
      path: 'agents',
      message: 'has no effect: nothing runs on the nodes',
      allowed: 'settings of Parca agents, Alloy or `nodes`',
      fix: 'remove it, or let agents run: `parca.agent.enabled` is false',
    });
  });

  it.each<[string, object]>([
    ['Parca agents', {}],
    ['Alloy', { ...parca(idle), ...pyroscope() }],
    ['Alloy for a Pyroscope elsewhere', { parca: undefined, ...pyroscope({ remote: { url: 'https://profiles.example.com' } }) }],
    ['what holds the settings of the nodes', { ...parca(idle), nodes: { perfEventParanoid: {} } }],
  ])('are accepted with %s', (_, sections) => {
    expect(() => resolved({ ...sections, ...agents({ namespace: 'obs-agents' }) })).not.toThrow();
  });

  it.each<[string, object]>([['parca', { parca: 7 }], ['pyroscope', { ...parca(idle), pyroscope: 7 }], ['nodes', { ...parca(idle), nodes: 7 }]])(
    'are not judged where %s is wrong', (path, sections) => {
      expect(paths(refusalOf({ ...sections, ...agents({ namespace: 'obs-agents' }) }))).toEqual([path]);
    });
});
