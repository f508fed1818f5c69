import { CREDENTIALS, onlyProblem, paths, refusal } from './errors';
import { parseDocument } from '../../src/config/document';

const refused = (text: string) => refusal(() => parseDocument(text, 'profiling.yaml'));
const many = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('');

describe('Keys that stand twice', () => {
  it('are reported all at once, wherever they are', () => {
    const error = refused(`cluster:
  name: dev
  name: prod
access:
  readers:
    - { namespace: a, podLabels: { app: b } }
    - namespace: a
      podLabels: { app: b, app: c }
cluster: {}
`);
    expect(paths(error)).toEqual(['cluster.name', 'access.readers[1].podLabels.app', 'cluster']);
    expect(error.message.match(/^(profiling\.yaml:\d.*|  found .*)$/gm)).toEqual([
      'profiling.yaml:3:3  cluster.name: stands twice in one mapping', '  found    lines 2 and 3',
      'profiling.yaml:8:28  access.readers[1].podLabels.app: stands twice in one mapping', '  found    line 8, columns 20 and 28',
      'profiling.yaml:9:1  cluster: stands twice in one mapping', '  found    lines 1 and 9',
    ]);
  });

  it('are reported for each time after the first', () => {
    expect(refused('a: 1\na: 2\nb: 1\na: 3\n').problems.map(({ found }) => found)).toEqual(['lines 1 and 2', 'lines 1 and 4']);
  });

  it('are none in two mappings, or in the items of a list', () => {
    expect(paths(refused('a: { c: 1 }\nb: { c: 1 }\nd: [{ c: 1 }, { c: 1 }]\na: 1\n'))).toEqual(['a']);
  });

  it.each([
    ['in quotes', 'a: 1\n"a": 2\n', 'a'],
    ['with an escape', 'a: 1\n"\\u0061": 2\n', 'a'],
    ['behind ?', 'a: 1\n? a\n: 2\n', 'a'],
    ['that are one number', '16: 1\n0x10: 2\n', '16'],
    ['that are one boolean', 'true: 1\n"true": 2\n', 'true'],
    ['that are left out', '? \n: 1\n~: 2\n', 'null'],
    ['called __proto__', '__proto__: 1\n__proto__: 2\n', '__proto__'],
    ['called constructor', 'constructor: 1\nconstructor: 2\n', 'constructor'],
    ['behind an anchor', '&x a: 1\n&y a: 2\n', 'a'],
  ])('are recognised %s', (_, text, key) => {
    expect(onlyProblem(refused(text))).toMatchObject({ path: key, message: 'stands twice in one mapping' });
  });

  it.each([
    ['a mapping as a key', '? { a: 1, a: 2 }\n: c\nb: { d: 1 }\nb: 1\n', 'is no valid YAML: object-based map does not support complex keys'],
    ['an alias as a key', 'x: &k a\n*k : 1\nb: 1\nb: 2\n', 'uses a YAML alias'],
    ['an alias as a value', 'x: &k a\ny: *k\nb: 1\nb: 2\n', 'uses a YAML alias'],
  ])('are told from %s', (_, text, message) => {
    const { problems } = refused(text);
    expect(problems.map(problem => problem.message).sort()).toEqual([message, 'stands twice in one mapping'].sort());
    expect(problems.find(({ path }) => path.length > 0)?.path).toEqual(['b']);
  });

  it('are those of each document alone where a file holds several', () => {
    expect(onlyProblem(refused('a: 1\n---\na: 1\nb: 1\nb: 2\n'))).toMatchObject({ path: 'b', found: 'lines 4 and 5' });
  });

  it.each(Object.entries(CREDENTIALS))('are not shown where they look like %s', (_, credential) => {
    const { message } = refused(`parca:\n  ? ${JSON.stringify(credential)}\n  : 1\n  ? ${JSON.stringify(credential)}\n  : 2\n`);
    expect(message).toContain('profiling.yaml:4:5  parca[a value that looks like a secret (not shown)]: stands twice');
    expect(message).not.toContain(credential);
  });

  it('are counted where there are many', () => {
    const { message, problems } = refused(many(30_000, i => `k${i % 15_000}: 1\n`));
    expect(problems).toHaveLength(15_000);
    expect(message).toContain('profiling.yaml:15001:1  k0: stands twice in one mapping\n  found    lines 1 and 15001\n');
    expect(message).toMatch(/and 14950 more problems$/);
  });
});
