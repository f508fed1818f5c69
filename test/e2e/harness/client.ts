import { connect } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { connect as tlsConnect } from 'node:tls';
import type { Certificate } from './certificates';
import { GATEWAY, HOST } from './deployment';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const SECONDS = 20;

/** A well-behaved client of the gateway: HTTP/2 over verified TLS, one connection for each request. */
export function send(certificate: Certificate, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Reply> {
  return new Promise((done, failed) => {
    const session = connect(`https://${HOST}:${GATEWAY.port}`, {
      createConnection: () => tlsConnect({ ...GATEWAY, ca: certificate.certificate, servername: HOST, ALPNProtocols: ['h2'] }),
    });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      session.destroy();
      settle();
    };
    const timer = setTimeout(() => end(() => failed(new Error(`${headers[':path']}: no answer within ${SECONDS} s`))), SECONDS * 1000);
    session.on('error', error => end(() => failed(error)));
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

/** A GET with a token. */
export function get(certificate: Certificate, path: string, token?: string): Promise<Reply> {
  return send(certificate, { ':method': 'GET', ':path': path, ...(token && { authorization: `Bearer ${token}` }) });
}

/** A unary gRPC call; its status is the text of `grpc-status`, or that of HTTP where gRPC was not reached. */
export async function grpc(certificate: Certificate, method: string, token: string, message: Buffer): Promise<{ status: string; body: Buffer }> {
  const length = Buffer.alloc(5);
  length.writeUInt32BE(message.length, 1);
  const { status, headers, trailers, body } = await send(certificate, {
    ':method': 'POST', ':path': method, 'content-type': 'application/grpc', 'te': 'trailers', 'authorization': `Bearer ${token}`,
  }, Buffer.concat([length, message]));
  const grpcStatus = trailers['grpc-status'] ?? headers['grpc-status'];
  return { status: grpcStatus === undefined ? `HTTP ${status}` : `grpc-status ${String(grpcStatus)}`, body: body.subarray(5) };
}
