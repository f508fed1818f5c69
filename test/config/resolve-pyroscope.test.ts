import type { ResolvedPyroscope, ResolvedTenant } from '../../src/config/resolved-spec';
import { retentionHours, shorter } from '../../src/config/retention';
import { resolved } from '../support';
import { BUCKETS, parca, pem, pyroscope, tenants } from './errors';

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
      tls: { secretName: 'pyroscope-tls', certManager: undefined, caConfigMap: { name: 'parca-ca', key: 'ca.crt' } },
      gatewayReplicas: 2,
      gateway: { clients: 4000 },
      tenants: [{ name: 'checkout', namespaces: ['checkout'], limits: LIMITS, ebpf: true, orgId: 1, offboarding: false }],
      readers: [],
      alloy: { delivery: 'native', resources: { cpuRequest: '50m', memoryRequest: '256Mi', memoryLimit: '1Gi' } },
    });
  });

  it('has no section for what is not asked for', () => {
    ['grafana', 'externalSecrets', 'gitOps'].forEach(key => expect(resolvedSection()).not.toHaveProperty(key));
    expect(resolvedTenant()).not.toHaveProperty('java');
  });

  it('keeps what is given', () => {
    const keys = {
      namespace: 'pyro',
      delivery: 'chart',
      storage: { s3, egressCidrs: ['10.0.0.0/8'] },
      persistence: { size: '50Gi', storageClassName: 'gp3' },
      gatewayReplicas: 5,
      grafana: { namespace: 'monitoring', podLabels: { app: 'grafana' }, caBundle: pem('CERTIFICATE'), operator: { instanceLabels: { a: 'b' } } },
      externalSecrets: { storeRef: { kind: 'SecretStore', name: 'vault' }, keyPrefix: 'teams/profiling' },
      gitOps: { argoCd: { namespace: 'cd', project: 'platform' } },
    };
    expect(resolvedSection(keys)).toMatchObject(keys);
  });

  it('completes what is given in part', () => {
    expect(resolvedSection({ persistence: { storageClassName: 'gp3' } }).persistence).toEqual({ size: '10Gi', storageClassName: 'gp3' });
    expect(resolvedSection({ grafana: { namespace: 'monitoring' } }).grafana).toEqual({
      namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'grafana' }, caBundle: undefined, operator: undefined,
    });
    expect(resolvedSection({ externalSecrets: { storeRef: { name: 'vault' } } }).externalSecrets).toEqual({
      storeRef: { kind: 'ClusterSecretStore', name: 'vault' }, keyPrefix: 'profiling',
    });
    const gitOps = (tool: object) => resolvedSection({ delivery: 'chart', gitOps: tool }).gitOps;
    expect(gitOps({ argoCd: {} })).toEqual({ argoCd: { namespace: 'argocd', project: 'default' } });
    expect(gitOps({ argoCd: { project: 'platform' } })).toEqual({ argoCd: { namespace: 'argocd', project: 'platform' } });
    expect(gitOps({ flux: {} })).toEqual({ flux: { namespace: 'flux-system' } });
    expect(gitOps({ flux: { namespace: 'flux' } })).toEqual({ flux: { namespace: 'flux' } });
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
  const tlsOf = (own: object | undefined, inherited: object) => resolvedSection({ tls: own }, { parca: { tls: inherited } }).tls;

  it('is from the issuer of Parca\'s, but a Secret of its own', () => {
    expect(tlsOf(undefined, { certManager, caConfigMap })).toEqual({ secretName: 'pyroscope-tls', certManager, caConfigMap });
  });

  it('is not the Secret of Parca\'s, which is valid for another host', () => {
    expect(tlsOf(undefined, { secretName: 'my-parca-tls' })).toEqual({
      secretName: 'pyroscope-tls', certManager: undefined, caConfigMap: { name: 'parca-ca', key: 'ca.crt' },
    });
  });

  it('is what is said of it alone, except for the CA', () => {
    expect(tlsOf({ secretName: 'mine' }, { certManager, caConfigMap })).toEqual({ secretName: 'mine', certManager: undefined, caConfigMap });
    const other = { issuerRef: { kind: 'Issuer', name: 'other' } };
    expect(tlsOf({ certManager: other }, { certManager })).toEqual({
      secretName: 'pyroscope-tls', certManager: other, caConfigMap: { name: 'parca-ca', key: 'ca.crt' },
    });
  });

  it('is trusted through a CA of its own where there is one', () => {
    expect(tlsOf({ secretName: 'mine', caConfigMap: { name: 'my-ca' } }, { certManager, caConfigMap }).caConfigMap).toEqual({ name: 'my-ca', key: 'ca.crt' });
  });
});

