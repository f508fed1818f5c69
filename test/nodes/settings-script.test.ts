import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SCRIPT = join(__dirname, '../../assets/nodes/settings.sh');

/** Runs the script once over files with these contents; undefined is a file that is not there. Returns what the files hold then. */
async function hold(
  settings: string, before: Readonly<Record<string, string | undefined>>,
): Promise<{ after: Record<string, string>; metrics: string; log: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  try {
    ['host', 'work', 'www'].forEach(name => mkdirSync(join(folder, name)));
    for (const [file, content] of Object.entries(before)) {
      if (content === undefined) { mkdirSync(join(folder, 'host', file)); } else { writeFileSync(join(folder, 'host', file), content); }
    }
    const child = spawn('/bin/sh', [SCRIPT], {
      env: {
        PATH: process.env.PATH,
        HOST_DIRECTORY: join(folder, 'host'),
        WORK_DIRECTORY: join(folder, 'work'),
        WWW_DIRECTORY: join(folder, 'www'),
        INTERVAL_SECONDS: '3',
        SETTINGS: settings,
      },
    });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => { log += chunk.toString(); });
    const ended = new Promise(done => child.on('close', done));
    const index = join(folder, 'www', 'metrics', 'index.txt');
    for (let i = 0; i < 1000 && !existsSync(index); i++) { await sleep(25); }
    const metrics = readFileSync(index, 'utf8');
    child.kill('SIGTERM');
    await ended;
    const after = Object.fromEntries(Object.entries(before).filter(([, content]) => content !== undefined)
      .map(([file]) => [file, readFileSync(join(folder, 'host', file), 'utf8').trim()]));
    return { after, metrics, log: log.trim().split('\n').filter(line => line !== '').map(line => JSON.parse(line) as unknown) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('Script that holds kernel settings', () => {
  it.each([
    ['atLeast', '-1', '2'], ['atLeast', '0', '2'], ['atLeast', '1', '2'], ['atLeast', '2', '2'], ['atLeast', '3', '3'], ['atLeast', '4', '4'],
    ['exact', '-1', '2'], ['exact', '2', '2'], ['exact', '4', '2'],
    ['atMost', '100000', '2'], ['atMost', '2', '2'], ['atMost', '1', '1'],
  ])('makes of a value: %s 2, %s becomes %s', async (rule, before, after) => {
    const { after: held, metrics, log } = await hold(`perf_event_paranoid:${rule}:2`, { perf_event_paranoid: `${before}\n` });
    expect(held.perf_event_paranoid).toBe(after);
    expect(metrics).toContain(`hardened_profiling_sysctl_value{sysctl="kernel.perf_event_paranoid"} ${after}\n`);
    expect(metrics).toContain(`hardened_profiling_sysctl_wanted{sysctl="kernel.perf_event_paranoid",rule="${rule}"} 2\n`);
    expect(metrics).toContain(`hardened_profiling_sysctl_corrections_total{sysctl="kernel.perf_event_paranoid"} ${before === after ? 0 : 1}\n`);
    expect(log).toEqual(before === after ? [] : [{ time: expect.any(String), sysctl: 'kernel.perf_event_paranoid', was: before, wanted: '2', now: after }]);
  });

  it.each(['', '-', 'abc', '2-3', '2 3', '--2'])('replaces what is no number by an exact value: %j', async before => {
    expect((await hold('perf_event_paranoid:exact:2', { perf_event_paranoid: before })).after.perf_event_paranoid).toBe('2');
  });

  it.each(['atLeast', 'atMost'])('leaves what is no number otherwise, since it may be stricter: %s', async rule => {
    const { after, metrics } = await hold(`perf_event_paranoid:${rule}:2`, { perf_event_paranoid: '4 or so' });
    expect(after.perf_event_paranoid).toBe('4 or so');
    expect(metrics).toContain('hardened_profiling_sysctl_failures_total{sysctl="kernel.perf_event_paranoid"} 1\n');
  });

  it('counts what it cannot write, says so once, and holds the others', async () => {
    const { after, metrics, log } = await hold('perf_event_max_sample_rate:atMost:1000 perf_event_paranoid:atLeast:2', { perf_event_max_sample_rate: undefined, perf_event_paranoid: '0' });
    expect(after).toEqual({ perf_event_paranoid: '2' });
    expect(metrics).toContain('hardened_profiling_sysctl_failures_total{sysctl="kernel.perf_event_max_sample_rate"} 1\n');
    expect(metrics).not.toContain('hardened_profiling_sysctl_value{sysctl="kernel.perf_event_max_sample_rate"}');
    expect(log).toHaveLength(2);
  });

  it('looks as often as its documentation says', () => {
    const [, seconds] = /INTERVAL_SECONDS:-(\d+)}/.exec(readFileSync(SCRIPT, 'utf8'))!;
    expect(readFileSync(join(__dirname, '../../docs/how-to/harden-nodes.md'), 'utf8')).toContain(`It looks every ${seconds} seconds.`);
  });

  it('publishes its metrics in the same way as the inventory', () => {
    // Each container has one file to run, so both have these lines.
    const shared = /^www=[^]*?^pause\(\) {[^]*?^}$/m;
    expect(shared.exec(readFileSync(join(SCRIPT, '../inventory.sh'), 'utf8'))![0]).toBe(shared.exec(readFileSync(SCRIPT, 'utf8'))![0]);
  });

  it('does not take an unknown rule for a rule that is kept', async () => {
    const { metrics } = await hold('perf_event_paranoid:about:2', { perf_event_paranoid: '2' });
    expect(metrics).toContain('hardened_profiling_sysctl_failures_total{sysctl="kernel.perf_event_paranoid"} 1\n');
  });
});
