import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { ProgramName } from './programs';
import { programOf, PROGRAMS } from './programs';
import { containersOf, podsOf, programsOf, unknownFlags, unknownsOf } from './unknowns';
import type { Manifest } from '../../src/kube/manifest';
import { renderHelmValues, renderManifests } from '../../src/render';
import { resolve } from '../../src/resolve';
import { CHART, MICROSERVICES, TENANTS } from '../pyroscope/tenants';
import { MINIMAL } from '../support';

const ROOT = join(__dirname, '..', '..');
const EXAMPLES = join(ROOT, 'examples');
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2999-01-01' };
const java = { name: 'jvm', namespaces: ['jvm'], java: { enabled: true } };

/** Every example, and a document in which everything is switched on. */
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml'))
    .map(file => [file, loadAll(readFileSync(join(EXAMPLES, file), 'utf8'))[0]])),
  'everything': {
    ...MINIMAL,
    agents: { nodePools: [{ name: 'default', memlock: 'unlimited' }, { name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, fallback }] },
    nodes: { perfEventParanoid: { mode: 'atLeast', value: 2 }, perfEventMaxSampleRate: 1000, ebpfInventory: {} },
    pyroscope: { tenants: [...TENANTS, java] },
  },
  'a baseline, and API servers before 1.30': {
    ...MINIMAL,
    cluster: { name: 'dev', kubernetesVersion: '1.28' },
    nodes: { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'x', uid: 0 }] } },
    pyroscope: { tenants: TENANTS, ...CHART },
  },
  'charts': { ...MINIMAL, pyroscope: { tenants: [...TENANTS, java], ...MICROSERVICES, alloy: CHART } },
};
const everything = renderManifests(resolve(DOCUMENTS.everything));

describe('Emitted containers', () => {
  it.each(Object.entries(DOCUMENTS))('name no flag, variable, file or endpoint that is not there: %s', (_, document) => {
    const manifests = renderManifests(resolve(document));
    expect(podsOf(manifests).length).toBeGreaterThan(1);
    expect(podsOf(manifests).flatMap(pod => unknownsOf(pod, manifests))).toEqual([]);
  });

  it.each(Object.entries(DOCUMENTS))('give charts no flag that is not there: %s', (_, document) => {
    const { alloy, pyroscope } = renderHelmValues(resolve(document)) as Record<string, Record<string, { extraArgs: unknown }> | undefined>;
    expect(unknownFlags(alloy?.alloy.extraArgs as string[] ?? [], PROGRAMS.alloy.flags)).toEqual([]);
    expect(unknownFlags(Object.keys(pyroscope?.pyroscope.extraArgs ?? {}).map(name => `-${name}`), PROGRAMS.pyroscope.flags)).toEqual([]);
  });

  it('are all in this document, which the tests below change', () => {
    expect(programsOf(everything)).toEqual(Object.keys(PROGRAMS).sort());
  });
});

/** The document above with one container, or the volumes of its pod, changed. */
function unknownsWith(program: ProgramName, change: (container: Container, volumes: Volume[]) => void): string[] {
  const manifests = structuredClone(everything) as Manifest[];
  for (const pod of podsOf(manifests)) {
    containersOf(pod).filter(container => programOf(container) === program).forEach(container => change(container, pod.spec.volumes as Volume[]));
  }
  return [...new Set(podsOf(manifests).flatMap(pod => unknownsOf(pod, manifests)).map(text => text.replace(/^.*?: /, '')))];
}

