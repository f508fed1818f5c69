import { agents, CREDENTIALS, exemption, extraPolicy, nodePools, onlyProblem, parca, paths, refusalOf, refusalOfText } from './errors';
import { DEFAULT_IMAGES } from '../../src/versions';
import { resolved } from '../support';

const DIGEST = `@sha256:${'0123456789abcdef'.repeat(4)}`;
const PINNED = Object.fromEntries(Object.entries(DEFAULT_IMAGES).map(([key, image]) => [key, `${image}${DIGEST}`]));
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };

describe('Pinned images', () => {
  it('are required unless tags are allowed', () => {
    expect(paths(refusalOf({ images: undefined }))).toEqual(['images.parca', 'images.agent', 'images.gateway', 'images.preflight']);
    expect(paths(refusalOf({ images: { pinning: 'required' } }))).toHaveLength(4);
  });

  it('are asked for with what to write', () => {
    expect(onlyProblem(refusalOf({ images: { ...PINNED, agent: 'ghcr.io/parca-dev/parca-agent:v0.49.0' } }))).toEqual({
      path: 'images.agent',
      message: 'has no digest, and `images.pinning` is `required`',
      found: 'ghcr.io/parca-dev/parca-agent:v0.49.0',
      allowed: 'an image reference that ends in @sha256: and 64 hex digits',
      fix: 'look the digest up (docker buildx imagetools inspect ghcr.io/parca-dev/parca-agent:v0.49.0) and write\n'
        + 'agent: ghcr.io/parca-dev/parca-agent:v0.49.0@sha256:<digest>\nor accept tags with `images: { pinning: tagsAllowed }`',
    });
  });

  it('are required of fallbacks as well', () => {
    expect(onlyProblem(refusalOf({ images: PINNED, ...nodePools({ name: 'a', kernel: '5.4', fallback }) }))).toMatchObject({
      path: 'agents.nodePools[0].fallback.image', message: 'has no digest, and `images.pinning` is `required`',
    });
  });

  it('are accepted with and without a tag', () => {
    expect(() => resolved({ images: { ...PINNED, preflight: `busybox${DIGEST}` } })).not.toThrow();
  });

  it('are not asked for when `images` or `pinning` itself is wrong', () => {
    expect(paths(refusalOf({ images: 5 }))).toEqual(['images']);
    expect(paths(refusalOf({ images: { pinning: 'tags' } }))).toEqual(['images.pinning']);
  });

  it('are not asked for where the image itself is wrong', () => {
    expect(onlyProblem(refusalOf({ images: { ...PINNED, agent: 'not an image' } }))).toMatchObject({ path: 'images.agent', message: 'is not valid' });
  });
});

describe('Image versions', () => {
  it.each([
    ['parca', 'ghcr.io/parca-dev/parca:v0.27.0', 'v0.28.0'],
    ['agent', 'ghcr.io/parca-dev/parca-agent:v0.48.1', 'v0.49.0'],
    ['agent', 'mirror.example.com/agent:0.9.0', 'v0.49.0'],
  ])('are refused when the flags differ: %s %s', (key, image, lowest) => {
    expect(onlyProblem(refusalOf({ images: { pinning: 'tagsAllowed', [key]: image } }))).toEqual({
      path: `images.${key}`,
      message: 'is older than the flags and the protocol used here',
      found: image,
      allowed: `${lowest} or newer`,
      fix: `use ${lowest}`,
    });
  });

  it.each(['parca', 'agent', 'gateway', 'preflight'])('are refused when they are the latest: %s', key => {
    expect(onlyProblem(refusalOf({ images: { pinning: 'tagsAllowed', [key]: 'example.com/a:latest' } }))).toEqual({
      path: `images.${key}`,
      message: 'uses the tag `latest`',
      found: 'example.com/a:latest',
      allowed: 'a tag that names a version',
      fix: 'name the version you tested',
    });
  });

  it.each([
    ['parca', 'ghcr.io/parca-dev/parca:v0.28.0'],
    ['parca', 'ghcr.io/parca-dev/parca:v0.100.0'],
    ['agent', 'ghcr.io/parca-dev/parca-agent:main-1234abcd'],
    ['gateway', 'haproxy:2.6'], ['preflight', 'busybox:0.1.0'],
  ])('are accepted: %s %s', (key, image) => {
    expect(() => resolved({ images: { pinning: 'tagsAllowed', [key]: image } })).not.toThrow();
  });
});

