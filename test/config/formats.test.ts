import { agents, BUCKETS, CREDENTIALS, exemption, extraPolicy, nodePools, onlyProblem, parca, pem, pyroscope, refusalOf, tenants } from './errors';
import { FORMATS } from '../../src/config/formats';
import { resolved } from '../support';

const L63 = 'a'.repeat(63);
const HEX64 = '0123456789abcdef'.repeat(4);

interface Row { readonly accepts: readonly string[]; readonly refuses: readonly string[] }

const ROWS: Readonly<Record<string, Row>> = {
  'dns-label': {
    accepts: ['a', '0', 'prod-us-east-1', L63],
    refuses: ['', '-a', 'a-', 'A', 'a.b', 'a_b', `${L63}a`, 'ä', 'a\n', ' a'],
  },
  'pool-name': {
    accepts: ['gpu', 'a'.repeat(40)],
    refuses: ['', 'GPU', 'gpu_1', 'a'.repeat(41)],
  },
  'dns-subdomain': {
    accepts: ['parca-tls', 'a.b.c', `${L63}.${L63}.${L63}.${'a'.repeat(61)}`],
    refuses: ['', '.', 'a..b', 'a.', '.a', 'A.b', 'a_b', 'https://a', `${L63}a`, `${L63}.${L63}.${L63}.${'a'.repeat(62)}`],
  },
  'cluster-domain': {
    accepts: ['cluster.local', 'corp.internal', 'k8s', 'k8s-1.example.com', 'svcs.local', `${L63}.${L63}.a`.slice(1)],
    refuses: [
      '', '.', 'cluster.local.', '.cluster.local', 'Cluster.local', 'a_b', 'svc', 'svc.cluster.local', '10.96.0.10', '127.1', 'a.7', 'cluster.local:53',
      'https://cluster.local', 'cluster.local\n', `${L63}.${L63}.aa`,
    ],
  },
  'label-key': {
    accepts: ['app', 'App_1', 'app.kubernetes.io/name', `a/${L63}`, 'constructor'],
    refuses: ['', '/', 'a/', '/a', 'a/b/c', '-a', 'a-', 'a b', 'A/b', `${L63}a`, '__proto__'],
  },
  'label-value': {
    accepts: ['', 'a', 'A_b.c-1', L63],
    refuses: ['-a', 'a-', 'a b', 'a/b', `${L63}a`, 'a\n'],
  },
  'annotation-value': {
    accepts: ['', 'two words', 'line one\nline two', '日本語 😀', '{{ x }} $(y) "z"', 'a'.repeat(10_000)],
    refuses: ['a\tb', 'a\u0000', '\u001b[31mred', 'a\rb', 'a\u200bb', 'a'.repeat(10_001)],
  },
  'header-name': {
    accepts: ['projectID', 'x-scope-orgid', '1', 'a_b.c', 'constructor', 'a'.repeat(64)],
    refuses: ['', 'a b', 'a:b', ':authority', '-a', '_a', '__proto__', 'é', 'a\n', 'a=b', 'a;b', 'a'.repeat(65)],
  },
  'header-value': {
    accepts: ['a', '1234-5678', 'b=c, d', 'https://a/b', 'user@example.com', 'a'.repeat(512)],
    refuses: ['', ' ', ' a', 'a ', 'a;b', 'a$b', '$(HOME)', 'a\\b', 'a"b', "a'b", 'a\nb', 'é', 'a'.repeat(513)],
  },
  'store-address': {
    accepts: ['store.example.com:443', 'parca.profiling.svc:7443', 'localhost:1', 'a:65535'],
    refuses: [
      '', 'store.example.com', 'store.example.com:', ':443', 'https://store.example.com', 'https://store.example.com:443', 'a:0', 'a:65536', 'a:0443', 'a:443/b', 'a:443:443',
      '10.0.0.10:443', '[::1]:443', '::1:443', 'A.example.com:443', 'a_b:443', 'a..b:443', 'a b:443', 'user@a:443', 'a:443\n',
    ],
  },
  'https-url': {
    accepts: [
      'https://profiles.example.com', 'https://profiles.example.com/', 'https://a:8443', 'https://a.b/c-d/e_f.g~h', 'https://10.0.0.10:443', 'https://[fd00::1]:8443/a',
      'https://profiles-prod-001.grafana.net', 'https://a/%20b',
    ],
    refuses: [
      '', 'https://', 'http://a', 'HTTPS://a', 'a', '//a', 'https:/a', 'https:///a', 'https:////a', 'https://user@a', 'https://user:pw@a', 'https://a?b', 'https://a?', 'https://a#b',
      'https://a:0', 'https://a:65536', 'https://a:', 'https://%61', 'https://a b', 'https://-a', 'https://a\\b', 'https://[::g]', 'https://a/é', 'https://a\n', ' https://a',
      `https://${'a'.repeat(493)}`,
    ],
  },
  'chart-repository': {
    accepts: ['https://grafana.github.io/helm-charts', 'oci://mirror.example.com:5000/charts', 'oci://ghcr.io/grafana'],
    refuses: ['', 'http://charts.example.com', 'mirror.example.com/charts', 'oci://', 'oci:///a', 'oci://user:pw@a', 'OCI://a', 'oci://a?b', 'file:///charts', 'oci://a b'],
  },
  'registry': {
    accepts: ['mirror.example.com', 'mirror.example.com:5000', 'mirror.example.com:5000/ext/a_b', 'localhost', 'localhost:5000', 'mirror:5000', '10.0.0.10:5000', 'a.b/c'],
    refuses: [
      '', 'mirror', 'mirror/ext', 'https://mirror.example.com', 'oci://mirror.example.com', 'mirror.example.com/', 'mirror.example.com/Ext', 'mirror.example.com//a', '/a', '.a',
      'mirror.example.com:0', 'mirror.example.com:', 'user@mirror.example.com', 'mirror.example.com/a:1', 'mirror.example.com/a@b', 'a.b c', 'a.b\n', `a.${'b'.repeat(200)}`,
    ],
  },
  'tenant-id': {
    accepts: ['1', 'Team_A', "a!-_.*'()", 'a.b', '--', '...', 'anonymous-1', 'a'.repeat(150)],
    refuses: ['', '-', '.', '..', 'anonymous', 'a|b', 'a/b', 'a b', 'a:b', 'a"b', 'é', 'a\n', 'a'.repeat(151)],
  },
  'user-name': {
    accepts: ['123456', 'team@example.com', 'a_b-c.d', 'a'.repeat(100)],
    refuses: ['', '@a', '-a', 'a:b', 'a b', 'a"b', 'é', 'a\n', 'a'.repeat(101)],
  },
  'opt-in-value': {
    accepts: ['enabled', 'true'],
    refuses: ['', ' ', '-a', `${L63}a`],
  },
  'cidr': {
    accepts: ['10.0.0.10/32', '10.0.0.0/8', '0.0.0.0/1', 'fd00::/64', '2001:db8::1/128', '::1/128', '::/1'],
    refuses: [
      '', '10.0.0.10', '10.0.0.0/0', '::/0', '10.0.0.0/33', 'fd00::/129', '10.0.0.0/08', '10.0.0.0/8/8', '10.0.0/8', '10.0.0.256/32', 'localhost/8',
      '10.0.0.0/', '10.0.0.0/-1', ' 10.0.0.0/8', '10.0.0.010/32', 'fe80::1%eth0/64', '::ffff:10.0.0.1/128', '::FFFF:0:0/96', '*',
    ],
  },
  'memory': {
    accepts: ['16Mi', '512Mi', '1Gi', '20M', '16777216', '100Ti'],
    refuses: ['', '15Mi', '16777215', '0', '-1Gi', '1.5Gi', '1gi', '1GB', '1 Gi', '512', '512m', '1Pi', '9999999999', '999999999Ti'],
  },
  'cpu': {
    accepts: ['1m', '50m', '1', '999', '99999m'],
    refuses: ['', '0', '0m', '0.5', '50M', '1000', '-1', '50 m'],
  },
  'image': {
    accepts: ['busybox:1.37.0', 'ghcr.io/parca-dev/parca:v0.28.0', `a@sha256:${HEX64}`, `localhost:5000/a/b:c@sha256:${HEX64}`],
    refuses: [
      '', 'busybox', 'Busybox:1', 'a:', ':1', `a@sha256:${HEX64.slice(1)}`, `a@sha256:${HEX64}0`, `a@sha256:${HEX64.toUpperCase()}`, 'a@sha512:00',
      'https://ghcr.io/a:1', 'a b:1', `a:${'t'.repeat(129)}`, `${'a'.repeat(512)}:1`,
    ],
  },
  'kernel-version': {
    accepts: ['5.4', '5.10', '6.1'],
    refuses: ['', '5', '5.10.1', 'v5.10', '5.', '5.1000', '5.10-aws', '100.1'],
  },
  'kubernetes-version': {
    accepts: ['1.28', '1.30', '1.99'],
    refuses: ['', '1.27', '1.9', '2.0', '1.33.1', 'v1.33', '1.280', '1'],
  },
  'date': {
    accepts: ['2027-03-31', '2028-02-29'],
    refuses: ['', '2027-02-29', '2027-02-30', '2027-13-01', '2027-00-10', '2027-3-1', '31.03.2027', '2027-03-31T00:00:00Z', 'next year'],
  },
  'group': {
    accepts: ['sre-team', 'a', 'system:serviceaccounts:argocd', 'oidc:Platform Engineers', 'a'.repeat(253), '00000000-0000-0000-0000-000000000000'],
    refuses: [
      '', ' a', 'a ', 'a\nb', 'a\u0000', 'a'.repeat(254), 'system:authenticated', 'system:unauthenticated', 'system:serviceaccounts', 'system:masters', 'system:nodes',
      'system:serviceaccounts:', 'system:serviceaccounts:*', 'system:serviceaccounts:A', 'system:serviceaccounts:a:b', 'system:', 'system:monitoring',
    ],
  },
  'sentence': {
    accepts: ['0123456789', 'AMI pinned by vendor driver, ticket OPS-4211', 'a'.repeat(500)],
    refuses: ['', 'too short', '   short     ', 'two lines\nof text', `${'a'.repeat(501)}`, 'colours \u001b[31m of a terminal'],
  },
  'api-group': {
    accepts: ['', 'apps', 'networking.k8s.io'],
    refuses: [' ', '*', 'apps/v1', 'Apps', 'core_v1', '-a', 'a..b', 'apps\n'],
  },
  'resource': {
    accepts: ['pods', 'configmaps', 'pods/ephemeralcontainers', 'nodes2', 'a'.repeat(63)],
    refuses: ['', '*', 'pods/*', '*/scale', 'Pod', 'Pods', '2nodes', 'pods/', '/exec', 'pods/a/b', 'pods/a1', 'net-pols', 'a', 'a'.repeat(64), 'pods\n', 'pods, nodes'],
  },
  'cel': {
    accepts: ['true', 'object.spec.replicas <= 5', 'has(object.spec.a)\n  && object.spec.a == "é \\" \\n 😀"', 'a'.repeat(5000)],
    refuses: ['', ' ', '\n', 'a'.repeat(5001), 'a\tb', 'a\rb', 'a\u0000', '\u001b[31mtrue', '\u200btrue', 'a == "\ud800"'],
  },
  'data-key': {
    accepts: ['ca.crt', 'a', 'A_b-c.d'],
    refuses: ['', '.', '..', '..a', 'a/b', 'a b', 'a'.repeat(254)],
  },
  'absolute-path': {
    accepts: ['/run/containerd/containerd.sock', '/a'],
    refuses: ['', '/', 'run/a', '/run/', '/run//a', '/run/../etc', '/run/a b', '/run/$(id)', '/a\n'],
  },
  'exempt-path': {
    accepts: ['/proc', '/var/log', '/etc/cni/net.d', '/.a', '/a..b'],
    refuses: ['', '/', '//', 'var/log', '/var/log/', '/var//log', '/var/../etc', '/..', '/.', '/var/./log', '/a b', '/a\n', '/$(id)', '/é'],
  },
  'apparmor-profile': {
    accepts: ['parca-agent', 'a/b.c_d'],
    refuses: ['', 'unconfined', '/a', '-a', 'a b', 'a'.repeat(201)],
  },
  'tenant': {
    accepts: ['a', 'checkout', 'a--b', 'anonymous-1', '0', 'a'.repeat(40)],
    refuses: ['', 'anonymous', 'Checkout', 'a.b', 'a_b', 'a|b', 'a/b', '-a', 'a-', '..', 'a'.repeat(41), 'a\n', ' a'],
  },
  'retention': {
    accepts: ['1h', '12h', '7d', '4w', '9999h'],
    refuses: ['', '0h', '07d', '7', 'd', '7 d', '7D', '30m', '1y', '1.5d', '-1d', '1d12h', '10000h', '7d\n'],
  },
  'profile-size': {
    accepts: ['64Ki', '65536', '4Mi', '5M', '96Mi', '100663296'],
    refuses: ['', '63Ki', '65535', '97Mi', '100663297', '256Mi', '1Gi', '4MB', '4', '-4Mi', '4 Mi'],
  },
  'alloc-interval': {
    accepts: ['1', '524288', '512k', '2m'],
    refuses: ['', '0', '0k', '512K', '512kb', '1g', '-1', '1.5m', '1234567', '512k,lock', '2m\n'],
  },
  'lock-threshold': {
    accepts: ['10ms', '1s', '100us', '999999us'],
    refuses: ['', '10', '0ms', '10m', '10 ms', '10ns', '-1s', '1.5s', '1234567s', '10ms,alloc', '10ms\n'],
  },
  'scan-interval': {
    accepts: ['10s', '99s', '5m', '24h', '86400s'],
    refuses: ['', '9s', '0m', '25h', '86401s', '1d', '05m', '5', 'm', '5 m', '5M', '-5m', '1.5m', '1m30s', '5m\n'],
  },
  'learning-time': {
    accepts: ['0s', '0m', '1s', '15m', '24h'],
    refuses: ['', '0', '-1s', '25h', '1d', '00s', '15m '],
  },
  'ebpf-type': {
    accepts: ['xdp', 'kprobe', 'perf_event', 'cgroup_sock_addr', 'sk_skb', '32'],
    refuses: ['', 'x', 'Kprobe', 'BPF_PROG_TYPE_KPROBE', '1kprobe', '-1', '123456', 'k probe', 'k-probe', `k${'a'.repeat(41)}`],
  },
  'ebpf-name': {
    accepts: ['', 'main', 'sd_fw_ingress', 'a.b', 'perf_event_main_that_is_long'],
    refuses: ['a b', 'a"', 'a\\', 'a\n', 'é', 'a'.repeat(129)],
  },
  'ebpf-tag': {
    accepts: ['6deef7357e7b4530', '0'.repeat(16)],
    refuses: ['', '6deef7357e7b453', '6deef7357e7b45300', '6DEEF7357E7B4530', 'g'.repeat(16)],
  },
  'certificates': {
    accepts: [
      pem('CERTIFICATE'), pem('CERTIFICATE').trim(), pem('CERTIFICATE') + pem('CERTIFICATE'), `\n\n${pem('CERTIFICATE')}\n\n${pem('CERTIFICATE')}\n`,
      pem('CERTIFICATE').replace(/\n/g, '\r\n'), pem('CERTIFICATE', 'A'.repeat(99_000)),
    ],
    refuses: [
      '', 'ca.crt', pem('PRIVATE KEY'), pem('RSA PRIVATE KEY'), pem('CERTIFICATE') + pem('EC PRIVATE KEY'), pem('EC PRIVATE KEY') + pem('CERTIFICATE'),
      pem('CERTIFICATE', ''), pem('CERTIFICATE', 'a b: c'), pem('CERTIFICATE', '{}'), `${pem('CERTIFICATE')}x`, `x${pem('CERTIFICATE')}`,
      pem('CERTIFICATE').slice(0, -9), pem('TRUSTED CERTIFICATE'), pem('CERTIFICATE REQUEST'), pem('CERTIFICATE', 'A'.repeat(100_001)),
      pem('CERTIFICATE').toLowerCase(), '-----BEGIN CERTIFICATE----------END CERTIFICATE-----',
    ],
  },
  'store-key': {
    accepts: ['profiling', 'teams/profiling', 'a.b_C-1/2', 'a'.repeat(200)],
    refuses: ['', '/', '/a', 'a/', 'a//b', 'a/../b', '..', '.a', 'a b', 'a#b', 'a\n', '-a', 'a'.repeat(201)],
  },
  'bucket': {
    accepts: ['abc', 'corp-profiles', 'a.b_c', L63],
    refuses: ['', 'ab', 'Corp', '-abc', 'abc-', `${L63}a`, 's3://abc', 'a/b'],
  },
  'role-arn': {
    accepts: ['arn:aws:iam::111122223333:role/parca', 'arn:aws-us-gov:iam::111122223333:role/a/b+=,.@-'],
    refuses: ['', 'parca', 'arn:aws:iam::1111:role/parca', 'arn:aws:iam::111122223333:user/parca', 'arn:aws:iam::111122223333:role/', 'arn:aws:iam::111122223333:role/a b'],
  },
  'gcp-service-account': {
    accepts: ['parca-server@my-project.iam.gserviceaccount.com', 'parca-server@example.com:project.iam.gserviceaccount.com'],
    refuses: ['', 'parca', 'parca@example.com', 'abc@my-project.iam.gserviceaccount.com', 'Parca@my-project.iam.gserviceaccount.com'],
  },
  'azure-account': {
    accepts: ['abc', 'corpprofiles01', 'a'.repeat(24)],
    refuses: ['', 'ab', 'corp-profiles', 'Corp', 'a'.repeat(25)],
  },
  'uuid': {
    accepts: ['00000000-0000-0000-0000-000000000000', '0B1D2C3E-4F50-6172-8394-A5B6C7D8E9F0'],
    refuses: ['', '00000000000000000000000000000000', '{00000000-0000-0000-0000-000000000000}', '0000000g-0000-0000-0000-000000000000'],
  },
};

