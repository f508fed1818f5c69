import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome, Setting } from './terminal';
import { MINIMAL_DOCUMENT, runMain, TENANTS_DOCUMENT, written } from './terminal';
import { isPrintable } from '../../src/config/printable';
import * as rendering from '../../src/render';
import { HIDDEN } from '../config/hidden';

// The exports of a module cannot be spied on, those of this copy can.
jest.mock('../../src/render', () => ({ __esModule: true, ...jest.requireActual<typeof rendering>('../../src/render') }));

const folder = fs.mkdtempSync(join(tmpdir(), 'screen-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

function write(text: string, name: string): string {
  const file = join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

/** The lines of what a run wrote, without the codes that are ours. */
function lines({ out, err }: Outcome): string[] {
  return (out + err).replace(/\u001b\[(1|22|33|39)m|\r\u001b\[K/g, '').split('\n');
}

/** That nothing which was written does anything but to be shown. */
function expectShown(outcome: Outcome): void {
  expect(lines(outcome).filter(line => !isPrintable(line))).toEqual([]);
}

const setting: Setting = { isInteractive: true, isOutputShown: true };
const node = (text: string) => ({
  kind: 'Node',
  metadata: { name: `n${text}`, labels: { [`l${text}`]: text, 'kubernetes.io/arch': text } },
  spec: { taints: [{ key: `k${text}`, value: `v${text}`, effect: `NoSchedule${text}` }] },
  status: { nodeInfo: { kernelVersion: `5.10${text}`, osImage: `Ubuntu ${text}`, operatingSystem: text.length > 1 ? 'linux' : `os${text}`, architecture: '', containerRuntimeVersion: `rt${text}://1` } },
});

describe('Screen', () => {
  it('shows control characters of a text, and styles of its own', () => {
    expect(written(['a\u001b[2Jb\nc', { text: 'd\u001b[1me', style: 'bold' }], { isInteractive: true })).toBe('a\\u{1b}[2Jb\\u{a}c\n\u001b[1md\\u{1b}[1me\u001b[22m\n');
  });

  it('has no styles where nobody watches', () => {
    expect(written([{ text: 'a', style: 'warn' }])).toBe('a\n');
  });
});

describe('Control characters do not reach the terminal', () => {
  it.each(HIDDEN)('of a document, %j', character => {
    const escaped = JSON.stringify(`x${character}y`);
    [
      `${MINIMAL_DOCUMENT}scope: { namespaces: [${escaped}], ${escaped}: 1 }\n`,
      MINIMAL_DOCUMENT.replace('dev', `x${character}y`),
      `${MINIMAL_DOCUMENT}agents: { nodePools: [{ name: ${escaped}, nodeSelector: { a: ${escaped} } }, { name: ${escaped}, nodeSelector: { a: ${escaped} } }] }\n`,
      `a: !${character}x b`,
    ].forEach(text => {
      expectShown(runMain(['synth', write(text, 'profiling.yaml')], setting));
    });
  });

  it.each(HIDDEN)('of a list of nodes, %j', character => {
    const nodes = write(JSON.stringify({ kind: 'List', items: [node(character), node(`${character}x`)] }), 'nodes.json');
    const document = write(MINIMAL_DOCUMENT, 'profiling.yaml');
    const outcome = runMain(['audit', '--nodes', nodes], setting);
    expect(outcome.code).toBeLessThan(2);
    expect(lines(outcome).filter(line => /^n\S+ +default /.test(line))).toHaveLength(2);
    expectShown(outcome);
    const json = runMain(['audit', '--nodes', nodes, '--format', 'json'], setting);
    expectShown(json);
    expect((JSON.parse(json.out) as { nodes: Array<{ node: string }> }).nodes.map(({ node: name }) => name).sort()).toEqual([`n${character}`, `n${character}x`].sort());
    expectShown(runMain(['synth', document, '--nodes', nodes], setting));
    expectShown(runMain(['audit', '--nodes', write(`{"items":"${character}"}`, 'wrong.json')], setting));
  });

  it.each(HIDDEN)('of names of files and of arguments, %j', character => {
    const name = `a${character}b`;
    expectShown(runMain(['synth', join(folder, name)], setting));
    expectShown(runMain(['audit', '--nodes', join(folder, name)], setting));
    expectShown(runMain(['init', join(folder, name, name)], setting));
    const tenants = write(TENANTS_DOCUMENT, 'tenants.yaml');
    [['secrets', tenants, '--tenant', name], ['secrets', tenants, '--tenant', name, '--rotate', 'push'], ['secrets', tenants, '--rotate', name]]
      .forEach(args => expectShown(runMain(args, setting)));
    [[name], ['synth', `--${name}`], ['synth', tenants, name], ['completion', name], ['audit', '--format', name]].forEach(args => expectShown(runMain(args, setting)));
    if (!['\0', '/'].includes(character)) {
      expectShown(runMain(['synth', write(MINIMAL_DOCUMENT, name), '--out', join(folder, `o${name}`)], setting));
      expectShown(runMain(['synth', write('wrong', name)], setting));
      expectShown(runMain(['init', join(folder, `i${name}`)], setting));
      expectShown(runMain(['init', join(folder, `i${name}`)], setting));
    }
  });

  it.each(HIDDEN)('of Secrets, %j', character => {
    const document = write(MINIMAL_DOCUMENT, 'profiling.yaml');
    const secret = (name: string) => ({ kind: 'Secret', metadata: { name, namespace: 'profiling', annotations: { [character]: character } }, data: { token: 'YQ==', [character]: 'YQ==' } });
    const descriptor = fs.openSync(write(JSON.stringify({ items: [secret('parca-symbols-token'), secret(character)] }), 'secrets.json'), 'r');
    const outcome = runMain(['secrets', document, '--rotate', 'symbols'], { ...setting, input: descriptor });
    fs.closeSync(descriptor);
    expect(outcome.code).toBe(0);
    expectShown(outcome);
  });
});

describe('A bug', () => {
  it('ends with an exit code of its own, and shows control characters of its message as well', () => {
    jest.spyOn(rendering, 'renderManifests').mockImplementation(() => { throw new Error('no \u001b[2J render'); });
    const outcome = runMain(['synth', write(MINIMAL_DOCUMENT, 'profiling.yaml')], setting);
    jest.restoreAllMocks();
    expect(outcome).toMatchObject({ code: 3, out: '' });
    expect(outcome.err).toContain('This is a bug of hardened-profiling, please report it:\nError: no \\u{1b}[2J render\n    at ');
    expectShown(outcome);
  });
});

describe('secrets at a terminal', () => {
  it('says that tokens are shown, and what to do instead', () => {
    const { code, err } = runMain(['secrets', write(MINIMAL_DOCUMENT, 'profiling.yaml')], { isOutputShown: true });
    expect(code).toBe(0);
    expect(err).toBe('These tokens are on the screen now: make others, and pipe them into kubectl: hardened-profiling secrets … | kubectl create -f -\n');
  });

  it('says nothing in a pipe', () => {
    expect(runMain(['secrets', write(MINIMAL_DOCUMENT, 'profiling.yaml')], { isInteractive: true }).err).toBe('');
  });
});
