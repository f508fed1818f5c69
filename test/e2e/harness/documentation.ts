import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes';
import { ADMIN_KUBECONFIG, HOME } from '../cluster/layout';

export const ROOT = join(__dirname, '../../..');

/** The commands of a page, a text for each of its blocks. */
export function commandsOf(page: string): string[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text]) => text);
}

/** Runs commands of the documentation as somebody would paste them, as the administrator of the cluster. */
export function shell(commands: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof run> {
  const PATH = `${join(HOME, 'bin')}:${process.env.PATH}`;
  return run('bash', ['-euo', 'pipefail', '-c', commands], { env: { ...process.env, PATH, KUBECONFIG: ADMIN_KUBECONFIG, ...env }, seconds: 120 });
}