describe('Scope', () => {
  it.each<[string, object, object]>([
    ['payments', { sensitiveNamespaces: ['auth', 'payments'] }, {}],
    ['kube-system', {}, {}],
    ['profiling', {}, {}],
    ['obs-agents', {}, agents({ namespace: 'obs-agents' })],
  ])('refuses a sensitive namespace that is also opted in: %s', (namespace, scope, sections) => {
    expect(onlyProblem(refusalOf({ ...sections, scope: { ...scope, namespaces: ['checkout', namespace] } }))).toEqual({
      path: 'scope.namespaces[1]',
      message: 'is a sensitive namespace, which is never profiled',
      found: namespace,
      allowed: 'namespaces that are not sensitive',
      fix: 'remove it here, or from `scope.sensitiveNamespaces` if it stands there',
    });
  });

  it('keeps the index of a namespace behind one that is wrong', () => {
    expect(paths(refusalOf({ scope: { namespaces: ['Bad!', 'kube-system'] } }))).toEqual(['scope.namespaces[0]', 'scope.namespaces[1]']);
  });

  it('accepts other namespaces', () => {
    expect(() => resolved({ scope: { sensitiveNamespaces: ['payments'], namespaces: ['checkout'] } })).not.toThrow();
  });
});

describe('Node pools', () => {
  it('are refused when two have one name', () => {
    expect(onlyProblem(refusalOf(nodePools(
      { name: 'a', nodeSelector: { pool: 'a' } }, { name: 'b', nodeSelector: { pool: 'b' } }, { name: 'a', nodeSelector: { pool: 'c' } },
    )))).toEqual({
      path: 'agents.nodePools[2].name',
      message: 'names two node pools',
      found: 'a',
      allowed: 'a different name for each pool',
      fix: 'rename one of the two',
    });
  });

  it('are refused when two select the same nodes', () => {
    expect(onlyProblem(refusalOf(nodePools(
      { name: 'a', nodeSelector: { pool: 'x', zone: '1' } }, { name: 'b', nodeSelector: { zone: '1', arch: 'arm64' } },
    )))).toEqual({
      path: 'agents.nodePools[1].nodeSelector',
      message: 'selects the same nodes as pool `a`',
      found: 'labels arch=arm64, zone=1',
      allowed: 'pools that differ in the value of one label; one pool may have no nodeSelector and takes the other nodes',
      fix: 'give both pools the same label with different values, such as nodeSelector: { pool: b }',
    });
  });

  it('are refused when two have no selector', () => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a' }, { name: 'b' })))).toMatchObject({
      path: 'agents.nodePools[1].nodeSelector', message: 'selects the same nodes as pool `a`', found: 'no nodeSelector',
    });
  });

  it('are refused when only a label of every object would tell them apart', () => {
    expect(paths(refusalOf(nodePools({ name: 'a', nodeSelector: { constructor: 'x' } }, { name: 'b', nodeSelector: { pool: 'b' } }))))
      .toEqual(['agents.nodePools[1].nodeSelector']);
  });

  it('are called by their number where the name is wrong', () => {
    const error = refusalOf(nodePools(7, { name: 'A!', nodeSelector: { pool: 'a' } }, { name: 'b', nodeSelector: { pool: 'a' } }));
    expect(paths(error)).toEqual(['agents.nodePools[0]', 'agents.nodePools[1].name', 'agents.nodePools[2].nodeSelector']);
    expect(error.problems[2].message).toBe('selects the same nodes as pool `number 2`');
  });

  it.each<[string, unknown]>([
    ['of the wrong type', 'pool'], ['empty', {}], ['with a wrong value', { pool: 1 }], ['with a wrong key', { 'a b': 'c' }],
  ])('are not compared by a selector that is %s', (_, nodeSelector) => {
    const found = paths(refusalOf(nodePools({ name: 'b', nodeSelector }, { name: 'a' }, { name: 'c', nodeSelector: { pool: 'c' } })));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('agents.nodePools[0].nodeSelector');
  });

  it('are accepted when one label tells them apart', () => {
    expect(() => resolved(nodePools({ name: 'a', nodeSelector: { pool: 'a', zone: '1' } }, { name: 'b', nodeSelector: { pool: 'b', zone: '1' } }, { name: 'c' })))
      .not.toThrow();
  });

  const labelled = (count: number) => Array.from({ length: count }, (_, i) =>
    ({ name: `p${i}`, nodeSelector: { pool: `p${i}`, [`a${i}`]: 'x', [`b${i}`]: 'x', [`c${i}`]: 'x' } }));

  it('are refused when the rest of the nodes has too many forms', () => {
    expect(onlyProblem(refusalOf(nodePools(...labelled(4), { name: 'rest' })))).toEqual({
      path: 'agents.nodePools',
      message: 'has selectors of several labels that leave too many kinds of nodes for the pool without a nodeSelector',
      allowed: 'selectors whose labels multiply to at most 64',
      fix: 'select each pool by one label, or give every pool a nodeSelector',
    });
  });

  it('may have selectors of many labels when none takes the rest', () => {
    expect(() => resolved(nodePools(...labelled(4)))).not.toThrow();
  });
});

