import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from './certificates';
import type { Address } from './wire';

/** An address that leads to another, which can change, and keeps what callers send. */
export class Tap {
  public static async open(address: Address, target: Address): Promise<Tap> {
    const tap = new Tap(target);
    await listen(tap.server, address);
    return tap;
  }

  private readonly server: Server;
  private received: Buffer[] = [];

  private constructor(private target: Address) {
    this.server = createServer(caller => {
      const behind = connect(this.target);
      const end = (): void => { [caller, behind].forEach(socket => socket.destroy()); };
      caller.on('data', chunk => this.received.push(chunk));
      [caller, behind].forEach(socket => socket.on('error', end).on('close', end));
      caller.pipe(behind).pipe(caller);
    });
  }

  /** Leads elsewhere from now on, and forgets what was sent. */
  public leadTo(target: Address): void {
    this.target = target;
    this.received = [];
  }

  /** What callers have sent, as it came over the wire. */
  public get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  public close(): void {
    this.server.close();
  }
}

/** A server in place of another, which keeps what it can read of what callers send. */
export interface Impostor {
  readonly address: Address;
  readonly read: () => Buffer;
  readonly close: () => void;
}

/** With a certificate it speaks TLS; without, it answers to everything as a server of HTTP would. */
export async function startImpostor(certificate?: Certificate): Promise<Impostor> {
  const chunks: Buffer[] = [];
  const keep = (socket: Socket): void => {
    socket.on('error', () => undefined).on('data', chunk => {
      chunks.push(chunk);
      if (!certificate) { socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'); }
    });
  };
  const server = certificate
    ? createTlsServer({ cert: certificate.certificate, key: certificate.key, ALPNProtocols: ['h2'] }, keep).on('tlsClientError', () => undefined)
    : createServer(keep);
  await listen(server, { host: '127.0.0.1', port: 0 });
  const { port } = server.address() as { port: number };
  return { address: { host: '127.0.0.1', port }, read: () => Buffer.concat(chunks), close: () => { server.close(); } };
}

async function listen(server: Server, { host, port }: Address): Promise<void> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, done);
  });
}
