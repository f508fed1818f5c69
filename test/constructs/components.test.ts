import type { ApiObject } from 'cdk8s';
import { App, Chart, JsonPatch, Testing } from 'cdk8s';
import { ImagePinning } from '../../src/api/images';
import { GrafanaAlloy } from '../../src/constructs/grafana-alloy';
import { HardenedProfiling } from '../../src/constructs/hardened-profiling';
import { NodeHardening } from '../../src/constructs/node-hardening';
import { ParcaAgents } from '../../src/constructs/parca-agents';
import { ParcaServer } from '../../src/constructs/parca-server';
import { ParcaStore } from '../../src/constructs/parca-store';
import { ProfilingAccess } from '../../src/constructs/profiling-access';
import { ProfilingAdmission } from '../../src/constructs/profiling-admission';
import { Pyroscope } from '../../src/constructs/pyroscope';
import { PyroscopeStore } from '../../src/constructs/pyroscope-store';
import type { Manifest } from '../../src/kube/manifest';
import { allows } from '../access/flows';

const COMMON = {
  cluster: { name: 'eu-1', kubernetesVersion: '1.33', apiServerCidrs: ['10.0.0.10/32'] }, images: { pinning: ImagePinning.TAGS_ALLOWED },
};
const SERVER = { ...COMMON, tls: { secretName: 'parca-tls' } };
const PYROSCOPE = { tls: { secretName: 'pyroscope-tls' }, tenants: [{ name: 'checkout', namespaces: ['checkout'] }] };
const REMOTE = ParcaStore.remote({ address: 'store.example.com:443', tokenSecret: { secretName: 'store-token' } });

