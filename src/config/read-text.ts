import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { SpecError } from './problem';

/** An input file or open descriptor, with the limit on its size. */
export interface Readable {
  /** As errors call it: its path, or `standard input`. */
  readonly name: string;
  /** The path, or a descriptor that is open. */
  readonly from: string | number;
  /** Expected kind of file, such as `a YAML or JSON file`. */
  readonly allowed: string;
  readonly maxBytes: number;
  /** Fix that the error names when it is larger. */
  readonly whenLarger: string;
}

const CHUNK = 2 ** 16;

/** Descriptors that a shell has opened, such as those of `<(command)`. Somebody writes to them, so they are waited for. */
const DESCRIPTOR = /^\/(dev\/stdin|(dev|proc\/self)\/fd\/\d+)$/;

/**
 * Reads a text, and never more than is allowed: devices have no end, and nobody need ever write to a pipe.
 *
 * @throws SpecError if it is longer, no file or no UTF-8
 */
export function readText(readable: Readable): string {
  const { from, maxBytes } = readable;
  let bytes: Buffer;
  try {
    const descriptor = typeof from === 'number' ? from : openFile(readable, from);
    try {
      bytes = readBytes(descriptor, maxBytes + 1);
    } finally {
      if (typeof from !== 'number') { closeSync(descriptor); }
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SpecError || code === undefined) { throw error; }
    throw refusal(readable, `cannot be read (${code})`, 'check the path');
  }
  if (bytes.length > maxBytes) { throw tooLarge(readable); }
  if (!isUtf8(bytes)) { throw refusal(readable, 'is no text in UTF-8', 'convert it'); }
  return bytes.toString('utf8');
}

function openFile(readable: Readable, path: string): number {
  if (DESCRIPTOR.test(path)) { return openSync(path, 'r'); }
  // For reading. With the flag, a pipe is not waited for here until somebody writes to it.
  const descriptor = openSync(path, constants.O_NONBLOCK);
  const stats = fstatSync(descriptor);
  if (stats.isFile() && stats.size <= readable.maxBytes) { return descriptor; }
  closeSync(descriptor);
  throw stats.isFile() ? tooLarge(readable) : noFile(readable, stats);
}

function noFile(readable: Readable, stats: Stats): SpecError {
  if (stats.isFIFO()) { return refusal(readable, 'is a named pipe', 'write its content into a file'); }
  return refusal(readable, stats.isDirectory() ? 'is a folder' : 'is a device', 'check the path');
}

function readBytes(descriptor: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < most) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const count = readChunk(descriptor, chunk);
    if (count === 0) { break; }
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return Buffer.concat(chunks);
}

function readChunk(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      // Standard input may have been opened by somebody who does not wait.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') { throw error; }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

function tooLarge({ name, maxBytes, whenLarger }: Readable): SpecError {
  return new SpecError([{ path: [], message: 'is too large', allowed: `at most ${maxBytes / 2 ** 20} MiB`, fix: whenLarger }], name);
}

function refusal({ name, allowed }: Readable, message: string, fix: string): SpecError {
  return new SpecError([{ path: [], message, allowed, fix }], name);
}
