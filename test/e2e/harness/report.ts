import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { SuiteName } from '../suites';
import type { Programs } from './prepare';

/** What is to be run, with which programs. */
export interface Plan {
  /** In milliseconds since 1970; progress counts from here. */
  readonly started: number;
  readonly suites: readonly SuiteName[];
  readonly programs: Programs;
  /** Whether the cluster is left up at the end, until somebody ends the run. */
  readonly keep: boolean;
}

/** One test of one promise. */
interface Result {
  readonly suite: string;
  readonly promise: string;
  readonly test: string;
  readonly seen: string;
  readonly ok: boolean;
  readonly seconds: number;
}

interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
}

const FOLDER = 'dist/e2e';

/** Collects results while they come, shows progress, and writes them down at the end. */
export class Report {
  private readonly results: Result[] = [];
  private readonly tables: Table[] = [];
  private readonly notes: string[] = [];
  private readonly skipped: Array<{ readonly suite: string; readonly reason: string }> = [];
  /** The suite that a call belongs to, since several run at the same time. */
  private readonly current = new AsyncLocalStorage<string>();

  constructor(private readonly plan: Plan) {}

  /** Runs a suite. An error that no check caught fails the suite and lets the next one run. */
  public async suite(name: string, body: () => Promise<void>): Promise<void> {
    await this.current.run(name, async () => {
      this.say(`== ${name}`);
      const result = await this.attempt('The suite runs to its end', name, async () => { await body(); });
      if (!result.ok) { this.add(result); }
      this.say(`== ${name} took ${result.seconds.toFixed(1)} s`);
    });
  }

  /** A promise that one test proves. What `body` returns is shown as seen; what it throws is why the promise is broken. */
  public async check(promise: string, test: string, body: () => Promise<string | void>): Promise<void> {
    this.add(await this.attempt(promise, test, body));
  }

  /** A promise that many tests of one shape prove. */
  public async each<T>(promise: string, cases: readonly T[], test: (one: T) => string, body: (one: T) => Promise<string | void>): Promise<void> {
    const results: Result[] = [];
    for (const one of cases) {
      const result = await this.attempt(promise, test(one), () => body(one));
      results.push(result);
      if (!result.ok) { this.say(failure(result)); }
    }
    this.results.push(...results);
    const broken = results.filter(({ ok }) => !ok).length;
    const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
    this.say(`${broken === 0 ? 'ok  ' : 'FAIL'} ${promise} (${results.length - broken} of ${results.length} tests, ${seconds.toFixed(1)} s)`);
  }

  /** A line of progress, with the time that has passed. */
  public say(text: string): void {
    process.stdout.write(`[${((Date.now() - this.plan.started) / 1000).toFixed(1).padStart(6)} s] ${text}\n`);
  }

  /** What this machine cannot show. */
  public notVerified(text: string): void {
    this.notes.push(text);
  }

  public notRun(suite: string, reason: string): void {
    this.skipped.push({ suite, reason });
    this.say(`== ${suite} not run: ${reason}`);
  }

  /** A table for the report and the terminal. */
  public table(table: Table): void {
    this.tables.push(table);
    const widths = table.header.map((_, column) => Math.max(...[table.header, ...table.rows].map(row => row[column].length)));
    const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd();
    process.stdout.write(`\n${table.title}\n${[table.header, ...table.rows].map(line).join('\n')}\n\n`);
  }

