import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREDENTIALS, onlyProblem, paths, refusal } from './errors';
import { parseDocument } from '../../src/config/document';
import type { MergedDocument } from '../../src/config/overlay';
import { mergeDocuments, mergePatches, readDocuments } from '../../src/config/overlay';
import { resolve } from '../../src/resolve';

const folder = mkdtempSync(join(tmpdir(), 'overlay-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = ['base.yaml', 'second.yaml', 'third.yaml'];
const merge = (...texts: string[]): MergedDocument => mergeDocuments(texts.map((text, i) => parseDocument(text, NAMES[i])));
const files = (...texts: string[]) => texts.map((text, i) => {
  const file = join(folder, NAMES[i]);
  writeFileSync(file, text);
  return file;
});
const place = ({ locate }: MergedDocument, ...path: Array<string | number>) => {
  const { source, line, column } = locate({ path, message: '', fix: '' });
  return `${source}:${line}:${column}`;
};

const BASE = `cluster:
  name: dev
  apiServerCidrs: [10.0.0.10/32]
images: { pinning: tagsAllowed }
parca:
  tls: { secretName: parca-tls }
`;

describe('JSON Merge Patch', () => {
  // https://www.rfc-editor.org/rfc/rfc7396#appendix-A
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a', 'b'], ['c', 'd'], ['c', 'd']],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j is %j', (target, patch, result) => {
    const before = JSON.stringify([target, patch]);
    expect(mergePatches([target, patch])).toEqual(result);
    expect(JSON.stringify([target, patch])).toBe(before);
  });

  it('leaves every one of several values as it was', () => {
    const values = [{ a: { b: 1 } }, { a: { c: { d: 1 } } }, { a: { c: { e: 1 }, b: null } }];
    const before = JSON.stringify(values);
    expect(mergePatches(values)).toEqual({ a: { c: { d: 1, e: 1 } } });
    expect(JSON.stringify(values)).toBe(before);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString'])('takes %s for a key like any other', key => {
    const value = (text: string): unknown => JSON.parse(text);
    const merged = mergePatches([value(`{"${key}":{"a":1}}`), value(`{"${key}":{"polluted":true,"prototype":{"polluted":true}}}`)]);
    expect(JSON.stringify(merged)).toBe(`{"${key}":{"a":1,"polluted":true,"prototype":{"polluted":true}}}`);
    expect(JSON.stringify(mergePatches([{}, merged]))).toBe(JSON.stringify(merged));
    expect(JSON.stringify(mergePatches([merged, value(`{"${key}":null}`)]))).toBe('{}');
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect((Object as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('Overlay', () => {
  it('is merged over what is before it', () => {
    const { value, source } = merge(BASE, 'cluster: { name: prod }\nscope: { namespaces: [shop] }\n', 'cluster: { apiServerCidrs: null }\nscope: { namespaces: [bar] }\n');
    expect(value).toEqual({
      cluster: { name: 'prod' }, images: { pinning: 'tagsAllowed' }, parca: { tls: { secretName: 'parca-tls' } }, scope: { namespaces: ['bar'] },
    });
    expect(source).toEqual(NAMES);
  });

  it('may be empty braces', () => {
    expect(merge(BASE, '{}').value).toEqual(merge(BASE).value);
  });

  it('may be the only document, which stays as it is', () => {
    expect(merge('a: null\nb: [1]\n').value).toEqual({ a: null, b: [1] });
    expect(merge('[1]').value).toEqual([1]);
  });

  it.each([
    ['a list', '- a\n', 'a list'], ['text', 'a\n', '"a"'], ['a number', '5\n', '5'],
    ['a credential', `${CREDENTIALS['a GitHub token']}\n`, 'a value that looks like a secret (not shown)'],
  ])('is refused when it is %s', (_, text, found) => {
    const error = refusal(() => merge(BASE, text));
    expect(onlyProblem(error)).toEqual({
      path: '(root)', message: 'is no mapping', found, allowed: 'a mapping, to be merged with the others', fix: 'write keys with their values',
    });
    expect(error.message).toMatch(/^second\.yaml: 1 problem\n\nsecond\.yaml:1:1 {2}\(root\): is no mapping\n/);
  });

  it('is refused over a document that is no mapping', () => {
    expect(refusal(() => merge('[a]', BASE)).message).toMatch(/^base\.yaml: 1 problem\n\nbase\.yaml:1:1 {2}\(root\): is no mapping\n/);
  });

  it('is refused, as every document, when it is deeper than fifty levels', () => {
    expect(refusal(() => merge(BASE, `${'{a: '.repeat(51)}1${'}'.repeat(51)}`)).message).toContain('nesting exceeded maxDepth (50)');
    expect(JSON.stringify(merge(BASE, `${'{a: '.repeat(48)}1${'}'.repeat(48)}`).value)).toContain('"a":1}');
  });
});

describe('The how-to of overlays', () => {
  it('shows documents that give what it says', () => {
    const text = fs.readFileSync(join(__dirname, '../../docs/how-to/share-a-document-between-clusters.md'), 'utf8');
    const document = merge(...[...text.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, content]) => content));
    expect(document.source).toHaveLength(2);
    const { cluster, access, parca, scope } = resolve(document.value, document);
    expect(cluster).toMatchObject({ name: 'prod-us-east-1', apiServerCidrs: ['10.0.0.10/32'] });
    expect(parca?.server).toMatchObject({ activeMemoryBytes: 4 * 2 ** 30, persistence: { size: '50Gi' } });
    expect(scope.sensitiveNamespaces).toEqual(expect.arrayContaining(['auth', 'ledger', 'payments']));
    expect(access.portForward.groups).toEqual([]);
  });
});

describe('Version of documents', () => {
  const [V1, V2] = ['apiVersion: profiling/v1\n', 'apiVersion: profiling/v2\n'];

  it.each([
    ['both say the same', V1 + BASE, V1],
    ['the overlay does not say', V1 + BASE, 'scope: {}\n'],
    ['the base does not say', BASE, V1],
  ])('is accepted where %s', (_, base, overlay) => {
    expect(merge(base, overlay).value).toMatchObject({ apiVersion: 'profiling/v1' });
  });

  it('is refused where the overlay is of another', () => {
    const error = refusal(() => merge(V1 + BASE, `scope: {}\n${V2}`));
    expect(onlyProblem(error)).toEqual({
      path: 'apiVersion',
      message: 'is another version than that of base.yaml',
      found: '"profiling/v2"',
      allowed: '"profiling/v1"',
      fix: 'write both documents for one version, or leave `apiVersion` out of the overlay',
    });
    expect(error.message).toContain('second.yaml:2:1  apiVersion: is another version');
  });

  it.each([['null', 'nothing (null)'], ['1', '1'], ['[profiling/v1]', 'a list']])('is refused where the overlay has %s in its place', (value, found) => {
    expect(onlyProblem(refusal(() => merge(V1, `apiVersion: ${value}\n`)))).toMatchObject({ path: 'apiVersion', found, allowed: '"profiling/v1"' });
  });

  it('is that of the first document that says it', () => {
    const error = refusal(() => merge(BASE, V1, V2));
    expect(error.message).toContain('third.yaml:1:1  apiVersion: is another version than that of second.yaml');
  });

  it('is left to the schema where the base has no text there', () => {
    expect(merge('apiVersion: 1\n', V1).value).toEqual({ apiVersion: 'profiling/v1' });
  });
});

describe('Position in merged documents', () => {
  it.each<[string, string, string[], Array<string | number>]>([
    ['the document that has it', 'base.yaml:2:3', [BASE, 'scope: {}\n'], ['cluster', 'name']],
    ['the last document that gave it', 'second.yaml:1:12', [BASE, 'cluster: { name: a }\n', 'cluster: {}\n'], ['cluster', 'name']],
    ['the last document for what all give', 'third.yaml:2:1', [BASE, 'cluster: {}\n', '\ncluster: {}\n'], ['cluster']],
    ['the list that replaced another', 'second.yaml:1:12', [BASE, 'cluster: { apiServerCidrs: [] }\n'], ['cluster', 'apiServerCidrs', 0]],
    ['an item of the list that replaced another', 'second.yaml:1:5', ['a: [{ b: 1 }]\n', 'a: [{ c: 1 }]\n'], ['a', 0, 'b']],
    ['the scalar that replaced a mapping', 'second.yaml:1:1', [BASE, 'cluster: 1\n'], ['cluster', 'name']],
    ['the null that removed it', 'second.yaml:2:3', [BASE, 'parca:\n  tls: null\n'], ['parca', 'tls']],
    ['the null that removed it, behind a later document', 'second.yaml:2:3', [BASE, 'parca:\n  tls: null\n', 'parca: {}\n'], ['parca', 'tls']],
    ['the mapping behind a null', 'third.yaml:1:1', [BASE, 'parca: null\n', 'parca: {}\n'], ['parca', 'tls']],
    ['the nearest parent of a missing key, in the document that has most of its path', 'base.yaml:6:3', [BASE, 'parca: {}\n'], ['parca', 'tls', 'caConfigMap']],
    ['the last of several that have as much', 'second.yaml:1:1', [BASE, 'parca: {}\n'], ['parca', 'server', 'persistence']],
    ['the last document for a missing section', 'third.yaml:1:1', [BASE, 'a: 1\n', 'b: 1\n'], ['scope']],
  ])('is in %s', (_, expected, texts, path) => {
    expect(place(merge(...texts), ...path)).toBe(expected);
  });

  it('stands before each problem, in the order of the documents and then of the lines', () => {
    const document = merge(
      `${BASE}scope: { optInLabel: { key: a, value: "" } }\naccess: { portForward: { groups: [""] } }\n`,
      'cluster:\n  kubernetesVersion: 1.33\n  nmae: dev\n',
      'access: { portForward: null, reeders: [] }\nparca: { tls: null }\n',
    );
    const error = refusal(() => resolve(document.value, document));
    expect(error.message.split('\n')[0]).toBe('base.yaml, second.yaml, third.yaml: 5 problems');
    expect(error.message.match(/^\S+:\d+:\d+ {2}[^:]+/gm)).toEqual([
      'base.yaml:7:32  scope.optInLabel.value',
      'second.yaml:2:3  cluster.kubernetesVersion',
      'second.yaml:3:3  cluster.nmae',
      'third.yaml:1:30  access.reeders',
      'third.yaml:2:10  parca.tls',
    ]);
  });

  it('is also that of rules between values', () => {
    const document = merge(`${BASE}scope:\n  sensitiveNamespaces: [payments]\n`, 'scope:\n  namespaces: [shop, payments]\n');
    expect(refusal(() => resolve(document.value, document)).message).toContain('second.yaml:2:22  scope.namespaces[1]: is a sensitive namespace');
  });

  it('keeps what null means in the first document', () => {
    const document = merge(`${BASE}scope: null\n`, 'access: {}\n');
    expect(refusal(() => resolve(document.value, document)).message).toContain('base.yaml:7:1  scope: has the wrong type\n  found    nothing (null)');
  });
});

describe('Documents', () => {
  it('are read from their files', () => {
    const names = files(BASE, 'cluster: { name: prod }\n');
    expect(readDocuments(names)).toMatchObject({ value: { cluster: { name: 'prod', apiServerCidrs: ['10.0.0.10/32'] } }, source: names });
  });

  it('are read from standard input by the name -, where there is one', () => {
    const [file] = files('a: 1\n');
    const descriptor = fs.openSync(file, 'r');
    expect(readDocuments(['-'], descriptor)).toMatchObject({ value: { a: 1 }, source: ['standard input'] });
    fs.closeSync(descriptor);
    expect(refusal(() => readDocuments(['-'])).message).toContain('-: 1 problem\n\n(root): cannot be read (ENOENT)');
  });

  it('are refused for what is wrong with all of them', () => {
    const [base, second, third] = files('a: [1', 'a: 1\nb: &x 1\na: *x\n', '[]\n');
    const missing = join(folder, 'missing.yaml');
    const error = refusal(() => readDocuments([base, second, missing, third]));
    expect(error.message.match(/^\S.*$/gm)).toEqual([
      `${base}, ${second}, ${missing}, ${third}: 5 problems`,
      `${base}:1:6  (root): is no valid YAML: unexpected end of the stream within a flow collection`,
      `${second}:3:1  a: stands twice in one mapping`,
      `${second}:3:5  (root): uses a YAML alias`,
      `${missing}  (root): cannot be read (ENOENT)`,
      `${third}:1:1  (root): is no mapping`,
    ]);
    expect(paths(error)).toEqual(['(root)', 'a', '(root)', '(root)', '(root)']);
  });

  it('of other versions are refused with them', () => {
    const names = files('apiVersion: a\n', 'apiVersion: b\n', 'a: [1');
    expect(refusal(() => readDocuments(names)).problems.map(({ message }) => message)).toEqual([
      `is another version than that of ${names[0]}`, 'is no valid YAML: unexpected end of the stream within a flow collection',
    ]);
  });

  it('have a limit of 4 MiB each', () => {
    const [half, large] = files(`# ${'x'.repeat(3 * 2 ** 20)}\na: 1\n`, `# ${'x'.repeat(4 * 2 ** 20)}\n`);
    expect(readDocuments([half, half, half]).value).toEqual({ a: 1 });
    const error = refusal(() => readDocuments([half, large]));
    expect(onlyProblem(error).message).toBe('is too large');
    expect(error.message.startsWith(`${large}: 1 problem\n`)).toBe(true);
  });

  it('are at least one', () => {
    expect(onlyProblem(refusal(() => readDocuments([])))).toEqual({
      path: '(root)', message: 'names no document', allowed: 'one file or more', fix: 'give the path of a YAML or JSON file',
    });
  });

  it('do not hide an error of another kind', () => {
    const spy = jest.spyOn(fs, 'openSync').mockImplementation(() => { throw new TypeError('our mistake'); });
    expect(() => readDocuments(['a.yaml'])).toThrow(TypeError);
    spy.mockRestore();
  });
});
