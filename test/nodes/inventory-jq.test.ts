import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Jq } from 'jq-web';
import jqWeb from 'jq-web';

const LIBRARY = readFileSync(join(__dirname, '../../assets/nodes/inventory.jq'), 'utf8');

type Program = Readonly<{ type: string; name: string; tag: string; uid: number }>;
const MAIN: Program = { type: 'kprobe', name: 'main', tag: 'a'.repeat(16), uid: 0 };
const NOBODY = { unexpected: [], missing: [] };

let jq: Jq;
beforeAll(async () => { jq = await jqWeb; });

/** What a filter that uses the library makes of an input, a value each line. */
function lines(filter: string, input: unknown, values: Readonly<Record<string, unknown>> = {}): string[] {
  const bindings = Object.entries(values).map(([name, value]) => `${JSON.stringify(value)} as $${name} | `).join('');
  return jq.raw(JSON.stringify(input), `${LIBRARY}${bindings}${filter}`, ['-r', '-c'])?.split('\n').filter(line => line !== '') ?? [];
}

const result = (filter: string, input: unknown, values?: Readonly<Record<string, unknown>>): unknown => JSON.parse(lines(filter, input, values)[0]);
const compare = (loaded: readonly Program[], baseline: ReadonlyArray<Partial<Program>>) => result('compare($baseline)', loaded, { baseline });

describe('inventory.jq', () => {
  it('takes programs alike for one, and completes what bpftool leaves out', () => {
    expect(result('programs', [{ id: 1, ...MAIN }, { id: 2, ...MAIN }, { id: 3, type: 32 }, { error: 'x' }]))
      .toEqual([{ type: '32', name: '', tag: '', uid: 0 }, MAIN]);
  });

  it('counts errors', () => {
    expect(lines('unreadable', [{ id: 1 }, { error: 'x' }, { error: 'y' }])).toEqual(['2']);
    expect(lines('unreadable', [])).toEqual(['0']);
  });

  it('finds nothing where everything is in the baseline', () => {
    expect(compare([MAIN], [MAIN])).toEqual({ loaded: 1, ...NOBODY });
    expect(compare([], [])).toEqual({ loaded: 0, ...NOBODY });
  });

  it.each<Partial<Program>>([{ name: 'other' }, { type: 'xdp' }, { tag: 'b'.repeat(16) }, { uid: 1000 }])('does not expect a program with %j', difference => {
    const other = { ...MAIN, ...difference };
    expect(compare([MAIN, other], [MAIN])).toEqual({ loaded: 2, unexpected: [other], missing: [] });
  });

  it('takes any tag for an entry without one, and no other owner', () => {
    const { tag: _, ...entry } = MAIN;
    expect(compare([MAIN, { ...MAIN, tag: 'b'.repeat(16) }], [entry])).toMatchObject({ unexpected: [] });
    expect(compare([{ ...MAIN, uid: 1000 }], [entry])).toMatchObject({ unexpected: [{ ...MAIN, uid: 1000 }] });
  });

  it('misses a type and name once, whatever the tags', () => {
    expect(compare([{ ...MAIN, tag: 'b'.repeat(16) }], [MAIN])).toMatchObject({ missing: [] });
    expect(compare([], [MAIN, { ...MAIN, tag: 'b'.repeat(16) }])).toMatchObject({ missing: [{ type: 'kprobe', name: 'main' }] });
  });

  it('tells what is new on a list and what is no longer on it', () => {
    const gone = { type: 'xdp', name: 'gone' };
    const changes = (input: object, before: object) => lines('changes($before)', input, { before }).map(line => JSON.parse(line) as { time: string; change: string; program: object });
    const [found, lost] = [{ loaded: 1, unexpected: [MAIN], missing: [] }, { loaded: 0, unexpected: [], missing: [gone] }];
    expect(changes(found, lost).map(({ change, program }) => [change, program])).toEqual([['unexpected', MAIN], ['no longer missing', gone]]);
    expect(changes(lost, found).map(({ change, program }) => [change, program])).toEqual([['no longer unexpected', MAIN], ['missing', gone]]);
    expect(changes(found, lost)[0].time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(changes(found, found)).toEqual([]);
  });

  const METRICS = 'metrics($unreadable; $kernel; $source; $learning; $scanned)';
  const STATE = { unreadable: 0, kernel: '6.1', source: 'learned', learning: 1, scanned: 1_700_000_000 };
  const samples = (...args: [object, Readonly<Record<string, unknown>>]) => lines(METRICS, ...args).filter(line => !line.startsWith('#')).map(line => line.replace('hardened_profiling_ebpf_', ''));

  it('prints metrics', () => {
    const name = 'say "\\"';
    expect(samples({ loaded: 3, unexpected: [{ ...MAIN, name }], missing: [{ type: 'xdp', name: 'gone' }] }, STATE)).toEqual([
      'programs 3', 'programs_unexpected 1', 'programs_missing 1',
      `unexpected_program_info{type="kprobe",name="say \\"\\\\\\"",tag="${MAIN.tag}",uid="0"} 1`,
      'baseline_info{source="learned",kernel="6.1"} 1', 'baseline_learning 1', 'programs_unreadable 0', 'last_scan_timestamp_seconds 1700000000',
    ]);
  });

  it('describes every metric', () => {
    const text = lines(METRICS, { loaded: 0, ...NOBODY }, STATE);
    const named = (pattern: RegExp) => text.flatMap(line => pattern.exec(line)?.[1] ?? []);
    const names = named(/^# TYPE (\S+) gauge$/);
    expect(named(/^# HELP (\S+) ./)).toEqual(names);
    expect(named(/^(hardened\w+)/).filter(name => !names.includes(name))).toEqual([]);
    expect(names).toHaveLength(8);
  });

  it('says nothing of programs before there has been a complete look', () => {
    expect(samples({ loaded: 0, ...NOBODY }, { ...STATE, unreadable: 1, scanned: 0 })).toEqual(['programs_unreadable 1', 'last_scan_timestamp_seconds 0']);
  });

  it('gives a hundred programs a series, and counts them all', () => {
    const unexpected = Array.from({ length: 101 }, (_, i) => ({ ...MAIN, name: `p${i}` }));
    const printed = samples({ loaded: 101, unexpected, missing: [] }, STATE);
    expect(printed.filter(line => line.startsWith('unexpected_program_info'))).toHaveLength(100);
    expect(printed).toContain('programs_unexpected 101');
    expect(lines(METRICS, { loaded: 0, ...NOBODY }, STATE).join('\n')).toContain('at most 100.');
  });

  it('prints entries for the document, with the owner only if it is not root', () => {
    expect(lines('entries', [MAIN, { ...MAIN, uid: 1000 }])).toEqual([
      `- {"type":"kprobe","name":"main","tag":"${MAIN.tag}"}`, `- {"type":"kprobe","name":"main","tag":"${MAIN.tag}","uid":1000}`,
    ]);
  });
});
