import { connect } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { connect as netConnect } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { GATEWAY, HOST } from './deployment';
import { until } from './processes';
import type { Address } from './wire';
import { newClientAddress } from './wire';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const SECONDS = 20;

/** A well-behaved client of a gateway, or of the server behind it: HTTP/2 over verified TLS, one connection for each request. */
export class Client {
  /**
   * @param authority PEM of the only authority that is trusted; without one, it speaks without TLS
   * @param address where to connect to
   * @param host the name that the certificate must be valid for
   */
  constructor(private readonly authority: string | undefined, private readonly address: Address = GATEWAY, private readonly host: string = HOST) {}

  public send(headers: OutgoingHttpHeaders, body?: Buffer): Promise<Reply> {
    return new Promise((done, failed) => {
      const ends = { ...newClientAddress(this.address), ...this.address };
      const session = this.authority === undefined
        ? connect(`http://${this.host}:${this.address.port}`, { createConnection: () => netConnect(ends) })
        : connect(`https://${this.host}:${this.address.port}`, { createConnection: () => tlsConnect({ ...ends, ca: this.authority, servername: this.host, ALPNProtocols: ['h2'] }) });
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        session.destroy();
        settle();
      };
      const timer = setTimeout(() => end(() => failed(new Error(`${headers[':path']}: no answer within ${SECONDS} s`))), SECONDS * 1000);
      session.on('error', error => end(() => failed(error)));
      session.on('close', () => end(() => failed(new Error(`${headers[':path']}: closed without an answer`))));
      const stream = session.request(headers, { endStream: body === undefined });
      const chunks: Buffer[] = [];
      let answer: IncomingHttpHeaders & { ':status'?: number } = {};
      let trailers: IncomingHttpHeaders = {};
      stream.on('response', received => { answer = received; });
      stream.on('trailers', received => { trailers = received; });
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', error => end(() => failed(error)));
      stream.on('end', () => end(() => done({ status: Number(answer[':status']), headers: answer, trailers, body: Buffer.concat(chunks) })));
      if (body) { stream.end(body); }
    });
  }

  /** Waits until the gateway answers at all: a Service leads to a pod a moment after that is ready. */
  public async reachable(): Promise<void> {
    await until('the Service leads to the gateway', 30, () => this.get('/').then(() => true, () => undefined));
  }

  /** A GET with a token. */
  public get(path: string, token?: string): Promise<Reply> {
    return this.send({ ':method': 'GET', ':path': path, ...(token && { authorization: `Bearer ${token}` }) });
  }

  /** A gRPC call with one message or more; its status is the text of `grpc-status`, or that of HTTP where gRPC was not reached. */
  public async grpc(method: string, token: string, ...messages: readonly Buffer[]): Promise<{ status: string; body: Buffer }> {
    const { status, headers, trailers, body } = await this.send({
      ':method': 'POST', ':path': method, 'content-type': 'application/grpc', 'te': 'trailers', 'authorization': `Bearer ${token}`,
    }, Buffer.concat(messages.map(grpcFrame)));
    const grpcStatus = trailers['grpc-status'] ?? headers['grpc-status'];
    return { status: grpcStatus === undefined ? `HTTP ${status}` : `grpc-status ${String(grpcStatus)}`, body: body.subarray(5) };
  }
}

/** A message as it goes over the wire: not compressed, and its length before it. */
export function grpcFrame(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}
