import { CREDENTIALS, pem } from './errors';
import { formatPath, looksSecret, show, SpecError } from '../../src/config/problem';
import type { Position, Problem } from '../../src/config/problem';

const problem = (name: string, more: Partial<Problem> = {}): Problem => ({ path: [name], message: 'is wrong', fix: 'mend it', ...more });

describe('SpecError', () => {
  it('counts one problem', () => {
    expect(new SpecError([problem('a')], 'f.yaml').message.split('\n')[0]).toBe('f.yaml: 1 problem');
  });

  it('counts several problems', () => {
    expect(new SpecError([problem('a'), problem('b')], 'f.yaml').message.split('\n')[0]).toBe('f.yaml: 2 problems');
  });

  it('shows path, message, what was found, what is allowed and the fix', () => {
    expect(new SpecError([problem('a', { found: '"x"', allowed: 'y' })]).message.split('\n').slice(2)).toEqual([
      'a: is wrong', '  found    "x"', '  allowed  y', '  fix      mend it',
    ]);
  });

  it('leaves out what a problem does not say', () => {
    expect(new SpecError([problem('a')]).message.split('\n').slice(2)).toEqual(['a: is wrong', '  fix      mend it']);
  });

  it('indents a fix of several lines', () => {
    expect(new SpecError([problem('a', { fix: 'write\na: 1' })]).message).toContain('\n  fix      write\n           a: 1');
  });

  it('puts problems in the order of lines and columns', () => {
    const places: Record<string, { line: number; column: number }> = {
      a: { line: 2, column: 5 }, b: { line: 2, column: 1 }, c: { line: 1, column: 9 },
    };
    const error = new SpecError(['a', 'b', 'c'].map(name => problem(name)), 'f.yaml', ({ path }) => places[String(path[0])]);
    expect(error.problems.map(({ path }) => path[0])).toEqual(['c', 'b', 'a']);
    expect(error.message).toContain('f.yaml:2:1  b: is wrong');
  });

  it('keeps the order of problems without positions', () => {
    expect(new SpecError(['b', 'a'].map(name => problem(name))).problems.map(({ path }) => path[0])).toEqual(['b', 'a']);
  });

  it('shows the first fifty problems and counts the others', () => {
    const error = new SpecError(Array.from({ length: 2000 }, (_, i) => problem(`p${i}`)), 'f.yaml', ({ path }) => ({ line: 5000 - Number(String(path[0]).slice(1)), column: 1 }));
    const shown = error.message.split('\n').filter(line => line.includes(': is wrong'));
    expect(shown).toHaveLength(50);
    expect(shown.slice(0, 2)).toEqual(['f.yaml:4001:1  p999: is wrong', 'f.yaml:4002:1  p998: is wrong']);
    expect(error.message.split('\n')[0]).toBe('f.yaml: 2000 problems');
    expect(error.message).toMatch(/\n\nand 1950 more problems$/);
    expect(error.problems).toHaveLength(2000);
  });

  it('shows fifty problems without counting others', () => {
    expect(new SpecError(Array.from({ length: 50 }, (_, i) => problem(`p${i}`))).message).not.toContain('more problems');
  });

  it('shows control characters as their codes, and takes line breaks from a fix alone', () => {
    const evil = 'a\u001b[2J\u202e\nb';
    const error = new SpecError([problem('x', { message: evil, found: evil, allowed: evil, fix: evil })], evil, () => ({ line: 1, column: 1 }));
    expect(error.message).toBe(['a\\u{1b}[2J\\u{202e}\\u{a}b: 1 problem', '', 'a\\u{1b}[2J\\u{202e}\\u{a}b:1:1  x: a\\u{1b}[2J\\u{202e}\\u{a}b',
      '  found    a\\u{1b}[2J\\u{202e}\\u{a}b', '  allowed  a\\u{1b}[2J\\u{202e}\\u{a}b', '  fix      a\\u{1b}[2J\\u{202e}', '           b'].join('\n'));
  });

  it('names several documents, and before each problem the one that it is in', () => {
    const places: Record<string, Position> = {
      a: { source: 'b.yaml', line: 1, column: 2 }, b: { source: 'a.yaml', line: 9, column: 1 }, c: { source: 'a.yaml', line: 2, column: 1 }, d: { source: 'b.yaml' },
    };
    const error = new SpecError(['a', 'b', 'c', 'd'].map(name => problem(name)), ['a.yaml', 'b.yaml'], ({ path }) => places[String(path[0])]);
    expect(error.message.match(/^\S.*$/gm)).toEqual([
      'a.yaml, b.yaml: 4 problems', 'a.yaml:2:1  c: is wrong', 'a.yaml:9:1  b: is wrong', 'b.yaml  d: is wrong', 'b.yaml:1:2  a: is wrong',
    ]);
    expect(error.problems.map(({ path }) => path[0])).toEqual(['c', 'b', 'd', 'a']);
  });

  it('is an Error with a name of its own', () => {
    expect(new SpecError([])).toBeInstanceOf(Error);
    expect(new SpecError([]).name).toBe('SpecError');
  });
});