describe('Fallbacks', () => {
  it.each<[string, object]>([
    ['5.10', { kernel: '5.10' }], ['6.1', { kernel: '6.1' }], ['5.10', {}],
  ])('are refused on kernel %s', (kernel, keys) => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a', ...keys, fallback })))).toEqual({
      path: 'agents.nodePools[0].fallback',
      message: 'is for kernels below 5.10 only',
      found: `kernel ${kernel}`,
      allowed: 'no fallback with kernel 5.10 or newer: the least-capability agent works there',
      fix: 'remove `fallback`',
    });
  });

  it.each([5.4, '5.4.1', null])('are not judged by a kernel that is wrong: %j', kernel => {
    expect(paths(refusalOf(nodePools({ name: 'a', kernel, fallback })))).toEqual(['agents.nodePools[0].kernel']);
  });

  it.each(['ghcr.io/parca-dev/parca-agent:v0.27.0', 'ghcr.io/parca-dev/parca-agent:v0.32.0', 'ghcr.io/parca-dev/parca-agent:main', `example.com/a${DIGEST}`])(
    'are refused with %s', image => {
      expect(onlyProblem(refusalOf(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, image } })))).toEqual({
        path: 'agents.nodePools[0].fallback.image',
        message: 'is no agent of the generation for old kernels',
        found: image,
        allowed: 'Parca Agent with one of the tags v0.28.0, v0.29.0, v0.30.0, v0.31.0, v0.31.1',
        fix: 'use ghcr.io/parca-dev/parca-agent:v0.31.1; with a digest, keep the tag before it',
      });
    });

  it.each(['v0.28.0', 'v0.31.1', `v0.30.0${DIGEST}`])('are accepted with the tag %s', tag => {
    expect(() => resolved(nodePools({ name: 'a', kernel: '5.9', fallback: { ...fallback, image: `ghcr.io/parca-dev/parca-agent:${tag}` } }))).not.toThrow();
  });

  it.each(['image', 'reason', 'remediateBy'])('are refused without %s', key => {
    expect(onlyProblem(refusalOf(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, [key]: undefined } })))).toMatchObject({
      path: `agents.nodePools[0].fallback.${key}`, message: 'is required',
    });
  });
});

describe('Certificate', () => {
  const certManager = { issuerRef: { name: 'corp-ca' } };

  it('is refused with both sources', () => {
    expect(onlyProblem(refusalOf({ parca: { tls: { certManager, secretName: 'a' } } }))).toEqual({
      path: 'parca.tls',
      message: 'has both `certManager` and `secretName`',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'remove one of the two',
    });
  });

  it('is refused without a source', () => {
    expect(onlyProblem(refusalOf({ parca: { tls: {} } }))).toEqual({
      path: 'parca.tls',
      message: 'names no certificate',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'write\ntls: { secretName: parca-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }',
    });
  });

  it.each([{ secretName: 'Bad!' }, { secretName: null }, { certManager: 'corp-ca' }])('is not missed when its source is wrong: %j', tls => {
    expect(paths(refusalOf({ parca: { tls } }))).toEqual([`parca.tls.${Object.keys(tls)[0]}`]);
  });
});

