import fs, { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREDENTIALS, onlyProblem, paths, refusal, refusalOfText } from './errors';
import { parseDocument, readDocument } from '../../src/config/document';

const folder = mkdtempSync(join(tmpdir(), 'document-'));
afterAll(() => rmSync(folder, { recursive: true }));

const parse = (text: string) => parseDocument(text, 'profiling.yaml');
const unparsable = (text: string) => refusal(() => parse(text));
const place = (text: string, ...path: Array<string | number>) => {
  const position = parse(text).locate({ path, message: '', fix: '' });
  return position && `${position.line}:${position.column}`;
};

describe('Document', () => {
  it('reads YAML', () => {
    expect(parse('cluster: { name: dev }').value).toEqual({ cluster: { name: 'dev' } });
  });

  it('reads JSON', () => {
    expect(parse('{\n\t"cluster": { "name": "dev" }\n}').value).toEqual({ cluster: { name: 'dev' } });
  });

  it.each([
    ['a byte order mark', '\ufeffa: 1\n'],
    ['Windows line ends', 'a: 1\r\n'],
    ['a document marker', '---\na: 1\n...\n'],
  ])('reads text with %s', (_, text) => {
    expect(parse(text).value).toEqual({ a: 1 });
  });

  it.each([
    ['a date', '2027-03-31'], ['a YAML 1.1 boolean', 'on'], ['a sexagesimal number', '1:30'], ['a merge key', '<<'],
  ])('reads %s as a string', (_, text) => {
    expect(parse(`a: ${text}`).value).toEqual({ a: text });
  });

  it('does not merge mappings', () => {
    expect(onlyProblem(refusalOfText(`
cluster: { name: dev, <<: { kubernetesVersion: "1.33" } }
images: { pinning: tagsAllowed }
parca: { tls: { secretName: parca-tls } }
`))).toMatchObject({ path: 'cluster["<<"]', message: 'unknown key' });
  });

  it.each([
    ['', 'no text'], ['# only a comment\n', 'a comment'], ['---\n', 'a marker'], ['null\n', 'null'], ['~', 'a tilde'],
  ])('refuses an empty document: %j (%s)', text => {
    expect(onlyProblem(unparsable(text))).toEqual({
      path: '(root)',
      message: 'is empty',
      allowed: 'one document',
      fix: 'start from the output of `hardened-profiling init`',
    });
  });

  it('refuses several documents', () => {
    expect(onlyProblem(unparsable('a: 1\n---\nb: 2\n---\nc: 3\n'))).toEqual({
      path: '(root)',
      message: 'holds 3 documents',
      allowed: 'one document',
      fix: 'start from the output of `hardened-profiling init`',
    });
  });

  it('refuses a key that stands twice, with the lines of both, and stands where the second is', () => {
    const error = unparsable('cluster:\n  name: dev\n  name: prod\n');
    expect(onlyProblem(error)).toEqual({
      path: 'cluster.name', message: 'stands twice in one mapping', found: 'lines 2 and 3', allowed: 'each key once', fix: 'remove one of the two',
    });
    expect(error.message).toContain('profiling.yaml:3:3  cluster.name: stands twice');
  });

  it('refuses a key that stands twice in JSON', () => {
    expect(unparsable('{ "a": 1,\n  "a": 2 }').message).toMatch(/profiling\.yaml:2:\d+ {2}a: stands twice/);
  });

  it('refuses all of these together with an alias or a tag', () => {
    expect(paths(unparsable('a: 1\na: 2\nb: &anchor { c: 1, c: 2 }\nd: *anchor\n'))).toEqual(['a', 'b.c', '(root)']);
    expect(unparsable('a: !own b\nc: 1\nc: 1\n').message).toMatch(/^profiling.yaml: 2 problems\n\n[^]*uses a YAML tag\n[^]*c: stands twice/);
  });

  it('refuses a key that stands twice by a tag', () => {
    expect(onlyProblem(unparsable('!!int 0x10: a\n16: b\n'))).toEqual({
      path: '(root)', message: 'has a key twice in one mapping', allowed: 'each key once', fix: 'remove one of the two',
    });
  });

  it('refuses aliases, and names the line of the first', () => {
    const error = unparsable('a: &anchor [1]\nb: *anchor\n');
    expect(onlyProblem(error)).toEqual({
      path: '(root)', message: 'uses a YAML alias', allowed: 'plain values', fix: 'write the value out where the alias stands',
    });
    expect(error.message).toContain('profiling.yaml:2:');
  });

  it('refuses a bomb of nested aliases', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`);
    expect(unparsable(['l0: &l0 [lol]', ...levels].join('\n')).message).toContain('uses a YAML alias');
  });

  it.each(['!duplicate', '!alias', '!!python/object', '!!js/function', '!<tag:example.com>'])('refuses the tag %s as a tag', tag => {
    expect(onlyProblem(unparsable(`a: ${tag} b`))).toEqual({
      path: '(root)',
      message: 'uses a YAML tag',
      allowed: 'plain values',
      fix: 'remove the tag, or put a value that starts with ! in quotes',
    });
  });

  it('does not show a password that YAML takes for a tag', () => {
    expect(unparsable('password: !hunter2').message).not.toContain('hunter2');
  });

  it.each([
    ['a tab', 'cluster:\n\tname: dev\n', 'tab characters must not be used in indentation', '2:1'],
    ['an open bracket', 'a: [1', 'unexpected end of the stream within a flow collection', '1:'],
    ['a control character', 'a: \u0007', 'the stream contains non-printable characters', '1:'],
    ['a mapping as a key', '? { a: b }\n: c\n', 'object-based map does not support complex keys', '1:'],
    ['nesting without end', '['.repeat(200_000), 'nesting exceeded maxDepth (50)', '1:'],
  ])('refuses %s as no valid YAML', (_, text, reason, position) => {
    const error = unparsable(text);
    expect(onlyProblem(error)).toEqual({
      path: '(root)', message: `is no valid YAML: ${reason}`, allowed: 'one YAML or JSON document', fix: 'correct the syntax',
    });
    expect(error.message).toContain(`profiling.yaml:${position}`);
  });

  it.each(Object.entries(CREDENTIALS))('does not show %s where the syntax breaks', (_, credential) => {
    ['*', '&', '!', '%', '@', '"', '[', '? {', '%TAG !'].forEach(prefix => {
      expect(unparsable(`token: ${prefix}${credential}\n]`).message).not.toContain(credential);
    });
  });

  it('refuses a text of more than 4 MiB', () => {
    expect(onlyProblem(unparsable('#'.repeat(4 * 2 ** 20 + 1)))).toEqual({
      path: '(root)', message: 'is too large', allowed: 'at most 4 MiB', fix: 'split the deployment',
    });
  });

  it('refuses a text of more values than there is memory for', () => {
    expect(onlyProblem(unparsable(`[${'[],'.repeat(600_000)}]`))).toEqual({
      path: '(root)', message: 'has too many values', allowed: 'at most half a million', fix: 'split the deployment',
    });
  });

  it('measures a text in bytes', () => {
    expect(unparsable(`# ${'é'.repeat(2 * 2 ** 20)}`).message).toContain('is too large');
    expect(unparsable(`# ${'e'.repeat(2 * 2 ** 20)}`).message).toContain('is empty');
  });
});

