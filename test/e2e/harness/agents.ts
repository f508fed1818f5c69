import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import { connect as tlsConnect } from 'node:tls';
import { grpcFrame } from './client';
import { GATEWAY, HOST } from './deployment';
import { WRITE_RAW, writeRequest } from './profiles';

/** An agent: one connection that stays, from an address of its own, over which it pushes now and then. */
export class Agent {
  private session: ClientHttp2Session | undefined;

  constructor(private readonly localAddress: string, private readonly token: string, private readonly host: string = HOST) {}

  /** Whether it is connected. */
  public get isConnected(): boolean {
    return this.session !== undefined && !this.session.closed && !this.session.destroyed;
  }

  /** Stores a profile. What came of it: `200 0` where HTTP and gRPC both say so. */
  public push(): Promise<string> {
    return this.call({ ':method': 'POST', ':path': WRITE_RAW, 'content-type': 'application/grpc', 'te': 'trailers' },
      grpcFrame(writeRequest({ functionName: 'pushed_by_an_agent', at: new Date() })));
  }

  /** Begins a call with such a message, and reads nothing of the answer. */
  public begin(path: string, message: Buffer): void {
    const stream = this.connected().request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', 'te': 'trailers', 'authorization': `Bearer ${this.token}` });
    stream.on('error', () => undefined);
    stream.pause();
    stream.end(grpcFrame(message));
  }

  /** Any call, with its token. */
  public call(headers: Readonly<Record<string, string>>, body?: Buffer, seconds = 10): Promise<string> {
    return new Promise(done => {
      let status = '';
      let grpc: unknown = '';
      const timer = setTimeout(() => done(`no answer within ${seconds} s`), seconds * 1000);
      const end = (text: string): void => {
        clearTimeout(timer);
        done(text);
      };
      const stream = this.connected().request({ ...headers, authorization: `Bearer ${this.token}` });
      stream.on('response', answer => {
        status = `${answer[':status']}`;
        grpc = answer['grpc-status'] ?? grpc;
      });
      stream.on('trailers', trailers => { grpc = trailers['grpc-status'] ?? grpc; });
      stream.on('error', error => end(status || error.message));
      stream.on('end', () => end(`${status} ${String(grpc)}`.trim()));
      stream.resume();
      stream.end(body);
    });
  }

  public close(): void {
    this.session?.destroy();
  }

  /** As gRPC clients do it: over the connection there is, or a new one. */
  private connected(): ClientHttp2Session {
    if (!this.isConnected) {
      const { localAddress, host } = this;
      this.session = connect(`https://${host}:${GATEWAY.port}`, {
        createConnection: () => tlsConnect({ ...GATEWAY, ...{ localAddress }, servername: host, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
      });
      this.session.on('error', () => undefined);
    }
    return this.session!;
  }
}
