import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where it runs. @default - where this process does */
  readonly cwd?: string;
  /** A failure after this time. @default 60 */
  readonly seconds?: number;
  /** Whether another exit code than 0 is an error. @default true */
  readonly strict?: boolean;
  /** What it reads from its standard input. @default - nothing */
  readonly input?: string | Buffer;
}

export interface Ended {
  readonly code: number | null;
  /** What it wrote, to both of its outputs. */
  readonly output: string;
  /** What it wrote to its standard output. */
  readonly stdout: string;
}

/** Enough to find an error message, and no more, whatever a program writes. */
const MAX_OUTPUT = 2 ** 20;

/** Runs a program to its end. */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { env, cwd, seconds = 60, strict = true, input } = options;
  const running = start(command, args, env, input, cwd);
  const ended = await Promise.race([running.ended, sleep(seconds * 1000, undefined, { ref: false })]);
  if (!ended) {
    await running.stop('SIGKILL');
    throw new Error(`${command} did not end within ${seconds} s:\n${lastLines(running.output)}`);
  }
  if (strict && ended.code !== 0) { throw new Error(`${command} ended with ${ended.code}:\n${lastLines(ended.output)}`); }
  return ended;
}

/** A program that runs until it is stopped. */
export interface Running {
  readonly pid: number;
  readonly output: string;
  readonly ended: Promise<Ended>;
  /** Ends it and waits until it has ended. */
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

const active = new Set<Running>();
let isEnding = false;

/** Ends every program that was started here, asking first, and lets nothing new start. */
export async function endAll(): Promise<void> {
  isEnding = true;
  await Promise.all([...active].map(running => running.stop('SIGINT').catch(() => undefined)));
}

/** Starts a program. Arguments reach it as they are: no shell sees them. */
export function start(
  command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env, input?: string | Buffer, cwd?: string,
): Running {
  if (isEnding) { throw new Error('interrupted'); }
  const child: ChildProcess = spawn(command, args, { env, cwd, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  // A program that ends before it has read everything says why in its output.
  child.stdin?.on('error', () => undefined).end(input);
  let output = '';
  let stdout = '';
  const append = (text: string, chunk: Buffer): string => (text + chunk.toString()).slice(-MAX_OUTPUT);
  child.stdout!.on('data', (chunk: Buffer) => { [output, stdout] = [append(output, chunk), append(stdout, chunk)]; });
  child.stderr!.on('data', (chunk: Buffer) => { output = append(output, chunk); });
  const ended = new Promise<Ended>((done, failed) => {
    child.on('error', failed);
    child.on('close', code => done({ code, output, stdout }));
  });
  const running: Running = {
    pid: child.pid ?? -1,
    get output() { return output; },
    ended,
    stop: async signal => {
      child.kill(signal);
      const force = setTimeout(() => child.kill('SIGKILL'), 60_000);
      try { return await ended; } finally { clearTimeout(force); }
    },
  };
  active.add(running);
  // Whoever waits for the end hears of the error; if nobody does, it must not end the harness.
  ended.catch(() => undefined).finally(() => active.delete(running));
  return running;
}

/** Between two requests with a token that is not valid: gateways damp who shows one more often. */
export const BETWEEN_REFUSALS = 2000;

/**
 * The first answer of `probe` that is not undefined. A probe that takes long is made less often, so that others can work.
 *
 * @param pause milliseconds between two probes, at least
 */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined> | T | undefined, pause = 50): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const asked = Date.now();
    const answer = await probe();
    if (answer !== undefined) { return answer; }
    if (Date.now() > deadline) { throw new Error(`${what}: not within ${seconds} s`); }
    await sleep(Math.max(pause, Math.min(2 * (Date.now() - asked), 1000)));
  }
}

export function lastLines(text: string, count = 15): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
