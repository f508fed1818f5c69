import fc from 'fast-check';
import { anyText } from './arbitraries';
import { few, labels, nodePodKeys, optInLabel, ownMetadata, record, resources, workloadPodKeys } from './pod-arbitraries';
import { AdmissionAction, AdmissionEngine } from '../../src/api/admission';
import { ReservedPrivilege } from '../../src/api/exemptions';
import { PodSecurityLevel } from '../../src/api/pod-security';
import { FORMATS } from '../../src/config/formats';
import { validPyroscope, validRemotePyroscope } from '../pyroscope/arbitraries';

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$/);
const cidr = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })).map(([address, bits]) => `${address}/${bits}`),
  fc.integer({ min: 1, max: 128 }).map(bits => `fd00::/${bits}`),
);

const DIGEST = `@sha256:${'0123456789abcdef'.repeat(4)}`;
const places = {
  registry: fc.constantFrom('mirror.example.com', 'mirror.example.com:5000/ext', 'registry.example.com'),
  pullSecrets: few(name.map(value => `pull-${value}`), 1),
  chartRepository: fc.constantFrom('https://charts.example.com', 'oci://mirror.example.com/charts'),
};
const images = fc.oneof(
  record({ pinning: fc.constant('tagsAllowed'), gateway: fc.constant('docker.io/library/haproxy:3.0'), ...places }, ['pinning']),
  record(places).map(keys => ({
    ...keys,
    parca: `ghcr.io/parca-dev/parca:v0.28.1${DIGEST}`,
    agent: `ghcr.io/parca-dev/parca-agent:v0.50.0${DIGEST}`,
    gateway: `haproxy${DIGEST}`,
    preflight: `busybox:1.37.0${DIGEST}`,
    nodeSettings: `busybox:1.37.0${DIGEST}`,
    ebpfInventory: `registry.example.com/inventory${DIGEST}`,
    pyroscope: `docker.io/grafana/pyroscope:2.2.1${DIGEST}`,
    alloy: `docker.io/grafana/alloy:v1.18.1${DIGEST}`,
  })),
);

const profilerResources = resources({ cpu: '50m', memory: '256Mi' }, { cpu: '2', memory: '2G' });
const fallback = (suffix: string) => record({
  image: fc.constantFrom('v0.28.0', 'v0.31.1').map(tag => `ghcr.io/parca-dev/parca-agent:${tag}${suffix}`),
  reason: fc.constantFrom('AMI pinned by vendor driver', 'on: 1:30 # yes, "really"'),
  remediateBy: fc.constantFrom('2027-03-31', '2028-02-29'),
  containerRuntimeSocket: fc.constant('/run/crio/crio.sock'),
}, ['image', 'reason', 'remediateBy']);
const poolKeys = record({
  memlock: fc.constantFrom('limited', 'unlimited'), appArmorProfile: fc.constant('parca-agent'), hasOwnToken: fc.boolean(), ...nodePodKeys, resources: profilerResources,
});
const kernels = (suffix: string) => fc.oneof(
  record({ kernel: fc.constantFrom('5.10', '5.15', '6.1', '4.19') }),
  fallback(suffix).map(value => ({ kernel: '5.4', fallback: value })),
);
const nodePools = (suffix: string) => fc.uniqueArray(name, { minLength: 1, maxLength: 4 }).chain(names => fc.tuple(
  fc.boolean(),
  fc.tuple(...names.map(() => fc.tuple(poolKeys, kernels(suffix)))),
).map(([hasRest, pools]) => pools.map(([{ hasOwnToken, ...keys }, kernel], i) => ({
  name: names[i],
  ...keys,
  ...kernel,
  ...(hasOwnToken && { pushToken: { secretName: `token-of-pool-${i}` } }),
  ...(hasRest && i === 0 ? {} : { nodeSelector: { pool: `pool-${i}` } }),
}))));
const agents = (suffix: string) => record({
  namespace: name.map(value => `agents-${value}`), nodePools: nodePools(suffix), pod: record({ ...nodePodKeys, resources: profilerResources }),
});

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
  pod: record({ ...workloadPodKeys, resources: resources({ cpu: '100m', memory: '128Mi' }, { cpu: '4', memory: '8Gi' }) }),
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

