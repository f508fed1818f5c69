import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onlyProblem, refusal } from './errors';
import { readText } from '../../src/config/read-text';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'read-text-')); });
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

const MEBIBYTE = 2 ** 20;
const read = (from: string | number) => readText({ name: 'input', from, allowed: 'a text', maxBytes: MEBIBYTE, whenLarger: 'shorten it' });
const problemOf = (from: string | number) => onlyProblem(refusal(() => read(from)));

function write(content: string | Buffer): string {
  const file = join(folder, 'file');
  fs.writeFileSync(file, content);
  return file;
}

/** How much is read of something before it is refused. */
function bytesRead(work: () => unknown): number {
  const spy = jest.spyOn(fs, 'readSync');
  work();
  return spy.mock.results.reduce((sum, { value }) => sum + (value as number), 0);
}

describe('readText', () => {
  it.each(['', 'a', 'ä\n', '\ufeffa', 'x'.repeat(MEBIBYTE)])('gives the text of a file', text => {
    expect(read(write(text))).toBe(text);
  });

  it('does not read a file that is too large', () => {
    const file = write('');
    fs.truncateSync(file, 100 * 2 ** 30);
    expect(bytesRead(() => {
      expect(problemOf(file)).toEqual({ path: '(root)', message: 'is too large', allowed: 'at most 1 MiB', fix: 'shorten it' });
    })).toBe(0);
  });

  it('reads what has no end only as far as it has to', () => {
    const descriptor = fs.openSync('/dev/zero', 'r');
    const count = bytesRead(() => expect(problemOf(descriptor).message).toBe('is too large'));
    fs.closeSync(descriptor);
    expect(count).toBeGreaterThan(MEBIBYTE);
    expect(count).toBeLessThan(MEBIBYTE * 1.1);
  });

  it('is not misled by a file that says that it is empty', () => {
    expect(read('/proc/self/status')).toContain('Pid:');
  });

  it.each([
    ['a folder', () => folder, 'is a folder', 'check the path'],
    ['a device', () => '/dev/zero', 'is a device', 'check the path'],
    ['no text', () => write(Buffer.from([0x61, 0xff, 0xfe])), 'is no text in UTF-8', 'convert it'],
    ['UTF-16', () => write(Buffer.from('\ufeffa: 1', 'utf16le')), 'is no text in UTF-8', 'convert it'],
    ['missing', () => join(folder, 'none'), 'cannot be read (ENOENT)', 'check the path'],
    ['a descriptor that is not open', () => 999, 'cannot be read (EBADF)', 'check the path'],
  ])('refuses what is %s', (_, from, message, fix) => {
    expect(problemOf(from())).toEqual({ path: '(root)', message, allowed: 'a text', fix });
  });

  it('leaves no file open', () => {
    const open = () => fs.readdirSync('/proc/self/fd').length;
    const before = open();
    [write('a'), folder, '/dev/zero', join(folder, 'none')].forEach(file => { try { read(file); } catch { /* refused */ } });
    expect(open()).toBe(before);
  });

  it('waits for a descriptor that has nothing yet', () => {
    const descriptor = fs.openSync(write('later'), 'r');
    const original = fs.readSync;
    let count = 0;
    jest.spyOn(fs, 'readSync').mockImplementation(((...args: Parameters<typeof fs.readSync>) => {
      if (count++ < 2) { throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' }); }
      return original(...args);
    }) as typeof fs.readSync);
    expect(read(descriptor)).toBe('later');
    fs.closeSync(descriptor);
  });
});