describe('Alloy', () => {
  it('has the resources of the Parca agents, unless it has its own', () => {
    const agents = parca({ agent: { resources: { memoryLimit: '2Gi', cpuRequest: '1' } } });
    expect(resolvedSection({}, agents).alloy.resources).toEqual({ cpuRequest: '1', memoryRequest: '256Mi', memoryLimit: '2Gi' });
    expect(resolvedSection({ alloy: { resources: { memoryLimit: '3Gi' } } }, agents).alloy.resources)
      .toEqual({ cpuRequest: '1', memoryRequest: '256Mi', memoryLimit: '3Gi' });
  });

  it('is delivered apart from Pyroscope', () => {
    expect(resolvedSection({ delivery: 'chart' }).alloy.delivery).toBe('native');
    expect(resolvedSection({ alloy: { delivery: 'chart' } })).toMatchObject({ delivery: 'native', alloy: { delivery: 'chart' } });
  });
});

describe('Limits', () => {
  const all = {
    retention: '4w',
    ingestionRateMb: 10,
    ingestionBurstMb: 12,
    maxProfileSize: '1Mi',
    maxLabelNamesPerSeries: 20,
    maxStacktraceDepth: 200,
    maxStacktraceSamples: 2000,
    maxQueryLength: '2d',
  };
  const { maxProfileSize: _, ...same } = all;
  const resolvedAll = { ...same, maxProfileSizeBytes: MI, maxQueryLookback: '4w' };

  it('are what is given, for all and for each tenant', () => {
    expect(resolvedSection(all).limits).toEqual(resolvedAll);
    expect(resolvedTenant({}, all).limits).toEqual(resolvedAll);
  });

  it.each<[string, unknown, object]>([
    ['retention', '14d', { retention: '14d', maxQueryLookback: '14d' }],
    ['ingestionBurstMb', 11, { ingestionBurstMb: 11 }],
    ['maxProfileSize', '64Ki', { maxProfileSizeBytes: 65_536 }],
    ['maxLabelNamesPerSeries', 10, { maxLabelNamesPerSeries: 10 }],
    ['maxStacktraceDepth', 2, { maxStacktraceDepth: 2 }],
    ['maxStacktraceSamples', 3, { maxStacktraceSamples: 3 }],
    ['maxQueryLength', '3d', { maxQueryLength: '3d' }],
  ])('are the tenant\'s where it gives one, and of all otherwise: %s', (key, value, expected) => {
    const { limits, tenants: [tenant] } = resolvedSection({ ...all, tenants: [{ name: 'a', namespaces: ['b'], [key]: value }] });
    expect(tenant.limits).toEqual({ ...resolvedAll, ...expected });
    expect(limits).toEqual(resolvedAll);
  });

  it.each<[string, object, object, number]>([
    ['twice the default rate', {}, {}, 8],
    ['twice the rate of all', { ingestionRateMb: 10 }, {}, 20],
    ['twice its own rate', {}, { ingestionRateMb: 3 }, 6],
    ['twice its own rate, whatever that of all is', { ingestionRateMb: 10, ingestionBurstMb: 12 }, { ingestionRateMb: 30 }, 60],
    ['that of all', { ingestionRateMb: 10, ingestionBurstMb: 12 }, {}, 12],
    ['the largest profile, where twice the rate is less', { ingestionRateMb: 1 }, {}, 4],
    ['its largest profile, rounded up', {}, { ingestionRateMb: 1, maxProfileSize: '16385Ki' }, 17],
    ['its own with the rate of all', { ingestionRateMb: 10, ingestionBurstMb: 12 }, { ingestionBurstMb: 11 }, 11],
    ['its own with its own rate', { ingestionRateMb: 10 }, { ingestionRateMb: 5, ingestionBurstMb: 7 }, 7],
  ])('give a tenant a burst of %s', (_name, common, own, burst) => {
    expect(resolvedTenant(own, common).limits.ingestionBurstMb).toBe(burst);
  });

  it('give all a burst of twice the rate, unless they name one', () => {
    expect(resolvedSection({ ingestionRateMb: 3 }).limits).toMatchObject({ ingestionRateMb: 3, ingestionBurstMb: 6 });
    expect(resolvedSection({ ingestionRateMb: 3, ingestionBurstMb: 4 }).limits).toMatchObject({ ingestionRateMb: 3, ingestionBurstMb: 4 });
  });

  it.each<[string, object, object]>([
    ['1d', {}, {}],
    ['12h', { retention: '12h' }, {}],
    ['23h', {}, { retention: '23h' }],
    ['1d', { retention: '12h' }, { retention: '2d' }],
    ['2d', { maxQueryLength: '3d' }, { retention: '2d' }],
    ['3d', { maxQueryLength: '3d' }, { retention: '4w' }],
    ['4w', {}, { retention: '4w', maxQueryLength: '4w' }],
  ])('let a tenant query %s with %j for all and %j of its own', (expected, common, own) => {
    expect(resolvedTenant(own, common).limits.maxQueryLength).toBe(expected);
  });

  it('do not let a tenant have what belongs to the section', () => {
    expect(Object.keys(resolvedTenant({}, all).limits).sort()).toEqual(Object.keys(LIMITS).sort());
  });
});

