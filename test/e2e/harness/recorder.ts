import type { IncomingHttpHeaders } from 'node:http2';
import { createServer } from 'node:http2';
import { BACKEND } from './deployment';
import type { Address } from './wire';

/** A backend in place of a server that answers 200 to everything and remembers what reached it. */
export interface Recorder {
  readonly requests: readonly IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** Larger than any buffer on the way. */
export const LARGE = Buffer.alloc(2 ** 20);

/**
 * Listens in place of Parca, or at another address. One that is stuck reads no body, and answers with more than a buffer holds.
 */
export async function startRecorder({ host, port }: Address = BACKEND, { isStuck = false } = {}): Promise<Recorder> {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', session => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    requests.push(headers);
    stream.on('error', () => undefined);
    if (isStuck) {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' });
      stream.write(LARGE);
      return;
    }
    // Like a server that reads the whole of a request.
    stream.on('end', () => {
      if (stream.destroyed) { return; }
      stream.respond({ ':status': 200, 'content-type': 'text/plain' });
      stream.end('recorded\n');
    });
    stream.resume();
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, done);
  });
  return {
    requests,
    close: () => new Promise(done => {
      sessions.forEach(session => session.destroy());
      server.close(() => done());
    }),
  };
}