describe('Document file', () => {
  it('is read from a descriptor under the name it is given', () => {
    const file = join(folder, 'opened.yaml');
    writeFileSync(file, 'a: 1');
    const descriptor = fs.openSync(file, 'r');
    expect(readDocument('standard input', descriptor)).toMatchObject({ value: { a: 1 }, source: 'standard input' });
    fs.closeSync(descriptor);
  });

  it('is read with its name as the source', () => {
    const file = join(folder, 'good.yaml');
    writeFileSync(file, 'a: 1');
    expect(readDocument(file)).toMatchObject({ value: { a: 1 }, source: file });
  });

  it.each([
    ['is missing', () => join(folder, 'missing.yaml'), 'cannot be read (ENOENT)'],
    ['is a folder', () => folder, 'is a folder'],
    ['is a device', () => '/dev/zero', 'is a device'],
    ['has an impossible name', () => 'a\0b', 'cannot be read (ERR_INVALID_ARG_VALUE)'],
  ])('is refused when it %s', (_, file, message) => {
    const error = refusal(() => readDocument(file()));
    expect(onlyProblem(error)).toEqual({
      path: '(root)', message, allowed: 'a readable YAML or JSON file', fix: 'check the path',
    });
    expect(error.message).toMatch(/: 1 problem\n/);
  });

  it('is refused, and not read, when it is larger than 4 MiB', () => {
    const file = join(folder, 'large.yaml');
    writeFileSync(file, '#'.repeat(4 * 2 ** 20 + 1));
    const read = jest.spyOn(fs, 'readFileSync');
    const error = refusal(() => readDocument(file));
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect(onlyProblem(error).message).toBe('is too large');
    expect(error.message).toContain(file);
  });

  it('keeps the refusal of its text', () => {
    const file = join(folder, 'two.yaml');
    writeFileSync(file, 'a: 1\n---\nb: 1\n');
    expect(onlyProblem(refusal(() => readDocument(file))).message).toBe('holds 2 documents');
  });
});

