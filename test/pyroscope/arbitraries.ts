import fc from 'fast-check';
import { AZURE, CERTIFICATE, GCS, S3 } from './tenants';
import { nodePodKeys, record, resources, workloadPodKeys } from '../config/pod-arbitraries';

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const retention = fc.constantFrom('1h', '12h', '3d', '7d', '14d', '4w');

/** Rates and sizes that fit bursts of their own and of others. */
const limits = record<object>({
  retention,
  ingestionRateMb: fc.integer({ min: 1, max: 64 }),
  ingestionBurstMb: fc.integer({ min: 64, max: 2048 }),
  maxProfileSize: fc.constantFrom('64Ki', '4Mi', '64Mi'),
  maxLabelNamesPerSeries: fc.integer({ min: 10, max: 100 }),
  maxStacktraceDepth: fc.integer({ min: 1, max: 10000 }),
  maxStacktraceSamples: fc.integer({ min: 1, max: 1000000 }),
  maxQueryLength: fc.constant('1h'),
});

const profilers = {
  ebpf: record({ enabled: fc.boolean() }),
  java: record({ enabled: fc.boolean(), alloc: fc.constantFrom('512k', '2m'), lock: fc.constant('10ms') }, ['enabled']),
};
const id = fc.constantFrom('Team_A\'s_(1)', '1', 'a.b*c!', 'UPPER');
const tenantKeys = fc.tuple(limits, record<object>({
  ...profilers,
  tenantId: id,
  grafana: record({ orgId: fc.integer({ min: 1, max: 5 }) }),
  offboarding: fc.boolean(),
})).map(([own, keys]) => ({ ...own, ...keys }));

/** A tenant elsewhere is named by its id or by its user. */
const remoteTenantKeys = fc.oneof(record<object>({ ...profilers, tenantId: id }), record<object>({ ...profilers, user: fc.constantFrom('123456', 'team@example.com') }));

/** Tenants whose names differ in dashes and endings alone, now and then. Each has an id of its own. */
const tenantsWith = (keys: fc.Arbitrary<object>) => fc.uniqueArray(fc.oneof(label, fc.constantFrom('a', 'a-b', 'a--b', 'a-java', 'metrics', 'node', 'pods', 'gateway')), { minLength: 1, maxLength: 4 })
  .chain(names => fc.tuple(...names.map((name, i) => fc.tuple(keys, fc.boolean()).map(([own, hasTwo]) => ({
    name, namespaces: [`app-${i}`, ...(hasTwo ? [`app-${i}-jobs`] : [])], ...own, ...('tenantId' in own && { tenantId: `${own.tenantId as string}_${i}` }),
  })))));

const bucket = fc.tuple(fc.constantFrom(S3, GCS, AZURE), record<object>({ egressCidrs: fc.constantFrom([], ['10.1.0.0/16']) }))
  .map(([kind, keys]) => ({ ...kind, ...keys }));
const persistence = record({ size: fc.constantFrom('1Gi', '50Gi'), storageClassName: fc.constant('gp3') });

const shape = fc.oneof(
  record<object>({ mode: fc.constant('singleBinary'), delivery: fc.constantFrom('native', 'chart'), storage: bucket, persistence }),
  fc.tuple(bucket, persistence).map(([storage, volume]) => ({ mode: 'microservices', storage, persistence: volume })),
);

/** Whether the gateway has pods of its own. */
function isDeployment(keys: { readonly mode?: string; readonly delivery?: string }): boolean {
  return keys.mode === 'microservices' || keys.delivery === 'chart';
}

const alloy = record({
  delivery: fc.constantFrom('native', 'chart'),
  pod: record({ ...nodePodKeys, resources: resources({ cpu: '50m', memory: '256Mi' }, { cpu: '2', memory: '2G' }) }),
});

/** Sections `pyroscope` of a Pyroscope here that must be accepted; every key comes and goes. */
export const validPyroscope: fc.Arbitrary<object> = fc.tuple(shape, limits, tenantsWith(tenantKeys)).chain(([keys, common, list]) => record<object>({
  namespace: label.map(name => `pyro-${name}`),
  pod: record({ ...workloadPodKeys, resources: resources({ cpu: '100m', memory: '512Mi' }, { cpu: '8', memory: '8Gi' }) }),
  ...(isDeployment(keys) && { gatewayReplicas: fc.integer({ min: 2, max: 20 }) }),
  gateway: record({
    clients: fc.integer({ min: 100, max: 10_000 }),
    ...(isDeployment(keys) && { pod: record({ ...workloadPodKeys, resources: resources({ cpu: '50m', memory: '64Mi' }, { cpu: '4', memory: '2Gi' }) }) }),
  }),
  readers: fc.array(fc.record({
    tenants: fc.subarray([...list.map(({ name }) => name), 'anonymous'], { minLength: 1 }),
    pods: fc.constantFrom(undefined, [{ namespace: 'ops', podLabels: { app: 'report' }, egressPolicy: true }]),
  }), { maxLength: 2 }).map(readers => readers.map(({ tenants: seen, pods }, i) => ({ name: `reader-${i}`, tenants: seen, ...(pods && { pods }) }))),
  grafana: fc.record({ namespace: fc.constant('monitoring'), caBundle: fc.constant(CERTIFICATE) }, { requiredKeys: ['namespace'], noNullPrototype: true }),
  alloy,
}).map(rest => ({ ...common, ...keys, ...rest, tenants: list })));

/** Sections `pyroscope` of one elsewhere that must be accepted. Somebody has to be profiled for it. */
export const validRemotePyroscope: fc.Arbitrary<object> = tenantsWith(remoteTenantKeys).chain(list => record({
  remote: record({
    url: fc.constantFrom('https://profiles.example.com', 'https://pyroscope.example.com:8443/ingest'),
    tokenSecret: fc.constant({ secretName: 'remote-tokens' }),
    caConfigMap: fc.constant({ name: 'remote-ca' }),
    egressCidrs: fc.constantFrom([], ['203.0.113.0/24']),
  }, ['url']),
  alloy,
}, ['remote']).map(keys => ({ ...keys, tenants: list.map((tenant, i) => (i === 0 ? { ...tenant, ebpf: { enabled: true } } : tenant)) })));