describe('Bucket', () => {
  const s3 = { bucket: 'profiles', region: 'eu-central-1', roleArn: 'arn:aws:iam::111122223333:role/parca' };
  const gcs = { bucket: 'profiles', serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' };
  const storage = (objectStorage: object) => refusalOf(parca({ server: { objectStorage } }));

  it.each([{}, { egressCidrs: ['10.0.0.0/8'] }])('is refused when there is none: %j', keys => {
    expect(onlyProblem(storage(keys))).toEqual({
      path: 'parca.server.objectStorage',
      message: 'names no bucket',
      allowed: 'exactly one of `s3`, `gcs` and `azure`',
      fix: 'add the bucket, or remove the key to keep profiles on the volume',
    });
  });

  it('is refused when there are two', () => {
    expect(onlyProblem(storage({ s3, gcs }))).toEqual({
      path: 'parca.server.objectStorage',
      message: 'names several buckets: s3, gcs',
      allowed: 'exactly one of `s3`, `gcs` and `azure`',
      fix: 'keep one',
    });
  });

  it('is not missed when it is wrong', () => {
    expect(paths(storage({ s3: 'profiles' }))).toEqual(['parca.server.objectStorage.s3']);
  });
});

describe('Secrets', () => {
  it.each<[string, string, string, object]>([
    [
      'parca.tokens.read.secretName', 'parca.tokens.push', 'shared', parca({ tokens: { push: { secretName: 'shared' }, read: { secretName: 'shared' } } }),
    ],
    ['parca.tokens.read.secretName', 'parca.tokens.push', 'parca-push-token', parca({ tokens: { read: { secretName: 'parca-push-token' } } })],
    ['parca.tokens.read.secretName', 'parca.tokens.push', 'parca-read-token', parca({ tokens: { push: { secretName: 'parca-read-token' } } })],
    ['parca.tokens.metrics.secretName', 'parca.tls', 'parca-tls', parca({ tokens: { metrics: { secretName: 'parca-tls' } } })],
    [
      'parca.tokens.symbols.secretName', 'parca.tls', 'parca-tls',
      { parca: { tls: { certManager: { issuerRef: { name: 'a' } } }, tokens: { symbols: { secretName: 'parca-tls' } } } },
    ],
  ])('are refused for two purposes: %s and %s', (path, owner, name, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path,
      message: `is also the Secret of \`${owner}\``,
      found: name,
      allowed: 'a Secret of its own for the certificate, for each role, and for each pool that has a token of its own',
      fix: 'rename one of the two',
    });
  });

  it('are refused for two node pools, and for a pool and a role', () => {
    const pool = (name: string, secretName: string) => ({ name, nodeSelector: { pool: name }, pushToken: { secretName } });
    const agent = { nodePools: [pool('a', 'push-a'), pool('b', 'push-a'), pool('c', 'parca-read-token')] };
    expect(refusalOf(parca({ agent })).problems.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['agents.nodePools.1.pushToken.secretName', 'is also the Secret of `agents.nodePools.0.pushToken`'],
      ['agents.nodePools.2.pushToken.secretName', 'is also the Secret of `parca.tokens.read`'],
    ]);
  });

  it('are each compared with the first of their name', () => {
    const tokens = Object.fromEntries(['push', 'read', 'symbols'].map(role => [role, { secretName: 'shared' }]));
    expect(refusalOf(parca({ tokens })).problems.map(({ message }) => message)).toEqual(Array(2).fill('is also the Secret of `parca.tokens.push`'));
  });
});

