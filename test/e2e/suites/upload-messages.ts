import { grpcFrame } from '../harness/client';
import { bytes } from '../harness/protobuf';

/** A body of a request about debug information, and how the gateway answers it. */
export interface UploadMessage {
  readonly name: string;
  readonly message: Buffer;
  readonly expected: 200 | 400;
}

export const buildId = (text: string): Buffer => bytes(1, text);

export const BAD_BUILD_IDS = [
  '../../../tmp/escape', 'blocks/evil', '/etc/passwd', '..', '.', '...', 'a/../b', 'abc/', 'blocks', 'abc def', 'abc\0', '..\\..\\x', '%2e%2e%2fx', 'ａｂｃ', 'a'.repeat(257), '',
];

export const UPLOAD_MESSAGES: readonly UploadMessage[] = [
  { name: 'build id in hex', message: grpcFrame(buildId('abcdef0123456789')), expected: 200 },
  { name: 'build id with dashes', message: grpcFrame(buildId('5d5b3c1e-9d0a-4f5e-8f0e-0123456789ab')), expected: 200 },
  { name: 'build id of 256 characters', message: grpcFrame(buildId('a'.repeat(256))), expected: 200 },
  { name: 'a good id and then a bad one', message: grpcFrame(Buffer.concat([buildId('abcdef'), buildId('../x')])), expected: 400 },
  { name: 'a bad id and then a good one', message: grpcFrame(Buffer.concat([buildId('../x'), buildId('abcdef')])), expected: 400 },
  { name: 'no id at all', message: grpcFrame(Buffer.alloc(0)), expected: 400 },
  { name: 'the number of the field in two bytes', message: grpcFrame(Buffer.concat([Buffer.from([0x8a, 0, 4]), Buffer.from('../x')])), expected: 400 },
  { name: 'a length in three bytes', message: grpcFrame(Buffer.concat([Buffer.from([0x0a, 0x84, 0x80, 0]), Buffer.from('../x')])), expected: 400 },
  { name: 'a length beyond the message', message: grpcFrame(Buffer.from([0x0a, 0x7f, 0x61])), expected: 400 },
  { name: 'a group', message: grpcFrame(Buffer.from([0x0b, 0x0a, 2, 0x2e, 0x2e, 0x0c])), expected: 400 },
  { name: 'two messages', message: Buffer.concat([grpcFrame(buildId('abcdef')), grpcFrame(buildId('../x'))]), expected: 400 },
  { name: 'a message that calls itself compressed', message: Buffer.concat([Buffer.from([1]), grpcFrame(buildId('abcdef')).subarray(1)]), expected: 400 },
];
