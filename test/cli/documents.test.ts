import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { MINIMAL_DOCUMENT, PRODUCTION_DOCUMENT, runMain, TENANTS_DOCUMENT } from './terminal';
import { asArguments } from '../../src/cli/documents';
import type { Manifest } from '../../src/kube/manifest';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'documents-')); });
afterEach(() => { fs.rmSync(folder, { recursive: true }); });

function write(text: string, name: string): string {
  const file = join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** Runs the command line with this on its standard input. */
function runWith(text: string, ...args: string[]) {
  const descriptor = fs.openSync(write(text, 'input'), 'r');
  try {
    return runMain(args, { input: descriptor });
  } finally {
    fs.closeSync(descriptor);
  }
}

const OVERLAY = 'cluster: { name: staging }\naccess: { readers: [] }\n';
/** The production document with that overlay, by hand. */
function overlaid(): string {
  const document = parse(PRODUCTION_DOCUMENT) as { cluster: object; access: object };
  return JSON.stringify({ ...document, cluster: { ...document.cluster, name: 'staging' }, access: { ...document.access, readers: [] } });
}
const base = () => write(PRODUCTION_DOCUMENT, 'base.yaml');
const overlay = () => write(OVERLAY, 'staging.yaml');
const nodes = () => JSON.stringify({
  kind: 'List',
  items: [{
    kind: 'Node',
    metadata: { name: 'a', labels: { role: 'web' } },
    status: { nodeInfo: { kernelVersion: '6.1.75', osImage: 'Bottlerocket OS', operatingSystem: 'linux', containerRuntimeVersion: 'containerd://1.7.13' } },
  }],
});

describe('synth with overlays', () => {
  it('makes the manifests of the documents merged', () => {
    const merged = runMain(['synth', base(), overlay()]);
    expect(merged.code).toBe(0);
    expect(merged.out).toBe(runMain(['synth', write(overlaid(), 'merged.json')]).out);
    expect(merged.out).not.toBe(runMain(['synth', base()]).out);
    expect(merged.err).toContain('objects for cluster staging');
  });

  it('repeats the names of all documents in the commands that it prints', () => {
    const names = [base(), overlay()];
    const { err } = runMain(['synth', ...names]);
    expect(err).toContain(`  hardened-profiling synth ${names.join(' ')} | kubectl apply --server-side -f -\n`);
    expect(err).toContain(`    hardened-profiling secrets ${names.join(' ')} | kubectl create -f -\n`);
  });

  it('says in which of the documents it finds something wrong, and writes nothing', () => {
    const wrong = write('scope:\n  namespaces: [kube-system]\n', 'wrong.yaml');
    const outcome = runMain(['synth', base(), overlay(), wrong, '--out', join(folder, 'dist')]);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(`${base()}, ${overlay()}, ${wrong}: 1 problem\n\n${wrong}:2:16  scope.namespaces[0]: is a sensitive namespace`);
    expect(fs.existsSync(join(folder, 'dist'))).toBe(false);
  });

  it('says where the pools are whose nodes cannot run their agents', () => {
    const file = write(nodes().replace('6.1.75', '5.4.0'), 'nodes.json');
    const pools = write('agents:\n    nodePools: [{ name: all }]\n', 'pools.yaml');
    expect(runMain(['synth', base(), pools, '--nodes', file])).toMatchObject({
      code: 2, err: expect.stringContaining(`${pools}:2:17  agents.nodePools[0]: has nodes that cannot run its agents`) as unknown,
    });
  });
});

describe('Other commands with overlays', () => {
  it('make the Secrets of the documents merged', () => {
    const more = write('pyroscope: { tenants: [{ name: shop, namespaces: [shop] }], readers: null }\n', 'more.yaml');
    const { out } = runMain(['secrets', write(TENANTS_DOCUMENT, 'base.yaml'), more]);
    const names = parseAllDocuments(out).map(document => (document.toJS() as Manifest).metadata.namespace);
    expect(names).toContain('shop');
    expect(names).not.toContain('checkout');
  });

  it('judge nodes by the pools of the documents merged', () => {
    const pools = write('agents: { nodePools: [{ name: web, nodeSelector: { role: web } }] }\n', 'pools.yaml');
    const { code, out } = runMain(['audit', '--document', base(), pools, '--nodes', write(nodes(), 'nodes.json')]);
    expect(code).toBe(0);
    expect(out).toMatch(/^a +web +6\.1\.75 +fits$/m);
  });

  it('name all documents where an option does not fit them', () => {
    const names = [base(), overlay()];
    ['--tenant nobody', '--step use', '--rotate agent'].forEach(option => {
      const outcome = runWith(JSON.stringify({ kind: 'List', items: [] }), 'secrets', ...names, ...option.split(' '));
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.err.startsWith(`${names.join(', ')}: 1 problem\n`)).toBe(true);
    });
  });
});

