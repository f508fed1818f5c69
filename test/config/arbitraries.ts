import fc from 'fast-check';
import { AdmissionAction, AdmissionEngine } from '../../src/api/admission';
import { ReservedPrivilege } from '../../src/api/exemptions';
import { PodSecurityLevel } from '../../src/api/pod-security';
import { FORMATS } from '../../src/config/formats';
import { validPyroscope } from '../pyroscope/arbitraries';

/** Strings that YAML readers of one version or another take for something else. */
export const NASTY_STRINGS: readonly string[] = [
  'on', 'off', 'yes', 'no', 'y', 'N', 'true', 'Null', '~', '', '1:30', '190:20:30', '0x1F', '010', '09', '0o10', '0b1', '1_000', '685_230.15', '5.10',
  '.5', '+1', '-0', '1e3', '12e03', '.inf', '-.Inf', '.nan', '2027-03-31', '2027-03-31T00:00:00Z', '<<', '=', '- a', '-', '?', '? a', ':', ': ', 'a: b',
  'a #b', '# c', '*b', '&a', '!x', '%d', '@a', '`a`', '|', '>', '---', '...', '{', '[', ',', '"', "'", 'a\nb\n', 'a \n b', '\n', '\n\n a', 'a\n\n',
  'a\r\nb', ' lead', 'trail ', '\ttab', 'é', '😀', '\u0085', '\u2028', '\ufeff', '\u009b', '\u0000', '\u001b[31m', '__proto__', 'constructor', 'toString',
  'hasOwnProperty', '$ref', 'length', '0',
];

/** Every character but lone surrogates, which no file can hold. The unit `binary` of fast-check keeps a map of a million characters in each suite. */
const character = fc.integer({ min: 0, max: 0x10ffff }).filter(code => code < 0xd800 || code > 0xdfff).map(code => String.fromCodePoint(code));

/** Text of every kind. */
export const anyText = fc.oneof(
  fc.constantFrom(...NASTY_STRINGS),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: character }),
);

