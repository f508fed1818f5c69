import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeFiles } from '../../src/cli/output';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'output-')); });
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const content = (name: string) => fs.readFileSync(join(folder, name), 'utf8');

describe('writeFiles', () => {
  it('writes every file and leaves no other', () => {
    writeFiles(folder, { 'a.yaml': 'a', 'b.yaml': 'b' });
    expect(fs.readdirSync(folder)).toEqual(['a.yaml', 'b.yaml']);
    expect([content('a.yaml'), content('b.yaml')]).toEqual(['a', 'b']);
  });

  it('makes the folder', () => {
    writeFiles(join(folder, 'x', 'y'), { 'a.yaml': 'a' });
    expect(content('x/y/a.yaml')).toBe('a');
  });

  it('replaces what was there', () => {
    writeFiles(folder, { 'a.yaml': 'before' });
    writeFiles(folder, { 'a.yaml': 'after' });
    expect(content('a.yaml')).toBe('after');
  });

  it('replaces nothing when one of the files cannot be written', () => {
    writeFiles(folder, { 'a.yaml': 'before', 'b.yaml': 'before' });
    const original = fs.writeFileSync;
    let count = 0;
    jest.spyOn(fs, 'writeFileSync').mockImplementation((file, data, options) => {
      if (++count === 2) { throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }); }
      original(file, data, options);
    });
    expect(() => writeFiles(folder, { 'a.yaml': 'after', 'b.yaml': 'after' })).toThrow('ENOSPC');
    expect([content('a.yaml'), content('b.yaml')]).toEqual(['before', 'before']);
    expect(fs.readdirSync(folder)).toEqual(['a.yaml', 'b.yaml']);
  });

  it('writes through no link that somebody put where its temporary file is to be', () => {
    const target = join(folder, 'target');
    fs.writeFileSync(target, 'mine');
    const original = fs.openSync;
    jest.spyOn(fs, 'openSync').mockImplementation((file, flags, mode) => {
      if (String(file).includes('.a.yaml.')) { fs.symlinkSync(target, file); }
      return original(file, flags, mode);
    });
    expect(() => writeFiles(folder, { 'a.yaml': 'a' })).toThrow('EEXIST');
    expect(content('target')).toBe('mine');
  });

  it('has names for temporary files that nobody can foresee', () => {
    const open = jest.spyOn(fs, 'openSync');
    [1, 2].forEach(() => writeFiles(folder, { 'a.yaml': 'a' }));
    const names = open.mock.calls.map(([file]) => basename(String(file)));
    expect(new Set(names).size).toBe(2);
    names.forEach(name => expect(name).toMatch(/^\.a\.yaml\.[0-9a-f]{16}\.tmp$/));
  });

  it('replaces a link by a file', () => {
    fs.writeFileSync(join(folder, 'target'), 'mine');
    fs.symlinkSync('target', join(folder, 'a.yaml'));
    writeFiles(folder, { 'a.yaml': 'a' });
    expect([content('target'), content('a.yaml')]).toEqual(['mine', 'a']);
  });

  it('refuses a folder below that is a link', () => {
    const elsewhere = fs.mkdtempSync(join(tmpdir(), 'elsewhere-'));
    fs.symlinkSync(elsewhere, join(folder, 'helm'));
    expect(() => writeFiles(folder, { 'a.yaml': 'a', 'helm/b.yaml': 'b' })).toThrow(/helm: 1 problem\n\n\(root\): is a link\n {2}allowed {2}a folder/);
    expect(fs.readdirSync(elsewhere)).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual(['helm']);
    fs.rmSync(elsewhere, { recursive: true });
  });

  it('leaves no temporary file when a name is taken by a folder', () => {
    fs.mkdirSync(join(folder, 'a.yaml'));
    expect(() => writeFiles(folder, { 'a.yaml': 'a' })).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(fs.readdirSync(folder)).toEqual(['a.yaml']);
  });
});