describe('A tenant', () => {
  it.each<[boolean, object]>([
    [true, {}], [true, { ebpf: {} }], [true, { ebpf: { enabled: true } }], [false, { ebpf: { enabled: false } }],
  ])('is profiled by eBPF, or not: %s with %j', (expected, keys) => {
    expect(resolvedTenant(keys).ebpf).toBe(expected);
  });

  it.each<[object | undefined, object]>([
    [undefined, {}], [undefined, { java: {} }], [undefined, { java: { enabled: false, alloc: '512k' } }],
    [{ cpu: true }, { java: { enabled: true }, ebpf: { enabled: false } }],
    [{ cpu: false, alloc: '512k' }, { java: { enabled: true } }],
    [{ cpu: false, lock: '10ms' }, { java: { enabled: true, lock: '10ms' } }],
    [{ cpu: true, alloc: '1m' }, { java: { enabled: true, alloc: '1m' }, ebpf: { enabled: false } }],
    [{ cpu: false, alloc: '512k', lock: '10ms' }, { java: { enabled: true, alloc: '512k', lock: '10ms' } }],
  ])('has Java profiled as %j with %j', (expected, keys) => {
    expect(resolvedTenant(keys).java).toEqual(expected);
  });

  it('has its organisation in Grafana', () => {
    expect([{}, { grafana: {} }, { grafana: { orgId: 7 } }].map(keys => resolvedTenant(keys).orgId)).toEqual([1, 1, 7]);
  });

  it('stays unless it is said to leave', () => {
    expect([{}, { offboarding: false }, { offboarding: true }].map(keys => resolvedTenant(keys).offboarding)).toEqual([false, false, true]);
  });
});

describe('A tenant that leaves', () => {
  const own = { offboarding: true, retention: '4w', ingestionRateMb: 9, maxQueryLength: '3d', ebpf: { enabled: true }, java: { enabled: true, lock: '10ms' } };

  it('keeps nothing longer than an hour, and its other limits, so that readers of several see as much as before', () => {
    const expected = { ...LIMITS, retention: '1h', maxQueryLookback: '30d' };
    expect(resolvedTenant({ offboarding: true }, { retention: '30d' }).limits).toEqual(expected);
    expect(resolvedTenant(own).limits).toEqual({ ...expected, ingestionRateMb: 9, ingestionBurstMb: 18, maxQueryLength: '3d', maxQueryLookback: '4w' });
  });

  it('is not profiled', () => {
    expect(resolvedTenant(own).ebpf).toBe(false);
    expect(resolvedTenant(own)).not.toHaveProperty('java');
  });

  it('takes nothing from the others', () => {
    const { tenants: [, stays], limits } = resolved(tenants(own, { retention: '14d' })).pyroscope!;
    expect(limits).toEqual(LIMITS);
    expect(stays).toMatchObject({ ebpf: true, offboarding: false, limits: { ...LIMITS, retention: '14d', maxQueryLookback: '14d' } });
  });
});

describe('A reader', () => {
  const reader = (keys: object) => resolvedSection({ readers: [{ name: 'all', tenants: ['checkout', 'anonymous', 'checkout'], ...keys }] }).readers[0];

  it('sees its tenants, sorted and once each', () => {
    expect(reader({})).toEqual({ name: 'all', tenants: ['anonymous', 'checkout'], pods: [], orgId: undefined });
  });

  it('has a data source only if it asks for one', () => {
    expect([{}, { grafana: {} }, { grafana: { orgId: 7 } }].map(keys => reader(keys).orgId)).toEqual([undefined, 1, 7]);
  });

  it('has pods with their default', () => {
    const pod = { namespace: 'ops', podLabels: { app: 'report' } };
    expect(reader({ pods: [pod, { ...pod, egressPolicy: true }] }).pods).toEqual([{ ...pod, egressPolicy: false }, { ...pod, egressPolicy: true }]);
  });
});

describe('The order', () => {
  const list = ['b', 'a-b', 'a', 'c'].map(name => ({ name, namespaces: [`${name}-z`, `${name}-a`, `${name}-z`] }));
  const readers = ['z', 'y', 'x'].map(name => ({ name, tenants: ['c', 'a'] }));

  it('of tenants, their namespaces and readers is that of their names', () => {
    const section = resolvedSection({ tenants: list, readers });
    expect(section.tenants.map(({ name }) => name)).toEqual(['a', 'a-b', 'b', 'c']);
    expect(section.tenants[2].namespaces).toEqual(['b-a', 'b-z']);
    expect(section.readers.map(({ name }) => name)).toEqual(['x', 'y', 'z']);
  });

  it('in the document makes no difference', () => {
    expect(resolvedSection({ tenants: [...list].reverse(), readers: [...readers].reverse() })).toEqual(resolvedSection({ tenants: list, readers }));
  });
});

describe('Durations', () => {
  it.each<[string, number]>([['1h', 1], ['36h', 36], ['1d', 24], ['10d', 240], ['1w', 168], ['4w', 672]])('of %s are %d hours', (text, hours) => {
    expect(retentionHours(text)).toBe(hours);
  });

  it.each<[string, string, string]>([['1d', '2d', '1d'], ['2d', '1d', '1d'], ['25h', '1d', '1d'], ['1w', '8d', '1w'], ['24h', '1d', '24h']])(
    '%s and %s have the shorter one %s', (a, b, expected) => {
      expect(shorter(a, b)).toBe(expected);
    });
});
