import fc from 'fast-check';
import { AZURE, CERTIFICATE, GCS, S3 } from './tenants';

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const optional = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(shape, { requiredKeys: [], noNullPrototype: true });
const retention = fc.constantFrom('1h', '12h', '3d', '7d', '14d', '4w');

/** Rates and sizes that fit bursts of their own and of others. */
const limits = optional<object>({
  retention,
  ingestionRateMb: fc.integer({ min: 1, max: 64 }),
  ingestionBurstMb: fc.integer({ min: 64, max: 2048 }),
  maxProfileSize: fc.constantFrom('64Ki', '4Mi', '64Mi'),
  maxLabelNamesPerSeries: fc.integer({ min: 10, max: 100 }),
  maxStacktraceDepth: fc.integer({ min: 1, max: 10000 }),
  maxStacktraceSamples: fc.integer({ min: 1, max: 1000000 }),
  maxQueryLength: fc.constant('1h'),
});

const tenantKeys = fc.tuple(limits, optional<object>({
  ebpf: optional({ enabled: fc.boolean() }),
  java: fc.record({ enabled: fc.boolean(), alloc: fc.constantFrom('512k', '2m'), lock: fc.constant('10ms') }, { requiredKeys: ['enabled'], noNullPrototype: true }),
  grafana: optional({ orgId: fc.integer({ min: 1, max: 5 }) }),
  offboarding: fc.boolean(),
})).map(([own, keys]) => ({ ...own, ...keys }));

/** Tenants whose names differ in dashes and endings alone, now and then. */
const tenants = fc.uniqueArray(fc.oneof(label, fc.constantFrom('a', 'a-b', 'a--b', 'a-java', 'metrics', 'node', 'pods', 'gateway')), { minLength: 1, maxLength: 4 })
  .chain(names => fc.tuple(...names.map((name, i) => fc.tuple(tenantKeys, fc.boolean()).map(([keys, hasTwo]) => ({
    name, namespaces: [`app-${i}`, ...(hasTwo ? [`app-${i}-jobs`] : [])], ...keys,
  })))));

const bucket = fc.tuple(fc.constantFrom(S3, GCS, AZURE), optional<object>({ egressCidrs: fc.constantFrom([], ['10.1.0.0/16']) }))
  .map(([kind, keys]) => ({ ...kind, ...keys }));
const persistence = optional({ size: fc.constantFrom('1Gi', '50Gi'), storageClassName: fc.constant('gp3') });

const shape = fc.oneof(
  optional<object>({ mode: fc.constant('singleBinary'), delivery: fc.constantFrom('native', 'chart'), storage: bucket, persistence }),
  fc.tuple(bucket, persistence).map(([storage, volume]) => ({ mode: 'microservices', storage, persistence: volume })),
);

/** Whether the gateway has pods of its own. */
function isDeployment(keys: { readonly mode?: string; readonly delivery?: string }): boolean {
  return keys.mode === 'microservices' || keys.delivery === 'chart';
}

/** Sections `pyroscope` that must be accepted; every key comes and goes. */
export const validPyroscope: fc.Arbitrary<object> = fc.tuple(shape, limits, tenants).chain(([keys, common, list]) => optional<object>({
  namespace: label.map(name => `pyro-${name}`),
  ...(isDeployment(keys) && { gatewayReplicas: fc.integer({ min: 2, max: 20 }) }),
  readers: fc.array(fc.record({
    tenants: fc.subarray([...list.map(({ name }) => name), 'anonymous'], { minLength: 1 }),
    pods: fc.constantFrom(undefined, [{ namespace: 'ops', podLabels: { app: 'report' }, egressPolicy: true }]),
  }), { maxLength: 2 }).map(readers => readers.map(({ tenants: seen, pods }, i) => ({ name: `reader-${i}`, tenants: seen, ...(pods && { pods }) }))),
  grafana: fc.record({ namespace: fc.constant('monitoring'), caBundle: fc.constant(CERTIFICATE) }, { requiredKeys: ['namespace'], noNullPrototype: true }),
  alloy: optional({ delivery: fc.constantFrom('native', 'chart') }),
}).map(rest => ({ ...common, ...keys, ...rest, tenants: list })));
