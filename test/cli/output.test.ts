import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    jest.spyOn(fs, 'writeFileSync').mockImplementation((file, data, options) => {
      if (String(file).includes('b.yaml')) { throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }); }
      original(file, data, options);
    });
    expect(() => writeFiles(folder, { 'a.yaml': 'after', 'b.yaml': 'after' })).toThrow('ENOSPC');
    expect([content('a.yaml'), content('b.yaml')]).toEqual(['before', 'before']);
    expect(fs.readdirSync(folder)).toEqual(['a.yaml', 'b.yaml']);
  });

  it('leaves no temporary file when a name is taken by a folder', () => {
    fs.mkdirSync(join(folder, 'a.yaml'));
    expect(() => writeFiles(folder, { 'a.yaml': 'a' })).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(fs.readdirSync(folder)).toEqual(['a.yaml']);
  });
});
