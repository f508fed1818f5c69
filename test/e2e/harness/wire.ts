import { connect } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connect as tlsConnect } from 'node:tls';

/** The status of an answer, or what happened in its place. */
export type Answer = number | 'closed' | 'reset' | 'silence';

export type Header = readonly [name: string, value: string];

/** A request byte for byte, since libraries refuse to send what attackers send. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: string;
}

export interface Address { readonly host: string; readonly port: number }

const ANSWER_SECONDS = 5;

let clients = 0;

/**
 * A loopback address that no client has had before: the gateway judges those without a token by their address, and rows of
 * a table are clients that have nothing to do with each other. None where the gateway is not on loopback.
 */
export function newClientAddress({ host }: Address): { readonly localAddress?: string } {
  if (!host.startsWith('127.')) { return {}; }
  clients++;
  return { localAddress: `127.1.${Math.floor(clients / 250)}.${clients % 250 + 1}` };
}

/** Sends this text over TLS and HTTP/1.1. The status is that of the first answer. */
export function http1(address: Address, tls: ConnectionOptions, text: string): Promise<Answer> {
  return exchange(address, { ...tls, ALPNProtocols: ['http/1.1'] }, Buffer.from(text, 'latin1'), received => {
    const status = /^HTTP\/1\.[01] (\d{3}) /.exec(received.toString('latin1'));
    return status ? Number(status[1]) : undefined;
  });
}

/** The text of a request, with a length where there is a body. */
export function http1Text({ method, path, headers, body }: RawRequest): string {
  const length: readonly Header[] = body ? [['Content-Length', `${Buffer.byteLength(body)}`]] : [];
  const lines = [...headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** Sends the request as stream 1 of a new HTTP/2 connection; headers go out exactly as given. */
export function http2(address: Address, tls: ConnectionOptions, { method, path, headers, body }: RawRequest, authority: string): Promise<Answer> {
  const fields: readonly Header[] = [[':method', method], [':scheme', 'https'], [':authority', authority], [':path', path], ...headers];
  const request = Buffer.concat([
    PREFACE,
    headersFrame(1, fields, !body),
    ...(body ? [frame(FRAME.data, END_STREAM, 1, Buffer.from(body, 'latin1'))] : []),
  ]);
  return exchange(address, { ...tls, ALPNProtocols: ['h2'] }, request, http2Answer);
}

/** Whether a TCP connection to this address can be made, and if not, why. */
export function connects({ host, port }: Address): Promise<string> {
  return new Promise(done => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: string): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => end('connected'));
    socket.once('timeout', () => end('timeout'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

function exchange(address: Address, tls: ConnectionOptions, request: Buffer, parse: (received: Buffer) => Answer | undefined): Promise<Answer> {
  return new Promise(done => {
    let received = Buffer.alloc(0);
    const socket = tlsConnect({ ...newClientAddress(address), ...address, ...tls }, () => socket.write(request));
    const end = (answer: Answer): void => {
      clearTimeout(timer);
      socket.destroy();
      done(answer);
    };
    const timer = setTimeout(() => end('silence'), ANSWER_SECONDS * 1000);
    socket.on('data', chunk => {
      received = Buffer.concat([received, chunk]);
      const answer = parse(received);
      if (answer !== undefined) { end(answer); }
    });
    socket.on('error', () => end(parse(received) ?? 'reset'));
    socket.on('close', () => end(parse(received) ?? 'closed'));
  });
}

export const FRAME = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** What a connection of HTTP/2 begins with. */
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(FRAME.settings, 0, 0)]);

/** All headers of a request, which is over with them or not. */
export function headersFrame(stream: number, fields: readonly Header[], isOver = false): Buffer {
  return frame(FRAME.headers, isOver ? END_HEADERS + END_STREAM : END_HEADERS, stream, Buffer.concat(fields.map(field)));
}

/** A header that enters no table, with plain strings: the form of HPACK that needs no state. */
function field([name, value]: Header): Buffer {
  return Buffer.concat([Buffer.from([0]), plain(name), plain(value)]);
}

function plain(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(bytes.length, 127), bytes]);
}

/** An integer of HPACK in a byte whose lower bits may all be used, as RFC 7541 has it in section 5.1. */
function integer(value: number, limit: number): Buffer {
  if (value < limit) { return Buffer.from([value]); }
  const bytes = [limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) { bytes.push(rest % 128 + 128); }
  return Buffer.from([...bytes, rest]);
}

/** What the frames so far say about stream 1. */
function http2Answer(received: Buffer): Answer | undefined {
  for (let offset = 0; offset + 9 <= received.length;) {
    const length = received.readUIntBE(offset, 3);
    const [type, stream] = [received[offset + 3], received.readUInt32BE(offset + 5)];
    const payload = received.subarray(offset + 9, offset + 9 + length);
    if (payload.length < length) { return undefined; }
    if (type === FRAME.headers && stream === 1) { return http2Status(payload); }
    if (type === FRAME.reset && stream === 1) { return 'reset'; }
    if (type === FRAME.goAway && payload.readUInt32BE(4) !== 0) { return 'reset'; }
    offset += 9 + length;
  }
  return undefined;
}

/** The status in its indexed form, or as three plain digits: the two forms that HAProxy sends. */
function http2Status(block: Buffer): number {
  const indexed = [200, 204, 206, 304, 400, 404, 500][block[0] - 0x88];
  if (indexed !== undefined) { return indexed; }
  const digits = block.subarray(2, 5).toString('latin1');
  if ((block[0] !== 0x08 && block[0] !== 0x48) || !/^\d{3}$/.test(digits)) { throw new Error(`status in an unknown form: ${block.toString('hex')}`); }
  return Number(digits);
}