describe('What never worked is noticed', () => {
  const withArgument = (argument: string) => (container: Container): void => { container.args = [...container.args!, argument]; };
  const probe = (httpGet: object) => (container: Container): void => { container.livenessProbe = { httpGet: httpGet as never }; };

  it.each<[ProgramName, string]>([
    ['alloy', '--disable-support-bundle'],
    ['alloy', '--server.http.enable-pprofs=false'],
    ['parca', '--storage-path-prefix=/x'],
    ['parca-agent', '--kubernetes-node=x'],
    ['parca-agent', '--metadata-external-labels-file'],
    ['parca-agent of the previous generation', '--tracers=perl'],
    ['pyroscope', '-server.http-listen-adress=127.0.0.2'],
    ['gateway', '-Wx'],
    ['metrics', '-z'],
  ])('a flag that %s does not have: %s', (program, argument) => {
    const change = program === 'metrics' ? (container: Container): void => { container.command!.push(argument); } : withArgument(argument);
    expect(unknownsWith(program, change)).toContain(`no flag ${argument.split('=')[0]}`);
  });

  it.each(Object.keys(PROGRAMS) as ProgramName[])('a variable that %s does not read', program => {
    expect(unknownsWith(program, container => { container.env = [...container.env ?? [], { name: 'GOMEMLIMITS', value: '1' }]; }))
      .toEqual(['nothing reads the variable GOMEMLIMITS']);
  });

  it.each<[string, ProgramName, (container: Container, volumes: Volume[]) => void, string]>([
    ['a file that no ConfigMap has', 'parca-agent', withArgument('--config-path=/etc/parca-agent/agent.yaml'), 'nothing is at /etc/parca-agent/agent.yaml'],
    ['a key that no Secret gives', 'parca-agent', withArgument('--remote-store-bearer-token-file=/var/run/secrets/parca/push'), 'nothing is at /var/run/secrets/parca/push'],
    ['a directory that is mounted nowhere', 'alloy', withArgument('--storage.path=/var/lib/alloy'), 'nothing is at /var/lib/alloy'],
    ['a script that is not there', 'preflight', container => { container.command = ['/bin/sh', '/etc/parca-agent/check.sh']; }, 'nothing is at /etc/parca-agent/check.sh'],
    ['a program that is not in the image', 'preflight', container => { container.command![0] = '/bin/bash'; }, 'nothing is at /bin/bash'],
    ['a mount without a volume', 'alloy', (_, volumes) => { volumes.splice(volumes.findIndex(({ name }) => name === 'java'), 1); }, 'no volume java'],
    ['a volume without a mount', 'alloy', (_, volumes) => { volumes.push({ name: 'forgotten', emptyDir: {} }); }, 'volume forgotten is mounted nowhere'],
    ['a probe of another port', 'alloy', probe({ port: 'http', path: '/-/healthy' }), 'the probe asks port http, which the container does not have'],
    ['a probe of what does not answer', 'parca-agent', probe({ port: 'metrics', path: '/healthz' }), 'the probe asks for /healthz, which the program does not have'],
    [
      'a probe with a program that is not there', 'parca', container => { container.livenessProbe = { exec: { command: ['/bin/grpc_health_probe', '-addr=x'] } }; },
      'the probe starts /bin/grpc_health_probe, which is not in the image',
    ],
    [
      'a probe with a flag that is not there', 'pyroscope', container => { container.readinessProbe = { exec: { command: ['/usr/bin/profilecli', '--uri=x'] } }; },
      'no flag --uri of /usr/bin/profilecli',
    ],
  ])('%s', (_, program, change, expected) => {
    expect(unknownsWith(program, change)).toContain(expected);
  });

  it('a lifecycle with a program that is not there', () => {
    expect(unknownsWith('gateway', container => { container.lifecycle = { preStop: { exec: { command: ['/bin/nap', '5'] } } }; }))
      .toEqual(['the lifecycle starts /bin/nap, which is not in the image']);
  });

  it('a container of which no list says anything', () => {
    expect(() => programOf({ name: 'debug' })).toThrow('no list says what the program of container debug has');
  });
});

describe('The table of containers', () => {
  const text = readFileSync(join(ROOT, 'docs/reference/containers.md'), 'utf8');
  const rows = text.split('\n').filter(line => /^\| `/.test(line)).map(line => line.split('|').slice(1, -1).map(cell => cell.trim()));
  const suites = [...readFileSync(join(ROOT, 'test/e2e/suites/index.ts'), 'utf8').matchAll(/'([a-z-]+)'/g)].map(([, name]) => name);

  it('has a row for every container, and no others', () => {
    expect(rows.map(([name]) => name.replace(/`/g, '')).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });

  it('says of each what was executed by the tests, by hand, and not at all', () => {
    rows.forEach(row => {
      expect(row).toHaveLength(5);
      row.forEach(cell => expect(cell).not.toBe(''));
    });
  });

  it('names suites that exist', () => {
    const named = rows.flatMap(([,, executed]) => [...executed.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name));
    expect(named.length).toBeGreaterThan(10);
    named.forEach(name => expect(suites).toContain(name));
  });
});
