import { Agent, request as send } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY, HOST } from './deployment';
import type { Address } from './wire';

/** What came of the requests of a stream. */
export interface Tally {
  readonly sent: number;
  /** Requests that were not answered with 200, as text. */
  readonly failures: readonly string[];
}

/** What a stream asks for. */
interface Target { readonly host: string; readonly method: string; readonly path: string }

const PARCA: Target = { host: HOST, method: 'GET', path: '/api/profiles/types' };

/** Good requests without a break, while something is changed underneath them. */
export class Stream {
  private sent = 0;
  private readonly failures: string[] = [];
  private isOver = false;
  private readonly agents: Agent[] = [];
  private readonly workers: Array<Promise<void>>;

  /**
   * @param authorities PEM of every certificate that may be served meanwhile
   * @param token asked before each request
   * @param address of the gateway
   * @param target what is asked for, and by which name
   */
  constructor(authorities: string[], token: () => string, address: Address = GATEWAY, target: Target = PARCA) {
    const deadline = Date.now() + 180_000;
    const worker = async (keepAlive: boolean): Promise<void> => {
      const agent = new Agent({ keepAlive, maxSockets: 1, ca: authorities, servername: target.host });
      this.agents.push(agent);
      while (!this.isOver && Date.now() < deadline) {
        const outcome = await request(agent, token(), address, target);
        this.sent++;
        if (outcome !== '200') { this.failures.push(outcome); }
        await sleep(5);
      }
    };
    // Two callers that stay connected, like agents, and one that connects for every request.
    this.workers = [worker(true), worker(true), worker(false)];
  }

  public tally(): Tally {
    return { sent: this.sent, failures: [...this.failures] };
  }

  public async stop(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.workers);
    this.agents.forEach(agent => agent.destroy());
  }
}

function request(agent: Agent, token: string, address: Address, { host, method, path }: Target): Promise<string> {
  return new Promise(done => {
    const headers = { host, authorization: `Bearer ${token}` };
    const call = send({ ...address, agent, method, path, headers, timeout: 20_000 }, response => {
      response.resume();
      response.on('end', () => done(`${response.statusCode}`));
      response.on('error', error => done(error.message));
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', error => done(error.message));
    call.end();
  });
}