const parcaServer = record({
  namespace: name.map(value => `srv-${value}`),
  server,
  agent: record({ enabled: fc.boolean() }),
  tls,
  tokens,
  gateway: record({ clients: fc.integer({ min: 100, max: 10_000 }), pushPerMinute: fc.constantFrom('64Mi', '20Gi') }),
}, ['tls']);
const remoteStore = record({
  address: fc.constantFrom('store.example.com:443', 'grpc.polarsignals.com:443', 'parca.profiling.svc:7443'),
  tokenSecret: fc.constant({ secretName: 'store-token' }),
  caConfigMap,
  headers: fc.constantFrom({ projectID: '1234-5678' }, { 'projectID': 'a', 'x-scope': 'b=c, d' }),
  egressCidrs: few(cidr),
}, ['address', 'tokenSecret']).map(store => ({ remoteStore: store }));

const peer = record({ namespace: name.map(value => `peer-${value}`), podLabels: labels, egressPolicy: fc.boolean() }, ['namespace', 'podLabels']);
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
const nodesPod = record({ ...nodePodKeys, resources: resources({ cpu: '5m', memory: '16Mi' }, { cpu: '1', memory: '128Mi' }) });
const nodes = record({
  perfEventParanoid: fc.constantFrom<object[]>({}, { mode: 'atLeast', value: 2 }, { mode: 'exact' }, { mode: 'leave' }),
  perfEventMaxSampleRate: maxSampleRate,
  ebpfInventory,
  pod: nodesPod,
});
const nodesByFile = record({
  delivery: fc.constant('nodeConfiguration'),
  perfEventParanoid: fc.constantFrom<object[]>({ mode: 'exact' }, { mode: 'leave' }),
  perfEventMaxSampleRate: maxSampleRate,
  ebpfInventory,
  pod: nodesPod,
}, ['delivery', 'perfEventMaxSampleRate']);

const externalSecrets = record({
  storeRef: record({ kind: fc.constantFrom('ClusterSecretStore', 'SecretStore'), name: fc.constant('vault') }, ['name']),
  keyPrefix: fc.constantFrom('profiling', 'teams/profiling'),
  property: fc.constant('value'),
}, ['storeRef']);
const gitOps = fc.oneof(
  record({
    namespace: fc.constant('cd'),
    project: fc.constant('platform'),
    destination: fc.constantFrom<object[]>({ name: 'prod' }, { server: 'https://10.0.0.10:6443' }),
    syncWaves: fc.boolean(),
  }).map(argoCd => ({ argoCd })),
  record({ namespace: fc.constant('flux') }).map(flux => ({ flux })),
);

/** What runs: at least one of Parca and Pyroscope, each here or elsewhere. */
const products = (suffix: string) => fc.oneof(
  { weight: 3, arbitrary: record<Products>({ parca: parcaServer, pyroscope: fc.oneof(validPyroscope, validRemotePyroscope), agents: agents(suffix) }, ['parca']) },
  record<Products>({ parca: remoteStore, pyroscope: fc.oneof(withCertificate(validPyroscope), validRemotePyroscope), agents: agents(suffix) }, ['parca']),
  record<Products>({ pyroscope: fc.oneof(withCertificate(validPyroscope), validRemotePyroscope), agents: agents(suffix) }, ['pyroscope']),
).map(withoutIdleAgents).map(withCapablePool);

interface Products {
  readonly parca?: object;
  readonly pyroscope?: object;
  readonly agents?: object;
}

