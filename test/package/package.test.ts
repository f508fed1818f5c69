import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

// The package as others get it: packed, and installed beside its peers in an empty folder. Whichever Node.js runs this test runs the
// package as well. Nothing comes from a registry: the peers are packed from the folder of this repository.
jest.setTimeout(180_000);

const ROOT = join(__dirname, '..', '..');
const PEERS = ['cdk8s', 'constructs'];
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const app = join(folder, 'app');
const installed = join(app, 'node_modules', 'cdk8s-hardened-profiling');
afterAll(() => rmSync(folder, { recursive: true }));

/** With the same Node.js first in the path, and without what an npm that runs this test has set for itself. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
};

interface JsiiType {
  readonly kind: string;
  readonly name: string;
  readonly fqn: string;
  readonly members?: ReadonlyArray<{ readonly name: string }>;
}

interface Assembly {
  readonly version: string;
  readonly types: Readonly<Record<string, JsiiType>>;
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (program: string, ...args: string[]): Outcome => runIn(app, program, ...args);

function runIn(cwd: string, program: string, ...args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return { status, stdout, stderr };
}

const hardenedProfiling = (...args: string[]): Outcome => run('npx', '--offline', '--no', '--', 'hardened-profiling', ...args);
const pack = (source: string): Array<{ filename: string; size: number; files: Array<{ path: string }> }> => JSON.parse(execFileSync(
  'npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder, source], { cwd: ROOT, env, encoding: 'utf8' },
)) as ReturnType<typeof pack>;

let packed: ReturnType<typeof pack>[number];

beforeAll(() => {
  [packed] = pack(ROOT);
  const tarballs = [packed, ...PEERS.flatMap(name => pack(join(ROOT, 'node_modules', name)))].map(({ filename }) => join(folder, filename));
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{ "private": true }');
  expect(run('npm', 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs)).toMatchObject({ status: 0 });
});

const paths = (): string[] => packed.files.map(({ path }) => path);
const read = (path: string): string => readFileSync(join(installed, path), 'utf8');

describe('Package', () => {
  it('has at most 500 kB', () => {
    expect(packed.size).toBeLessThanOrEqual(500_000);
  });

  it('has what runs, its types, its documentation and what it reads, and nothing else', () => {
    expect([...new Set(paths().map(path => path.split('/')[0]))].sort()).toEqual([
      '.jsii', 'API.md', 'LICENSE', 'README.md', 'SECURITY.md', 'assets', 'bin', 'images', 'lib', 'package.json', 'schema',
    ]);
    const inLib = paths().filter(path => path.startsWith('lib/'));
    expect(inLib.filter(path => !/(\.js|\.d\.ts|^lib\/LICENSES)$/.test(path))).toEqual([]);
    expect(inLib.filter(path => path.startsWith('lib/cli/'))).toEqual([]);
  });

  it('has no source map inside of its JavaScript', () => {
    const scripts = paths().filter(path => path.endsWith('.js'));
    expect(scripts).toEqual(['lib/bundle/commands.js', 'lib/bundle/main.js', 'lib/constructs/engine.js', 'lib/constructs/library.js', 'lib/index.js']);
    expect(scripts.filter(path => read(path).includes('sourceMappingURL=data:'))).toEqual([]);
  });

  it('installs nothing but its peers', () => {
    expect(readdirSync(join(app, 'node_modules')).filter(name => !name.startsWith('.')).sort()).toEqual(['cdk8s', 'cdk8s-hardened-profiling', 'constructs']);
    expect(paths().filter(path => path.includes('node_modules'))).toEqual([]);
  });

  it('has the licences of the libraries that are bundled', () => {
    const licences = read('lib/LICENSES').split('\n---\n');
    expect(licences.map(text => text.trim().split('\n')[0])).toEqual(['commander', 'js-yaml']);
    licences.forEach(text => expect(text.replace(/\s+/g, ' ')).toContain('this permission notice shall be included in all copies or substantial portions of the Software'));
  });
});

describe('Installed command line', () => {
  it('makes the manifests of the minimal example', () => {
    const document = join(ROOT, 'examples', 'minimal.profiling.yaml');
    const { status, stdout, stderr } = hardenedProfiling('synth', document);
    expect({ status, stdout }).toEqual({ status: 0, stdout: readFileSync(join(ROOT, 'test', 'golden', 'minimal.yaml'), 'utf8') });
    expect(stderr).toContain('objects for cluster dev');
  });

  it('writes the starter document, and makes manifests of it in a folder', () => {
    expect(hardenedProfiling('init', 'profiling.yaml')).toMatchObject({ status: 0, stdout: '' });
    expect(hardenedProfiling('synth', 'profiling.yaml', '--out', 'dist')).toMatchObject({ status: 0, stdout: '' });
    expect(readdirSync(join(app, 'dist'))).toEqual(['manifests.yaml']);
  });

  it('refuses a wrong document with 2', () => {
    writeFileSync(join(app, 'wrong.yaml'), 'cluster: {}\n');
    const { status, stdout, stderr } = hardenedProfiling('synth', 'wrong.yaml');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('cluster.name: is required');
  });

  it('prints help, its version, the schema, and a completion that bash takes', () => {
    expect(hardenedProfiling('--version').stdout).toBe(`${(JSON.parse(read('package.json')) as { version: string }).version}\n`);
    expect(hardenedProfiling('--help').stdout).toContain('Usage: hardened-profiling');
    expect(hardenedProfiling('schema').stdout).toBe(read('schema/profiling.schema.json'));
    const { stdout } = hardenedProfiling('completion', 'bash');
    expect(run('bash', '-c', `${stdout}\ncomplete -p hardened-profiling`).stdout).toBe('complete -o default -F _hardened_profiling hardened-profiling\n');
  });
});

describe('Installed library', () => {
  const SPEC = '{ cluster: { name: "dev" }, images: { pinning: ImagePinning.TAGS_ALLOWED }, parca: { tls: { secretName: "parca-tls-secret" } } }';
  const BODY = `
    const app = new App({ outdir: "synthesized" });
    const profiling = new HardenedProfiling(new Chart(app, "profiling"), "profiling", ${SPEC});
    console.log(app.charts[0].toJson().length, profiling.summary.split("\\n")[0]);`;
  const EXPECTED = { status: 0, stdout: '18 18 objects for cluster dev\n', stderr: '' };

  it('is loaded by require', () => {
    const script = `const { App, Chart } = require('cdk8s'); const { HardenedProfiling, ImagePinning } = require('cdk8s-hardened-profiling');${BODY}`;
    expect(run('node', '-e', script)).toEqual(EXPECTED);
  });

  it('is loaded by import, with its names', () => {
    const script = `import { App, Chart } from 'cdk8s'; import { HardenedProfiling, ImagePinning } from 'cdk8s-hardened-profiling';${BODY}`;
    expect(run('node', '--input-type=module', '-e', script)).toEqual(EXPECTED);
  });

  it('has every class and enum by which other languages know it', () => {
    const { types, version } = JSON.parse(read('.jsii')) as Assembly;
    const known = Object.values(types).filter(({ kind }) => kind !== 'interface').map(({ kind, name, fqn, members }) => (
      [name, kind === 'class' ? { fqn, version } : members!.map(member => member.name).sort()] as const));
    const script = `const library = require('cdk8s-hardened-profiling');
      console.log(JSON.stringify(${JSON.stringify(known.map(([name]) => name))}.map(name => {
        const type = library[name];
        return [name, typeof type === 'function' ? type[Symbol.for('jsii.rtti')] : Object.keys(type).sort()];
      })));`;
    expect(known.length).toBeGreaterThan(20);
    expect(JSON.parse(run('node', '-e', script).stdout)).toEqual(known);
  });

  it('has types that TypeScript takes, and with which it finds a mistake', () => {
    const imports = "import { App, Chart } from 'cdk8s'; import { HardenedProfiling, ImagePinning } from 'cdk8s-hardened-profiling';";
    const mistake = '\n// @ts-expect-error\nHardenedProfiling.fromFile(new Chart(app, "other"), "profiling", 5);';
    writeFileSync(join(app, 'main.ts'), `${imports}${BODY}${mistake}`);
    expect(compile(app, ['main.ts'], { noEmit: true })).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

/** Compiles files as an app would that asks for all checks. */
function compile(cwd: string, files: readonly string[], options: object): Outcome {
  const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')], ...options };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  return runIn(cwd, 'node', join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.');
}

