import fc from 'fast-check';
import type { NetworkPolicy, NetworkPolicyPeer } from 'kubernetes-types/networking/v1';
import { validPyroscope } from './arbitraries';
import { CHART, DELIVERIES, GCS, MICROSERVICES, pyroscope, resolvedPyroscope, resolvedSection, S3, TENANTS } from './tenants';
import { pushEgressPolicy } from '../../src/pyroscope/network';
import { renderManifests } from '../../src/render';
import type { End } from '../access/flows';
import { allows, openRules } from '../access/flows';
import { runs } from '../property-runs';
import { find, render, resolved } from '../support';

const pod = (namespace: string, labels: Readonly<Record<string, string>> = {}): End => ({ namespace, labels });
const named = (namespace: string, name: string): End => pod(namespace, { 'app.kubernetes.io/name': name });
const PUSHES = { 'hardened-profiling/pyroscope-push': 'true' };

const alloy = named('profiling-agents', 'alloy');
const server = named('pyroscope', 'pyroscope');
const gateway = named('pyroscope', 'pyroscope-gateway');
const grafana = named('monitoring', 'grafana');
const prometheus = named('monitoring', 'prometheus');
const report = pod('ops', { app: 'report' });
const pusher = pod('checkout', PUSHES);
const dns: End = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const apiServer: End = { address: '10.0.0.10' };
const internet: End = { address: '93.184.216.34' };

const KEYS = {
  grafana: { namespace: 'monitoring' },
  readers: [{ name: 'all', tenants: ['checkout'], pods: [{ namespace: 'ops', podLabels: { app: 'report' } }] }],
};
const SECTIONS = {
  cluster: { name: 'dev', apiServerCidrs: ['10.0.0.10/32'] },
  access: { scrapers: [{ namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } }] },
};
const withKeys = (keys: object = {}, sections: object = {}) => render({ ...SECTIONS, ...sections, ...pyroscope({ ...KEYS, ...keys }) });

const PORTS = [4040, 4042, 7946, 9095, 9099];

