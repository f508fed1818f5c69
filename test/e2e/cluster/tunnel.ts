import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import type { Kubectl } from './kubectl';
import type { Running } from '../harness/processes';
import { until } from '../harness/processes';
import type { Address } from '../harness/wire';

/** The protocols that kubectl can open a tunnel with, by its environment. */
export const TUNNEL_PROTOCOLS = {
  WebSocket: {},
  SPDY: { KUBECTL_PORT_FORWARD_WEBSOCKETS: 'false' },
} as const satisfies Record<string, NodeJS.ProcessEnv>;

/** An open `kubectl port-forward`. */
export class Tunnel {
  /**
   * Opens a tunnel.
   *
   * @param target such as `service/parca`
   * @throws Error with what kubectl said, if it was refused
   */
  public static async open(
    kubectl: Kubectl, namespace: string, target: string, port: number, protocol: keyof typeof TUNNEL_PROTOCOLS = 'WebSocket',
  ): Promise<Tunnel> {
    const running = kubectl.start(['port-forward', '-n', namespace, target, `:${port}`], TUNNEL_PROTOCOLS[protocol]);
    let isOver = false;
    running.ended.then(() => { isOver = true; }, () => { isOver = true; });
    try {
      const local = await until(`a tunnel to ${target}`, 20, () => {
        if (isOver) { throw new Error(running.output.trim()); }
        return /Forwarding from 127\.0\.0\.1:(\d+)/.exec(running.output)?.[1];
      });
      return new Tunnel(running, { host: '127.0.0.1', port: Number(local) });
    } catch (error) {
      await running.stop('SIGKILL');
      throw error;
    }
  }

  private constructor(private readonly running: Running, public readonly address: Address) {}

  /** What kubectl has said so far. */
  public get output(): string {
    return this.running.output;
  }

  public async close(): Promise<void> {
    await this.running.stop('SIGTERM');
  }

  /** What comes back to a request: text, or nothing before the tunnel is closed. */
  public request(): Promise<string> {
    return new Promise(done => {
      const socket = connect({ ...this.address, timeout: 5000 }, () => socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n'));
      let received = '';
      socket.on('data', chunk => { received += chunk.toString('latin1'); });
      socket.on('timeout', () => socket.destroy());
      socket.on('error', () => undefined);
      socket.on('close', () => done(received));
    });
  }
}

/** Tries to reach a port through a tunnel that should be refused. Returns what kubectl says of it; an answer from the port is an error. */
export async function tryTunnel(kubectl: Kubectl, namespace: string, target: string, port: number, protocol: keyof typeof TUNNEL_PROTOCOLS = 'WebSocket'): Promise<string> {
  const tunnel = await Tunnel.open(kubectl, namespace, target, port, protocol);
  try {
    assert.equal(await tunnel.request(), '', 'an answer came through the tunnel');
    // Kubectl says why a moment after it has closed the connection.
    await until('kubectl says why', 10, () => /error|lost connection/i.test(tunnel.output) ? true : undefined);
    return tunnel.output;
  } finally {
    await tunnel.close();
  }
}
