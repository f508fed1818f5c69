import { agents, CREDENTIALS, exemption, extraPolicy, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf, refusalOfText } from './errors';
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

  it('are not required of fallbacks that nothing runs', () => {
    const pools = nodePools({ name: 'a' }, { name: 'b', kernel: '5.4', nodeSelector: { pool: 'b' }, fallback });
    expect(() => resolved({ images: PINNED, ...pools, parca: undefined, ...pyroscope({ tls: { secretName: 'a' } }) })).not.toThrow();
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
agents:
  pod: { resources: { memoryLimit: 64Mi } }
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
      '25:23  agents.pod.resources.memoryLimit: makes the memory request larger than the limit',
      '28:7  agents.nodePools[1].name: names two node pools',
      '28:7  agents.nodePools[1].nodeSelector: selects the same nodes as pool `a`',
      '29:7  agents.nodePools[1].fallback: is for kernels below 5.10 only',
      '29:19  agents.nodePools[1].fallback.image: is no agent of the generation for old kernels',
      expect.stringMatching(/^29:\d+ {2}agents\.nodePools\[1\]\.fallback\.reason: is not valid$/),
      expect.stringMatching(/^29:\d+ {2}agents\.nodePools\[1\]\.fallback\.remediateBy: is not valid$/),
    ]);
  });
});