describe('Credentials', () => {
  const peer = (podLabels: object) => ({ access: { readers: [{ namespace: 'a', podLabels }] } });
  const PLACES: Readonly<Record<string, (value: string) => object>> = {
    'cluster.name': value => ({ cluster: { name: value } }),
    'cluster.apiServerCidrs[0]': value => ({ cluster: { name: 'dev', apiServerCidrs: [value] } }),
    'images.gateway': value => ({ images: { pinning: 'tagsAllowed', gateway: value } }),
    'images.agent': value => ({ images: { pinning: 'required', agent: `ghcr.io/parca-dev/parca-agent:${value}` } }),
    'images.parca': value => ({ images: { pinning: 'tagsAllowed', parca: value } }),
    'scope.optInLabel.key': value => ({ scope: { optInLabel: { key: value, value: 'a' } } }),
    'scope.optInLabel.value': value => ({ scope: { optInLabel: { key: 'a', value } } }),
    'scope.sensitiveNamespaces[0]': value => ({ scope: { sensitiveNamespaces: [value] } }),
    'scope.namespaces[0]': value => ({ scope: { sensitiveNamespaces: [], namespaces: [value] } }),
    'parca.namespace': value => parca({ namespace: value }),
    'parca.tls.secretName': value => ({ parca: { tls: { secretName: value } } }),
    'parca.tokens.push.secretName': value => parca({ tokens: { push: { secretName: value } } }),
    'parca.server.persistence.storageClassName': value => parca({ server: { persistence: { storageClassName: value } } }),
    'agents.nodePools[0].name': value => nodePools({ name: value }, { name: 'b' }),
    'agents.nodePools[0].nodeSelector.pool': value => nodePools({ name: 'a', nodeSelector: { pool: value } }),
    'agents.nodePools[0].appArmorProfile': value => nodePools({ name: 'a', appArmorProfile: value }),
    'agents.nodePools[0].fallback.image': value => nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, image: `ghcr.io/a/b:${value}` } }),
    'agents.nodePools[0].fallback.reason': value => nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, reason: value } }),
    'agents.nodePools[0].tolerations[0].value': value => nodePools({ name: 'a', tolerations: [{ key: 'a', value }] }),
    'access.portForward.groups[0]': value => ({ access: { portForward: { groups: [value] } } }),
    'admission.platformGroups[0]': value => ({ admission: { platformGroups: [value] } }),
    'admission.exemptions[0].reason': value => exemption({ reason: value }),
    'admission.exemptions[0].serviceAccounts[0]': value => exemption({ serviceAccounts: [value] }),
    'admission.extraPolicies[0].expression': value => extraPolicy({ expression: value }),
    'admission.extraPolicies[0].message': value => extraPolicy({ message: value }),
    'access.readers[0].podLabels.app': value => peer({ app: value }),
    'access.readers[0].podLabels[a value that looks like a secret (not shown)]': value => peer({ [value]: 'a' }),
  };

  /** That a credential is refused there, and not shown. */
  function expectRefused(path: string, credential: string): void {
    const error = refusalOf(PLACES[path](credential));
    expect(paths(error)).toContain(path);
    expect(error.message).not.toContain(credential);
  }

  // One walk finds them wherever they stand, and whatever they are.
  it.each(Object.keys(PLACES))('are refused and not shown at %s', path => { expectRefused(path, CREDENTIALS.hex); });

  it.each(Object.entries(CREDENTIALS))('are refused and not shown: %s', (_, credential) => {
    expectRefused('agents.nodePools[0].fallback.reason', credential);
  });

  it('are refused in a sentence', () => {
    const error = refusalOf(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, reason: `the vendor gave us ${CREDENTIALS.hex} for it` } }));
    expect(onlyProblem(error)).toEqual({
      path: 'agents.nodePools[0].fallback.reason',
      message: 'looks like a credential',
      allowed: 'names of Secrets, never their content',
      fix: 'replace the credential at its issuer, since it has been written down here, and name a Secret instead',
    });
  });

  it('are not repeated by the checks that compare values', () => {
    const token = CREDENTIALS['upper-case hex'].toLowerCase();
    const error = refusalOf({
      images: { pinning: 'required', agent: `ghcr.io/parca-dev/parca-agent:${token}` },
      scope: { sensitiveNamespaces: [token], namespaces: [token] },
      ...parca({ tokens: { push: { secretName: token }, read: { secretName: token } } }),
      ...nodePools({ name: token, nodeSelector: { pool: token } }, { name: token, nodeSelector: { pool: token } }),
    });
    expect(error.message).not.toContain(token);
    expect(error.problems.filter(({ message }) => message === 'looks like a credential')).toHaveLength(9);
  });
});

