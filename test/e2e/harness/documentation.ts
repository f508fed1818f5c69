import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes';
import { ADMIN_KUBECONFIG, HOME } from '../cluster/layout';

export const ROOT = join(__dirname, '../../..');

/** The commands of a page, a text for each of its blocks. */
export function commandsOf(page: string): string[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text]) => text);
}

/** The three steps of a rotation, without the time between them, and what comes before the first. */
export function rotationOf(...blocks: readonly string[]): { readonly preamble: string; readonly steps: readonly string[] } {
  const text = blocks.join('');
  assert.match(text, /^# 1\. .*\n.*\nsleep 120\n\n# 2\. /m, 'the gateway gets its time');
  const [preamble, ...steps] = text.replace(/^sleep 120$/m, '').split(/^# \d\. .*$/m);
  assert.equal(steps.length, 3);
  return { preamble, steps };
}

/** Runs commands of the documentation as somebody would paste them, as the administrator of the cluster, where `profiling.yaml` is. */
export function shell(commands: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof run> {
  const PATH = [join(HOME, 'bin'), join(ROOT, 'bin'), process.env.PATH].join(':');
  return run('bash', ['-euo', 'pipefail', '-c', commands], { cwd: HOME, env: { ...process.env, PATH, KUBECONFIG: ADMIN_KUBECONFIG, ...env }, seconds: 180 });
}
