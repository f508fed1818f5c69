import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import type { End } from './flows';
import { allows, openRules } from './flows';
import type { Manifest } from '../../src/kube/manifest';
import { find, render } from '../support';

const server: End = { namespace: 'profiling', labels: { 'app.kubernetes.io/name': 'parca' } };
const agent: End = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': 'parca-agent' } };
const withAgentLabels: End = { namespace: 'shop', labels: { 'app.kubernetes.io/name': 'parca-agent' } };
const otherPod: End = { namespace: 'profiling', labels: { app: 'other' } };
const grafana: End = { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'grafana' } };
const prometheus: End = { namespace: 'monitoring', labels: { 'app.kubernetes.io/name': 'prometheus' } };
const runner: End = { namespace: 'ci', labels: { app: 'runner' } };
const dns: End = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const apiServer: End = { address: '10.0.0.10' };
const internet: End = { address: '93.184.216.34' };

const access = {
  readers: [{ namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'grafana' } }],
  scrapers: [{ namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } }],
  symbolUploaders: [{ namespace: 'ci', podLabels: { app: 'runner' } }],
};
const manifests = render({ cluster: { name: 'dev', apiServerCidrs: ['10.0.0.10/32'] }, access });

describe('Network policies', () => {
  it.each<[string, End, End, number, 'TCP' | 'UDP']>([
    ['agents push to the gateway', agent, server, 7443, 'TCP'],
    ['agents resolve names over UDP', agent, dns, 53, 'UDP'],
    ['agents resolve names over TCP', agent, dns, 53, 'TCP'],
    ['agents reach the API server', agent, apiServer, 6443, 'TCP'],
    ['readers query the gateway', grafana, server, 7443, 'TCP'],
    ['scrapers reach the gateway', prometheus, server, 7443, 'TCP'],
    ['scrapers reach the agents', prometheus, agent, 7071, 'TCP'],
    ['CI uploads symbols', runner, server, 7443, 'TCP'],
  ])('let through: %s', (_, from, to, port, protocol) => {
    expect(allows(manifests, { from, to, port, protocol })).toBe(true);
  });

  it.each<[string, End, End, number, 'TCP' | 'UDP']>([
    ['a pod elsewhere that calls itself an agent', withAgentLabels, server, 7443, 'TCP'],
    ['another pod in the server namespace', otherPod, server, 7443, 'TCP'],
    ['an agent at the backend port', agent, server, 7070, 'TCP'],
    ['a reader at the backend port', grafana, server, 7070, 'TCP'],
    ['a reader at the agents', grafana, agent, 7071, 'TCP'],
    ['an agent at another agent', agent, agent, 7071, 'TCP'],
    ['the server at the agents', server, agent, 7071, 'TCP'],
    ['the server at DNS, without a bucket', server, dns, 53, 'UDP'],
    ['the server at the internet', server, internet, 443, 'TCP'],
    ['the server at the API server', server, apiServer, 6443, 'TCP'],
    ['an agent at the internet', agent, internet, 443, 'TCP'],
    ['an agent at DNS on the internet', agent, internet, 53, 'UDP'],
    ['an agent at the API server on another port', agent, apiServer, 22, 'TCP'],
    ['an agent at the cloud metadata service', agent, { address: '169.254.169.254' }, 80, 'TCP'],
    ['another pod in the agent namespace at the API server', { namespace: 'profiling-agents', labels: {} }, apiServer, 6443, 'TCP'],
  ])('stop %s', (_, from, to, port, protocol) => {
    expect(allows(manifests, { from, to, port, protocol })).toBe(false);
  });

  it('open nothing to the API server when its addresses are not given', () => {
    expect(allows(render(), { from: agent, to: apiServer, port: 6443 })).toBe(false);
  });

  it('reach DNS where the cluster has it', () => {
    const openShift = render({ cluster: { name: 'dev', dns: { namespace: 'openshift-dns', podLabels: { a: 'b' }, port: 5353, cidrs: ['169.254.20.10/32'] } } });
    expect(allows(openShift, { from: agent, to: { namespace: 'openshift-dns', labels: { a: 'b' } }, port: 5353, protocol: 'UDP' })).toBe(true);
    expect(allows(openShift, { from: agent, to: { address: '169.254.20.10' }, port: 5353, protocol: 'UDP' })).toBe(true);
    expect(allows(openShift, { from: agent, to: dns, port: 53, protocol: 'UDP' })).toBe(false);
  });

  it('let the server reach its bucket, and only that', () => {
    const withBucket = render({
      parca: {
        tls: { secretName: 'parca-tls' },
        server: {
          objectStorage: { gcs: { bucket: 'profiles', serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' }, egressCidrs: ['199.36.153.8/30'] },
        },
      },
    });
    expect(allows(withBucket, { from: server, to: { address: '199.36.153.9' }, port: 443 })).toBe(true);
    expect(allows(withBucket, { from: server, to: dns, port: 53, protocol: 'UDP' })).toBe(true);
    expect(allows(withBucket, { from: server, to: { address: '169.254.169.252' }, port: 988 })).toBe(true);
    expect(allows(withBucket, { from: server, to: internet, port: 443 })).toBe(false);
  });

  it('touch the namespace of a peer only when it says that it denies egress', () => {
    expect(manifests.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && ['monitoring', 'ci'].includes(metadata.namespace!))).toEqual([]);

    const isolated = render({
      access: {
        readers: [{ ...access.readers[0], egressPolicy: true }],
        scrapers: [{ ...access.scrapers[0], egressPolicy: true }],
      },
    });
    expect(allows(isolated, { from: grafana, to: server, port: 7443 })).toBe(true);
    expect(allows(isolated, { from: prometheus, to: server, port: 7443 })).toBe(true);
    expect(allows(isolated, { from: prometheus, to: agent, port: 7071 })).toBe(true);
    expect(allows(isolated, { from: grafana, to: internet, port: 443 })).toBe(false);
  });

  it('never have a rule without peers or ports, which would mean everybody', () => {
    expect(openRules(manifests)).toEqual([]);
  });

  const [peer, port] = [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'a' } }, podSelector: { matchLabels: { app: 'b' } } }, { port: 1, protocol: 'TCP' }];
  it.each<[string, NetworkPolicyPeer[] | undefined, NetworkPolicyPort[] | undefined]>([
    ['no peers', [], [port]],
    ['no list of peers', undefined, [port]],
    ['no ports', [peer], []],
    ['no list of ports', [peer], undefined],
    ['a port without a number', [peer], [{ protocol: 'TCP' }]],
    ['a port by name', [peer], [{ port: 'http' }]],
    ['a range of ports', [peer], [{ ...port, endPort: 9 }]],
    ['every namespace', [{ ...peer, namespaceSelector: {} }], [port]],
    ['every pod', [{ ...peer, podSelector: {} }], [port]],
    ['pods of its own namespace alone', [{ podSelector: peer.podSelector }], [port]],
    ['every address', [peer, { ipBlock: { cidr: '0.0.0.0/0' } }], [port]],
    ['every address of IPv6', [{ ipBlock: { cidr: '::/00' } }], [port]],
  ])('would be found with a rule with %s', (_, peers, ports) => {
    const policy = (spec: object) => [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'x' }, spec }];
    expect(openRules(policy({ ingress: [{ from: peers, ports }] }))).toHaveLength(1);
    expect(openRules(policy({ egress: [{ to: peers, ports }] }))).toHaveLength(1);
    expect(openRules(policy({ ingress: [{ from: [peer], ports: [port] }] }))).toEqual([]);
  });

  it('name a peer the same way whatever its place in the list and the order of its labels', () => {
    const one = { namespace: 'a', podLabels: { x: '1', y: '2' } };
    const same = { namespace: 'a', podLabels: { y: '2', x: '1' } };
    const other = { namespace: 'b', podLabels: { x: '1' } };
    const names = (readers: unknown[]): string[] => render({ access: { readers } })
      .filter(({ metadata }) => metadata.name.startsWith('parca-reader')).map(({ metadata }) => metadata.name).sort();
    expect(names([one, other])).toEqual(names([other, same]));
    expect(names([one, same])).toHaveLength(1);
  });

  it('deny by default in both namespaces and both directions', () => {
    ['profiling', 'profiling-agents'].forEach(namespace => {
      expect(find<NetworkPolicy>(manifests, 'NetworkPolicy', 'default-deny', namespace).spec)
        .toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    });
  });
});

