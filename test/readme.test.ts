import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { written } from './cli/terminal';
import { readDocument } from '../src/config/document';
import { renderManifests, summarize } from '../src/render';
import { resolve } from '../src/resolve';
import { formatSummary } from '../src/summary/format-summary';

const ROOT = join(__dirname, '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const readme = read('README.md');
const documentation = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true })
  .map(file => join('docs', String(file))).filter(file => file.endsWith('.md'))];
const fences = (language: string): string[] =>
  [...readme.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, name]) => name === language).map(([,, text]) => text);

describe('README', () => {
  it('has one command line for the main job and one for the tests, and CI runs exactly these', () => {
    const commands = readme.split('\n').filter(line => line.startsWith('npm ci && '));
    expect(commands).toHaveLength(2);
    const ci = read('.ci/run').split('\n');
    commands.forEach(command => expect(ci).toContain(command));
    expect(ci.filter(line => line.startsWith('npm ci'))).toEqual(commands);
  });

  it('names what else CI runs', () => {
    const others = [...read('.ci/run').matchAll(/(?<!&& )\bnpm run [\w:]+/g)].map(([command]) => command);
    expect(others).toEqual(['npm run coverage', 'npm run e2e']);
    others.forEach(command => expect(readme).toContain(command));
  });

  it('shows the minimal example as it is', () => {
    expect(parse(fences('yaml')[0])).toEqual(parse(read('examples/minimal.profiling.yaml')));
  });

  it('shows the beginning of its real output', () => {
    const document = readDocument(join(ROOT, 'examples/minimal.profiling.yaml'));
    const spec = resolve(document.value, document);
    const output = written(formatSummary(summarize(spec, renderManifests(spec), 'minimal.profiling.yaml'), ''));
    const [shown] = fences('')[0].split('  …');
    expect(shown.length).toBeGreaterThan(100);
    expect(output.startsWith(shown)).toBe(true);
  });

  it('names only tests that exist as proof', () => {
    const proofs = [...readme.matchAll(/`(test\/[^`]+)`/g)].map(([, file]) => file);
    expect(proofs.length).toBeGreaterThan(3);
    proofs.forEach(file => expect({ file, exists: existsSync(join(ROOT, file)) }).toEqual({ file, exists: true }));
  });

  it.each(documentation)('%s links to files that exist', file => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link);
    links.forEach(link => expect({ link, exists: existsSync(join(ROOT, dirname(file), link)) }).toEqual({ link, exists: true }));
  });
});

describe('Instructions for Secrets', () => {
  const texts = ['README.md', 'src/cli/main.ts', 'src/parca/notes.ts', 'src/admission/notes.ts', 'src/alloy/component.ts', 'src/delivery/charts.ts', 'src/pyroscope/notes.ts', ...documentation.filter(file => file.startsWith('docs'))].map(read);
  // One command a line: without escaped pipes of tables, and without the line breaks that a backslash or a pipe at the end goes on behind.
  const commands = texts.flatMap(text => text.replace(/\\\|/g, '|').replace(/\\\n\s*/g, '').replace(/\|\n\s+/g, '| ').split('\n'))
    .filter(line => /(create secret|profiling secrets) .*\| kubectl/.test(line));
  const rotating = commands.filter(command => command.includes('--rotate'));
  const ofOneTenant = commands.filter(command => command.includes('--tenant') && !rotating.includes(command));

  it('never apply one, which would leave the key of an old token where it is', () => {
    const others = commands.filter(command => !ofOneTenant.includes(command) && !rotating.includes(command));
    expect(others.length).toBeGreaterThan(5);
    others.forEach(command => expect(command).toMatch(/\| kubectl (create|replace) -f -/));
    others.forEach(command => expect(command).not.toMatch(/kubectl apply/));
  });

  it('apply the keys of one tenant, under the name of that tenant, so that those of others stay', () => {
    expect(ofOneTenant.length).toBeGreaterThan(2);
    ofOneTenant.forEach(command => expect(command).toMatch(
      /profiling secrets \S+ --tenant (\S+) \| kubectl apply --server-side --force-conflicts --field-manager=\1 -f -/));
  });
});

describe('Instructions for tokens', () => {
  const texts = [...documentation, 'src/cli/main.ts', 'src/parca/notes.ts', 'src/admission/notes.ts', 'src/alloy/component.ts', 'src/delivery/charts.ts', 'src/pyroscope/notes.ts'].map(file => [file, read(file).replace(/\\\n\s*/g, '')] as const);

  it.each(texts)('of %s put none on a command line', (_, text) => {
    expect(text).not.toMatch(/--from-literal/);
    expect(text).not.toMatch(/stringData/);
    // What is patched is taken away.
    (text.match(/kubectl patch .*/g) ?? []).forEach(command => expect(command).toMatch(/-p '\{"data":\{("[\w.-]+":null,?)+\}\}'$/));
    // The shell prints variables by itself; every other program would show them in the list of processes.
    (text.match(/^.*\$\{?(NEW|OLD|TOKEN)\b.*$/gm) ?? []).forEach(line => expect(line).toMatch(/^\s*(\{ )?(printf %s|digest) "\$|`printf %s "\$TOKEN" \\?\| sha256sum`/));
  });

  it('change one by the Secrets as they are', () => {
    const commands = texts.flatMap(([, text]) => text.replace(/\|\n\s+/g, '| ').split('\n')).filter(line => /--rotate .*\| kubectl/.test(line));
    expect(commands.length).toBeGreaterThan(2);
    commands.forEach(command => expect(command).toMatch(
      /kubectl get secrets --all-namespaces -l \S+ -o json \| hardened-profiling secrets profiling\.yaml (--tenant \w+ )?--rotate \w+ --step \S+ \| kubectl replace -f -/));
  });
});

describe('ARCHITECTURE', () => {
  it('names rooms that exist, and all of them', () => {
    const named = [...read('ARCHITECTURE.md').matchAll(/^\| `src\/(\w+)\/` \|/gm)].map(([, room]) => room).sort();
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort();
    expect(named).toEqual(rooms);
  });

  const records = readdirSync(join(ROOT, 'docs/decisions'));

  it.each(records)('lists the decision %s, whose record is complete', file => {
    expect(read('ARCHITECTURE.md')).toContain(`- [${file.slice(0, 4)}](docs/decisions/${file}) `);
    const text = read(join('docs/decisions', file));
    expect(text).toMatch(new RegExp(`^# ${file.slice(0, 4)}: `));
    expect(text).toMatch(/\d{4}-\d\d-\d\d/);
    expect(['Context', 'Decision', 'Alternatives', 'Consequences'].filter(part => !text.includes(part))).toEqual([]);
  });

  it('gives each number to one decision', () => {
    expect(new Set(records.map(file => file.slice(0, 4))).size).toBe(records.length);
  });
});