  /** Writes the report and says in one line how it went. Returns the exit code. */
  public finish(): number {
    const failed = this.results.filter(({ ok }) => !ok);
    const passed = this.results.length - failed.length;
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}/report.md`, this.markdown());
    writeFileSync(`${FOLDER}/junit.xml`, this.junit());

    this.notes.forEach(note => process.stdout.write(`not verified: ${note}\n`));
    failed.forEach(result => process.stdout.write(`${failure(result)}\n`));
    this.skipped.forEach(({ suite, reason }) => process.stdout.write(`not run: ${suite}: ${reason}\n`));
    process.stdout.write(`${passed} passed, ${failed.length} failed${this.skipped.length > 0 ? `, ${this.skipped.length} suites not run` : ''}\n`);
    const skippingFails = process.env.CI === 'true' || this.results.length === 0;
    return failed.length > 0 || (this.skipped.length > 0 && skippingFails) ? 1 : 0;
  }

  private async attempt(promise: string, test: string, body: () => Promise<string | void>): Promise<Result> {
    const started = Date.now();
    const result = { suite: this.current.getStore() ?? '', promise, test };
    try {
      const seen = await body() ?? 'as promised';
      return { ...result, seen, ok: true, seconds: (Date.now() - started) / 1000 };
    } catch (error) {
      const { message, stack } = error as Error;
      // The names of files and lines help where the harness itself is wrong.
      const seen = error instanceof TypeError || error instanceof ReferenceError ? stack ?? message : message;
      return { ...result, seen, ok: false, seconds: (Date.now() - started) / 1000 };
    }
  }

  private add(result: Result): void {
    this.results.push(result);
    this.say(result.ok ? `ok   ${result.promise} (${result.seconds.toFixed(1)} s)` : failure(result));
  }

  private markdown(): string {
    const promises = new Map<string, Result[]>();
    for (const result of this.results) {
      const key = `${result.suite}\n${result.promise}`;
      promises.set(key, [...promises.get(key) ?? [], result]);
    }
    const failed = this.results.filter(({ ok }) => !ok).length;
    const sections: string[] = [
      '# What was proven\n',
      `${this.results.length - failed} passed, ${failed} failed.\n`,
      markdownTable(['Suite', 'Promise', 'How it was tested', 'Result'], [...promises.values()].map(promiseRow)),
    ];
    if (this.notes.length > 0) { sections.push('## Not verified\n', ...this.notes.map(note => `- ${note}`), ''); }
    if (this.skipped.length > 0) { sections.push('## Not run\n', ...this.skipped.map(({ suite, reason }) => `- ${suite}: ${reason}`), ''); }
    for (const { title, header, rows } of this.tables) { sections.push(`## ${title}\n`, markdownTable(header, rows)); }
    return sections.join('\n');
  }

  private junit(): string {
    const cases = this.results.map(({ suite, promise, test, seen, ok, seconds }) => {
      const open = `    <testcase classname="${xml(suite)}" name="${xml(`${promise}: ${test}`)}" time="${seconds.toFixed(3)}"`;
      return ok ? `${open}/>` : `${open}><failure message="${xml(seen)}"/></testcase>`;
    });
    const skipped = this.skipped.map(({ suite, reason }) => `    <testcase classname="${xml(suite)}" name="suite"><skipped message="${xml(reason)}"/></testcase>`);
    const failures = this.results.filter(({ ok }) => !ok).length;
    const counts = `tests="${cases.length + skipped.length}" failures="${failures}" skipped="${skipped.length}"`;
    return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="e2e" ${counts}>
${[...cases, ...skipped].join('\n')}
  </testsuite>
</testsuites>
`;
  }
}

function promiseRow(results: readonly Result[]): string[] {
  const [{ suite, promise, test, seen }] = results;
  const broken = results.filter(({ ok }) => !ok);
  if (results.length === 1) { return [suite, promise, test, broken.length === 0 ? `holds: ${seen}` : `BROKEN: ${seen}`]; }
  return [
    suite, promise, `${results.length} tests, such as: ${test}`,
    broken.length === 0 ? 'holds' : `BROKEN: ${broken.map(one => `${one.test}: ${one.seen}`).join('; ')}`,
  ];
}

function failure({ suite, promise, test, seen }: Result): string {
  return `FAIL ${suite}: ${promise} [${test}]: ${seen.replace(/\s+/g, ' ')}`;
}

function markdownTable(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/\|/g, '\\|');
  return [header, header.map(() => '---'), ...rows].map(row => `| ${row.map(cell).join(' | ')} |`).concat('').join('\n');
}

function xml(text: string): string {
  // Control characters other than line ends cannot stand in XML at all.
  return text.replace(/[^\n\x20-\uFFFD]/g, '?').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/\n/g, '&#10;');
}