describe('Document on standard input', () => {
  it('is read for -, and named - in the commands that are printed', () => {
    const { code, out, err } = runWith(PRODUCTION_DOCUMENT, 'synth', '-');
    expect(code).toBe(0);
    expect(out).toBe(runMain(['synth', base()]).out);
    expect(err).toContain('  hardened-profiling synth - | kubectl apply --server-side -f -\n');
    expect(err).toContain('    hardened-profiling secrets - | kubectl create -f -\n');
  });

  it('may be the base or an overlay', () => {
    const merged = runMain(['synth', base(), overlay()]).out;
    expect(runWith(OVERLAY, 'synth', base(), '-').out).toBe(merged);
    expect(runWith(PRODUCTION_DOCUMENT, 'synth', '-', overlay()).out).toBe(merged);
  });

  it('is read by secrets and by audit', () => {
    expect(runWith(MINIMAL_DOCUMENT, 'secrets', '-', '--role', 'read').out).toContain('name: parca-read-token');
    const pool = `${MINIMAL_DOCUMENT}agents: { nodePools: [{ name: web, nodeSelector: { role: web } }] }\n`;
    expect(runWith(pool, 'audit', '--document', '-', '--nodes', write(nodes(), 'nodes.json')).out).toMatch(/^a +web /m);
  });

  it('is called standard input in errors', () => {
    expect(runWith(`${MINIMAL_DOCUMENT}scop: {}\n`, 'synth', '-')).toMatchObject({
      code: 2, out: '', err: expect.stringMatching(/^standard input: 1 problem\n\nstandard input:7:1 {2}scop: unknown key\n/) as unknown,
    });
  });

  it.each([
    ['of more than 4 MiB', '#'.repeat(4 * 2 ** 20 + 1), 'is too large'], ['of nothing', '', 'is empty'], ['of several documents', 'a: 1\n---\nb: 1\n', 'holds 2 documents'],
  ])('%s is refused', (_, text, message) => {
    expect(runWith(text, 'synth', '-')).toMatchObject({ code: 2, out: '', err: expect.stringContaining(`standard input: 1 problem\n\n(root): ${message}`) as unknown });
  });

  it.each<[string, string, string[]]>([
    ['two documents', '- for a document, - for a document', ['synth', '-', '-']],
    ['a document and nodes', '- for a document, --nodes -', ['synth', '-', '--nodes', '-']],
    ['a document and nodes of audit', '- for a document, --nodes -', ['audit', '--document', '-', '--nodes', '-']],
    ['a document and Secrets', '- for a document, the Secrets of --rotate', ['secrets', '-', '--rotate', 'read']],
  ])('is refused where it would have to be %s', (_, found, args) => {
    expect(runWith(MINIMAL_DOCUMENT, ...args)).toEqual({
      code: 2,
      out: '',
      err: `standard input: 1 problem\n\n(root): cannot be read twice\n  found    ${found}\n  allowed  one of them\n  fix      write the others into files and give their names\n`,
    });
  });
});

describe('Names of documents in commands', () => {
  it.each<[string[], string]>([
    [['a.yaml', './b/c-1_2.yaml', '-'], 'a.yaml ./b/c-1_2.yaml -'],
    [['my file.yaml', 'b.yaml'], "'my file.yaml' b.yaml"],
    [["it's.yaml", '$(x).yaml', ''], "'it'\\''s.yaml' '$(x).yaml' ''"],
  ])('are quoted where a shell would take them for something else: %j', (names, expected) => {
    expect(asArguments(names)).toBe(expected);
  });
});