describe('Document position', () => {
  const text = `# comment
cluster:
  name: dev
scope:
  sensitiveNamespaces:
    - payments
    - "auth"
    -
access: { readers: [{ namespace: a, podLabels: { app: b, "x/y": c } }] }
`;

  it.each<[string, Array<string | number>]>([
    ['2:1', ['cluster']],
    ['3:3', ['cluster', 'name']],
    ['6:7', ['scope', 'sensitiveNamespaces', 0]],
    ['7:7', ['scope', 'sensitiveNamespaces', 1]],
    ['9:21', ['access', 'readers', 0]],
    ['9:23', ['access', 'readers', 0, 'namespace']],
    ['9:50', ['access', 'readers', 0, 'podLabels', 'app']],
    ['9:58', ['access', 'readers', 0, 'podLabels', 'x/y']],
  ])('is %s for %j', (expected, path) => {
    expect(place(text, ...path)).toBe(expected);
  });

  it.each<[string, string, Array<string | number>]>([
    ['a missing section', '1:1', ['parca']],
    ['a missing key', '2:1', ['cluster', 'kubernetesVersion']],
    ['a list item that is left out', '5:3', ['scope', 'sensitiveNamespaces', 2]],
    ['an index beyond the list', '5:3', ['scope', 'sensitiveNamespaces', 7]],
    ['an unknown section', '1:1', ['nothing', 'here']],
  ])('is that of the parent for %s', (_, expected, path) => {
    expect(place(text, ...path)).toBe(expected);
  });

  it.each([
    ['Windows', 'a: 1\r\nb: 2\r\nc: 3\r\n'],
    ['Unix', 'a: 1\nb: 2\nc: 3\n'],
    ['old Mac', 'a: 1\rb: 2\rc: 3\r'],
  ])('counts lines that end as on %s', (_, lines) => {
    expect(place(lines, 'c')).toBe('3:1');
  });

  it('does not count a byte order mark', () => {
    expect(place('\ufeffa: 1\n', 'a')).toBe('1:1');
  });

  it('starts at the quote in JSON with tabs', () => {
    expect(place('{\n\t"a": [\n\t\t{ "b": true }\n\t]\n}', 'a', 0, 'b')).toBe('3:5');
    expect(place('{\n\t"a": 1\n}', 'a')).toBe('2:2');
  });

  it.each([
    ['behind a block scalar', 'a: |\n  b: 1\n  c: 2\nd: 1\n', 'd', '4:1'],
    ['behind an escaped key', '"\\u0061": { b: 1 }\nc: 1\n', 'c', '2:1'],
    ['of an escaped key', '"\\u0061": 1\n', 'a', '1:1'],
    ['of a key behind ?', '? a\n: 1\n', 'a', '1:3'],
    ['behind a value that is left out', 'a:\nb: 1\n', 'b', '2:1'],
    ['behind an anchor', 'a: &x\n  b: 1\nc: 1\n', 'c', '3:1'],
    ['of a key called __proto__', 'a: 1\n__proto__: 1\n', '__proto__', '2:1'],
    ['of a number in another base', 'a: 1\n0x10: 1\n', '16', '2:1'],
    ['of a number in quotes', 'a: 1\n"0x10": 1\n', '0x10', '2:1'],
    ['of a key that is left out', 'a:\n  ? 1\n  :\n? \n: 1\n', 'null', '1:1'],
  ])('is right %s', (_, lines, key, expected) => {
    expect(place(lines, key)).toBe(expected);
  });

  it('stands before each problem of a document, in the order of the lines', () => {
    const { message } = refusalOfText(`
images: { pinning: tagsAllowed }
agents:
  nodePools:
    - name: Bad_Name
      kernel: 5.10
parca:
  tls: { secretNme: parca-tls }
cluster:
  nmae: dev
`);
    expect(message.match(/profiling\.yaml:\d+:\d+ {2}[^:]+/g)).toEqual([
      'profiling.yaml:5:7  agents.nodePools[0].name',
      'profiling.yaml:6:7  agents.nodePools[0].kernel',
      'profiling.yaml:8:3  parca.tls',
      'profiling.yaml:8:10  parca.tls.secretNme',
      'profiling.yaml:9:1  cluster.name',
      'profiling.yaml:10:3  cluster.nmae',
    ]);
    expect(message.split('\n')[0]).toBe('profiling.yaml: 6 problems');
  });
});
