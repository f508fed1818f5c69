import { grpcFrame } from '../e2e/harness/client';
import { bytes, number } from '../e2e/harness/protobuf';
import { BAD_BUILD_IDS, buildId, UPLOAD_MESSAGES } from '../e2e/suites/upload-messages';
import { LuaProgram } from '../gateway/lua';

const program = new LuaProgram('parca/uploads.lua');
/** The status that refuses a request with this body; 200 if none does. */
const status = (body?: Buffer) => program.act('check_build_id', {}, body)['txn.refused'] ?? 200;
const fixed = (kind: number, length: number) => Buffer.from([2 * 8 + kind, ...Array.from({ length }, () => 0xff)]);

describe('uploads.lua', () => {
  it.each(UPLOAD_MESSAGES)('answers: $name', ({ message, expected }) => {
    expect(status(message)).toBe(expected);
  });

  it.each(BAD_BUILD_IDS)('refuses build id %j', text => {
    expect(status(grpcFrame(buildId(text)))).toBe(400);
  });

  it.each<[string, Buffer]>([
    ['whole numbers', number(2, 2n ** 63n)], ['8 bytes', fixed(1, 8)], ['4 bytes', fixed(5, 4)], ['text', bytes(3, '../x')],
  ])('skips other fields, before the build id and behind it: %s', (_, field) => {
    expect(status(grpcFrame(Buffer.concat([field, buildId('abcdef')])))).toBe(200);
    expect(status(grpcFrame(Buffer.concat([buildId('abcdef'), field])))).toBe(200);
    expect(status(grpcFrame(field))).toBe(400);
  });

  it.each<[string, Buffer]>([
    ['8 bytes of which one is missing', fixed(1, 7)], ['4 bytes of which one is missing', fixed(5, 3)], ['a kind that does not exist', fixed(6, 8)],
    ['the field 0', bytes(0, 'abcdef')], ['a build id that is a number', number(1, 7)], ['a number without an end', Buffer.from([16, 255])],
    ['a number of eleven bytes', Buffer.from([16, ...Array.from({ length: 10 }, () => 255), 1])],
  ])('refuses what is not well formed behind a build id: %s', (_, field) => {
    expect(status(grpcFrame(Buffer.concat([buildId('abcdef'), field])))).toBe(400);
  });

  it('refuses what is no gRPC message', () => {
    const message = grpcFrame(buildId('abcdef'));
    expect([undefined, Buffer.alloc(0), Buffer.alloc(4), message.subarray(0, -1), Buffer.concat([message, Buffer.alloc(1)])].map(status))
      .toEqual([400, 400, 400, 400, 400]);
  });
});
