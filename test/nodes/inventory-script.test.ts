import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ASSETS = join(__dirname, '../../assets/nodes');
const BASELINE = 'state/6.1.0-test.json';
const MAIN = { type: 'kprobe', name: 'main', tag: 'a'.repeat(16), uid: 0 };
const LATE = { ...MAIN, name: 'late' };
const listed = (...programs: readonly object[]): string => JSON.stringify(programs.map((program, id) => ({ id, ...program })));

let folder: string;
const path = (file: string): string => join(folder, file);
const write = (file: string, content: unknown): void => writeFileSync(path(file), typeof content === 'string' ? content : JSON.stringify(content));
const read = (file: string): unknown => JSON.parse(readFileSync(path(file), 'utf8'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  ['bin', 'config', 'state', 'work', 'www'].forEach(name => mkdirSync(path(name)));
  symlinkSync(join(ASSETS, 'inventory.jq'), path('config/inventory.jq'));
  symlinkSync(join(__dirname, 'jq.js'), path('bin/jq'));
  const command = (name: string, script: string): void => writeFileSync(path(`bin/${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  command('bpftool', `cat "${path('loaded.json')}"`);
  command('timeout', 'shift; exec "$@"');
  write('release', '6.1.0-test\n');
  write('loaded.json', listed(MAIN));
});
afterEach(() => rmSync(folder, { recursive: true }));

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${path('bin')}:${process.env.PATH}`,
    CONFIG_DIRECTORY: path('config'),
    STATE_DIRECTORY: path('state'),
    WORK_DIRECTORY: path('work'),
    WWW_DIRECTORY: path('www'),
    KERNEL_RELEASE: path('release'),
    INTERVAL_SECONDS: '60',
    LEARN_SECONDS: '60',
  };
}

/** Runs one of the commands, or begins to look and does not end unless something is wrong. */
function inventory(...command: readonly string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync('/bin/sh', [join(ASSETS, 'inventory.sh'), ...command], { env: environment(), encoding: 'utf8', timeout: 30_000 });
  return { status, output: stdout + stderr };
}

/** The metrics after the first look. */
async function firstLook(): Promise<string> {
  const child = spawn('/bin/sh', [join(ASSETS, 'inventory.sh')], { env: environment(), stdio: 'ignore' });
  const index = path('www/metrics/index.txt');
  for (let i = 0; i < 1000 && !existsSync(index); i++) { await sleep(25); }
  const metrics = readFileSync(index, 'utf8');
  child.kill('SIGTERM');
  await once(child, 'close');
  return metrics.replaceAll('hardened_profiling_ebpf_', '');
}

describe('inventory.sh', () => {
  it('learns what is loaded, for as long as it is told to', async () => {
    const before = Math.floor(Date.now() / 1000);
    const metrics = await firstLook();
    expect(metrics).toMatch(/^programs 1$/m);
    expect(metrics).toMatch(/^programs_unexpected 0$/m);
    expect(metrics).toMatch(/^baseline_learning 1$/m);
    const { until, programs } = read(BASELINE) as { until: number; programs: unknown };
    expect(programs).toEqual([MAIN]);
    expect(until - before).toBeGreaterThanOrEqual(60);
    expect(until - before).toBeLessThan(80);
  });

  it('adds to a baseline while it learns, and not afterwards', async () => {
    write('loaded.json', listed(MAIN, LATE));
    write(BASELINE, { until: 0, programs: [MAIN] });
    expect(await firstLook()).toMatch(/^programs_unexpected 1$/m);
    expect(read(BASELINE)).toEqual({ until: 0, programs: [MAIN] });
    rmSync(path('www/metrics'), { recursive: true });
    write(BASELINE, { until: Math.floor(Date.now() / 1000) + 50, programs: [MAIN] });
    expect(await firstLook()).toMatch(/^programs_unexpected 0$/m);
    expect(read(BASELINE)).toMatchObject({ programs: [LATE, MAIN] });
  });

  it('learns nothing beside a baseline from the document', async () => {
    write('config/baseline.json', [LATE]);
    const metrics = await firstLook();
    expect(metrics).toMatch(/^programs_unexpected 1$/m);
    expect(metrics).toMatch(/^programs_missing 1$/m);
    expect(metrics).toMatch(/^baseline_info{source="document",kernel="6\.1\.0-test"} 1$/m);
    expect(existsSync(path(BASELINE))).toBe(false);
  });

  it('says nothing of programs from a list that is not complete', async () => {
    write('loaded.json', listed(MAIN, { error: 'Operation not permitted' }));
    const metrics = await firstLook();
    expect(metrics).toMatch(/^programs_unreadable 1$/m);
    expect(metrics).not.toMatch(/^programs \d/m);
    expect(existsSync(path(BASELINE))).toBe(false);
  });

  it.each([[BASELINE, '{'], [BASELINE, '{"until":0,"programs":null}'], ['config/baseline.json', '{}']])('ends where a baseline cannot be read, and leaves it: %s with %s', (file, content) => {
    write(file, content);
    const { status, output } = inventory();
    expect(output).toContain('the baseline cannot be read');
    expect(status).toBe(1);
    expect(readFileSync(path(file), 'utf8')).toBe(content);
  });

  it('shows what it accepts, and accepts it', () => {
    write(BASELINE, { until: 0, programs: [LATE] });
    const review = inventory('review');
    expect(review.output).toContain('"change":"unexpected","program":{"type":"kprobe","name":"main"');
    expect(review.output).toContain('"change":"missing","program":{"type":"kprobe","name":"late"}');
    expect(read(BASELINE)).toEqual({ until: 0, programs: [LATE] });
    const { status, output } = inventory('promote');
    expect(output).toContain('"change":"missing","program":{"type":"kprobe","name":"late"}');
    expect(status).toBe(0);
    expect(read(BASELINE)).toEqual({ until: 0, programs: [MAIN] });
    expect(inventory('review').output).toBe('');
  });

  it('accepts nothing in place of the document', () => {
    write('config/baseline.json', [LATE]);
    expect(inventory('promote')).toEqual({ status: 1, output: expect.stringContaining('nodes.ebpfInventory.baseline') });
  });

  it('prints entries for the document', () => {
    expect(inventory('export')).toEqual({ status: 0, output: `- {"type":"kprobe","name":"main","tag":"${MAIN.tag}"}\n` });
  });

  it('knows no other commands', () => {
    expect(inventory('learn')).toEqual({ status: 1, output: expect.stringContaining('review, promote and export') });
  });
});
