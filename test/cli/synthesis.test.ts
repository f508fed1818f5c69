import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { MINIMAL_DOCUMENT, PRODUCTION_DOCUMENT, runMain, TENANTS_DOCUMENT } from './terminal';
import type { Manifest } from '../../src/kube/manifest';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'synthesis-')); });
afterEach(() => { fs.rmSync(folder, { recursive: true }); });

function write(text: string, name = 'profiling.yaml'): string {
  const file = join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

interface Printed {
  readonly cluster: string;
  readonly objects: readonly Manifest[];
  readonly helmValues: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
  readonly images: ReadonlyArray<{ readonly image: string; readonly isPinned: boolean }>;
  readonly fallbacks: readonly unknown[];
  readonly notes: readonly string[];
  readonly missing: ReadonlyArray<{ readonly what: string; readonly command: string }>;
}

const json = (...args: string[]) => {
  const outcome = runMain(['synth', ...args, '--format', 'json']);
  expect(outcome).toMatchObject({ code: 0, err: '' });
  return JSON.parse(outcome.out) as Printed;
};

/** A document with everything that comes in files of its own. */
const EVERYTHING = `${TENANTS_DOCUMENT}  delivery: chart
  alloy: { delivery: chart }
scope: { sensitiveNamespaces: [payments] }
admission: { podSecurity: {} }
nodes: { delivery: nodeConfiguration, perfEventParanoid: { mode: exact } }
`;

describe('synth --format json', () => {
  it('prints one object with the manifests in their order', () => {
    const file = write(PRODUCTION_DOCUMENT);
    const printed = json(file);
    expect(Object.keys(printed)).toEqual(['cluster', 'objects', 'helmValues', 'files', 'images', 'fallbacks', 'notes', 'missing']);
    expect(printed.cluster).toBe('prod-us-east-1');
    expect(printed.objects).toEqual(parseAllDocuments(runMain(['synth', file]).out).map(document => document.toJS() as unknown));
  });

  it('has what --out writes into files', () => {
    const file = write(EVERYTHING);
    const out = join(folder, 'dist');
    const printed = json(file);
    expect(runMain(['synth', file, '--out', out]).code).toBe(0);
    const read = (name: string) => fs.readFileSync(join(out, name), 'utf8');
    const written = fs.readdirSync(out, { recursive: true }).map(String).filter(name => fs.statSync(join(out, name)).isFile());
    expect(written.sort()).toEqual([
      'manifests.yaml', ...Object.keys(printed.helmValues).map(chart => `helm/${chart}.values.yaml`), ...Object.keys(printed.files),
    ].sort());
    expect(Object.keys(printed.helmValues)).toEqual(['pyroscope', 'alloy']);
    Object.entries(printed.helmValues).forEach(([chart, values]) => expect(parse(read(`helm/${chart}.values.yaml`))).toEqual(values));
    expect(Object.keys(printed.files)).toEqual(expect.arrayContaining(['node-configuration/sysctl.conf', 'pod-security/namespaces.yaml']));
    Object.entries(printed.files).forEach(([name, content]) => expect(read(name)).toBe(content));
  });

  it('has all that the summary says', () => {
    const file = write(PRODUCTION_DOCUMENT);
    const { images, fallbacks, notes, missing } = json(file);
    const { err } = runMain(['synth', file]);
    expect(fallbacks).toEqual([{ pool: 'legacy', reason: 'AMI pinned by vendor driver, ticket OPS-4211', remediateBy: '2027-03-31' }]);
    images.forEach(({ image, isPinned }) => expect(err).toContain(`  ${isPinned ? 'pinned  ' : 'tag only'}  ${image}\n`));
    notes.forEach(note => expect(err).toContain(`  ${note}\n`));
    missing.forEach(({ what, command }) => expect(err).toContain(`  ${what}\n    ${command}\n`));
    expect([images.length, notes.length, missing.length].every(count => count > 0)).toBe(true);
    expect(missing[0].command).toBe(`hardened-profiling secrets ${file} | kubectl create -f -`);
  });

  it('names every image, also those of charts', () => {
    const digest = `@sha256:${'0'.repeat(64)}`;
    const file = write(EVERYTHING.replace('pinning: tagsAllowed', `pinning: tagsAllowed\n  alloy: docker.io/grafana/alloy:v1.18.1${digest}`));
    const { images, objects, helmValues } = json(file);
    const inPods = [...JSON.stringify(objects).matchAll(/"image":"([^"]+)"/g)].map(([, image]) => image);
    expect(inPods.length).toBeGreaterThan(0);
    expect(images.map(({ image }) => image)).toEqual(expect.arrayContaining(inPods));
    expect(images).toContainEqual({ image: `docker.io/grafana/alloy:v1.18.1${digest}`, isPinned: true });
    const { repository, tag } = (helmValues.pyroscope as { pyroscope: { image: { repository: string; tag: string } } }).pyroscope.image;
    expect(images.filter(({ image }) => image.endsWith(`${repository}:${tag}`))).toHaveLength(1);
    expect(images.map(({ image }) => image)).toEqual([...new Set(images.map(({ image }) => image))].sort());
  });

  it('has what is to be checked on the nodes among the notes', () => {
    const node = { kind: 'Node', metadata: { name: 'u' }, status: { nodeInfo: { kernelVersion: '6.8.0', osImage: 'Ubuntu 24.04', operatingSystem: 'linux' } } };
    const nodes = write(JSON.stringify({ kind: 'List', items: [node] }), 'nodes.json');
    expect(json(write(MINIMAL_DOCUMENT), '--nodes', nodes).notes.join('\n')).toContain('Node u: check: ');
  });

  it('escapes what moves the cursor or hides text', () => {
    const { out } = runMain(['synth', write(MINIMAL_DOCUMENT, 'a\u202eb.yaml'), '--format', 'json']);
    expect(out).toContain('a\\u202eb.yaml');
    expect(out).not.toContain('\u202e');
  });

  it('gives the same bytes each time', () => {
    const file = write(EVERYTHING);
    expect(runMain(['synth', file, '--format', 'json'])).toEqual(runMain(['synth', file, '--format', 'json']));
  });

  it('is refused together with a folder, into which nothing is written', () => {
    const file = write(MINIMAL_DOCUMENT);
    expect(runMain(['synth', file, '--format', 'json', '--out', join(folder, 'dist')])).toEqual({
      code: 2,
      out: '',
      err: `${file}: 1 problem\n\n(root): --format json prints one object and writes no files\n  found    --out ${join(folder, 'dist')}\n`
        + '  allowed  one of the two\n  fix      leave one of the two out\n',
    });
    expect(fs.readdirSync(folder)).toEqual(['profiling.yaml']);
  });

  it('prints nothing but the error where a document is wrong', () => {
    expect(runMain(['synth', write('cluster: 1\n'), '--format', 'json'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('synth --format yaml', () => {
  it('is the default', () => {
    const file = write(PRODUCTION_DOCUMENT);
    expect(runMain(['synth', file, '--format', 'yaml'])).toEqual(runMain(['synth', file]));
  });
});