describe('SpecError of several documents', () => {
  const first = new SpecError([problem('b'), problem('a')], 'z.yaml', ({ path }) => ({ line: path[0] === 'a' ? 1 : 2, column: 1 }));
  const second = new SpecError([problem('c')], 'a.yaml');

  it('has the problems of all in the order of the documents', () => {
    const error = SpecError.joined([first, second]);
    expect(error.message.match(/^\S.*$/gm)).toEqual(['z.yaml, a.yaml: 3 problems', 'z.yaml:1:1  a: is wrong', 'z.yaml:2:1  b: is wrong', 'a.yaml  c: is wrong']);
    expect(error.problems.map(({ path }) => path[0])).toEqual(['a', 'b', 'c']);
  });

  it('is the only one where there is one', () => {
    expect(SpecError.joined([second])).toBe(second);
    expect(second.message.split('\n')[2]).toBe('c: is wrong');
  });

  it('counts more problems than it shows', () => {
    const many = (source: string) => new SpecError(Array.from({ length: 1500 }, (_, i) => problem(`p${i}`)), source);
    const error = SpecError.joined([many('a.yaml'), many('b.yaml')]);
    expect(error.message.split('\n')[0]).toBe('a.yaml, b.yaml: 3000 problems');
    expect(error.message).toMatch(/and 2950 more problems$/);
    expect(error.problems).toHaveLength(3000);
  });
});

describe('formatPath', () => {
  it.each<[string, Array<string | number>]>([
    ['(root)', []],
    ['a.b[0].c', ['a', 'b', 0, 'c']],
    ['a["x/y"]', ['a', 'x/y']],
    ['["a b"]', ['a b']],
    ['[""]', ['']],
    ['a.b-c_1', ['a', 'b-c_1']],
  ])('writes %s', (expected, path) => {
    expect(formatPath(path)).toBe(expected);
  });

  it('shortens a long key', () => {
    expect(formatPath(['x'.repeat(5000)]).length).toBeLessThan(100);
  });

  it.each(Object.entries(CREDENTIALS))('does not show %s that is a key', (_, credential) => {
    expect(formatPath(['a', credential])).toBe('a[a value that looks like a secret (not shown)]');
  });
});

describe('show', () => {
  it.each<[unknown, string]>([
    [[], 'an empty list'],
    [[1], 'a list'],
    [{}, 'an empty mapping'],
    [{ a: 1 }, 'a mapping'],
    [null, 'nothing (null)'],
    [5.1, '5.1'],
    [true, 'true'],
    ['a "b"', '"a \\"b\\""'],
    ['two\nlines', '"two\\nlines"'],
    ['\u001b[31m\u009b31m', '"\\u001b[31m\\u{9b}31m"'],
    ['\u2028\u202e', '"\\u{2028}\\u{202e}"'],
  ])('shows %j as %s', (value, expected) => {
    expect(show(value)).toBe(expected);
  });

  it('shortens a long string', () => {
    expect(show('ab '.repeat(1000))).toMatch(/^"ab .{70,75}…"$/);
  });

  it.each(Object.entries(CREDENTIALS))('does not show %s', (_, credential) => {
    expect(show(`see: ${credential}`)).toBe('a value that looks like a secret (not shown)');
    expect(show(credential)).toBe('a value that looks like a secret (not shown)');
  });
});

describe('looksSecret', () => {
  it.each(Object.entries(CREDENTIALS))('recognises %s', (_, credential) => {
    expect(looksSecret(credential)).toBe(true);
  });

  it.each(Object.entries(CREDENTIALS))('recognises %s beside certificates', (_, credential) => {
    expect(looksSecret(`${credential}\n${pem('CERTIFICATE')}`)).toBe(true);
  });

  it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'])('recognises a %s', label => {
    const [key, certificate] = [pem(label, 'A'), pem('CERTIFICATE')];
    [key, certificate + key, key + certificate, certificate + key + certificate].forEach(text => expect(looksSecret(text)).toBe(true));
  });

  it('recognises what is no certificate between the marks of one', () => {
    expect(looksSecret(pem('CERTIFICATE', CREDENTIALS['a GitHub token']))).toBe(true);
    expect(looksSecret(pem('CERTIFICATE', CREDENTIALS['a password in a URL']))).toBe(true);
  });

  it.each([
    ['a certificate', pem('CERTIFICATE', `${'a1B2c3D4'.repeat(8)}\n${'0123456789abcdef'.repeat(4)}`)],
    ['several certificates', pem('CERTIFICATE', 'a1B2c3D4'.repeat(8)).repeat(3)],
    ['an image digest', `ghcr.io/parca-dev/parca@sha256:${'0123456789abcdef'.repeat(4)}`],
    ['a UUID', '0b1d2c3e-4f50-6172-8394-a5b6c7d8e9f0'],
    ['a role', 'arn:aws:iam::111122223333:role/EksParcaServerRoleProductionUsEast1'],
    ['a role with a name of 35 characters', 'arn:aws:iam::111122223333:role/EksParcaServerRoleProductionUsEast1a'],
    ['a bearer', 'The bearer of this ticket is on leave until March'],
    ['a name', 'this-is-a-rather-long-name-of-something-in-production-1'],
    ['a sentence', 'The vendor driver does not build on kernels above 5.4, see ticket OPS-4211'],
    ['a URL', 'https://example.com:8443/path@2'],
    ['a path', '/run/k3s/containerd/containerd.sock'],
  ])('takes %s for none', (_, text) => {
    expect(looksSecret(text)).toBe(false);
  });
});
