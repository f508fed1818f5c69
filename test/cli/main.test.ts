import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tty from 'node:tty';
import { parse, parseAllDocuments } from 'yaml';
import { MINIMAL_DOCUMENT, PRODUCTION_DOCUMENT, runMain, TENANTS_DOCUMENT } from './terminal';
import { run } from '../../src/cli/main';
import { STARTER_DOCUMENT } from '../../src/cli/starter';
import { readDocument } from '../../src/config/document';
import { SCHEMA_FILE } from '../../src/config/shape';
import type { Manifest } from '../../src/kube/manifest';
import * as rendering from '../../src/render';
import { resolve } from '../../src/resolve';
import { CREDENTIALS } from '../config/errors';
import { find, render } from '../support';

// The exports of a module cannot be spied on, those of this copy can.
jest.mock('../../src/render', () => ({ __esModule: true, ...jest.requireActual<typeof rendering>('../../src/render') }));

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'main-')); });
afterEach(() => {
  jest.restoreAllMocks();
  fs.rmSync(folder, { recursive: true });
});

function write(text: string, name = 'profiling.yaml'): string {
  const file = join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

const documents = (text: string) => parseAllDocuments(text).map(document => document.toJS() as Manifest & { stringData: Record<string, string> });
const out = () => join(folder, 'dist');

describe('synth', () => {
  it('prints the manifests, and the summary beside them', () => {
    const file = write(MINIMAL_DOCUMENT);
    const outcome = runMain(['synth', file]);
    expect(outcome.code).toBe(0);
    expect(documents(outcome.out)).toEqual(JSON.parse(JSON.stringify(render({ parca: { tls: { secretName: 'parca-tls-secret' } } }))));
    expect(outcome.err).toContain('objects for cluster dev');
    expect(outcome.err).toContain(`hardened-profiling synth ${file} | kubectl apply --server-side -f -`);
  });

  it('writes the same manifests into a folder, and nothing else', () => {
    const file = write(PRODUCTION_DOCUMENT);
    const printed = runMain(['synth', file]);
    const written = runMain(['synth', file, '--out', out()]);
    expect(written).toMatchObject({ code: 0, out: '' });
    expect(written.err).toContain(`kubectl apply --server-side -f ${out()}/manifests.yaml`);
    expect(fs.readdirSync(out())).toEqual(['manifests.yaml']);
    expect(fs.readFileSync(join(out(), 'manifests.yaml'), 'utf8')).toBe(printed.out);
  });

  it('writes labels of other namespaces into a folder of their own, which nobody deletes with the manifests', () => {
    const file = write(`${MINIMAL_DOCUMENT}\nscope: { sensitiveNamespaces: [payments] }\nadmission: { podSecurity: {} }\n`);
    const outcome = runMain(['synth', file, '--out', out()]);
    expect(outcome.code).toBe(0);
    expect(fs.readdirSync(out(), { recursive: true }).map(String).sort()).toEqual(['manifests.yaml', 'pod-security', 'pod-security/namespaces.yaml']);
    expect(documents(fs.readFileSync(join(out(), 'pod-security/namespaces.yaml'), 'utf8')).map(({ metadata }) => metadata.name)).toEqual(['payments']);
    expect(outcome.err).toContain('kubectl apply --server-side --field-manager=hardened-profiling-pod-security -f pod-security/namespaces.yaml');
  });

  it('writes values of charts into a folder of their own, where kubectl does not take them for manifests', () => {
    const file = write(`${TENANTS_DOCUMENT}  delivery: chart\n`);
    const outcome = runMain(['synth', file, '--out', out()]);
    expect(outcome).toMatchObject({ code: 0, out: '' });
    expect(fs.readdirSync(out(), { recursive: true }).map(String).sort()).toEqual(['helm', 'helm/pyroscope.values.yaml', 'manifests.yaml']);
    const document = readDocument(file);
    const { pyroscope } = rendering.renderHelmValues(resolve(document.value, document));
    expect(parse(fs.readFileSync(join(out(), 'helm/pyroscope.values.yaml'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(pyroscope)));
    expect(outcome.err).toMatch(new RegExp(`helm upgrade --install pyroscope .* -f ${out()}/helm/pyroscope\\.values\\.yaml`));
    expect(outcome.err).toContain(`kubectl apply --server-side -f ${out()}/manifests.yaml`);
  });

  it('writes values of each chart that is wanted', () => {
    expect(runMain(['synth', write(`${TENANTS_DOCUMENT}  alloy: { delivery: chart }\n`), '--out', out()]).code).toBe(0);
    expect(fs.readdirSync(join(out(), 'helm'))).toEqual(['alloy.values.yaml']);
  });

  it('writes no values where nothing is from a chart', () => {
    const outcome = runMain(['synth', write(TENANTS_DOCUMENT), '--out', out()]);
    expect(outcome.code).toBe(0);
    expect(fs.readdirSync(out())).toEqual(['manifests.yaml']);
    expect(outcome.err).not.toContain('helm');
  });

  it('prints manifests alone, also where there are values', () => {
    const file = write(`${TENANTS_DOCUMENT}  delivery: chart\n`);
    const printed = runMain(['synth', file]);
    expect(documents(printed.out).filter(({ apiVersion, kind }) => !apiVersion || !kind)).toEqual([]);
    expect(printed.err).toContain(' -f dist/helm/pyroscope.values.yaml');
    runMain(['synth', file, '--out', out()]);
    expect(printed.out).toBe(fs.readFileSync(join(out(), 'manifests.yaml'), 'utf8'));
  });

  it('reads JSON', () => {
    const yaml = write(PRODUCTION_DOCUMENT);
    const json = write(JSON.stringify(parse(PRODUCTION_DOCUMENT), null, '\t'), 'profiling.json');
    expect(runMain(['synth', json]).out).toBe(runMain(['synth', yaml]).out);
  });

  it('gives the same bytes each time', () => {
    const file = write(PRODUCTION_DOCUMENT);
    expect(runMain(['synth', file]).out).toBe(runMain(['synth', file]).out);
  });

  it('is plain where nobody watches', () => {
    expect(runMain(['synth', write(PRODUCTION_DOCUMENT)]).err).not.toContain('\u001b');
  });

  it('shows its progress and colours at a terminal', () => {
    const { err } = runMain(['synth', write(PRODUCTION_DOCUMENT)], { isInteractive: true });
    expect(err).toMatch(/^\r\u001b\[Kreading\r\u001b\[Krendering\r\u001b\[Kwriting\r\u001b\[K\u001b\[1m/);
  });

  it('clears its progress before an error', () => {
    const { err } = runMain(['synth', write('')], { isInteractive: true });
    expect(err).toMatch(/^\r\u001b\[Kreading\r\u001b\[K[^\r]*: 1 problem\n/);
  });

  it('leaves what is there alone when the document is wrong', () => {
    fs.mkdirSync(out());
    fs.writeFileSync(join(out(), 'manifests.yaml'), 'before');
    expect(runMain(['synth', write('cluster: 1'), '--out', out()]).code).toBe(2);
    expect(fs.readdirSync(out())).toEqual(['manifests.yaml']);
    expect(fs.readFileSync(join(out(), 'manifests.yaml'), 'utf8')).toBe('before');
  });

  it('says why it cannot write', () => {
    const file = write(MINIMAL_DOCUMENT);
    const outcome = runMain(['synth', file, '--out', join(file, 'dist')]);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toMatch(/^ENOTDIR: [^\n]+\n$/);
  });

  it('does not take an error of its own for one of the user', () => {
    jest.spyOn(rendering, 'renderManifests').mockImplementation(() => { throw new TypeError('our mistake'); });
    const file = write(MINIMAL_DOCUMENT);
    const outcome = runMain(['synth', file, '--out', out()]);
    expect(outcome).toMatchObject({ code: 3, out: '' });
    expect(outcome.err).toMatch(/please report it:\nTypeError: our mistake\n {4}at /);
    expect(fs.existsSync(out())).toBe(false);
  });
});

describe('Bad input', () => {
  const minimal = (more: string) => `${MINIMAL_DOCUMENT}${more}`;

  it.each<[string, string, string]>([
    [
      'an unknown key', minimal('scop: {}\n'),
      ':7:1  scop: unknown key\n  allowed  access, admission, agents, apiVersion, cluster, externalSecrets, gitOps, images, metadata, namespaces, nodes, parca, pyroscope, scope\n'
        + '  fix      did you mean `scope`?',
    ],
    ['a key of every object', minimal('__proto__: { a: 1 }\n'), ':7:1  __proto__: unknown key'],
    ['a planned section', minimal('monitoring: {}\n'), ':7:1  monitoring: is not supported yet'],
    ['a wrong type', minimal('scope: []\n'), ':7:1  scope: has the wrong type'],
    [
      'a kernel that is a number', minimal('agents: { nodePools: [{ name: a, kernel: 5.10 }] }\n'), ':7:34  agents.nodePools[0].kernel: has the wrong type\n  found    5.1 (number)',
    ],
    ['a key that stands twice', minimal('images: {}\n'), ':7:1  images: stands twice in one mapping\n  found    lines 3 and 7\n'],
    ['an alias', minimal('scope: &a { namespaces: [b] }\naccess: *a\n'), ':8:10  (root): uses a YAML alias'],
    ['an empty file', '', '(root): is empty'],
    ['several documents', minimal('---\na: 1\n'), '(root): holds 2 documents'],
    ['a syntax error', 'cluster: {', ':1:11  (root): is no valid YAML: unexpected end of the stream within a flow collection'],
    ['a huge file', `# ${'x'.repeat(4 * 2 ** 20)}\n${MINIMAL_DOCUMENT}`, '(root): is too large'],
    ['an empty list', minimal('scope: { namespaces: [] }\n'), ':7:10  scope.namespaces: is empty'],
    [
      'a sensitive namespace that is also opted in', minimal('scope:\n  sensitiveNamespaces: [payments]\n  namespaces: [checkout, payments]\n'),
      ':9:26  scope.namespaces[1]: is a sensitive namespace, which is never profiled',
    ],
    ['a tag where pinning is required', MINIMAL_DOCUMENT.replace('tagsAllowed', 'required'), ':3:1  images.parca: has no digest'],
    ['an insecure key', minimal('  agent: { insecure: true }\n'), ':7:12  parca.agent.insecure: unknown key\n'],
    [
      'one Secret for two purposes', minimal('  tokens: { read: { secretName: parca-tls-secret } }\n'), ':7:21  parca.tokens.read.secretName: is also the Secret of `parca.tls`',
    ],
    [
      'a credential', minimal(`scope: { optInLabel: { key: a, value: ${CREDENTIALS['a GitHub token']} } }\n`), ':7:32  scope.optInLabel.value: looks like a credential',
    ],
  ])('ends synth with 2 and leaves nothing behind: %s', (_, text, expected) => {
    const file = write(text);
    const printed = runMain(['synth', file]);
    expect(printed).toMatchObject({ code: 2, out: '' });
    expect(printed.err).toContain(expected);
    expect(printed.err.startsWith(file)).toBe(true);
    expect(printed.err.endsWith('\n')).toBe(true);
    expect(runMain(['synth', file, '--out', out()])).toEqual(printed);
    expect(runMain(['secrets', file])).toEqual(printed);
    expect(fs.readdirSync(folder)).toEqual(['profiling.yaml']);
  });

  it.each(['synth', 'secrets'])('ends %s with 2 when the file is missing', command => {
    const file = join(folder, 'missing.yaml');
    const outcome = runMain([command, file]);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(`${file}: 1 problem\n\n(root): cannot be read (ENOENT)`);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['no document', ['synth'], "error: missing required argument 'document'"],
    ['an unknown format', ['synth', 'a', '--format', 'toml'], 'Allowed choices are yaml, json'],
    ['no folder', ['synth', 'a', '--out'], "error: option '-o, --out <folder>' argument missing"],
    ['an unknown option', ['synth', 'a', '--force'], "error: unknown option '--force'"],
    ['an unknown command', ['sinth'], "error: unknown command 'sinth'\n(Did you mean synth?)"],
    ['an unknown role', ['secrets', 'a', '--role', 'admin'], 'Allowed choices are metrics, push, read, symbols'],
    ['no tenant', ['secrets', 'a', '--tenant'], "error: option '--tenant <name>' argument missing"],
    ['a tenant with a role', ['secrets', 'a', '--tenant', 'b', '--role', 'read'], "error: option '--tenant <name>' cannot be used with option '--role <role...>'"],
    ['two tenants', ['secrets', 'a', '--tenant', 'b', 'c'], 'c  (root): cannot be read (ENOENT)'],
    ['an unknown shell', ['completion', 'tcsh'], 'Allowed choices are bash, fish, zsh'],
    ['no command', [], 'Usage: hardened-profiling'],
  ])('ends with 2 and is explained: %s', (_, args, expected) => {
    const outcome = runMain(args);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain(expected);
  });

  it('is answered with where to find help', () => {
    expect(runMain(['synth']).err).toContain('(add --help for usage and examples)');
  });
});

describe('Help', () => {
  it.each([['--help'], ['-h'], ['help']])('is printed for %s', argument => {
    const outcome = runMain([argument]);
    expect(outcome).toMatchObject({ code: 0, err: '' });
    ['synth', 'secrets', 'schema', 'init', 'completion', 'Examples:', 'Exit codes: 0 done'].forEach(text => expect(outcome.out).toContain(text));
  });

  it.each(['synth', 'secrets', 'completion'])('of %s has examples', command => {
    expect(runMain([command, '--help']).out).toMatch(new RegExp(`Examples:\n.*hardened-profiling ${command} `));
  });
});

describe('secrets', () => {
  it('prints a Secret for each role and namespace that needs one', () => {
    const outcome = runMain(['secrets', write(PRODUCTION_DOCUMENT)]);
    expect(outcome).toMatchObject({ code: 0, err: '' });
    expect(documents(outcome.out).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'profiling/parca-metrics-token', 'monitoring/parca-metrics-token',
      'profiling/parca-agent-push-token', 'profiling-agents/parca-agent-push-token',
      'profiling/parca-api-token', 'monitoring/parca-api-token',
      'profiling/parca-symbols-token',
    ]);
  });

  it('prints those of the given roles alone', () => {
    const { out: text } = runMain(['secrets', write(MINIMAL_DOCUMENT), '--role', 'read', 'symbols']);
    expect(documents(text).map(({ metadata }) => metadata.name)).toEqual(['parca-read-token', 'parca-symbols-token']);
  });

  it('prints other tokens each time', () => {
    const file = write(MINIMAL_DOCUMENT);
    const token = () => documents(runMain(['secrets', file, '--role', 'read']).out)[0].stringData.token;
    expect(token()).toMatch(/^[0-9a-f]{64}$/);
    expect(token()).not.toBe(token());
  });
});

describe('secrets of Pyroscope', () => {
  const made = (...args: string[]) => documents(runMain(['secrets', ...args]).out);
  const names = (secrets: Manifest[]) => secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  const keys = (secrets: Manifest[], name: string) => Object.keys(find<{ data: object }>(secrets, 'Secret', name).data);
  const PARCA = [
    'profiling/parca-metrics-token', 'profiling/parca-push-token', 'profiling-agents/parca-push-token', 'profiling/parca-read-token', 'profiling/parca-symbols-token',
  ];

  it('are printed behind those of Parca', () => {
    expect(names(made(write(TENANTS_DOCUMENT)))).toEqual([
      ...PARCA,
      'pyroscope/pyroscope-gateway-tokens', 'profiling-agents/alloy-push-tokens',
      'checkout/pyroscope-push-token', 'checkout-jobs/pyroscope-push-token', 'statistics/pyroscope-push-token',
      'pyroscope/pyroscope-read-checkout', 'pyroscope/pyroscope-read-metrics', 'pyroscope/pyroscope-read-all', 'pyroscope/pyroscope-metrics-token',
    ]);
  });

  it('are not printed for a role of Parca', () => {
    expect(names(made(write(TENANTS_DOCUMENT), '--role', 'read'))).toEqual(['profiling/parca-read-token']);
  });

  it('are those of one tenant alone, to be merged into the Secrets of all', () => {
    const secrets = made(write(TENANTS_DOCUMENT), '--tenant', 'checkout');
    expect(names(secrets)).toEqual([
      'pyroscope/pyroscope-gateway-tokens', 'profiling-agents/alloy-push-tokens',
      'checkout/pyroscope-push-token', 'checkout-jobs/pyroscope-push-token', 'pyroscope/pyroscope-read-checkout',
    ]);
    expect(keys(secrets, 'pyroscope-gateway-tokens')).toEqual(['checkout.agent', 'checkout.push', 'checkout.read']);
    expect(keys(secrets, 'alloy-push-tokens')).toEqual(['checkout']);
  });

  it('are those of one reader alone', () => {
    const secrets = made(write(TENANTS_DOCUMENT), '--tenant', 'all');
    expect(names(secrets)).toEqual(['pyroscope/pyroscope-gateway-tokens', 'pyroscope/pyroscope-read-all']);
    expect(keys(secrets, 'pyroscope-gateway-tokens')).toEqual(['all.read']);
  });

  it('do not include the token of Pyroscope\'s own metrics for a tenant of that name', () => {
    const secrets = made(write(TENANTS_DOCUMENT), '--tenant', 'metrics');
    expect(names(secrets)).toEqual(['pyroscope/pyroscope-gateway-tokens', 'statistics/pyroscope-push-token', 'pyroscope/pyroscope-read-metrics']);
    expect(keys(secrets, 'pyroscope-gateway-tokens')).toEqual(['metrics.push', 'metrics.read']);
  });

  it.each<[string, string, string]>([
    ['is not there', 'chekout', TENANTS_DOCUMENT], ['leaves', 'gone', TENANTS_DOCUMENT], ['is empty', '', TENANTS_DOCUMENT],
    ['is a part of a name', 'check', TENANTS_DOCUMENT],
  ])('are refused for a tenant that %s', (_, name, text) => {
    const file = write(text);
    expect(runMain(['secrets', file, '--tenant', name])).toEqual({
      code: 2,
      out: '',
      err: `${file}: 1 problem\n\n(root): --tenant names no tenant or reader that has a token\n  found    ${name}\n`
        + '  allowed  checkout, metrics, all\n  fix      correct the name\n',
    });
  });

  it('are refused where there is no Pyroscope', () => {
    const outcome = runMain(['secrets', write(MINIMAL_DOCUMENT), '--tenant', 'checkout']);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain('(root): --tenant names no tenant or reader that has a token\n  found    checkout\n  allowed  none: the document has no section `pyroscope`\n');
  });

  const STORE_DOCUMENT = `${TENANTS_DOCUMENT}externalSecrets: { storeRef: { name: vault } }\n`;

  it.each<[string, string, string[], string]>([
    ['a secret store has them', STORE_DOCUMENT, [], 'has no tokens to make: they come from `externalSecrets`'],
    ['profilers send to a store elsewhere', `cluster: { name: a }
images: { pinning: tagsAllowed }
parca: { remoteStore: { address: store.example.com:443, tokenSecret: { secretName: store-token } } }
`, [], 'has no tokens to make: its profilers send to stores elsewhere'],
    ['the role is one of a server that is not there', `cluster: { name: a }
images: { pinning: tagsAllowed }
pyroscope: { tls: { secretName: tls }, tenants: [{ name: checkout, namespaces: [checkout] }] }
`, ['--role', 'read'], '--role has nothing to make: the document has no Parca server'],
  ])('are refused where %s, instead of an empty output', (_, document, options, message) => {
    const outcome = runMain(['secrets', write(document), ...options]);
    expect([outcome.code, outcome.out]).toEqual([2, '']);
    expect(outcome.err).toContain(message);
  });

  it('are refused for a tenant where a secret store has them', () => {
    const outcome = runMain(['secrets', write(STORE_DOCUMENT), '--tenant', 'checkout']);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toContain('--tenant has nothing to make: tokens come from `externalSecrets`');
    expect(outcome.err).toContain('fix      change the token in the secret store');
  });

  it('are others each time', () => {
    const file = write(TENANTS_DOCUMENT);
    const digest = () => (made(file, '--tenant', 'all')[0] as unknown as { data: Record<string, string> }).data['all.read'];
    expect(Buffer.from(digest(), 'base64').toString()).toMatch(/^[0-9a-f]{64}$/);
    expect(digest()).not.toBe(digest());
  });
});

describe('schema', () => {
  it('prints the schema', () => {
    expect(runMain(['schema'])).toEqual({ code: 0, out: fs.readFileSync(SCHEMA_FILE, 'utf8'), err: '' });
  });
});

describe('init', () => {
  it('prints the starter document', () => {
    expect(runMain(['init'])).toEqual({ code: 0, out: STARTER_DOCUMENT, err: '' });
  });

  it('writes a document that can be used at once', () => {
    const file = join(folder, 'new.yaml');
    expect(runMain(['init', file])).toEqual({ code: 0, out: '', err: `Wrote ${file}. Next: hardened-profiling synth ${file}\n` });
    expect(fs.readFileSync(file, 'utf8')).toBe(STARTER_DOCUMENT);
    expect(runMain(['synth', file]).code).toBe(0);
  });

  it('leaves an existing file alone', () => {
    const file = write('mine');
    const outcome = runMain(['init', file]);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.err).toBe(`${file}: 1 problem\n\n(root): exists already\n  allowed  a file that does not exist\n  fix      choose another name\n`);
    expect(fs.readFileSync(file, 'utf8')).toBe('mine');
  });

  it('does not write through a link that leads nowhere', () => {
    const link = join(folder, 'link.yaml');
    fs.symlinkSync(join(folder, 'target.yaml'), link);
    expect(runMain(['init', link])).toMatchObject({ code: 2, err: expect.stringMatching(/^EEXIST/) as unknown });
    expect(fs.readdirSync(folder)).toEqual(['link.yaml']);
  });

  it('says why it cannot write', () => {
    expect(runMain(['init', join(folder, 'no', 'where.yaml')])).toMatchObject({ code: 2, err: expect.stringMatching(/^ENOENT/) as unknown });
  });
});

describe('--version', () => {
  const { version } = JSON.parse(fs.readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string };

  it('prints the version of the package', () => {
    expect(runMain(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows every command and its options', shell => {
    const outcome = runMain(['completion', shell]);
    expect(outcome).toMatchObject({ code: 0, err: '' });
    ['synth', 'secrets', 'schema', 'init', 'completion', 'out', 'format', 'role', 'tenant', 'help', 'version'].forEach(word => expect(outcome.out).toContain(word));
  });
});

describe('run', () => {
  const argv = process.argv;
  const noColor = process.env.NO_COLOR;
  afterEach(() => {
    process.argv = argv;
    process.exitCode = undefined;
    if (noColor === undefined) { delete process.env.NO_COLOR; } else { process.env.NO_COLOR = noColor; }
  });

  /** Runs with this in place of the descriptors; what was written, by descriptor. */
  function written(args: string[], writeSync: (data: Buffer, offset: number) => number): Record<number, string> {
    const texts: Record<number, string> = { 1: '', 2: '' };
    jest.spyOn(fs, 'writeSync').mockImplementation(((descriptor: number, data: Buffer, offset: number) => {
      const count = writeSync(data, offset);
      texts[descriptor] += data.toString('utf8', offset, offset + count);
      return count;
    }) as typeof fs.writeSync);
    process.argv = ['node', 'hardened-profiling', ...args];
    run();
    return texts;
  }

  const failing = (code: string) => Object.assign(new Error(code), { code });

  it('writes everything, however little is taken at a time', () => {
    expect(written(['init'], () => 1)[1]).toBe(STARTER_DOCUMENT);
    expect(process.exitCode).toBe(0);
  });

  it('sets the exit code', () => {
    expect(written(['synth'], data => data.length)[2]).toContain('missing required argument');
    expect(process.exitCode).toBe(2);
  });

  it('waits for a reader that is busy', () => {
    let busy = 3;
    expect(written(['init'], (data, offset) => {
      if (busy-- > 0) { throw failing('EAGAIN'); }
      return data.length - offset;
    })[1]).toBe(STARTER_DOCUMENT);
  });

  it('ends well when the reader went away', () => {
    expect(written(['init'], () => { throw failing('EPIPE'); })[1]).toBe('');
    expect(process.exitCode).toBe(0);
  });

  it('says when the output cannot be written', () => {
    let calls = 0;
    const texts = written(['init'], data => {
      if (calls++ === 0) { throw failing('ENOSPC'); }
      return data.length;
    });
    expect(texts[2]).toBe('ENOSPC\n');
    expect(process.exitCode).toBe(2);
  });

  it.each([
    ['colours at a terminal', true, undefined, true],
    ['is plain without a terminal', false, undefined, false],
    ['is plain with NO_COLOR', true, '', false],
  ])('%s', (_, isTerminal, value, expected) => {
    jest.spyOn(tty, 'isatty').mockReturnValue(isTerminal);
    if (value === undefined) { delete process.env.NO_COLOR; } else { process.env.NO_COLOR = value; }
    expect(written(['synth', write(MINIMAL_DOCUMENT)], (data, offset) => data.length - offset)[2].includes('\u001b[')).toBe(expected);
  });
});