describe('Installed library beside cdk8s-plus', () => {
  const VERSIONS = ['28', '33', '34'];
  const beside = join(folder, 'beside');
  const workloads = (version: string): string => `
    import { ApiObject, App, Chart } from 'cdk8s';
    import { HardenedProfiling, ImagePinning } from 'cdk8s-hardened-profiling';
    import { Deployment, k8s } from 'cdk8s-plus-${version}';
    const app = new App();
    const profiling = new HardenedProfiling(new Chart(app, 'platform'), 'profiling', {
      cluster: { name: 'dev' }, images: { pinning: ImagePinning.TAGS_ALLOWED }, parca: { tls: { secretName: 'parca-tls-secret' } },
      pyroscope: { tenants: [{ name: 'shop', namespaces: ['shop'] }] },
    });
    const shop = new Chart(app, 'shop', { namespace: 'shop' });
    const spec = { selector: { matchLabels: { app: 'shop' } }, template: { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'main', image: 'shop:1' }] } } };
    const workloads = [
      new Deployment(shop, 'plus', { select: false, containers: [{ image: 'shop:1' }] }),
      new k8s.KubeDeployment(shop, 'l1', { spec }),
      new ApiObject(shop, 'object', { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec }),
    ];
    for (const workload of workloads) {
      profiling.optIn(workload);
      profiling.grantRead(workload);
      profiling.grantMetrics(workload, { mountPath: '/etc/metrics', egressPolicy: true });
      profiling.tenant('shop').grantPush(workload);
    }
    // @ts-expect-error
    const mistake = () => profiling.optIn('shop');
    console.log(JSON.stringify(shop.toJson().map(({ kind, spec: { template: { metadata: { labels }, spec: { containers, volumes } } } }) =>
      [kind, labels, volumes, containers.map(({ env, volumeMounts }: { env: object; volumeMounts: object }) => [env, volumeMounts])])));`;

  beforeAll(() => {
    cpSync(join(app, 'node_modules'), join(beside, 'node_modules'), { recursive: true, verbatimSymlinks: true });
    for (const version of VERSIONS) {
      cpSync(join(ROOT, 'node_modules', `cdk8s-plus-${version}`), join(beside, 'node_modules', `cdk8s-plus-${version}`), { recursive: true });
      writeFileSync(join(beside, `with-${version}.ts`), workloads(version));
    }
  });

  it('takes workloads of every version, with types that TypeScript takes, and grants them the same', () => {
    expect(compile(beside, VERSIONS.map(version => `with-${version}.ts`), { outDir: 'out' })).toEqual({ status: 0, stdout: '', stderr: '' });
    const outputs = VERSIONS.map(version => runIn(beside, 'node', join('out', `with-${version}.js`)));
    outputs.forEach(output => expect(output).toEqual({ status: 0, stdout: outputs[0].stdout, stderr: '' }));
    const objects = JSON.parse(outputs[0].stdout) as Array<[string, Record<string, string>, object[], object[]]>;
    expect(objects.map(([kind, labels, volumes]) => [kind, labels.profiling, volumes.length])).toEqual([
      ['Deployment', 'enabled', 2], ['Deployment', 'enabled', 2], ['Rollout', 'enabled', 2],
    ]);
  });
});