describe('Network policies in namespaces of others', () => {
  const shared = render({ namespaces: { create: false }, cluster: { name: 'dev', apiServerCidrs: ['10.0.0.10/32'] }, access });
  const deny = (namespace: string) => find<NetworkPolicy>(shared, 'NetworkPolicy', 'hardened-profiling-default-deny', namespace).spec;

  it('deny by default to our own pods, in both directions', () => {
    ['profiling', 'profiling-agents'].forEach(namespace => {
      expect(deny(namespace)).toEqual({ podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'hardened-profiling' } }, policyTypes: ['Ingress', 'Egress'] });
    });
    expect(shared.filter(({ metadata }) => metadata.name === 'default-deny')).toEqual([]);
  });

  it('select every pod that we make, and none that others make', () => {
    const policies = shared.filter(({ kind }) => kind === 'NetworkPolicy') as Array<NetworkPolicy & { metadata: object }>;
    expect(policies.filter(({ spec }) => Object.keys(spec!.podSelector).length === 0)).toEqual([]);
    interface Workload extends Manifest { readonly spec?: { readonly template?: { readonly metadata: { readonly labels: object } } } }
    const templates = (shared as readonly Workload[]).flatMap(({ spec }) => spec?.template ?? []);
    expect(templates.length).toBeGreaterThan(1);
    templates.forEach(({ metadata }) => expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/part-of': 'hardened-profiling' }));
  });

  it('leave other pods their traffic, but not to us', () => {
    const neighbour: End = { namespace: 'profiling-agents', labels: { app: 'other' } };
    expect(allows(shared, { from: neighbour, to: internet, port: 443 })).toBe(true);
    expect(allows(shared, { from: grafana, to: otherPod, port: 8080 })).toBe(true);
    expect(allows(shared, { from: neighbour, to: server, port: 7443 })).toBe(false);
    expect(allows(shared, { from: neighbour, to: agent, port: 7071 })).toBe(false);
  });

  it('open the same flows as elsewhere', () => {
    expect(allows(shared, { from: agent, to: server, port: 7443 })).toBe(true);
    expect(allows(shared, { from: grafana, to: server, port: 7443 })).toBe(true);
    expect(allows(shared, { from: agent, to: internet, port: 443 })).toBe(false);
    expect(allows(shared, { from: server, to: dns, port: 53, protocol: 'UDP' })).toBe(false);
    expect(openRules(shared)).toEqual([]);
  });
});

describe('Network policies for a store elsewhere', () => {
  const store = { address: 'store.example.com:8443', tokenSecret: { secretName: 'store-token' } };
  const remote = (keys: object) => render({ parca: { remoteStore: { ...store, ...keys } } });
  const there: End = { address: '203.0.113.7' };

  it('let agents reach it by its addresses, on its port', () => {
    const open = remote({ egressCidrs: ['203.0.113.0/24'] });
    expect(allows(open, { from: agent, to: there, port: 8443 })).toBe(true);
    expect(allows(open, { from: agent, to: there, port: 443 })).toBe(false);
    expect(allows(open, { from: agent, to: internet, port: 8443 })).toBe(false);
    expect(openRules(open)).toEqual([]);
  });

  it('let them reach nothing where its addresses are not given', () => {
    [there, internet].forEach(to => expect(allows(remote({}), { from: agent, to, port: 8443 })).toBe(false));
    expect(openRules(remote({}))).toEqual([]);
  });

  it('are none in a namespace of a server that is not there', () => {
    expect(remote({}).filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === 'profiling')).toEqual([]);
  });
});
