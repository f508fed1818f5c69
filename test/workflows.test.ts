import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..');
const FOLDER = join(ROOT, '.github', 'workflows');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Job {
  readonly 'needs': readonly string[];
  readonly 'if': string;
  readonly 'permissions': object;
  readonly 'container'?: { readonly image: string; readonly options: string };
  readonly 'timeout-minutes'?: number;
  readonly 'steps': ReadonlyArray<{ readonly name?: string; readonly run?: string }>;
}
const workflow = (name: string) => parse(read(`.github/workflows/${name}.yml`)) as { on: object; jobs: Record<string, Job> };

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
    const publishing = Object.entries(workflow('release').jobs).filter(([, { permissions }]) => 'id-token' in permissions);
    expect(publishing.map(([name]) => name)).toEqual(['release_npm']);
    expect(publishing[0][1].steps.find(({ name }) => name === 'Release')?.run).toMatch(/^npm publish dist\/js\/\*\.tgz /);
  });

  it('run everything for pull requests, pushes to main and every night', () => {
    const { on, jobs: { verify } } = workflow('verify');
    expect(on).toMatchObject({ pull_request: {}, push: { branches: ['main'] }, schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }] });
    expect(verify.steps.map(({ run }) => run)).toContain('.ci/run');
    expect(verify['timeout-minutes']).toBe(90);
  });

  it('give pull requests no right to write where they run everything', () => {
    expect(workflow('verify').jobs.verify.permissions).toEqual({ contents: 'read' });
  });

  it('run everything where the end-to-end tests can: Debian as root, with the Go that its tools ask for', () => {
    const { image, options } = workflow('verify').jobs.verify.container!;
    const [, minor, patch] = /^golang:1\.(\d+)\.(\d+)-bookworm@/.exec(image)!.map(Number);
    const tools = readdirSync(join(ROOT, 'test/e2e/tools')).map(name => /^go 1\.(\d+)(?:\.(\d+))?$/m.exec(read(`test/e2e/tools/${name}/go.mod`))!);
    const order = (ofMinor: number | string, ofPatch: number | string = 0) => Number(ofMinor) * 1000 + Number(ofPatch);
    tools.forEach(([, wantedMinor, wantedPatch]) => expect(order(minor, patch)).toBeGreaterThanOrEqual(order(wantedMinor, wantedPatch)));
    expect(options.split(' ')).toEqual(['--privileged', '--pid=host', '--cgroupns=host']);
  });
});

describe('CHANGELOG.md', () => {
  it('begins with the newest section, since the release puts the next one on top', () => {
    expect(read('CHANGELOG.md').trimStart()).toMatch(/^## /);
  });

  it('is written after the release, when there was one, by the task of projen', () => {
    const { changelog, release_github: released } = workflow('release').jobs;
    expect(changelog.needs).toEqual(['release', 'release_github']);
    expect(changelog.if).toBe(`${released.if} && !inputs.dry_run`);
    expect(changelog.steps.map(({ run }) => run)).toContain('npx projen changelog');
    const { tasks } = JSON.parse(read('.projen/tasks.json')) as { tasks: Record<string, { env: Record<string, string>; steps: object[] }> };
    const { CHANGELOG, BUMPFILE } = tasks.bump.env;
    expect(tasks.changelog).toMatchObject({
      env: { CHANGELOG, PROJECT_CHANGELOG_FILE: 'CHANGELOG.md', VERSION_FILE: BUMPFILE },
      steps: [{ builtin: 'release/update-changelog' }],
    });
  });
});

describe('Issue forms', () => {
  interface Field { readonly id: string; readonly attributes: { readonly description: string }; readonly validations: { readonly required: boolean } }

  it.each(['bug', 'feature'])('%s asks for the document and the version', name => {
    const { body } = parse(read(`.github/ISSUE_TEMPLATE/${name}.yml`)) as { body: readonly Field[] };
    const asked = body.filter(({ validations: { required } }) => required);
    expect(asked.map(({ id }) => id)).toEqual(expect.arrayContaining(['version', 'document']));
    expect(asked.find(({ id }) => id === 'version')!.attributes.description).toContain('`hardened-profiling --version`');
  });

  it('are the only way to open an issue, and lead vulnerabilities elsewhere', () => {
    expect(parse(read('.github/ISSUE_TEMPLATE/config.yml'))).toMatchObject({
      blank_issues_enabled: false, contact_links: [{ url: expect.stringMatching(/\/security\/policy$/) }],
    });
  });
});