/** Values of every kind that JSON has. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$/);
const labelKey = fc.oneof(
  fc.constantFrom('app', 'app.kubernetes.io/name', 'constructor', 'toString', 'on', 'y', '010'),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,14}[A-Za-z0-9])?$/),
);
const labelValue = fc.oneof(
  fc.constantFrom('', 'on', 'null', '1_000', '2027-03-31', '0x1F', '1e3'),
  fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,14}[A-Za-z0-9])?$/),
);
const labels = fc.dictionary(labelKey, labelValue, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
const cidr = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
  fc.integer({ min: 1, max: 128 }).map(bits => `fd00::/${bits}`),
);
const few = <T>(item: fc.Arbitrary<T>, minLength = 0) => fc.array(item, { minLength, maxLength: 3 });
const record = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: Array<keyof T> = []) =>
  fc.record(shape, { requiredKeys: required, noNullPrototype: true });

const digest = fc.constant(`@sha256:${'0123456789abcdef'.repeat(4)}`);
const images = fc.oneof(
  record({ pinning: fc.constant('tagsAllowed'), gateway: fc.constant('docker.io/library/haproxy:3.0') }, ['pinning']),
  digest.map(suffix => ({
    parca: `ghcr.io/parca-dev/parca:v0.28.1${suffix}`,
    agent: `ghcr.io/parca-dev/parca-agent:v0.50.0${suffix}`,
    gateway: `haproxy${suffix}`,
    preflight: `busybox:1.37.0${suffix}`,
    nodeSettings: `busybox:1.37.0${suffix}`,
    ebpfInventory: `registry.example.com/inventory${suffix}`,
    pyroscope: `docker.io/grafana/pyroscope:2.2.1${suffix}`,
    alloy: `docker.io/grafana/alloy:v1.18.1${suffix}`,
  })),
);

const resources = record({
  cpuRequest: fc.constantFrom('50m', '1'), memoryRequest: fc.constantFrom('16Mi', '256Mi'), memoryLimit: fc.constantFrom('256Mi', '1Gi', '2G'),
});
const toleration = record({
  key: labelKey, value: labelValue, effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
}, ['key']);
const fallback = (suffix: string) => record({
  image: fc.constantFrom('v0.28.0', 'v0.31.1').map(tag => `ghcr.io/parca-dev/parca-agent:${tag}${suffix}`),
  reason: fc.constantFrom('AMI pinned by vendor driver', 'on: 1:30 # yes, "really"'),
  remediateBy: fc.constantFrom('2027-03-31', '2028-02-29'),
  containerRuntimeSocket: fc.constant('/run/crio/crio.sock'),
}, ['image', 'reason', 'remediateBy']);
const poolKeys = record({
  memlock: fc.constantFrom('limited', 'unlimited'), appArmorProfile: fc.constant('parca-agent'), tolerations: few(toleration),
});
const kernels = (suffix: string) => fc.oneof(
  record({ kernel: fc.constantFrom('5.10', '5.15', '6.1', '4.19') }),
  fallback(suffix).map(value => ({ kernel: '5.4', fallback: value })),
);
const nodePools = (suffix: string) => fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain(names => fc.tuple(
  fc.boolean(),
  fc.tuple(...names.map(() => fc.tuple(poolKeys, kernels(suffix)))),
).map(([hasRest, pools]) => pools.map(([keys, kernel], i) => ({
  name: names[i], ...keys, ...kernel, ...(hasRest && i === 0 ? {} : { nodeSelector: { pool: `pool-${i}` } }),
}))));

const bucket = fc.constantFrom('profiles', 'corp.profiles_1');
const objectStorage = fc.tuple(fc.oneof(
  record({
    bucket,
    region: fc.constant('eu-central-1'),
    endpoint: fc.constant('s3.example.com'),
    roleArn: fc.constant('arn:aws:iam::111122223333:role/parca'),
  }, ['bucket', 'region', 'roleArn']).map(s3 => ({ s3 })),
  bucket.map(value => ({ gcs: { bucket: value, serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' } })),
  bucket.map(container => ({ azure: { storageAccount: 'corpprofiles', container, clientId: '0b1d2c3e-4f50-6172-8394-a5b6c7d8e9f0' } })),
), record({ egressCidrs: few(cidr) })).map(([kind, keys]) => ({ ...kind, ...keys }));

const server = record({
  activeMemory: fc.constantFrom('16Mi', '2Gi', '1G'),
  persistence: record({ size: fc.constantFrom('1Gi', '50Gi'), storageClassName: fc.constant('gp3') }),
  objectStorage,
});
const caConfigMap = record({ name, key: fc.constantFrom('ca.crt', 'root.pem') }, ['name']);
const issuerRef = record({ kind: fc.constantFrom('ClusterIssuer', 'Issuer'), name, group: fc.constant('example.com') }, ['name']);
const tls = fc.oneof(
  record({ secretName: name.map(value => `tls-${value}`), caConfigMap }, ['secretName']),
  record({
    certManager: record({ issuerRef }, ['issuerRef']),
    caConfigMap,
  }, ['certManager']),
);
const secret = (role: string) => name.map(value => ({ secretName: `${role}-${value}` }));
const tokens = record({ push: secret('push'), read: secret('read'), symbols: secret('symbols'), metrics: secret('metrics') });

const parca = (suffix: string) => record({
  namespace: name.map(value => `srv-${value}`),
  agentNamespace: name.map(value => `agents-${value}`),
  server,
  agent: record({ nodePools: nodePools(suffix), resources }),
  tls,
  tokens,
}, ['tls']);
const peer = record({ namespace: name, podLabels: labels, egressPolicy: fc.boolean() }, ['namespace', 'podLabels']);
const group = fc.constantFrom('sre-team', 'oidc:Platform Engineers', 'on', '1:30', '# admins', 'équipe "A" \\ \'B\'', '" || true || "', '\\');

const sentence = fc.oneof(
  fc.constantFrom('ticket OPS-4211', 'on: 1:30 # yes, "really"', 'C:\\temp \\" \'quoted\' \\n ${x} 日本語 😀', '" + request.userInfo.username + "'),
  anyText.map(text => `because of ${text}`).filter(FORMATS.sentence.test),
);
const day = fc.constantFrom('2999-01-01', '2999-12-31', '2996-02-29');
const systemNamespace = fc.constantFrom('kube-node-lease', 'kube-public', 'kube-system');
const appNamespace = name.map(value => `app-${value}`);
const exemption = record({
  namespace: appNamespace,
  serviceAccounts: few(fc.constantFrom('default', 'node-exporter', 'csi.example'), 1),
  privileges: few(fc.constantFrom(...Object.values(ReservedPrivilege)), 1),
  hostPaths: few(record({ path: fc.constantFrom('/proc', '/srv/data', '/var/log'), writable: fc.constant(false) }, ['path']), 1),
  reason: sentence,
  expires: day,
}, ['namespace', 'privileges', 'reason']);
const extraPolicyKeys = record({
  reason: sentence,
  expires: day,
  apiGroup: fc.constantFrom('', 'apps', 'networking.k8s.io'),
  resources: few(fc.constantFrom('pods', 'configmaps', 'deployments', 'pods/ephemeralcontainers'), 1),
  apiVersion: fc.constantFrom('v1', 'v1beta1'),
  namespaces: few(appNamespace, 1),
  expression: fc.constantFrom(
    'true', 'has(object.spec)\n  && object.metadata.name != "a \\" b"', 'request.userInfo.username != "mallory"', 'oldObject == null || namespaceObject != null',
  ),
  message: sentence.filter(text => !/\{\{|\$\(/.test(text)), // what Kyverno would replace in a ClusterPolicy
}, ['reason', 'resources', 'expression', 'message']);
const extraPolicies = fc.uniqueArray(name.map(value => `own-${value}`), { maxLength: 3 })
  .chain(names => fc.tuple(...names.map(value => extraPolicyKeys.map(keys => ({ name: value, ...keys })))));

/** The oldest clusters have one engine only, and must be told so. */
const admission = (isOld: boolean) => record({
  engine: isOld ? fc.constant(AdmissionEngine.KYVERNO_CLUSTER_POLICY) : fc.constantFrom(...Object.values(AdmissionEngine)),
  action: fc.constantFrom(...Object.values(AdmissionAction)),
  platformGroups: few(group),
  exemptions: few(exemption),
  podSecurity: record({
    restrictedNamespaces: few(name.map(value => `strict-${value}`)),
    lowestLevel: fc.constantFrom(...Object.values(PodSecurityLevel)),
    exemptNamespaces: few(fc.record({ namespace: appNamespace, reason: sentence })),
  }),
  extraPolicies,
}, isOld ? ['engine'] : []);