/** Pyroscope without a Parca server, whose certificate it would be like. */
function withCertificate(section: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc.tuple(section, tls).map(([keys, certificate]) => ({ ...keys, tls: certificate }));
}

/** Settings of nodes on which nothing runs are refused. */
function withoutIdleAgents({ agents: settings, ...rest }: Products): Products {
  const { parca, pyroscope } = rest as { parca?: { agent?: { enabled?: boolean } }; pyroscope?: object };
  const runs = pyroscope !== undefined || (parca !== undefined && parca.agent?.enabled !== false);
  return { ...rest, ...(runs && settings && { agents: settings }) };
}

/** Alloy alone needs a node that it can run on. */
function withCapablePool(parts: Products): Products {
  const { agents: settings, pyroscope } = parts as { agents?: { nodePools?: Array<{ kernel?: string; fallback?: object }> }; pyroscope?: object };
  const pools = settings?.nodePools;
  if (!pools || !pyroscope || !('remote' in pyroscope) || pools.some(({ kernel }) => kernel !== '5.4' && kernel !== '4.19')) { return parts; }
  const [{ fallback: _, ...first }, ...others] = pools;
  return { ...parts, agents: { ...settings, nodePools: [{ ...first, kernel: '6.1' }, ...others] } };
}

/** Readers and uploaders are those of a server. */
function withPeersOfServer(spec: Record<string, unknown>): Record<string, unknown> {
  const { parca, access } = spec as { parca?: object; access?: object };
  if (!access || (parca && !('remoteStore' in parca))) { return spec; }
  return { ...spec, access: { ...access, readers: [], symbolUploaders: [] } };
}

/** The nodes profile namespaces of tenants, which have to be in the scope. */
function withTenantsInScope(spec: Record<string, unknown>): Record<string, unknown> {
  const { scope, pyroscope } = spec as { scope?: { namespaces?: string[] }; pyroscope?: { tenants: Array<{ namespaces: string[] }> } };
  if (!scope?.namespaces || !pyroscope) { return spec; }
  return { ...spec, scope: { ...scope, namespaces: [...scope.namespaces, ...pyroscope.tenants.flatMap(({ namespaces }) => namespaces)] } };
}

/** Specifications that must be accepted; every key comes and goes. */
export const validSpec: fc.Arbitrary<Record<string, unknown>> = fc.tuple(images, fc.boolean()).chain(([chosen, isOld]) => fc.tuple(
  products('pinning' in chosen ? '' : DIGEST),
  record<Record<string, unknown>>({
    apiVersion: fc.constant('hardened-profiling/v1alpha1'),
    cluster: record({
      name,
      kubernetesVersion: isOld ? fc.constantFrom('1.28', '1.29') : fc.constantFrom('1.30', '1.33'),
      apiServerCidrs: few(cidr),
      apiServerPorts: few(fc.integer({ min: 1, max: 65535 }), 1),
      dns: record({
        namespace: name.map(value => `dns-${value}`), podLabels: labels, port: fc.integer({ min: 1, max: 65535 }), cidrs: few(cidr),
      }),
    }, ['name']),
    metadata: record(ownMetadata),
    namespaces: fc.oneof(record({ create: fc.constant(true), ...ownMetadata }), fc.constant({ create: false })),
    images: fc.constant(chosen),
    scope: record({
      optInLabel,
      sensitiveNamespaces: few(fc.oneof(name.map(value => `secret-${value}`), systemNamespace)),
      namespaces: few(appNamespace, 1),
    }),
    access: record({
      portForward: record({ groups: few(group), breakGlassGroups: few(group) }), readers: few(peer), scrapers: few(peer), symbolUploaders: few(peer),
    }),
    admission: admission(isOld),
    nodes: fc.oneof(nodes, nodesByFile),
    externalSecrets,
    gitOps,
  }, ['cluster', 'images']),
)).map(([parts, spec]) => withPeersOfServer(withTenantsInScope({ ...spec, ...parts })));
