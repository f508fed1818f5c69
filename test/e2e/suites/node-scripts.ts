import { strict as assert } from 'node:assert';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Suite } from '.';
import type { Programs } from '../harness/prepare';
import type { Ended, Running } from '../harness/processes';
import { run, start, until } from '../harness/processes';

const ASSETS = join(__dirname, '../../../assets/nodes');

/** A program as bpftool prints it. */
interface Listed {
  readonly id: number;
  readonly type: string | number;
  readonly name?: string;
  readonly tag: string;
  readonly uid?: number;
}

let nextId = 1;
function program(name: string | undefined, tag: string, type = 'kprobe', uid = 0): Listed {
  return { id: nextId++, type, ...(name !== undefined && { name }), tag: tag.repeat(16), uid };
}

/** The script of the inventory in a folder, before a bpftool that prints what a test wants. */
class Bench {
  private running?: Running;
  private readonly folder = mkdtempSync(join(tmpdir(), 'inventory-'));

  constructor(programs: Programs, private readonly learnFor = 0) {
    ['bin', 'config', 'state', 'work', 'www'].forEach(name => mkdirSync(this.path(name)));
    ['inventory.jq', 'inventory.sh'].forEach(name => copyFileSync(join(ASSETS, name), this.path(`config/${name}`)));
    this.write('release', '6.1.0-test\n');
    symlinkSync(programs.jq.path, this.path('bin/jq'));
    this.write('bin/bpftool', `#!/bin/sh\ncat ${this.path('loaded.json')}\n`);
    chmodSync(this.path('bin/bpftool'), 0o755);
    this.load();
  }

  public write(file: string, content: string): void {
    writeFileSync(this.path(file), content);
  }

  public read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  public path(file: string): string {
    return join(this.folder, file);
  }

  public load(...listed: ReadonlyArray<Listed | { readonly error: string }>): void {
    this.write('loaded.json', JSON.stringify(listed));
  }

  public begin(): Running {
    return this.running = start('sh', [this.path('config/inventory.sh')], this.environment);
  }

  public command(name: string): Promise<Ended> {
    return run('sh', [this.path('config/inventory.sh'), name], { env: this.environment, strict: false });
  }

  /** The metrics after the next look. */
  public async metrics(): Promise<Record<string, string>> {
    const file = this.path('www/metrics/index.txt');
    const modified = (): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    // A look may have begun before what a test has just changed, so the one after it counts.
    const seen = new Set([modified()]);
    const text = await until('metrics of a later look', 15, () => {
      seen.add(modified());
      return seen.size > 2 ? readFileSync(file, 'utf8') : undefined;
    });
    return Object.fromEntries(text.split('\n').filter(line => /^h/.test(line))
      .map(line => [line.slice(0, line.lastIndexOf(' ')).replace('hardened_profiling_ebpf_', ''), line.slice(line.lastIndexOf(' ') + 1)]));
  }

  public async end(): Promise<void> {
    await this.running?.stop('SIGTERM');
    rmSync(this.folder, { recursive: true });
  }

  private get environment(): NodeJS.ProcessEnv {
    return {
      PATH: `${this.path('bin')}:${process.env.PATH}`,
      CONFIG_DIRECTORY: this.path('config'),
      STATE_DIRECTORY: this.path('state'),
      WORK_DIRECTORY: this.path('work'),
      KERNEL_RELEASE: this.path('release'),
      WWW_DIRECTORY: this.path('www'),
      INTERVAL_SECONDS: '1',
      LEARN_SECONDS: `${this.learnFor}`,
    };
  }
}