const kindOfCluster = fc.tuple(images, fc.boolean());

const ebpfInventory = fc.oneof(
  record({ interval: fc.constantFrom('10s', '5m', '24h'), learnFor: fc.constantFrom('0s', '15m') }),
  record({
    baseline: fc.uniqueArray(record({
      type: fc.constantFrom('kprobe', 'cgroup_device'), name: fc.constantFrom('', 'on', 'main'), tag: fc.constantFrom('0123456789abcdef', '0'.repeat(16)), uid: fc.nat(2000),
    }, ['type', 'name', 'tag']), { selector: program => JSON.stringify(Object.entries({ uid: 0, ...program as object }).sort()), minLength: 1, maxLength: 3 }),
  }),
  record({ engine: fc.constant('tetragon'), loaders: fc.constant(['/usr/lib/systemd/systemd']) }, ['engine']),
  record({ engine: fc.constant('falco'), loaders: fc.constant(['/a', '/b']), falcoNamespace: fc.constantFrom('falco', 'security') }, ['engine']),
);
const maxSampleRate = fc.integer({ min: 100, max: 100_000 });
const nodes = record({
  perfEventParanoid: fc.constantFrom<object[]>({}, { mode: 'atLeast', value: 2 }, { mode: 'exact' }, { mode: 'leave' }),
  perfEventMaxSampleRate: maxSampleRate,
  ebpfInventory,
});
const nodesByFile = record({
  delivery: fc.constant('nodeConfiguration'), perfEventParanoid: fc.constantFrom<object[]>({ mode: 'exact' }, { mode: 'leave' }), perfEventMaxSampleRate: maxSampleRate, ebpfInventory,
}, ['delivery', 'perfEventMaxSampleRate']);