describe('Problems', () => {
  it('of all checks are reported at once, each at its line', () => {
    const { message } = refusalOfText(`
cluster:
  name: dev
  kubernetesVersion: 1.33
  apiServerPorts: []
images:
  pinning: required
  parca: ghcr.io/parca-dev/parca:v0.20.0@sha256:${'0123456789abcdef'.repeat(4)}
  agent: ghcr.io/parca-dev/parca-agent:latest@sha256:${'0123456789abcdef'.repeat(4)}
  gateway: docker.io/library/haproxy:3.2.26
  preflight: docker.io/library/busybox:1.37.0@sha256:${'0123456789abcdef'.repeat(4)}
scope:
  sensitiveNamespaces: [payments]
  namespaces: [payments]
monitoring: {}
parca:
  namespace: default
  server:
    objectStorage: {}
  tls: {}
  tokens:
    push: { secretName: same }
    read: { secretName: same }
  agent:
    resources: { memoryLimit: 64Mi }
    nodePools:
      - { name: a }
      - name: a
        fallback: { image: "ghcr.io/parca-dev/parca-agent:v0.1.0@sha256:${'0123456789abcdef'.repeat(4)}", reason: short, remediateBy: 2027-02-31 }
`);
    expect(message.split('\n').filter(line => line.startsWith('profiling.yaml:')).map(line => line.replace('profiling.yaml:', ''))).toEqual([
      ' 18 problems',
      '4:3  cluster.kubernetesVersion: has the wrong type',
      '5:3  cluster.apiServerPorts: is empty',
      '8:3  images.parca: is older than the flags and the protocol used here',
      '9:3  images.agent: uses the tag `latest`',
      '10:3  images.gateway: has no digest, and `images.pinning` is `required`',
      '14:16  scope.namespaces[0]: is a sensitive namespace, which is never profiled',
      '15:1  monitoring: is not supported yet',
      '17:3  parca.namespace: is a namespace of Kubernetes itself',
      '19:5  parca.server.objectStorage: names no bucket',
      '20:3  parca.tls: names no certificate',
      '23:13  parca.tokens.read.secretName: is also the Secret of `parca.tokens.push`',
      '25:18  agents.pod.resources.memoryLimit: makes the memory request larger than the limit',
      '28:9  agents.nodePools[1].name: names two node pools',
      '28:9  agents.nodePools[1].nodeSelector: selects the same nodes as pool `a`',
      '29:9  agents.nodePools[1].fallback: is for kernels below 5.10 only',
      '29:21  agents.nodePools[1].fallback.image: is no agent of the generation for old kernels',
      expect.stringMatching(/^29:\d+ {2}parca\.agent\.nodePools\[1\]\.fallback\.reason: is not valid$/),
      expect.stringMatching(/^29:\d+ {2}parca\.agent\.nodePools\[1\]\.fallback\.remediateBy: is not valid$/),
    ]);
  });
});

describe('Limits of the gateway', () => {
  it.each([
    ['uploadSize', { uploadSize: '9Gi' }, 'uploadSize 9Gi, uploadsPerDay 8Gi'],
    ['uploadsPerDay', { uploadsPerDay: '512Mi' }, 'uploadSize 1Gi, uploadsPerDay 512Mi'],
  ])('let a whole file fit into a day: %s', (key, gateway, found) => {
    expect(onlyProblem(refusalOf(parca({ gateway })))).toEqual({
      path: `parca.gateway.${key}`,
      message: 'makes the largest upload larger than what may be uploaded in a day',
      found,
      allowed: 'an `uploadSize` of at most `uploadsPerDay`',
      fix: 'lower `uploadSize` or raise `uploadsPerDay`',
    });
  });

  it('are no more than it can count', () => {
    expect(onlyProblem(refusalOf(parca({ gateway: { pushPerMinute: '21Gi' } })))).toEqual({
      path: 'parca.gateway.pushPerMinute',
      message: 'is more than the gateway can count',
      found: '21Gi',
      allowed: 'at most 20Gi',
      fix: 'lower it; node pools with a `pushToken` of their own are counted each for itself',
    });
  });

  it.each([0, 99, 10_001])('are for a number of clients that it can be sized for, not %d', clients => {
    expect(onlyProblem(refusalOf(parca({ gateway: { clients } })))).toMatchObject({
      path: 'parca.gateway.clients', message: 'is out of range', found: `${clients}`, allowed: '100 to 10000',
    });
  });
});
