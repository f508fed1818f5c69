/** The few forms of protocol buffers that the requests here need. */

/** A field with a whole number. */
export function number(field: number, value: number | bigint): Buffer {
  return Buffer.concat([varint(field * 8), varint(value)]);
}

/** A field with text, bytes or a message. */
export function bytes(field: number, ...value: ReadonlyArray<string | Buffer>): Buffer {
  const content = Buffer.concat(value.map(part => Buffer.from(part)));
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

function varint(value: number | bigint): Buffer {
  const result: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest /= 128n) { result.push(Number(rest % 128n) + 128); }
  return Buffer.from([...result, Number(rest)]);
}

/**
 * A CPU profile in pprof's format in which one function used all the time.
 *
 * @see https://github.com/google/pprof/blob/main/proto/profile.proto
 */
export function pprof(functionName: string, nanoseconds: number, at: Date): Buffer {
  const strings = ['', 'cpu', 'nanoseconds', functionName, '/usr/bin/e2e', 'main.c', 'samples', 'count'];
  const index = (text: string): number => strings.indexOf(text);
  const valueType = (type: string, unit: string): Buffer => Buffer.concat([number(1, index(type)), number(2, index(unit))]);
  return Buffer.concat([
    bytes(1, valueType('samples', 'count')),
    bytes(1, valueType('cpu', 'nanoseconds')),
    bytes(2, number(1, 1), number(2, 1), number(2, nanoseconds)),
    bytes(3, number(1, 1), number(2, 0x400000), number(3, 0x500000), number(5, index('/usr/bin/e2e')), number(7, 1)),
    bytes(4, number(1, 1), number(2, 1), number(3, 0x401000), bytes(4, number(1, 1), number(2, 7))),
    bytes(5, number(1, 1), number(2, index(functionName)), number(3, index(functionName)), number(4, index('main.c'))),
    ...strings.map(text => bytes(6, text)),
    number(9, BigInt(at.getTime()) * 1_000_000n),
    number(10, 1_000_000_000),
    bytes(11, valueType('cpu', 'nanoseconds')),
    number(12, 10_000_000),
  ]);
}
