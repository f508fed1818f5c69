import { nodePools, onlyProblem, refusalOf, refusalOfText } from './errors';
import { MINIMAL_DOCUMENT } from '../cli/terminal';

const many = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('');

describe('Many problems', () => {
  it('are counted, and the first of them shown in the order of the document', () => {
    const { message } = refusalOfText(`${MINIMAL_DOCUMENT}${many(100_000, i => `k${i}: 1\n`)}`);
    expect(message.split('\n')[0]).toMatch(/: 100000 problems$/);
    expect(message).toMatch(/and 99950 more problems$/);
    expect(message.match(/:\d+:1 {2}k\d+: unknown key$/gm)).toEqual(Array.from({ length: 50 }, (_, i) => `:${i + 7}:1  k${i}: unknown key`));
    expect(message.length).toBeLessThan(12_000);
  });

  it('are counted in nested values as well', () => {
    const { message } = refusalOfText(`${MINIMAL_DOCUMENT}access:\n  readers:\n${many(9000, () => '  - { a: 1, b: 2 }\n')}`);
    expect(message.split('\n')[0]).toMatch(/: 36000 problems$/);
    expect(message).toContain(':9:5  access.readers[0].namespace: is required');
  });

  it('of shape are mended before rules between values are looked at', () => {
    const wrong = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, 1]));
    expect(refusalOf({ ...wrong, scope: { namespaces: ['kube-system'] } }).message).not.toContain('sensitive');
  });
});

describe('Many entries', () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => `name-${i}`);

  it.each<[string, string, (count: number) => object]>([
    ['a list', 'scope.namespaces', count => ({ scope: { namespaces: names(count) } })],
    ['labels', 'access.readers[0].podLabels', count => ({
      access: { readers: [{ namespace: 'a', podLabels: Object.fromEntries(names(count).map(name => [name, 'a'])) }] },
    })],
  ])('are refused in %s above ten thousand', (_, path, sections) => {
    expect(onlyProblem(refusalOf(sections(10_001)))).toEqual({
      path, message: 'has too many entries', found: '10001', allowed: 'at most 10000', fix: 'split the deployment',
    });
  });

  it('are refused in the selector of a node pool above thirty-two', () => {
    const nodeSelector = Object.fromEntries(names(33).map(name => [name, 'a']));
    expect(onlyProblem(refusalOf(nodePools({ name: 'a', nodeSelector })))).toEqual({
      path: 'agents.nodePools[0].nodeSelector',
      message: 'has too many labels',
      found: '33',
      allowed: 'at most 32',
      fix: 'select the pool by one label that its nodes have for that',
    });
  });

  it('are refused in node pools above a thousand, since each is compared with each', () => {
    const pools = Array.from({ length: 1001 }, (_, i) => ({ name: `p${i}`, nodeSelector: { a: 'b' } }));
    expect(onlyProblem(refusalOf(nodePools(...pools)))).toEqual({
      path: 'agents.nodePools', message: 'has too many pools', found: '1001', allowed: 'at most 1000', fix: 'let pools select more nodes',
    });
  });
});
