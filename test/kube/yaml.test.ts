import { parse, parseAllDocuments } from 'yaml';
import { toYaml, toYamlStream } from '../../src/kube/yaml';

describe('toYaml', () => {
  it.each([
    'on', 'off', 'yes', 'no', 'y', 'n', 'true', 'null', '~', '', '1:30', '0x1F', '010', '0o10', '1_000', '5.10', '.5', '1e3', '2027-03-31', '<<', '=',
    '- a', '# a', 'a: b', 'a #b', '*a', '&a', '!a', '%a', '@a', '`a`', ' a', 'a ', '---', '...', '{a', '[a',
  ])('keeps %j a string for old and new readers, as value and as key', text => {
    const value = { list: [text], [text]: text };
    expect(parse(toYaml(value), { version: '1.1', merge: true })).toEqual(value);
    expect(parse(toYaml(value), { version: '1.2' })).toEqual(value);
  });

  it('leaves plain strings without quotes', () => {
    expect(toYaml({ kind: 'Service', name: 'a-b.c/d' })).toBe('kind: Service\nname: a-b.c/d\n');
  });

  it('writes text of several lines as a block', () => {
    expect(toYaml({ text: 'a\n  b\n' })).toBe('text: |\n  a\n    b\n');
  });

  it('does not fold long lines', () => {
    expect(toYaml({ text: 'word '.repeat(100).trim() })).toBe(`text: ${'word '.repeat(100).trim()}\n`);
  });

  it('does not indent lists', () => {
    expect(toYaml({ list: [{ a: 1, b: [2] }] })).toBe('list:\n- a: 1\n  b:\n  - 2\n');
  });

  it('writes what is used twice out twice', () => {
    const shared = { app: 'parca' };
    expect(toYaml({ a: shared, b: shared })).toBe('a:\n  app: parca\nb:\n  app: parca\n');
  });
});

describe('toYamlStream', () => {
  it('introduces each document', () => {
    const text = toYamlStream([{ a: 1 }, { b: 2 }]);
    expect(text).toBe('---\na: 1\n---\nb: 2\n');
    expect(parseAllDocuments(text)).toHaveLength(2);
  });

  it('is empty without documents', () => {
    expect(toYamlStream([])).toBe('');
  });
});