/** The nodes profile namespaces of tenants, which have to be in the scope. */
function withTenantsInScope(spec: Record<string, unknown>): Record<string, unknown> {
  const { scope, pyroscope } = spec as { scope?: { namespaces?: string[] }; pyroscope?: { tenants: Array<{ namespaces: string[] }> } };
  if (!scope?.namespaces || !pyroscope) { return spec; }
  return { ...spec, scope: { ...scope, namespaces: [...scope.namespaces, ...pyroscope.tenants.flatMap(({ namespaces }) => namespaces)] } };
}

/** Specifications that must be accepted; every key comes and goes. */
export const validSpec: fc.Arbitrary<Record<string, unknown>> = kindOfCluster.chain(([chosen, isOld]) => record<Record<string, unknown>>({
  cluster: record({
    name,
    kubernetesVersion: isOld ? fc.constantFrom('1.28', '1.29') : fc.constantFrom('1.30', '1.33'),
    apiServerCidrs: few(cidr),
    apiServerPorts: few(fc.integer({ min: 1, max: 65535 }), 1),
    dns: record({ namespace: name, podLabels: labels, port: fc.integer({ min: 1, max: 65535 }), cidrs: few(cidr) }),
  }, ['name']),
  images: fc.constant(chosen),
  scope: record({
    optInLabel: record({ key: labelKey, value: labelValue.filter(Boolean) }, ['key', 'value']),
    sensitiveNamespaces: few(fc.oneof(name.map(value => `secret-${value}`), systemNamespace)),
    namespaces: few(appNamespace, 1),
  }),
  parca: parca('pinning' in chosen ? '' : `@sha256:${'0123456789abcdef'.repeat(4)}`),
  access: record({
    portForward: record({ groups: few(group), breakGlassGroups: few(group) }), readers: few(peer), scrapers: few(peer), symbolUploaders: few(peer),
  }),
  admission: admission(isOld),
  nodes: fc.oneof(nodes, nodesByFile),
  pyroscope: validPyroscope,
}, ['cluster', 'images', 'parca'])).map(withTenantsInScope);

/** A copy of a value in which something somewhere is deleted, replaced or inserted. */
export function mutated(value: unknown, mutations: readonly Mutation[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  for (const mutation of mutations) { mutate(copy, mutation); }
  return copy;
}

export interface Mutation {
  readonly kind: 'delete' | 'replace' | 'insert';
  /** Chooses among all places, whatever their number. */
  readonly place: number;
  readonly key: string;
  readonly value: unknown;
}

export const mutation: fc.Arbitrary<Mutation> = record<Mutation>({
  kind: fc.constantFrom('delete', 'replace', 'insert'),
  place: fc.nat(10_000),
  key: fc.oneof(anyText, fc.constantFrom('name', 'secretName', 'namespaces', 'kernel', 'fallback', 'nodeSelector', 'optInLabel', 'sensitiveNamespaces', 's3', 'admission', 'exemptions')),
  value: fc.oneof(anyJson, fc.constantFrom<unknown[]>('kube-system', 'profiling', '5.4', 'a', [], {}, [''], ['a'], 1, true, null)),
}, ['kind', 'place', 'key', 'value']);

function mutate(root: unknown, { kind, place, key, value: shared }: Mutation): void {
  // A copy: what two mutations insert could otherwise come to hold itself.
  const value = structuredClone(shared);
  const places = placesIn(root);
  if (places.length === 0) { return; }
  const [parent, last] = places[place % places.length];
  if (kind === 'delete') {
    if (Array.isArray(parent)) { parent.splice(Number(last), 1); } else { delete parent[last]; }
  } else if (kind === 'replace') {
    set(parent, last, value);
  } else if (Array.isArray(parent)) {
    parent.splice(Number(last), 0, value);
  } else {
    set(parent, key, value);
  }
}

/** As JSON.parse does it: `__proto__` is a key like any other. */
function set(parent: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): Array<[parent: Record<string, unknown>, key: string]> {
  if (typeof value !== 'object' || value === null) { return []; }
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap(key => [[parent, key] as [Record<string, unknown>, string], ...placesIn(parent[key])]);
}
