import { agents, CREDENTIALS, exemption, extraPolicy, nodePools, onlyProblem, parca, paths, pyroscope, refusal, refusalOf, refusalOfText } from './errors';
import { ReservedPrivilege } from '../../src/api/exemptions';
import { checkShape } from '../../src/config/shape';
import { resolve } from '../../src/resolve';
import { MINIMAL, resolved } from '../support';

const TOP_LEVEL = 'access, admission, agents, apiVersion, cluster, externalSecrets, gitOps, images, metadata, namespaces, nodes, parca, pyroscope, scope';

describe('Unknown keys', () => {
  it('are refused with the keys that are known', () => {
    expect(onlyProblem(refusalOf({ helm: {} } as object))).toEqual({
      path: 'helm', message: 'unknown key', allowed: TOP_LEVEL, fix: 'remove it',
    });
  });

  it.each<[string, string, object]>([
    ['scop', 'scope', { scop: {} }],
    ['scope.namespace', 'namespaces', { scope: { namespace: ['a'] } }],
    ['agents.nodePool', 'nodePools', agents({ nodePool: [] })],
    ['agents.nodePools[0].nodeselector', 'nodeSelector', nodePools({ name: 'a', nodeselector: { a: 'b' } })],
  ])('are refused with the key that may be meant: %s for %s', (path, meant, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({ path, message: 'unknown key', fix: `did you mean \`${meant}\`?` });
  });

  it.each(['monitoring'])('are refused as planned: %s', key => {
    expect(onlyProblem(refusalOf({ [key]: { anything: true } }))).toEqual({
      path: key, message: 'is not supported yet', allowed: TOP_LEVEL, fix: 'remove this section until a release supports it',
    });
  });

  it('are not refused as planned below the top level', () => {
    expect(onlyProblem(refusalOf({ scope: { monitoring: [] } }))).toMatchObject({ path: 'scope.monitoring', message: 'unknown key' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('are refused though every object has them: %s', key => {
    expect(onlyProblem(refusalOfText(`
cluster: { name: dev }
images: { pinning: tagsAllowed }
parca: { tls: { secretName: parca-tls } }
${key}: { polluted: true }
`))).toMatchObject({ path: key, message: 'unknown key' });
    expect(paths(refusalOfText(`
cluster: { name: dev, ${key}: { polluted: true } }
images: { pinning: tagsAllowed, ${key}: true }
parca: { tls: { secretName: parca-tls, ${key}: [1] } }
`))).toEqual([`cluster.${key}`, `images.${key}`, `parca.tls.${key}`]);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each(Object.entries(CREDENTIALS))('are refused without being shown when they look like %s', (_, credential) => {
    const error = refusalOf({ scope: { [credential]: 'x' } });
    expect(onlyProblem(error)).toMatchObject({
      path: 'scope[a value that looks like a secret (not shown)]',
      message: 'unknown key',
      fix: 'replace the credential at its issuer, since it has been written down here, and name a Secret instead',
    });
    expect(error.message).not.toContain(credential);
  });

  it.each(Object.entries(CREDENTIALS))('are refused without showing that they hold %s', (_, credential) => {
    expect(refusalOf({ scope: { tokn: credential, nested: { list: [credential] } } }).message).not.toContain(credential);
  });
});

describe('Missing keys', () => {
  it.each<[string, string, object]>([
    ['cluster', 'add `cluster` at the top level', { cluster: undefined }],
    ['cluster.name', 'add `name` under `cluster`', { cluster: {} }],
    ['parca.remoteStore.tokenSecret', 'add `tokenSecret` under `parca.remoteStore`', { parca: { remoteStore: { address: 'a:443' } } }],
    ['pyroscope.remote.url', 'add `url` under `pyroscope.remote`', pyroscope({ remote: {} })],
    ['externalSecrets.storeRef', 'add `storeRef` under `externalSecrets`', { externalSecrets: {} }],
    ['scope.optInLabel.value', 'add `value` under `scope.optInLabel`', { scope: { optInLabel: { key: 'a' } } }],
    ['access.readers[0].podLabels', 'add `podLabels` under `access.readers[0]`', { access: { readers: [{ namespace: 'a' }] } }],
    [
      'agents.nodePools[0].fallback.remediateBy',
      'add `remediateBy` under `agents.nodePools[0].fallback`',
      nodePools({ name: 'a', kernel: '5.4', fallback: { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver' } }),
    ],
    [
      'agents.nodePools[0].fallback.reason',
      'add `reason` under `agents.nodePools[0].fallback`',
      nodePools({ name: 'a', kernel: '5.4', fallback: { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', remediateBy: '2027-03-31' } }),
    ],
    ['admission.exemptions[0].reason', 'add `reason` under `admission.exemptions[0]`', exemption({ reason: undefined })],
    ['admission.extraPolicies[0].message', 'add `message` under `admission.extraPolicies[0]`', extraPolicy({ message: undefined })],
    ['admission.extraPolicies[0].resources', 'add `resources` under `admission.extraPolicies[0]`', extraPolicy({ resources: undefined })],
  ])('are refused: %s', (path, fix, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({ path, message: 'is required', fix });
  });

  it('are refused with what they are for, on one line', () => {
    expect(onlyProblem(refusalOf({ access: { readers: [{ namespace: 'a' }] } })).allowed).toBe('Labels the pods carry, all of them; at least one.');
  });
});

describe('Wrong types', () => {
  it.each<[string, string, string, string, object]>([
    ['cluster', '"dev" (string)', 'a mapping', 'give a mapping', { cluster: 'dev' }],
    ['cluster', 'a list', 'a mapping', 'give a mapping', { cluster: [{ name: 'dev' }] }],
    ['cluster', 'nothing (null)', 'a mapping', 'give a mapping', { cluster: null }],
    ['cluster.name', 'nothing (null)', 'a string', 'give a string', { cluster: { name: null } }],
    ['cluster.name', 'a mapping', 'a string', 'give a string', { cluster: { name: { a: 1 } } }],
    ['cluster.apiServerCidrs', '"10.0.0.0/8" (string)', 'a list', 'give a list', { cluster: { name: 'dev', apiServerCidrs: '10.0.0.0/8' } }],
    [
      'cluster.apiServerPorts[1]', '"443" (string)', 'a whole number', 'give a whole number', { cluster: { name: 'dev', apiServerPorts: [443, '443'] } },
    ],
    ['cluster.apiServerPorts[0]', '443.5 (number)', 'a whole number', 'give a whole number', { cluster: { name: 'dev', apiServerPorts: [443.5] } }],
    [
      'access.readers[0].egressPolicy', '"yes" (string)', 'true or false', 'give true or false',
      { access: { readers: [{ namespace: 'a', podLabels: { app: 'b' }, egressPolicy: 'yes' }] } },
    ],
  ])('are refused: %s with %s', (path, found, allowed, fix, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({ path, message: 'has the wrong type', found, allowed, fix });
  });

  it.each<[string, string, string, object]>([
    ['cluster.kubernetesVersion', '1.33 (number)', '"1.33"', { cluster: { name: 'dev', kubernetesVersion: 1.33 } }],
    ['agents.nodePools[0].nodeSelector.gpu', 'true (boolean)', '"true"', nodePools({ name: 'a', nodeSelector: { gpu: true } })],
  ])('are refused with the value in quotes: %s', (path, found, quoted, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path, message: 'has the wrong type', found, allowed: 'a string', fix: `put it in quotes: ${quoted}; check the digits, YAML reads 5.10 as 5.1`,
    });
  });

  it('are refused for a kernel that YAML reads as a number', () => {
    const error = refusalOfText(`
cluster: { name: dev }
images: { pinning: tagsAllowed }
parca: { tls: { secretName: parca-tls } }
agents:
  nodePools:
    - name: default
      kernel: 5.10
`);
    expect(onlyProblem(error)).toMatchObject({
      path: 'agents.nodePools[0].kernel', found: '5.1 (number)', fix: 'put it in quotes: "5.1"; check the digits, YAML reads 5.10 as 5.1',
    });
    expect(error.message).toContain('profiling.yaml:8:7  agents.nodePools[0].kernel');
  });

  it.each<[unknown, string]>([
    ['text', '"text" (string)'], [5, '5 (number)'], [null, 'nothing (null)'], [[], 'an empty list'], [true, 'true (boolean)'],
  ])('are refused for the whole specification: %j', (value, found) => {
    expect(onlyProblem(refusal(() => resolve(value)))).toEqual({
      path: '(root)', message: 'has the wrong type', found, allowed: 'a mapping', fix: 'give a mapping',
    });
  });

  it.each(Object.entries(CREDENTIALS))('are refused without showing %s', (_, credential) => {
    const error = refusalOf({ scope: { namespaces: credential } });
    expect(onlyProblem(error)).toMatchObject({ path: 'scope.namespaces', found: 'a value that looks like a secret (not shown) (string)' });
    expect(error.message).not.toContain(credential);
  });
});

describe('Closed sets', () => {
  it('refuse another value, with the one that may be meant', () => {
    expect(onlyProblem(refusalOf({ images: { pinning: 'tagsallowed' } }))).toEqual({
      path: 'images.pinning',
      message: 'is none of the allowed values',
      found: '"tagsallowed"',
      allowed: 'required, tagsAllowed',
      fix: 'did you mean `tagsAllowed`?',
    });
  });

  it.each<[unknown, string]>([
    ['none', '"none"'], [true, 'true'], [null, 'nothing (null)'], [{ toString: 1 }, 'a mapping'], [['required'], 'a list'],
  ])('refuse %j', (pinning, found) => {
    expect(onlyProblem(refusalOf({ images: { pinning } }))).toMatchObject({ path: 'images.pinning', found, fix: 'use one of the allowed values' });
  });

  it.each<[string, string, object]>([
    ['agents.nodePools[0].memlock', 'limited, unlimited', nodePools({ name: 'a', memlock: 'infinity' })],
    [
      'agents.nodePools[0].tolerations[0].effect', 'NoSchedule, PreferNoSchedule, NoExecute',
      nodePools({ name: 'a', tolerations: [{ key: 'a', effect: 'Never' }] }),
    ],
    [
      'parca.tls.certManager.issuerRef.kind', 'ClusterIssuer, Issuer',
      { parca: { tls: { certManager: { issuerRef: { kind: 'Certificate', name: 'a' } } } } },
    ],
    ['admission.engine', 'validatingAdmissionPolicy, kyverno, kyvernoClusterPolicy', { admission: { engine: 'gatekeeper' } }],
    ['admission.action', 'audit, enforce', { admission: { action: 'deny' } }],
    [
      'admission.exemptions[0].privileges[1]',
      Object.values(ReservedPrivilege).join(', '), exemption({ privileges: ['BPF', 'CAP_SYS_ADMIN'] }),
    ],
  ])('list what they allow: %s', (path, allowed, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({ path, allowed });
  });

  it.each(['hardened-profiling/v1', 'v1alpha1', 'hardened-profiling/v1alpha2', ''])('refuse the version of another release, and say what to do: %j', apiVersion => {
    expect(onlyProblem(refusalOf({ apiVersion }))).toEqual({
      path: 'apiVersion',
      message: 'is none of the allowed values',
      found: JSON.stringify(apiVersion),
      allowed: 'hardened-profiling/v1alpha1',
      fix: 'install the release of hardened-profiling that reads this version, or write the document as this one reads it: CHANGELOG.md says what moved',
    });
  });

  it('take the version of this release, and none for it', () => {
    expect(resolved({ apiVersion: 'hardened-profiling/v1alpha1' })).toEqual(resolved());
  });

  it.each(Object.entries(CREDENTIALS))('do not show %s', (_, credential) => {
    expect(refusalOf({ images: { pinning: credential } }).message).not.toContain(credential);
  });
});

describe('Empty lists and mappings', () => {
  it.each<[string, string, object]>([
    ['cluster.apiServerPorts', 'an empty list', { cluster: { name: 'dev', apiServerPorts: [] } }],
    ['scope.namespaces', 'an empty list', { scope: { namespaces: [] } }],
    ['agents.nodePools', 'an empty list', nodePools()],
    ['access.readers[0].podLabels', 'an empty mapping', { access: { readers: [{ namespace: 'a', podLabels: {} }] } }],
    ['agents.nodePools[0].nodeSelector', 'an empty mapping', nodePools({ name: 'a', nodeSelector: {} })],
    ['agents.nodePools[0].labels', 'an empty mapping', nodePools({ name: 'a', labels: {} })],
    ['metadata.annotations', 'an empty mapping', { metadata: { annotations: {} } }],
    ['parca.remoteStore.headers', 'an empty mapping', { parca: { remoteStore: { address: 'a:443', tokenSecret: { secretName: 'b' }, headers: {} } } }],
    ['images.pullSecrets', 'an empty list', { images: { pinning: 'tagsAllowed', pullSecrets: [] } }],
    ['parca.server.pod.nodeAffinity', 'an empty list', parca({ server: { pod: { nodeAffinity: [] } } })],
    ['cluster.dns.podLabels', 'an empty mapping', { cluster: { name: 'dev', dns: { podLabels: {} } } }],
    ['admission.exemptions[0].serviceAccounts', 'an empty list', exemption({ serviceAccounts: [] })],
    ['admission.exemptions[0].privileges', 'an empty list', exemption({ privileges: [] })],
    ['admission.extraPolicies[0].resources', 'an empty list', extraPolicy({ resources: [] })],
    ['admission.extraPolicies[0].namespaces', 'an empty list', extraPolicy({ namespaces: [] })],
  ])('are refused where they would mean everything or nothing: %s', (path, found, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path, message: 'is empty', found, allowed: 'at least one entry', fix: 'add an entry, or remove the key to get its default',
    });
  });

  it.each<[string, object]>([
    ['sensitiveNamespaces', { scope: { sensitiveNamespaces: [] } }],
    ['groups', { access: { portForward: { groups: [] } } }],
    ['readers', { access: { readers: [] } }],
    ['apiServerCidrs', { cluster: { name: 'dev', apiServerCidrs: [] } }],
    ['tolerations', nodePools({ name: 'a', tolerations: [] })],
    ['platformGroups', { admission: { platformGroups: [] } }],
    ['exemptions and extraPolicies', { admission: { exemptions: [], extraPolicies: [] } }],
  ])('are accepted where they mean none: %s', (_, sections) => {
    expect(() => resolved(sections)).not.toThrow();
  });
});

describe('Ports', () => {
  it.each([0, -1, 65536, 1e9])('are refused: %d', port => {
    expect(onlyProblem(refusalOf({ cluster: { name: 'dev', apiServerPorts: [443, port] } }))).toEqual({
      path: 'cluster.apiServerPorts[1]', message: 'is out of range', found: String(port), allowed: '1 to 65535', fix: 'use a number in that range',
    });
  });

  it('are refused for DNS as well', () => {
    expect(onlyProblem(refusalOf({ cluster: { name: 'dev', dns: { port: 0 } } }))).toMatchObject({ path: 'cluster.dns.port', message: 'is out of range' });
  });

  it.each([1, 65535])('are accepted: %d', port => {
    expect(resolved({ cluster: { name: 'dev', apiServerPorts: [port] } }).cluster.apiServerPorts).toEqual([port]);
  });
});

describe('Label keys', () => {
  it('are refused at the key and not at its mapping', () => {
    const error = refusalOfText(`
cluster: { name: dev }
images: { pinning: tagsAllowed }
parca: { tls: { secretName: parca-tls } }
access:
  readers:
    - namespace: monitoring
      podLabels:
        app: grafana
        "bad key": x
`);
    expect(onlyProblem(error)).toMatchObject({ path: 'access.readers[0].podLabels["bad key"]', message: 'is not valid', found: '"bad key"' });
    expect(error.message).toContain('profiling.yaml:10:9  ');
  });

  it('may be called like what every object has', () => {
    const podLabels = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
    expect(resolved({ access: { readers: [{ namespace: 'a', podLabels }] } }).access.readers[0].podLabels).toEqual(podLabels);
  });
});

describe('checkShape', () => {
  it('finds nothing wrong with the minimal specification', () => {
    expect(checkShape(MINIMAL)).toEqual([]);
  });

  it('reports every problem at once', () => {
    expect(checkShape({ cluster: { name: 'Bad!', nam: 1 }, scope: { namespaces: [] }, extra: 1 })).toHaveLength(4);
  });
});