/** What the script of the inventory makes of lists that a real kernel would take long to give. */
export const nodeScripts: Suite = {
  name: 'node-scripts',
  about: 'the inventory of eBPF programs makes the right things of every list and every baseline',
  needs: ['jq', 'promtool'],
  run: async ({ report, programs }) => {
    const inventory = (promise: string, test: string, body: (bench: Bench) => Promise<string | void>, learnFor = 0): Promise<void> =>
      report.check(promise, test, async () => {
        const bench = new Bench(programs, learnFor);
        try { return await body(bench); } finally { await bench.end(); }
      });
    const main = program('main', 'a');

    await inventory('Two programs of the same kind are one', 'the same type, name, tag and owner under two ids', async bench => {
      bench.load(main, program('main', 'a'));
      bench.begin();
      const { programs: count, programs_unexpected: unexpected } = await bench.metrics();
      assert.deepEqual([count, unexpected], ['1', '0']);
    });
    await report.each('A program that differs in one thing is unexpected', [
      ['another name', program('other', 'a')], ['no name', program(undefined, 'a')], ['another tag', program('main', 'b')],
      ['another type', program('main', 'a', 'perf_event')], ['another owner', program('main', 'a', 'kprobe', 1000)],
    ] as const, ([name]) => name, async ([, other]) => {
      const bench = new Bench(programs);
      try {
        bench.load(main);
        bench.begin();
        await bench.metrics();
        bench.load(main, other);
        const metrics = await bench.metrics();
        assert.equal(metrics.programs_unexpected, '1');
        const series = `unexpected_program_info{type="${other.type}",name="${other.name ?? ''}",tag="${other.tag}",uid="${other.uid}"}`;
        assert.equal(metrics[series], '1');
      } finally { await bench.end(); }
    });
    await inventory('What is loaded while it learns becomes part of the baseline, and what comes later does not', 'learnFor 12 s', async bench => {
      bench.load(main);
      bench.begin();
      assert.equal((await bench.metrics()).baseline_learning, '1');
      bench.load(main, program('late', 'b'));
      assert.equal((await bench.metrics()).programs_unexpected, '0');
      await until('the end of learning', 30, async () => (await bench.metrics()).baseline_learning === '0' || undefined);
      bench.load(main, program('late', 'b'), program('later', 'c'));
      assert.equal((await bench.metrics()).programs_unexpected, '1');
    }, 12);
    await inventory('Another kernel has a baseline of its own', 'the node restarts with another release', async bench => {
      bench.load(main);
      const first = bench.begin();
      await bench.metrics();
      await first.stop('SIGTERM');
      bench.write('release', '6.2.0-test\n');
      bench.load(program('main', 'b'));
      bench.begin();
      assert.equal((await bench.metrics()).programs_unexpected, '0');
      assert.deepEqual(readdirSync(bench.path('state')).sort(), ['6.1.0-test.json', '6.2.0-test.json']);
    });
    await inventory('A baseline from the document is not learned, and entries without a tag take any', 'two entries, one of them without tag', async bench => {
      bench.write('config/baseline.json', JSON.stringify([{ type: 'kprobe', name: 'main', tag: 'a'.repeat(16), uid: 0 }, { type: 'cgroup_device', name: '', uid: 0 }]));
      bench.load(main, program(undefined, 'c', 'cgroup_device'), program(undefined, 'd', 'cgroup_device'), program('main', 'e'));
      bench.begin();
      const metrics = await bench.metrics();
      assert.deepEqual([metrics.programs_unexpected, metrics.programs_missing], ['1', '0']);
      assert.equal(metrics['baseline_info{source="document",kernel="6.1.0-test"}'], '1');
      assert.deepEqual(readdirSync(bench.path('state')), []);
      const { code, output } = await bench.command('promote');
      assert.equal(code, 1);
      assert.match(output, /nodes\.ebpfInventory\.baseline/);
    });
    await report.each('A baseline that cannot be read is never replaced by what is loaded', ['', '{', '[]', 'null', '{"programs":[]}', '{"until":0,"programs":null}'],
      content => JSON.stringify(content), async content => {
        const bench = new Bench(programs);
        try {
          bench.load(main);
          bench.write('state/6.1.0-test.json', content);
          const { code, output } = await until('its end', 15, () => bench.begin().ended);
          assert.equal(code, 1);
          assert.match(output, /the baseline cannot be read/);
          assert.equal(bench.read('state/6.1.0-test.json'), content);
          return output.trim().split('\n').pop();
        } finally { await bench.end(); }
      });
    await report.each('A list that is not complete is unreadable and changes nothing else', [
      ['an error at its end', JSON.stringify([main, { error: 'can\'t get next program: Operation not permitted' }])], ['an error alone', '[{"error":"x"}]'],
      ['no JSON', 'Segmentation fault'], ['nothing', ''], ['an object', '{"error":"x"}'],
    ] as const, ([name]) => name, async ([, text]) => {
      const bench = new Bench(programs);
      try {
        bench.load(main, program('second', 'b'));
        bench.begin();
        assert.equal((await bench.metrics()).programs_unreadable, '0');
        bench.write('loaded.json', text);
        const metrics = await bench.metrics();
        assert.equal(metrics.programs_unreadable, '1');
        assert.deepEqual([metrics.programs, metrics.programs_missing, metrics.programs_unexpected], ['2', '0', '0']);
      } finally { await bench.end(); }
    });
    await inventory('Nothing is learned from a list that is not complete, and nothing is said of programs', 'an error at the first look', async bench => {
      bench.load(main, { error: 'can\'t get prog by id' });
      bench.begin();
      assert.deepEqual(await bench.metrics(), { programs_unreadable: '1', last_scan_timestamp_seconds: '0' });
      assert.deepEqual(readdirSync(bench.path('state')), []);
    });
    await inventory('A type without a name is its number', 'a type that bpftool does not know, and what promtool says of the text', async bench => {
      bench.begin();
      await bench.metrics();
      bench.load({ ...main, type: 32 });
      assert.equal((await bench.metrics())[`unexpected_program_info{type="32",name="main",tag="${main.tag}",uid="0"}`], '1');
      const { code, output } = await run(programs.promtool.path, ['check', 'metrics'], { input: bench.read('www/metrics/index.txt'), strict: false });
      assert.equal(code, 0, output);
    });
    await inventory('It learns no longer than the document says', 'a baseline that was begun when the clock was wrong', async bench => {
      bench.load(main);
      bench.write('state/6.1.0-test.json', JSON.stringify({ until: 4_102_444_800, programs: [] }));
      bench.begin();
      await until('the end of learning', 10, async () => (await bench.metrics()).baseline_learning === '0' || undefined);
      bench.load(main, program('later', 'c'));
      assert.equal((await bench.metrics()).programs_unexpected, '1');
    }, 2);
    await inventory('A baseline that cannot be written stays as it was', 'the directory is full', async bench => {
      const baseline = JSON.stringify({ until: Math.floor(Date.now() / 1000) + 60, programs: [] });
      bench.write('state/6.1.0-test.json', baseline);
      bench.load(main);
      bench.write('bin/mv', `#!/bin/sh\ncase "$2" in ${bench.path('state')}/*) exit 1 ;; esac\nexec /bin/mv "$@"\n`);
      chmodSync(bench.path('bin/mv'), 0o755);
      const { code, output } = await until('its end', 15, () => bench.begin().ended);
      assert.equal(code, 1);
      assert.match(output, /the baseline cannot be written/);
      assert.equal(bench.read('state/6.1.0-test.json'), baseline);
      assert.deepEqual(readdirSync(bench.path('state')), ['6.1.0-test.json']);
    }, 60);
    await inventory('`promote` shows what it accepts', 'beside a baseline of another program', async bench => {
      bench.load(main);
      bench.write('state/6.1.0-test.json', JSON.stringify({ until: 0, programs: [{ type: 'xdp', name: 'gone', tag: 'f'.repeat(16), uid: 0 }] }));
      const { code, stdout } = await bench.command('promote');
      assert.equal(code, 0);
      assert.match(stdout, /"change":"unexpected","program":\{"type":"kprobe","name":"main"/);
      assert.match(stdout, /"change":"missing","program":\{"type":"xdp","name":"gone"\}/);
      assert.deepEqual(JSON.parse(bench.read('state/6.1.0-test.json')), { until: 0, programs: [{ type: 'kprobe', name: 'main', tag: main.tag, uid: 0 }] });
    });
    await inventory('Of a thousand unexpected programs all are counted and a hundred have a series', 'and promtool finds nothing wrong with the text', async bench => {
      bench.begin();
      await bench.metrics();
      bench.load(...Array.from({ length: 1000 }, (_, i) => program(`p${i}`, 'a')));
      const metrics = await bench.metrics();
      assert.equal(metrics.programs_unexpected, '1000');
      assert.equal(Object.keys(metrics).filter(name => name.startsWith('unexpected_program_info')).length, 100);
      const text = bench.read('www/metrics/index.txt');
      const { code, output } = await run(programs.promtool.path, ['check', 'metrics'], { input: text, strict: false });
      assert.equal(code, 0, output);
    });
    await inventory('What `export` prints is a baseline of which nothing is unexpected', 'put into the configuration', async bench => {
      bench.load(main, program(undefined, 'b', 'cgroup_device'), program('mine', 'c', 'kprobe', 1000));
      const { stdout } = await bench.command('export');
      const entries = stdout.trim().split('\n').map(line => ({ uid: 0, ...JSON.parse(line.replace(/^- /, '')) as object }));
      assert.equal(entries.length, 3);
      bench.write('config/baseline.json', JSON.stringify(entries));
      bench.begin();
      const metrics = await bench.metrics();
      assert.deepEqual([metrics.programs_unexpected, metrics.programs_missing], ['0', '0']);
    });
    await inventory('Another command is refused', 'inventory.sh learn', async bench => {
      const { code, output } = await bench.command('learn');
      assert.equal(code, 1);
      assert.match(output, /review, promote and export/);
    });
  },
};
