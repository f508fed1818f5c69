import { agents, BUCKETS, pem, pyroscope } from './errors';
import type { ResolvedPyroscope, ResolvedTenant } from '../../src/config/resolved-spec';
import { resolved } from '../support';

const MI = 2 ** 20;
const { s3 } = BUCKETS;
const certManager = { issuerRef: { kind: 'ClusterIssuer', name: 'corp-ca' } };

/** The section, resolved, beside these sections. */
function resolvedSection(keys: object = {}, sections: object = {}): ResolvedPyroscope {
  return resolved({ ...sections, ...pyroscope(keys) }).pyroscope!;
}

/** A tenant with these keys, resolved, where these hold for all. */
function resolvedTenant(own: object = {}, all: object = {}): ResolvedTenant {
  return resolvedSection({ ...all, tenants: [{ name: 'checkout', namespaces: ['checkout'], ...own }] }).tenants[0];
}

const LIMITS = {
  retention: '7d',
  ingestionRateMb: 4,
  ingestionBurstMb: 8,
  maxProfileSizeBytes: 4 * MI,
  maxLabelNamesPerSeries: 30,
  maxStacktraceDepth: 1000,
  maxStacktraceSamples: 16_000,
  maxQueryLength: '1d',
  maxQueryLookback: '7d',
};

describe('Pyroscope', () => {
  it('is not there unless it is asked for', () => {
    expect(resolved()).not.toHaveProperty('pyroscope');
    expect(resolved().scope.sensitiveNamespaces).not.toContain('pyroscope');
  });

  it('has every default filled in', () => {
    expect(resolvedSection()).toEqual({
      namespace: 'pyroscope',
      mode: 'singleBinary',
      delivery: 'native',
      storage: undefined,
      persistence: { size: '10Gi' },
      limits: LIMITS,
      tls: { secretName: 'pyroscope-tls', certManager: undefined, ca: { kind: 'ConfigMap', name: 'parca-ca', key: 'ca.crt' } },
      gatewayReplicas: 2,
      gateway: { clients: 4000, pod: {} },
      pod: {},
      tenants: [{ name: 'checkout', id: 'checkout', namespaces: ['checkout'], limits: LIMITS, ebpf: true, orgId: 1, offboarding: false }],
      readers: [],
    });
  });

  it('has no section for what is not asked for', () => {
    expect(resolvedSection()).not.toHaveProperty('grafana');
    ['java', 'user'].forEach(key => expect(resolvedTenant()).not.toHaveProperty(key));
  });

  it('keeps what is given', () => {
    const keys = {
      namespace: 'pyro',
      delivery: 'chart',
      storage: { s3, egressCidrs: ['10.0.0.0/8'] },
      persistence: { size: '50Gi', storageClassName: 'gp3' },
      gatewayReplicas: 5,
      grafana: { namespace: 'monitoring', podLabels: { app: 'grafana' }, caBundle: pem('CERTIFICATE'), operator: { instanceLabels: { a: 'b' } } },
    };
    expect(resolvedSection(keys)).toMatchObject(keys);
  });

  it('completes what is given in part', () => {
    expect(resolvedSection({ persistence: { storageClassName: 'gp3' } }).persistence).toEqual({ size: '10Gi', storageClassName: 'gp3' });
    expect(resolvedSection({ grafana: { namespace: 'monitoring' } }).grafana).toEqual({
      namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'grafana' }, caBundle: undefined, operator: undefined,
    });
  });

  it('is never profiled itself', () => {
    expect(resolved(pyroscope({ namespace: 'pyro' })).scope.sensitiveNamespaces).toEqual(['kube-system', 'profiling', 'profiling-agents', 'pyro']);
  });

  it.each<[string, object]>([
    ['native', {}],
    ['native', { mode: 'singleBinary' }],
    ['chart', { mode: 'singleBinary', delivery: 'chart' }],
    ['chart', { mode: 'microservices', storage: { s3 } }],
  ])('is delivered as %s with %j', (delivery, keys) => {
    expect(resolvedSection(keys)).toMatchObject({ mode: 'singleBinary', ...keys, delivery });
  });
});

describe('The certificate of Pyroscope', () => {
  const caConfigMap = { name: 'corp-ca-bundle', key: 'root.pem' };
  const ca = { kind: 'ConfigMap', ...caConfigMap };
  const PARCA_CA = { kind: 'ConfigMap', name: 'parca-ca', key: 'ca.crt' };
  const tlsOf = (own: object | undefined, inherited: object) => resolvedSection({ tls: own }, { parca: { tls: inherited } }).tls;

  it('is from the issuer of Parca\'s, but a Secret of its own', () => {
    expect(tlsOf(undefined, { certManager, caConfigMap })).toEqual({ secretName: 'pyroscope-tls', certManager, ca });
  });

  it('is not the Secret of Parca\'s, which is valid for another host', () => {
    expect(tlsOf(undefined, { secretName: 'my-parca-tls' })).toEqual({ secretName: 'pyroscope-tls', certManager: undefined, ca: PARCA_CA });
  });

  it('is what is said of it alone, except for the CA', () => {
    expect(tlsOf({ secretName: 'mine' }, { certManager, caConfigMap })).toEqual({ secretName: 'mine', certManager: undefined, ca });
    const other = { issuerRef: { kind: 'Issuer', name: 'other' } };
    expect(tlsOf({ certManager: other }, { certManager })).toEqual({ secretName: 'pyroscope-tls', certManager: other, ca: PARCA_CA });
  });

  it('is trusted through a CA of its own where there is one', () => {
    expect(tlsOf({ secretName: 'mine', caConfigMap: { name: 'my-ca' } }, { certManager, caConfigMap }).ca)
      .toEqual({ kind: 'ConfigMap', name: 'my-ca', key: 'ca.crt' });
  });

  it('is trusted through a CA of its own name without Parca', () => {
    const tls = { secretName: 'mine' };
    expect(resolvedSection({ tls }, { parca: undefined }).tls).toEqual({ ...tls, certManager: undefined, ca: { ...PARCA_CA, name: 'pyroscope-ca' } });
  });
});

describe('Alloy', () => {
  const alloy = (keys: object = {}, sections: object = {}) => resolved({ ...sections, ...pyroscope(keys) }).alloy;

  it('has the resources of the Parca agents, unless it has its own', () => {
    const shared = agents({ pod: { resources: { memoryLimit: '2Gi', cpuRequest: '1' } } });
    expect(alloy({}, shared)!.groups[0].pod.resources).toEqual({ cpuRequest: '1', memoryRequest: '256Mi', memoryLimit: '2Gi' });
    expect(alloy({ alloy: { pod: { resources: { memoryLimit: '3Gi' } } } }, shared)!.groups[0].pod.resources)
      .toEqual({ cpuRequest: '1', memoryRequest: '256Mi', memoryLimit: '3Gi' });
  });

  it('is delivered apart from Pyroscope', () => {
    expect(alloy({ delivery: 'chart' })!.delivery).toBe('native');
    expect(alloy({ alloy: { delivery: 'chart' } })!.delivery).toBe('chart');
  });

  it('has the tenants that are profiled on their nodes, and is not there without any', () => {
    const idle = { name: 'idle', namespaces: ['idle'], ebpf: { enabled: false } };
    expect(alloy({ tenants: [{ name: 'busy', namespaces: ['busy'] }, idle] })!.tenants.map(({ name }) => name)).toEqual(['busy']);
    expect(alloy({ tenants: [idle] })).toBeUndefined();
  });
});
