import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..');
const FOLDER = join(ROOT, '.github', 'workflows');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly bundledDependencies: readonly string[];
}
interface Lock { readonly packages: Readonly<Record<string, { readonly integrity?: string; readonly hasInstallScript?: boolean }>> }
const lock = JSON.parse(read('package-lock.json')) as Lock;
const isLocked = (name: string) => lock.packages[`node_modules/${name}`]?.integrity !== undefined;

/** What of a workflow may be another thing tomorrow. */
function unpinned(text: string): string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) { return; }
    for (const [key, child] of Object.entries(value)) {
      if (typeof child === 'string' || typeof child === 'number') { found.push(...floating(key, `${child}`)); }
      if (key === 'runs-on' && Array.isArray(child)) { found.push(...child.flatMap(label => floating(key, `${label}`))); }
      walk(child);
    }
  };
  walk(parse(text));
  return found;
}

function floating(key: string, value: string): string[] {
  switch (key) {
    case 'uses': return /^\.\/|^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$|^docker:\/\/.+@sha256:[0-9a-f]{64}$/.test(value) ? [] : [value];
    case 'image':
    case 'container': return /@sha256:[0-9a-f]{64}$/.test(value) ? [] : [value];
    case 'runs-on': return /-\d[\d.]*$/.test(value) ? [] : [value];
    case 'run': return value.split('\n').filter(runsFloating);
    default: return /^(node|go|python|java|npm)-version$/.test(key) && !/^\d+\.\d+\.\d+$/.test(value) ? [value] : [];
  }
}

/** Whether a line of a script fetches what no lock file knows. */
function runsFloating(line: string): boolean {
  const packages = [...line.matchAll(/\bnpx\s+(?:'?(?:-p|--package|-y|--yes)'?[\s=]+)*'?(@?[\w./-]+)/g)].map(([, name]) => name);
  return /@(latest|next|main|master)\b/.test(line)
    || packages.some(name => !isLocked(name))
    || /\b(curl|wget|pip3?|pipx|gem|cargo|go)\b.*\b(install|https?:)/.test(line)
    || /\bnpm\s+(install|i|exec|x)\s+\S/.test(line);
}

describe('Workflows', () => {
  const files = readdirSync(FOLDER);

  it('are some', () => {
    expect(files).toEqual(expect.arrayContaining(['build.yml', 'release.yml']));
  });

  it.each(files)('%s pins every action, machine and tool', file => {
    expect(unpinned(read(join('.github/workflows', file)))).toEqual([]);
  });

  it.each([
    'steps: [{ uses: actions/setup-node@v7.0.0 }]',
    'steps: [{ uses: actions/setup-node@main }]',
    'steps: [{ uses: actions/setup-node@8207627 }]',
    'steps: [{ uses: "docker://alpine:3" }]',
    'jobs: { a: { uses: owner/repo/.github/workflows/a.yml@v1 } }',
    'jobs: { a: { container: { image: "node:24" } } }',
    'jobs: { a: { runs-on: ubuntu-latest } }',
    'jobs: { a: { runs-on: [self-hosted, ubuntu-latest] } }',
    'steps: [{ with: { node-version: lts/* } }]',
    'steps: [{ with: { node-version: 24.x } }]',
    'steps: [{ run: "npx \'-p\' \'publib@latest\' \'publib-npm\'" }]',
    'steps: [{ run: npx -p publib publib-npm }]',
    'steps: [{ run: npx publib-npm }]',
    'steps: [{ run: npm install -g npm }]',
    'steps: [{ run: "true\\ncurl -s https://example.com/install.sh | sh" }]',
    'steps: [{ run: pip install twine }]',
    'steps: [{ run: go install example.com/tool@v1 }]',
  ])('would be found with %s', text => {
    expect(unpinned(text)).not.toEqual([]);
  });

  it('publish with nothing but npm', () => {
    const { jobs } = parse(read('.github/workflows/release.yml')) as { jobs: Record<string, { permissions: object; steps: Array<{ name?: string; run?: string }> }> };
    const publishing = Object.entries(jobs).filter(([, { permissions }]) => 'id-token' in permissions);
    expect(publishing.map(([name]) => name)).toEqual(['release_npm']);
    expect(publishing[0][1].steps.find(({ name }) => name === 'Release')?.run).toMatch(/^npm publish dist\/js\/\*\.tgz /);
  });
});