describe('Installed library, a construct alone', () => {
  const COMMON = 'const common = { cluster: { name: "a" }, images: { pinning: "tagsAllowed" as ImagePinning } };';
  const APPS: Readonly<Record<string, string>> = {
    ParcaServer: 'new ParcaServer(chart, "it", { ...common, tls: { secretName: "tls" } })',
    ParcaAgents: 'new ParcaAgents(chart, "it", { ...common, store: ParcaStore.remote({ address: "a.example.com:443", tokenSecret: { secretName: "t" } }) })',
    Pyroscope: 'new Pyroscope(chart, "it", { ...common, pyroscope: { tls: { secretName: "tls" }, tenants: [{ name: "a", namespaces: ["a"] }] } })',
    GrafanaAlloy: 'new GrafanaAlloy(chart, "it", { ...common, store: PyroscopeStore.remote({ url: "https://a.example.com" }, [{ name: "a", namespaces: ["a"] }]) })',
    NodeHardening: 'new NodeHardening(chart, "it", { ...common, nodes: { perfEventParanoid: {} } })',
    ProfilingAdmission: 'new ProfilingAdmission(chart, "it", { ...common, admission: {} })',
    ProfilingAccess: `new ProfilingAccess(chart, "it", {
      to: new ParcaServer(chart, "server", { ...common, tls: { secretName: "tls" } }), access: { readers: [{ namespace: "b", podLabels: { a: "b" } }] },
    })`,
  };

  it('is an app that TypeScript takes and cdk8s synthesises: each of them', () => {
    Object.entries(APPS).forEach(([name, expression]) => writeFileSync(join(app, `${name}.ts`), `
      import { App, Chart } from 'cdk8s';
      import * as library from 'cdk8s-hardened-profiling';
      import type { ImagePinning } from 'cdk8s-hardened-profiling';
      const { ${Object.keys(APPS).join(', ')}, ParcaStore, PyroscopeStore } = library;
      ${COMMON}
      const app = new App({ outdir: 'out-${name}' });
      const chart = new Chart(app, 'chart');
      const construct = ${expression};
      app.synth();
      console.log(construct.node.path, chart.toJson().length);`));
    const files = Object.keys(APPS).map(name => `${name}.ts`);
    expect(compile(app, files, { outDir: 'alone' })).toEqual({ status: 0, stdout: '', stderr: '' });
    const sizes = Object.keys(APPS).map(name => [name, runIn(app, 'node', join('alone', `${name}.js`)).stdout.trim()]);
    expect(Object.fromEntries(sizes)).toEqual({
      ParcaServer: 'chart/it 9',
      ParcaAgents: 'chart/it 9',
      Pyroscope: 'chart/it 10',
      GrafanaAlloy: 'chart/it 9',
      NodeHardening: 'chart/it 6',
      ProfilingAdmission: 'chart/it 4',
      ProfilingAccess: 'chart/it 10',
    });
  });
});