const newChart = (): Chart => new Chart(new App(), 'chart');
const emitted = (chart: Chart): Manifest[] => Testing.synth(chart) as Manifest[];
const namesIn = (manifests: readonly Manifest[]): string[] => manifests.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? ''}/${name}`).sort();
/** Objects of a whole deployment with the same specification. */
const whole = (spec: object): string[] => {
  const chart = newChart();
  HardenedProfiling.fromDocument(chart, 'profiling', { ...COMMON, ...spec });
  return namesIn(emitted(chart));
};
const apart = (make: (chart: Chart) => void): Manifest[] => {
  const chart = newChart();
  make(chart);
  return emitted(chart);
};

describe('A construct of a part', () => {
  it.each<[string, object, (chart: Chart) => void]>([
    ['ParcaServer and ParcaAgents', { parca: { tls: SERVER.tls } }, chart => {
      const store = new ParcaServer(chart, 'server', SERVER);
      new ParcaAgents(chart, 'agents', { ...COMMON, store });
    }],
    ['ParcaAgents and a store elsewhere', { parca: { remoteStore: { address: 'store.example.com:443', tokenSecret: { secretName: 'store-token' } } } }, chart => {
      new ParcaAgents(chart, 'agents', { ...COMMON, store: REMOTE });
    }],
    ['ParcaServer without agents', { parca: { tls: SERVER.tls, agent: { enabled: false } } }, chart => {
      new ParcaServer(chart, 'server', { ...SERVER, agent: { enabled: false } });
    }],
    ['Pyroscope and GrafanaAlloy', { pyroscope: PYROSCOPE }, chart => {
      const store = new Pyroscope(chart, 'pyroscope', { ...COMMON, pyroscope: PYROSCOPE });
      new GrafanaAlloy(chart, 'alloy', { ...COMMON, store });
    }],
    ['GrafanaAlloy and a Pyroscope elsewhere', { pyroscope: { remote: { url: 'https://p.example.com' }, tenants: PYROSCOPE.tenants } }, chart => {
      new GrafanaAlloy(chart, 'alloy', { ...COMMON, store: PyroscopeStore.remote({ url: 'https://p.example.com' }, PYROSCOPE.tenants) });
    }],
  ])('%s make what a whole deployment of the same specification does', (_, spec, make) => {
    expect(namesIn(apart(make))).toEqual(whole(spec));
  });

  it('brings its namespace before everything else', () => {
    expect(apart(chart => new ParcaServer(chart, 'server', SERVER))[0]).toMatchObject({ kind: 'Namespace', metadata: { name: 'profiling' } });
  });

  it('has its objects as fields, which patches change in the output', () => {
    const chart = newChart();
    const server = new ParcaServer(chart, 'server', SERVER);
    server.statefulSet.addJsonPatch(JsonPatch.add('/metadata/annotations', { patched: 'yes' }));
    expect(emitted(chart).find(({ kind }) => kind === 'StatefulSet')!.metadata.annotations).toEqual({ patched: 'yes' });
    const kinds = (...objects: ReadonlyArray<ApiObject | undefined>): unknown[] => objects.map(object => object?.kind);
    expect(kinds(server.service, server.gatewayConfig, server.config, server.volumeClaim, server.serviceAccount))
      .toEqual(['Service', 'ConfigMap', 'ConfigMap', 'PersistentVolumeClaim', 'ServiceAccount']);
    const agents = new ParcaAgents(chart, 'agents', { ...COMMON, store: server });
    expect(kinds(...agents.daemonSets, agents.config, agents.serviceAccount, agents.clusterRole)).toEqual(['DaemonSet', 'ConfigMap', 'ServiceAccount', 'ClusterRole']);
    const pyroscope = new Pyroscope(chart, 'pyroscope', { ...COMMON, pyroscope: PYROSCOPE });
    expect(kinds(pyroscope.service, pyroscope.gatewayConfig, pyroscope.statefulSet, pyroscope.gatewayDeployment)).toEqual(['Service', 'ConfigMap', 'StatefulSet', undefined]);
    const alloy = new GrafanaAlloy(chart, 'alloy', { ...COMMON, store: pyroscope });
    expect(kinds(...alloy.daemonSets, alloy.serviceAccount, alloy.clusterRole)).toEqual(['DaemonSet', 'ServiceAccount', 'ClusterRole']);
    expect([pyroscope.helmValues, alloy.helmValues]).toEqual([{}, {}]);
  });

  it('connects to the other one, and lets in nobody else', () => {
    const manifests = apart(chart => {
      const store = new ParcaServer(chart, 'server', SERVER);
      new ParcaAgents(chart, 'agents', { ...COMMON, store });
    });
    const agent = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': 'parca-agent' } };
    const server = { namespace: 'profiling', labels: { 'app.kubernetes.io/name': 'parca' } };
    expect(allows(manifests, { from: agent, to: server, port: 7443 })).toBe(true);
    expect(allows(manifests, { from: agent, to: server, port: 7070 })).toBe(false);
    expect(allows(manifests, { from: { ...agent, namespace: 'shop' }, to: server, port: 7443 })).toBe(false);
  });

  it('has a document from which the command line makes its Secrets, and a summary of it alone', () => {
    const chart = newChart();
    const store = new ParcaServer(chart, 'server', SERVER);
    const agents = new ParcaAgents(chart, 'agents', { ...COMMON, store });
    expect(store.document).toContain('secretName: parca-tls');
    expect(store.summary).toContain('1 StatefulSet');
    expect(agents.summary).toContain('1 DaemonSet');
    expect(agents.summary).not.toContain('TLS Secret');
  });

  it('refuses what a document would be refused for, with its construct path', () => {
    expect(() => new ParcaServer(newChart(), 'server', { ...SERVER, namespace: 'kube-system' })).toThrow(/chart\/server: 1 problem[^]*parca\.namespace: is a namespace of Kubernetes itself/);
    expect(() => new NodeHardening(newChart(), 'nodes', { ...COMMON, nodes: { perfEventMaxSampleRate: 1 } })).toThrow(/nodes\.perfEventMaxSampleRate: is out of range/);
  });

  it('refuses agents that its store does not know', () => {
    const chart = newChart();
    const server = new ParcaServer(chart, 'server', SERVER);
    expect(() => new ParcaAgents(chart, 'agents', { ...COMMON, store: server, agents: { namespace: 'eyes' } })).toThrow(/Give `agents` to the ParcaServer alone/);
    const pyroscope = new Pyroscope(chart, 'pyroscope', { ...COMMON, pyroscope: PYROSCOPE });
    expect(() => new GrafanaAlloy(chart, 'alloy', { ...COMMON, store: pyroscope, agents: { namespace: 'eyes' } })).toThrow(/Give `agents` to the Pyroscope alone/);
    expect(() => new Pyroscope(chart, 'other', { ...COMMON, pyroscope: { remote: { url: 'https://p.example.com' }, tenants: PYROSCOPE.tenants } })).toThrow(/PyroscopeStore\.remote/);
  });
});

describe('Two constructs of one cluster', () => {
  it('share a namespace and a PriorityClass that are the same', () => {
    const manifests = apart(chart => {
      new ParcaAgents(chart, 'agents', { ...COMMON, store: REMOTE });
      new NodeHardening(chart, 'nodes', { ...COMMON, nodes: { perfEventParanoid: {} } });
    });
    const names = namesIn(manifests);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['Namespace /profiling-agents', 'PriorityClass /profiling-agents-profilers', 'NetworkPolicy profiling-agents/default-deny']));
  });

  it('are refused where an object of one would take the place of the other\'s', () => {
    const chart = newChart();
    new ParcaServer(chart, 'one', SERVER);
    expect(() => new ParcaServer(chart, 'two', SERVER)).toThrow(
      'chart/two/access makes the NetworkPolicy profiling/parca of cluster `eu-1`, and so does chart/one/access/network-policy-server. '
      + 'Give one of the two other namespaces, or another `cluster.name` if it is for another cluster.');
    const labelled = { ...COMMON, metadata: { labels: { team: 'platform' } }, nodes: { perfEventParanoid: {} } };
    new NodeHardening(chart, 'nodes', { ...COMMON, nodes: { perfEventParanoid: {} } });
    expect(() => new ParcaAgents(chart, 'agents', { ...labelled, store: REMOTE })).toThrow(/the Namespace \S*profiling-agents of cluster/);
  });

  it('are whole deployments as well, and may be of different clusters', () => {
    const chart = newChart();
    const of = (name: string): object => ({ ...COMMON, cluster: { ...COMMON.cluster, name }, parca: { tls: SERVER.tls } });
    HardenedProfiling.fromDocument(chart, 'one', of('a'));
    expect(() => HardenedProfiling.fromDocument(chart, 'two', of('b'))).not.toThrow();
    expect(() => HardenedProfiling.fromDocument(chart, 'three', of('a'))).toThrow(/and so does chart\/one\//);
  });
});

describe(ProfilingAdmission, () => {
  it('keeps others from the nodes, alone, and says nothing about namespaces that it does not know', () => {
    const names = namesIn(apart(chart => new ProfilingAdmission(chart, 'admission', { ...COMMON, admission: {} }))).filter(name => !name.includes('Binding'));
    expect(names).toEqual([
      'ValidatingAdmissionPolicy /profiling-agents-protect-opt-in-label', 'ValidatingAdmissionPolicy /profiling-agents-restrict-privileges',
    ]);
  });

  it('admits to the agents\' namespace what the constructs that it guards emit, as a whole deployment does', () => {
    const spec = { parca: { tls: SERVER.tls }, nodes: { perfEventParanoid: {} }, admission: { platformGroups: ['platform'] } };
    const guarded = apart(chart => {
      const store = new ParcaServer(chart, 'server', SERVER);
      const agents = new ParcaAgents(chart, 'agents', { ...COMMON, store });
      const nodes = new NodeHardening(chart, 'nodes', { ...COMMON, nodes: spec.nodes });
      new ProfilingAdmission(chart, 'admission', { ...COMMON, admission: spec.admission, guards: [store, agents, nodes] });
    });
    const together = apart(chart => HardenedProfiling.fromDocument(chart, 'profiling', { ...COMMON, ...spec }));
    const policies = (manifests: readonly Manifest[]): unknown[] => manifests.filter(({ kind }) => kind.startsWith('Validating'))
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    expect(policies(guarded)).toEqual(policies(together));
  });
});

describe(ProfilingAccess, () => {
  it('opens a deployment that is there to others, and makes nothing of it again', () => {
    const chart = newChart();
    const server = new ParcaServer(chart, 'server', SERVER);
    const grafana = { namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'grafana' } };
    const before = emitted(chart).length;
    const access = new ProfilingAccess(chart, 'access', { to: server, access: { readers: [grafana], portForward: { groups: ['sre'] } } });
    expect(emitted(chart)).toHaveLength(before + 3);
    expect([access.namespaces.length, access.networkPolicies.length, access.roles.length, access.roleBindings.length]).toEqual([0, 1, 1, 1]);
    expect(allows(emitted(chart), {
      from: { namespace: 'monitoring', labels: grafana.podLabels }, to: { namespace: 'profiling', labels: { 'app.kubernetes.io/name': 'parca' } }, port: 7443,
    })).toBe(true);
  });
});
