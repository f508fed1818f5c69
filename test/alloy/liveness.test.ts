import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALLOY_METRICS_PORT } from '../../src/alloy/names';

const SCRIPT = join(__dirname, '../../assets/alloy/liveness.bash');
const ADDRESS = '127.0.0.1';
/** An address of loopback that nobody listens on. */
const NOBODY = '127.0.0.0';

/** The metric of components by their health, as Alloy prints it. */
function components(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers).map(([health, number]) =>
    `alloy_component_controller_running_components{controller_id="",controller_path="/",health_type="${health}"} ${number}\n`).join('');
}

/** A server on the port of Alloy's metrics; waits while somebody else has it, such as these tests of another checkout. */
async function serve(metrics: string): Promise<Server> {
  for (;;) {
    const server = createServer((request, response) => response.writeHead(request.url === '/metrics' ? 200 : 404).end(metrics));
    try {
      await once(server.listen(ALLOY_METRICS_PORT, ADDRESS), 'listening');
      return server;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') { throw error; }
      await sleep(50);
    }
  }
}

async function probe(metrics?: string): Promise<{ code: number | null; stdout: string }> {
  const server = metrics === undefined ? undefined : await serve(metrics);
  try {
    const child = execFile('bash', [SCRIPT], { env: { PATH: process.env.PATH, POD_IP: server ? ADDRESS : NOBODY } });
    let stdout = '';
    child.stdout!.on('data', (chunk: string) => { stdout += chunk; });
    const [code] = await once(child, 'close') as [number | null];
    return { code, stdout };
  } finally {
    server?.close();
  }
}

describe('Liveness probe of Alloy', () => {
  it('passes as long as no component has exited', async () => {
    expect(await probe(components({ healthy: 12, unhealthy: 1 }))).toEqual({ code: 0, stdout: '' });
    expect(await probe(components({ exited: 0, healthy: 12 }))).toEqual({ code: 0, stdout: '' });
  });

  it.each([1, 10])('fails when %i components have exited', async exited => {
    expect(await probe(components({ exited, healthy: 12 })))
      .toEqual({ code: 1, stdout: 'A component of Alloy has exited: see the log of this container.\n' });
  });

  it('fails where something else answers', async () => {
    expect(await probe('up 1\n')).toEqual({ code: 1, stdout: 'Alloy does not answer with its metrics.\n' });
  });

  it('fails where nothing answers', async () => {
    expect(await probe()).toEqual({ code: 1, stdout: 'Alloy does not answer with its metrics.\n' });
  });
});