describe.each(Object.entries(ROWS))('Format %s', (name, { accepts, refuses }) => {
  it.each(accepts)('accepts %j', value => {
    expect(FORMATS[name].test(value)).toBe(true);
  });

  it.each(refuses)('refuses %j', value => {
    expect(FORMATS[name].test(value)).toBe(false);
  });
});

describe('Formats', () => {
  const { s3, azure } = BUCKETS;
  const storage = (keys: object) => parca({ server: { objectStorage: keys } });
  const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver', remediateBy: '2027-03-31' };
  const old = (keys: object) => nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, ...keys } });

  const remoteStore = (keys: object) => ({ parca: { remoteStore: { address: 'store.example.com:443', tokenSecret: { secretName: 'a' }, ...keys } } });
  const inventory = (section: object) => ({ nodes: { ebpfInventory: section } });

  /** One place in the document for each format, with a value it refuses and a part of what it allows. */
  const PLACES: ReadonlyArray<readonly [format: string, path: string, found: string, allowed: string, sections: object]> = [
    ['dns-label', 'cluster.name', 'Dev', 'a DNS label', { cluster: { name: 'Dev' } }],
    ['pool-name', 'agents.nodePools[0].name', 'gpu_1', 'at most 40 characters', nodePools({ name: 'gpu_1' })],
    ['dns-subdomain', 'parca.tls.secretName', 'Parca', 'a DNS name', { parca: { tls: { secretName: 'Parca' } } }],
    ['cluster-domain', 'cluster.dns.domain', 'svc.corp.internal', 'the domain behind `svc`', { cluster: { name: 'dev', dns: { domain: 'svc.corp.internal' } } }],
    ['label-key', 'scope.optInLabel.key', 'a b', 'a label key', { scope: { optInLabel: { key: 'a b', value: 'c' } } }],
    ['label-value', 'agents.nodePools[0].nodeSelector.pool', 'a b', 'a label value', nodePools({ name: 'a', nodeSelector: { pool: 'a b' } })],
    ['annotation-value', 'metadata.annotations.note', 'a\tb', 'at most 10000 characters', { metadata: { annotations: { note: 'a\tb' } } }],
    ['header-name', 'parca.remoteStore.headers["a b"]', 'a b', 'the name of a header', remoteStore({ headers: { 'a b': 'c' } })],
    ['header-value', 'parca.remoteStore.headers.projectID', 'a;b', 'at most 512 letters', remoteStore({ headers: { projectID: 'a;b' } })],
    ['store-address', 'parca.remoteStore.address', 'store.example.com', 'a host name and a port', remoteStore({ address: 'store.example.com' })],
    ['https-url', 'pyroscope.remote.url', 'http://a', 'begins with https://', pyroscope({ remote: { url: 'http://a' } })],
    ['chart-repository', 'images.chartRepository', 'http://a', 'https:// or oci://', { images: { pinning: 'tagsAllowed', chartRepository: 'http://a' } }],
    ['registry', 'images.registry', 'mirror', 'the host of a registry', { images: { pinning: 'tagsAllowed', registry: 'mirror' } }],
    ['tenant-id', 'pyroscope.tenants[0].tenantId', 'a|b', 'at most 150 letters', tenants({ tenantId: 'a|b' })],
    ['user-name', 'pyroscope.tenants[0].user', 'a:b', 'numbers in quotes', { pyroscope: { ...tenants({ user: 'a:b' }).pyroscope, remote: { url: 'https://a' } } }],
    ['opt-in-value', 'scope.optInLabel.value', '', 'a label value that is not empty', { scope: { optInLabel: { key: 'a', value: '' } } }],
    ['cidr', 'cluster.apiServerCidrs[0]', '0.0.0.0/0', 'CIDR notation other than /0', { cluster: { name: 'dev', apiServerCidrs: ['0.0.0.0/0'] } }],
    ['memory', 'parca.server.activeMemory', '512MB', 'at least 16Mi', parca({ server: { activeMemory: '512MB' } })],
    ['cpu', 'agents.pod.resources.cpuRequest', '0.5', 'a quantity of CPU', agents({ pod: { resources: { cpuRequest: '0.5' } } })],
    [
      'image', 'images.parca', `a@sha256:${HEX64.slice(1)}`, 'a digest of 64 hex digits',
      { images: { pinning: 'tagsAllowed', parca: `a@sha256:${HEX64.slice(1)}` } },
    ],
    ['kernel-version', 'agents.nodePools[0].kernel', '5.10.1', 'as major.minor, such as "5.15"', nodePools({ name: 'a', kernel: '5.10.1' })],
    ['kubernetes-version', 'cluster.kubernetesVersion', '1.27', '"1.28" or newer', { cluster: { name: 'dev', kubernetesVersion: '1.27' } }],
    ['date', 'agents.nodePools[0].fallback.remediateBy', '2027-02-30', 'YYYY-MM-DD', old({ remediateBy: '2027-02-30' })],
    ['group', 'access.portForward.groups[0]', 'system:authenticated', 'sre-team', { access: { portForward: { groups: ['system:authenticated'] } } }],
    ['sentence', 'agents.nodePools[0].fallback.reason', 'because', '10 to 500 characters', old({ reason: 'because' })],
    ['api-group', 'admission.extraPolicies[0].apiGroup', 'apps/v1', 'or an empty string for the core group', extraPolicy({ apiGroup: 'apps/v1' })],
    ['resource', 'admission.extraPolicies[0].resources[1]', 'Pod', 'a resource in plural', extraPolicy({ resources: ['pods', 'Pod'] })],
    ['cel', 'admission.extraPolicies[0].expression', ' ', 'at most 5000 characters', extraPolicy({ expression: ' ' })],
    ['data-key', 'parca.tls.caConfigMap.key', 'a/b', 'ca.crt', { parca: { tls: { secretName: 'a', caConfigMap: { name: 'b', key: 'a/b' } } } }],
    [
      'absolute-path', 'agents.nodePools[0].fallback.containerRuntimeSocket', '/run/../etc', 'an absolute path without ..',
      old({ containerRuntimeSocket: '/run/../etc' }),
    ],
    ['exempt-path', 'admission.exemptions[0].hostPaths[0].path', '/', 'other than /', exemption({ hostPaths: [{ path: '/' }] })],
    [
      'apparmor-profile', 'agents.nodePools[0].appArmorProfile', 'unconfined', 'loaded on the nodes', nodePools({ name: 'a', appArmorProfile: 'unconfined' }),
    ],
    ['tenant', 'pyroscope.tenants[0].name', 'anonymous', 'other than anonymous', tenants({ name: 'anonymous' })],
    ['retention', 'pyroscope.retention', '30m', 'hours, days or weeks', pyroscope({ retention: '30m' })],
    ['profile-size', 'pyroscope.tenants[0].maxProfileSize', '1Gi', 'from 64Ki to 96Mi', tenants({ maxProfileSize: '1Gi' })],
    ['alloc-interval', 'pyroscope.tenants[0].java.alloc', '512K', 'as async-profiler reads it', tenants({ java: { enabled: true, alloc: '512K' } })],
    ['lock-threshold', 'pyroscope.tenants[0].java.lock', '10', 'such as 10ms', tenants({ java: { enabled: true, lock: '10' } })],
    ['scan-interval', 'nodes.ebpfInventory.interval', '5s', 'from 10s to 24h', inventory({ interval: '5s' })],
    ['learning-time', 'nodes.ebpfInventory.learnFor', '2d', 'up to 24h', inventory({ learnFor: '2d' })],
    ['ebpf-type', 'nodes.ebpfInventory.baseline[0].type', 'KPROBE', 'as bpftool calls it', inventory({ baseline: [{ type: 'KPROBE', name: 'a' }] })],
    ['ebpf-name', 'nodes.ebpfInventory.baseline[0].name', 'a b', 'empty for one without a name', inventory({ baseline: [{ type: 'xdp', name: 'a b' }] })],
    ['ebpf-tag', 'nodes.ebpfInventory.baseline[0].tag', 'abc', '16 lower-case hex digits', inventory({ baseline: [{ type: 'xdp', name: 'a', tag: 'abc' }] })],
    ['certificates', 'pyroscope.grafana.caBundle', 'ca.crt', 'certificates in PEM', pyroscope({ grafana: { namespace: 'a', caBundle: 'ca.crt' } })],
    [
      'store-key', 'externalSecrets.keyPrefix', '/profiling', 'separated by slashes',
      { externalSecrets: { storeRef: { name: 'vault' }, keyPrefix: '/profiling' } },
    ],
    ['bucket', 'parca.server.objectStorage.s3.bucket', 's3://a', '3 to 63', storage({ s3: { ...s3, bucket: 's3://a' } })],
    ['role-arn', 'parca.server.objectStorage.s3.roleArn', 'parca', 'the ARN of an IAM role', storage({ s3: { ...s3, roleArn: 'parca' } })],
    [
      'gcp-service-account', 'parca.server.objectStorage.gcs.serviceAccount', 'parca', 'a Google service account',
      storage({ gcs: { bucket: 'profiles', serviceAccount: 'parca' } }),
    ],
    ['azure-account', 'parca.server.objectStorage.azure.storageAccount', 'Corp', '3 to 24', storage({ azure: { ...azure, storageAccount: 'Corp' } })],
    ['uuid', 'parca.server.objectStorage.azure.clientId', 'parca', 'a UUID', storage({ azure: { ...azure, clientId: 'parca' } })],
  ];

  it.each(PLACES)('refuse what is no %s', (format, path, found, allowed, sections) => {
    const problem = onlyProblem(refusalOf(sections));
    expect(problem).toMatchObject({ path, message: 'is not valid', found: JSON.stringify(found), fix: 'correct the value' });
    expect(problem.allowed).toContain(allowed);
    expect(problem.allowed).toBe(FORMATS[format].allowed);
  });

  it('are all covered here', () => {
    expect(PLACES.map(([format]) => format)).toEqual(Object.keys(FORMATS));
    expect(Object.keys(ROWS)).toEqual(Object.keys(FORMATS));
  });

  it('refuse a private key where certificates belong, without showing it', () => {
    const key = ['MC4CAQAwBQYDK2Vw', 'BCIEIA1B2C3D4'].join('');
    [pem('PRIVATE KEY', key), pem('CERTIFICATE') + pem('EC PRIVATE KEY', key)].forEach(caBundle => {
      const error = refusalOf(pyroscope({ grafana: { namespace: 'monitoring', caBundle } }));
      expect(onlyProblem(error)).toEqual({
        path: 'pyroscope.grafana.caBundle',
        message: 'is not valid',
        found: 'a value that looks like a secret (not shown)',
        allowed: FORMATS.certificates.allowed,
        fix: 'replace the credential at its issuer, since it has been written down here, and name a Secret instead',
      });
      expect(error.message).not.toContain(key);
    });
  });

  it('take a certificate for no credential', () => {
    const caBundle = pem('CERTIFICATE', 'MIIBszCCAVmgAwIBAgIUa1B2c3D4a1B2c3D4a1B2c3D4a1B2c3D4a1B2c3D4a1B2\n0123456789abcdef0123456789abcdef').repeat(2);
    expect(resolved(pyroscope({ grafana: { namespace: 'monitoring', caBundle } })).pyroscope?.grafana?.caBundle).toBe(caBundle);
  });

  it.each([
    ['without an end', `-----BEGIN CERTIFICATE-----${' '.repeat(90_000)}`],
    ['with something behind them', `${pem('CERTIFICATE')}${' '.repeat(90_000)}x`],
    ['with much between them', `${pem('CERTIFICATE')}${' \n'.repeat(45_000)}x`],
  ])('refuse long texts with certificates %s', (_, text) => {
    expect(FORMATS.certificates.test(text)).toBe(false);
  });

  it.each(Object.entries(CREDENTIALS))('do not show %s, and say to replace it', (_, credential) => {
    const error = refusalOf({ cluster: { name: 'dev', apiServerCidrs: [credential] } });
    expect(onlyProblem(error)).toMatchObject({
      path: 'cluster.apiServerCidrs[0]',
      message: 'is not valid',
      found: 'a value that looks like a secret (not shown)',
      fix: 'replace the credential at its issuer, since it has been written down here, and name a Secret instead',
    });
    expect(error.message).not.toContain(credential);
  });
});
