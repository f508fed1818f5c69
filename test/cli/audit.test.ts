import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINIMAL_DOCUMENT, runMain } from './terminal';

let folder: string;
beforeEach(() => { folder = fs.mkdtempSync(join(tmpdir(), 'audit-')); });
afterEach(() => { fs.rmSync(folder, { recursive: true }); });

function write(text: string, name: string): string {
  const file = join(folder, name);
  fs.writeFileSync(file, text);
  return file;
}

const node = (name: string, kernelVersion: string, labels: object = {}, osImage = 'Bottlerocket OS 1.20.0') => ({
  kind: 'Node',
  metadata: { name, labels },
  status: { nodeInfo: { kernelVersion, osImage, operatingSystem: 'linux', architecture: 'amd64', containerRuntimeVersion: 'containerd://1.7.13' } },
});
const nodesFile = (...items: object[]) => write(JSON.stringify({ kind: 'List', items }), 'nodes.json');

describe('audit --nodes', () => {
  it('says of each node which pool takes it and whether agents can run there', () => {
    const { code, out } = runMain(['audit', '--nodes', nodesFile(node('new', '6.1.75'), node('older', '5.4.0-150-bespoke'), node('u', '5.15.0', {}, 'Ubuntu 22.04.4 LTS'))]);
    expect(code).toBe(1);
    expect(out).toBe(`NODE   POOL     KERNEL             VERDICT
new    default  6.1.75             fits
older  default  5.4.0-150-bespoke  cannot
u      default  5.15.0             check

cannot: node older
  its kernel is older than 5.10, and pool default runs with the least capabilities
  Upgrade it, or label such nodes and give them a pool with \`kernel\` and \`fallback\`.

check: node u
  kernels such as Ubuntu's demand SYS_ADMIN where kernel.perf_event_paranoid is more than 3, and some are installed with that
  Set it to 2 on the node, or everywhere with nodes.perfEventParanoid: { mode: exact }.

3 nodes: 1 fits, 0 no agent, 1 check, 1 cannot
`);
  });

  it('ends with 0 where every node can', () => {
    expect(runMain(['audit', '--nodes', nodesFile(node('a', '6.1.75'), node('u', '6.8.0', {}, 'Ubuntu 24.04'))])).toMatchObject({ code: 0, err: '' });
  });

  it('takes the pools from the document', () => {
    const document = write(`${MINIMAL_DOCUMENT}agents: { nodePools: [{ name: web, nodeSelector: { role: web } }] }\n`, 'profiling.yaml');
    const { code, out } = runMain(['audit', '--nodes', nodesFile(node('a', '6.1.75', { role: 'web' }), node('b', '5.4.1', { role: 'db' })), '--document', document]);
    expect(code).toBe(0);
    expect(out).toMatch(/^a +web +6\.1\.75 +fits$/m);
    expect(out).toMatch(/^b +- +5\.4\.1 +no agent$/m);
  });

  it('shows the beginning of a long text that one node reports, so that the rows of others stay short', () => {
    const { out } = runMain(['audit', '--nodes', nodesFile(node('a', `6.1.${'9'.repeat(1_000_000)}`), node('b', `6.1.${'\u001b'.repeat(1000)}`), node('c', '6.1.1'))]);
    const rows = out.split('\n').slice(1, 4);
    expect(rows[0]).toMatch(/^a {5}default {2}6\.1\.9{75}… {2}fits$/);
    expect(rows.map(row => row.length)).toEqual([rows[0].length, rows[0].length, rows[0].length]);
  });

  it('prints JSON for programs', () => {
    const { code, out } = runMain(['audit', '--nodes', nodesFile(node('older', '4.19.0')), '--format', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ nodes: [{ node: 'older', pool: 'default', kernel: '4.19.0', verdict: 'cannot', reasons: [expect.any(String)], fixes: [expect.any(String)] }] });
  });

  it.each(['', '[]', '{"kind":"List","items":[]}', 'apiVersion: v1'])('refuses what is no list of nodes: %j', text => {
    const file = write(text, 'nodes.json');
    const { code, out, err } = runMain(['audit', '--nodes', file]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('is no list of nodes');
    expect(err).toContain('kubectl get nodes -o json > nodes.json');
  });

  it('refuses a file that is not there, a document that is wrong, and no nodes at all', () => {
    expect(runMain(['audit', '--nodes', join(folder, 'none.json')])).toMatchObject({ code: 2, out: '' });
    expect(runMain(['audit', '--nodes', nodesFile(node('a', '6.1')), '--document', write('cluster: {}\n', 'profiling.yaml')])).toMatchObject({ code: 2, out: '' });
    expect(runMain(['audit'])).toMatchObject({ code: 2, out: '' });
  });
});

describe('synth --nodes', () => {
  const document = () => write(MINIMAL_DOCUMENT, 'profiling.yaml');

  it('refuses pools whose nodes cannot run their agents, and writes nothing', () => {
    const out = join(folder, 'dist');
    const result = runMain(['synth', document(), '--out', out, '--nodes', nodesFile(node('a', '6.1'), ...[1, 2, 3, 4].map(i => node(`older-${i}`, '5.4.0')))]);
    expect(result).toMatchObject({ code: 2, out: '' });
    expect(result.err).toContain('agents.nodePools[0]: has nodes that cannot run its agents: its kernel is older than 5.10');
    expect(result.err).toContain('4 nodes, such as older-1, older-2, older-3');
    expect(fs.existsSync(out)).toBe(false);
  });

  it('notes what is to be checked', () => {
    const { code, err } = runMain(['synth', document(), '--nodes', nodesFile(node('u', '6.8.0', {}, 'Ubuntu 24.04'))]);
    expect(code).toBe(0);
    expect(err).toContain('  Node u: check: kernels such as Ubuntu\'s demand SYS_ADMIN');
  });
});

describe('synth with files for nodes', () => {
  it('writes them into a folder of their own', () => {
    const out = join(folder, 'dist');
    const document = write(`${MINIMAL_DOCUMENT}nodes: { delivery: nodeConfiguration, perfEventParanoid: { mode: exact } }\n`, 'profiling.yaml');
    const { code, err } = runMain(['synth', document, '--out', out]);
    expect(code).toBe(0);
    expect(fs.readdirSync(join(out, 'node-configuration')).sort()).toEqual(['bottlerocket.toml', 'ignition.json', 'machine-config.yaml', 'sysctl.conf', 'talos.yaml']);
    expect(fs.readFileSync(join(out, 'node-configuration', 'sysctl.conf'), 'utf8')).toBe('kernel.perf_event_paranoid = 2\n');
    expect(fs.readFileSync(join(out, 'manifests.yaml'), 'utf8')).not.toContain('perf_event_paranoid = 2');
    expect(err).toContain('nodes.delivery is nodeConfiguration');
  });
});