describe.each(DELIVERIES)('NetworkPolicies of Pyroscope (%s)', (delivery, keys) => {
  const manifests = withKeys(keys);
  const target = delivery === 'native' ? server : gateway;

  it.each<[string, End]>([
    ['Alloy', alloy], ['Grafana', grafana], ['a scraper', prometheus], ['a reader of the document', report],
    ['what pushes in a tenant\'s namespace', pusher], ['what pushes in another of them', pod('checkout-jobs', PUSHES)],
    ['what pushes without being profiled', pod('payments', { app: 'x', ...PUSHES })],
  ])('let %s through to the gateway, and past it to nothing', (_, from) => {
    expect(allows(manifests, { from, to: target, port: 7443 })).toBe(true);
    PORTS.forEach(port => [server, gateway].forEach(to => expect(allows(manifests, { from, to, port })).toBe(false)));
  });

  it.each<[string, End]>([
    ['a tenant\'s pod that does not push', pod('checkout', { app: 'shop' })],
    ['a pod that pushes elsewhere', pod('shop', PUSHES)],
    ['a pod of a tenant that leaves', pod('old-shop', PUSHES)],
    ['the agents of Parca', named('profiling-agents', 'parca-agent')],
    ['the server of Parca', named('profiling', 'parca')],
    ['another pod in its namespace', pod('pyroscope', { app: 'other' })],
    ['a pod elsewhere that calls itself Alloy', named('shop', 'alloy')],
    ['a pod elsewhere that calls itself Grafana', named('shop', 'grafana')],
    ['a pod elsewhere that calls itself Pyroscope', named('shop', 'pyroscope')],
  ])('stop %s', (_, from) => {
    [7443, ...PORTS].forEach(port => [server, gateway].forEach(to => expect(allows(manifests, { from, to, port })).toBe(false)));
  });

  it('stop what goes out to the internet', () => {
    [server, gateway].forEach(from => expect(allows(manifests, { from, to: internet, port: 443 })).toBe(false));
  });

  it('let Alloy reach the API server, name resolution and the gateway, and nothing else', () => {
    expect(allows(manifests, { from: alloy, to: apiServer, port: 6443 })).toBe(true);
    expect(allows(manifests, { from: alloy, to: dns, port: 53, protocol: 'UDP' })).toBe(true);
    [internet, { address: '169.254.169.254' }].forEach(to => [80, 443].forEach(port => expect(allows(manifests, { from: alloy, to, port })).toBe(false)));
    expect(allows(manifests, { from: alloy, to: named('profiling', 'parca'), port: 7443 })).toBe(false);
  });

  it('let scrapers alone reach Alloy', () => {
    expect(allows(manifests, { from: prometheus, to: alloy, port: 12345 })).toBe(true);
    [grafana, server, pusher, named('profiling-agents', 'parca-agent')].forEach(from => expect(allows(manifests, { from, to: alloy, port: 12345 })).toBe(false));
  });

  it('deny by default in both directions', () => {
    expect(find<NetworkPolicy>(manifests, 'NetworkPolicy', 'default-deny', 'pyroscope').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('have no rule that means more than it says', () => {
    expect(openRules(manifests)).toEqual([]);
  });
});

describe('NetworkPolicies of the chart', () => {
  const manifests = withKeys(MICROSERVICES);

  it('let the gateway through to the port for requests, and to no other', () => {
    expect(PORTS.filter(port => allows(manifests, { from: gateway, to: server, port }))).toEqual([4040]);
    expect(allows(manifests, { from: gateway, to: dns, port: 53, protocol: 'UDP' })).toBe(true);
    expect(allows(manifests, { from: gateway, to: apiServer, port: 6443 })).toBe(false);
  });

  // Both ends of it: what one policy refuses, the other might let through unseen.
  it('open that port alone on either side of it', () => {
    const names = (peers: NetworkPolicyPeer[] = []) => peers.map(({ podSelector }) => podSelector?.matchLabels?.['app.kubernetes.io/name']);
    const { ingress } = find<NetworkPolicy>(manifests, 'NetworkPolicy', 'pyroscope', 'pyroscope').spec!;
    expect(ingress!.map(({ from, ports }) => [names(from), ports!.map(({ port }) => port)])).toEqual([
      [['pyroscope-gateway'], [4040]], [['pyroscope'], [7946, 9095, 9099]],
    ]);
    const { egress } = find<NetworkPolicy>(manifests, 'NetworkPolicy', 'pyroscope-gateway', 'pyroscope').spec!;
    expect(egress!.filter(({ to }) => names(to).includes('pyroscope')).map(({ ports }) => ports)).toEqual([[{ protocol: 'TCP', port: 4040 }]]);
  });

  it('let Pyroscope\'s own pods talk to one another, but not ask for the profiles of every tenant', () => {
    expect(PORTS.filter(port => allows(manifests, { from: server, to: server, port }))).toEqual([7946, 9095, 9099]);
  });

  it('let them watch the endpoints at the API server', () => {
    expect(allows(manifests, { from: server, to: apiServer, port: 6443 })).toBe(true);
    expect(allows(manifests, { from: server, to: dns, port: 53, protocol: 'UDP' })).toBe(true);
  });

  it('do not let them come back through the gateway', () => {
    expect(allows(manifests, { from: server, to: gateway, port: 7443 })).toBe(false);
  });
});

describe('NetworkPolicies of the native server', () => {
  it('let nothing out when it has no bucket', () => {
    const manifests = withKeys();
    [dns, apiServer, internet].forEach(to => [53, 443, 6443].forEach(port => ['TCP', 'UDP'].forEach(protocol => {
      expect(allows(manifests, { from: server, to, port, protocol: protocol as 'TCP' | 'UDP' })).toBe(false);
    })));
  });

  it.each<[string, object]>([['native', {}], ['chart', CHART]])('let it reach its bucket, and only that: %s', (_, keys) => {
    const manifests = withKeys({ ...keys, storage: { ...GCS, egressCidrs: ['199.36.153.8/30'] } });
    expect(allows(manifests, { from: server, to: { address: '199.36.153.9' }, port: 443 })).toBe(true);
    expect(allows(manifests, { from: server, to: { address: '169.254.169.252' }, port: 988 })).toBe(true);
    expect(allows(manifests, { from: server, to: internet, port: 443 })).toBe(false);
    const elsewhere = withKeys({ ...keys, storage: { ...S3, egressCidrs: ['3.5.0.0/19'] } });
    expect(allows(elsewhere, { from: server, to: { address: '3.5.1.1' }, port: 443 })).toBe(true);
    expect(allows(elsewhere, { from: server, to: { address: '169.254.169.254' }, port: 80 })).toBe(false);
  });
});

describe('Policies of tenants', () => {
  it('name the namespaces of those that stay', () => {
    const { spec } = find<NetworkPolicy>(withKeys(), 'NetworkPolicy', 'pyroscope-gateway', 'pyroscope');
    const values = spec!.ingress!.flatMap(({ from }) => from!).flatMap(({ namespaceSelector }) => namespaceSelector?.matchExpressions ?? []);
    expect(values).toEqual([{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['checkout', 'checkout-jobs', 'payments'] }]);
  });

  it('let nobody through when all of them leave and nobody reads', () => {
    const manifests = render(pyroscope({ tenants: [{ ...TENANTS[2] }] }));
    expect(openRules(manifests)).toEqual([]);
    expect(find<NetworkPolicy>(manifests, 'NetworkPolicy', 'pyroscope-gateway', 'pyroscope').spec).not.toHaveProperty('ingress');
    [pod('old-shop', PUSHES), alloy, grafana].forEach(from => expect(allows(manifests, { from, to: server, port: 7443 })).toBe(false));
  });

  it('let Alloy through only where it runs', () => {
    const manifests = render(pyroscope({ tenants: [{ ...TENANTS[1] }] }));
    expect(allows(manifests, { from: alloy, to: server, port: 7443 })).toBe(false);
    expect(manifests.filter(({ metadata }) => metadata.name.startsWith('alloy'))).toEqual([]);
  });

  it('never open anything to everybody, whatever the document says', () => {
    fc.assert(fc.property(validPyroscope, fc.boolean(), (section, hasScrapers) => {
      const spec = resolvedSection(section);
      const { scrapers } = resolved(hasScrapers ? { access: { scrapers: [{ ...SECTIONS.access.scrapers[0], egressPolicy: true }] } } : {}).access;
      expect(openRules(renderManifests({ ...spec, access: { ...spec.access, scrapers } }))).toEqual([]);
    }), runs(80));
  });
});

describe('Egress to the gateway', () => {
  const egress = (keys: object, sections: object = {}) => withKeys(keys, sections)
    .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && ['monitoring', 'ops', 'checkout'].includes(metadata.namespace!));

  it('is nobody else\'s business unless they say that they deny it', () => {
    expect(egress({})).toEqual([]);
  });

  it.each(DELIVERIES)('is opened for readers and scrapers that do: %s', (delivery, keys) => {
    const readers = [{ name: 'all', tenants: ['checkout'], pods: [{ namespace: 'ops', podLabels: { app: 'report' }, egressPolicy: true }] }];
    const access = { scrapers: [{ ...SECTIONS.access.scrapers[0], egressPolicy: true }] };
    const manifests = withKeys({ ...keys, readers }, { access });
    const target = delivery === 'native' ? server : gateway;
    expect(allows(manifests, { from: report, to: target, port: 7443 })).toBe(true);
    expect(allows(manifests, { from: report, to: internet, port: 443 })).toBe(false);
    expect(allows(manifests, { from: prometheus, to: target, port: 7443 })).toBe(true);
    expect(allows(manifests, { from: prometheus, to: alloy, port: 12345 })).toBe(true);
    expect(allows(manifests, { from: prometheus, to: internet, port: 443 })).toBe(false);
  });

  it('is opened for what pushes in a namespace', () => {
    const manifests = [...withKeys(), ...Object.values(pushEgressPolicy(resolvedPyroscope().pyroscope, 'checkout'))];
    expect(allows(manifests, { from: pusher, to: server, port: 7443 })).toBe(true);
    expect(allows(manifests, { from: pusher, to: internet, port: 443 })).toBe(false);
    expect(allows(manifests, { from: pod('checkout', { app: 'shop' }), to: internet, port: 443 })).toBe(true);
  });
});
