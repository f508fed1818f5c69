import { EXEMPTION, EXTRA_POLICY, nodePools, onlyProblem, parca, refusal } from './errors';
import { DEFAULTS } from '../../src/config/defaults';
import { resolvePeer } from '../../src/config/resolve-values';
import { resolve, resolvePart } from '../../src/resolve';
import { MINIMAL, resolved, resolvedParca } from '../support';

const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2999-03-31' };

describe('resolve', () => {
  it('fills in every default', () => {
    const resources = { cpuRequest: '50m', memoryRequest: '256Mi', memoryLimit: '1Gi' };
    expect(resolved()).toEqual({
      cluster: {
        name: 'dev',
        kubernetesVersion: '1.30',
        apiServerCidrs: [],
        apiServerPorts: [443, 6443],
        dns: { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, port: 53, cidrs: [], domain: 'cluster.local' },
      },
      metadata: { labels: {}, annotations: {} },
      namespaces: { create: true, labels: {}, annotations: {} },
      images: { pinning: 'tagsAllowed', pullSecrets: [], chartRepository: 'https://grafana.github.io/helm-charts', ...DEFAULTS.images },
      scope: {
        optInLabel: { key: 'profiling', value: 'enabled' },
        sensitiveNamespaces: ['kube-system', 'profiling', 'profiling-agents'],
        namespaces: undefined,
      },
      agents: {
        namespace: 'profiling-agents',
        nodePools: [{
          name: 'default',
          kernel: '5.10',
          nodeSelector: undefined,
          pod: { resources },
          hasOwnPod: false,
          memlockUnlimited: false,
          appArmorProfile: undefined,
          pushSecret: undefined,
          mode: 'leastPrivilege',
          fallback: undefined,
        }],
        pod: { resources },
      },
      parca: {
        namespace: 'profiling',
        server: { activeMemoryBytes: 512 * 2 ** 20, persistence: { size: '10Gi' }, objectStorage: undefined, pod: {} },
        tls: { secretName: 'parca-tls', certManager: undefined, ca: { kind: 'ConfigMap', name: 'parca-ca', key: 'ca.crt' } },
        tokens: { push: 'parca-push-token', read: 'parca-read-token', symbols: 'parca-symbols-token', metrics: 'parca-metrics-token' },
        gateway: { clients: 1000, pushBytesPerMinute: 1000 * 2 ** 20, uploadBytes: 2 ** 30, uploadBytesPerDay: 8 * 2 ** 30 },
      },
      parcaAgent: {},
      access: { portForward: { groups: [], breakGlassGroups: [] }, readers: [], scrapers: [], symbolUploaders: [] },
    });
  });

  it('keeps what is given', () => {
    const spec = resolvedParca({
      cluster: { name: 'dev', kubernetesVersion: '1.29', dns: { namespace: 'openshift-dns', port: 5353 } },
      scope: { optInLabel: { key: 'a', value: 'b' } },
      agents: { namespace: 'obs-agents', pod: { resources: { memoryLimit: '2Gi' } } },
      parca: {
        namespace: 'obs',
        tls: { certManager: { issuerRef: { name: 'corp-ca' } }, caConfigMap: { name: 'corp-ca-bundle' } },
        tokens: { read: { secretName: 'api-token' } },
        server: { activeMemory: '1G', persistence: { size: '50Gi', storageClassName: 'gp3' } },
      },
    });
    expect(spec.cluster.kubernetesVersion).toBe('1.29');
    expect(spec.cluster.dns).toEqual({ namespace: 'openshift-dns', podLabels: { 'k8s-app': 'kube-dns' }, port: 5353, cidrs: [], domain: 'cluster.local' });
    expect(spec.scope).toMatchObject({ optInLabel: { key: 'a', value: 'b' }, sensitiveNamespaces: ['kube-system', 'obs', 'obs-agents'] });
    expect(spec.parca.tls).toEqual({
      secretName: 'parca-tls', certManager: { issuerRef: { name: 'corp-ca' } }, ca: { kind: 'ConfigMap', name: 'corp-ca-bundle', key: 'ca.crt' },
    });
    expect(spec.parca.tokens).toMatchObject({ read: 'api-token', push: 'parca-push-token' });
    expect(spec.parca.server).toMatchObject({ activeMemoryBytes: 1e9, persistence: { size: '50Gi', storageClassName: 'gp3' } });
    expect(spec.agents.pod.resources).toEqual({ cpuRequest: '50m', memoryRequest: '256Mi', memoryLimit: '2Gi' });
  });

  it('requires pinned images unless told otherwise', () => {
    const digest = `@sha256:${'0'.repeat(64)}`;
    const images = Object.fromEntries(Object.entries(DEFAULTS.images).map(([key, image]) => [key, image + digest]));
    expect(resolved({ images }).images.pinning).toBe('required');
  });

  it('sorts lists without an order and removes what stands twice', () => {
    const spec = resolved({
      cluster: {
        name: 'dev',
        apiServerCidrs: ['10.0.0.2/32', '10.0.0.1/32', '10.0.0.2/32'],
        apiServerPorts: [6443, 443, 6443],
        dns: { cidrs: ['fd00::/64', '10.0.0.0/8'] },
      },
      scope: { namespaces: ['b', 'a', 'b'], sensitiveNamespaces: ['z', 'kube-system', 'c'] },
      access: { portForward: { groups: ['y', 'x', 'y'], breakGlassGroups: ['b', 'a'] } },
    });
    expect(spec.cluster.apiServerCidrs).toEqual(['10.0.0.1/32', '10.0.0.2/32']);
    expect(spec.cluster.apiServerPorts).toEqual([443, 6443]);
    expect(spec.cluster.dns.cidrs).toEqual(['10.0.0.0/8', 'fd00::/64']);
    expect(spec.scope.namespaces).toEqual(['a', 'b']);
    expect(spec.scope.sensitiveNamespaces).toEqual(['c', 'kube-system', 'profiling', 'profiling-agents', 'z']);
    expect(spec.access.portForward).toEqual({ groups: ['x', 'y'], breakGlassGroups: ['a', 'b'] });
  });

  it('sorts ports as numbers', () => {
    expect(resolved({ cluster: { name: 'dev', apiServerPorts: [6443, 16443, 443] } }).cluster.apiServerPorts).toEqual([443, 6443, 16443]);
  });

  it.each<[string, object]>([
    ['leastPrivilege', { kernel: '5.10' }],
    ['leastPrivilege', {}],
    ['leastPrivilege', { kernel: '6.1' }],
    ['none', { kernel: '5.9' }],
    ['none', { kernel: '4.19' }],
    ['fallback', { kernel: '5.4', fallback }],
  ])('gives the mode %s to a pool with %j', (mode, keys) => {
    expect(resolved(nodePools({ name: 'a', ...keys })).agents.nodePools[0].mode).toBe(mode);
  });

  it('completes a fallback', () => {
    const pools = (keys: object) => resolved(nodePools({ name: 'a', kernel: '5.4', fallback: { ...fallback, ...keys } })).agents.nodePools;
    expect(pools({})[0].fallback).toEqual({ ...fallback, containerRuntimeSocket: '/run/containerd/containerd.sock' });
    expect(pools({ containerRuntimeSocket: '/run/crio/crio.sock' })[0].fallback?.containerRuntimeSocket).toBe('/run/crio/crio.sock');
  });

  it('keeps the order of node pools', () => {
    const names = ['z', 'a', 'm'];
    const spec = resolved(nodePools(...names.map(name => ({ name, nodeSelector: { pool: name } }))));
    expect(spec.agents.nodePools.map(({ name }) => name)).toEqual(names);
  });

  it('knows whether memory may be locked', () => {
    const locked = (memlock: string) => resolved(nodePools({ name: 'a', memlock })).agents.nodePools[0].memlockUnlimited;
    expect([locked('unlimited'), locked('limited')]).toEqual([true, false]);
  });

  it('takes a key whose value is undefined for one that is not there', () => {
    expect(resolve({ ...MINIMAL, scope: undefined, access: { readers: undefined } })).toEqual(resolved());
  });

  it('does not change what it is given', () => {
    const value = { ...MINIMAL, scope: { namespaces: ['b', 'a'] } };
    const before = JSON.stringify(value);
    resolve(value);
    expect(JSON.stringify(value)).toBe(before);
  });

  it.each<[string, () => unknown]>([
    ['a cycle', () => {
      const cycle: Record<string, unknown> = {};
      cycle.self = cycle;
      return cycle;
    }],
    ['a number without end', () => ({ cluster: 10n })],
    ['a value that cannot be written', () => ({ toJSON: () => { throw new Error('no'); } })],
    ['nesting without end', () => {
      let nested: unknown = [];
      for (let i = 0; i < 50_000; i++) { nested = [nested]; }
      return nested;
    }],
  ])('refuses %s', (_, value) => {
    expect(onlyProblem(refusal(() => resolve(value())))).toEqual({
      path: '(root)', message: 'is no plain data', allowed: 'strings, numbers, booleans, lists and mappings', fix: 'remove cycles',
    });
  });

  it.each<[string, unknown]>([['nothing', undefined], ['a function', () => ({})]])('refuses %s like null', (_, value) => {
    expect(onlyProblem(refusal(() => resolve(value)))).toMatchObject({ path: '(root)', found: 'nothing (null)' });
  });

  it('names the specification, or where it is from', () => {
    expect(refusal(() => resolve(null)).message).toMatch(/^specification: 1 problem\n/);
    expect(refusal(() => resolve(null, { source: 'chart/profiling' })).message).toMatch(/^chart\/profiling: 1 problem\n/);
    expect(refusal(() => resolve({ self: 1n }, { source: 'chart/profiling' })).message).toMatch(/^chart\/profiling: 1 problem\n/);
  });

  it.each([9007199254740993, 1e300])('refuses a number where a quantity belongs: %d', activeMemory => {
    expect(onlyProblem(refusal(() => resolve({ ...MINIMAL, ...parca({ server: { activeMemory } }) })))).toMatchObject({
      path: 'parca.server.activeMemory', message: 'has the wrong type',
    });
  });
});

describe('Admission', () => {
  it('is not there unless it is asked for', () => {
    expect(resolved()).not.toHaveProperty('admission');
  });

  it('is only audited, by the API server, unless told otherwise', () => {
    expect(resolved({ admission: {} }).admission)
      .toEqual({ engine: 'validatingAdmissionPolicy', action: 'audit', platformGroups: [], exemptions: [], extraPolicies: [] });
  });

  it('keeps what is given, and sorts the groups', () => {
    const exemptions = [{ ...EXEMPTION, serviceAccounts: ['b', 'a'], expires: '2999-03-31' }, { ...EXEMPTION, namespace: 'a' }];
    const extraPolicies = [{ ...EXTRA_POLICY, name: 'b' }, { ...EXTRA_POLICY, name: 'a', namespaces: ['shop'] }];
    const admission = { engine: 'kyverno', action: 'enforce', platformGroups: ['y', 'x', 'y'], exemptions, extraPolicies };
    expect(resolved({ admission }).admission).toEqual({ ...admission, platformGroups: ['x', 'y'] });
  });
});

describe('resolvePeer', () => {
  it('emits no egress policy unless told to', () => {
    const peer = { namespace: 'a', podLabels: { app: 'b' } };
    expect(resolvePeer(peer)).toEqual({ ...peer, egressPolicy: false });
    expect(resolvePeer({ ...peer, egressPolicy: true })).toEqual({ ...peer, egressPolicy: true });
  });
});

describe('Images', () => {
  const DIGEST = `@sha256:${'0'.repeat(64)}`;

  it('are all from the registry of the document, also those of fallbacks', () => {
    const images = { pinning: 'tagsAllowed', registry: 'mirror.example.com/ext', agent: 'mirror.example.com/ext/own/agent:v0.49.0', gateway: `haproxy${DIGEST}` };
    const spec = resolved({ images, ...nodePools({ name: 'a', kernel: '5.4', fallback }) });
    const { pinning, pullSecrets, chartRepository, ...all } = spec.images;
    expect(all).toMatchObject({
      parca: 'mirror.example.com/ext/parca-dev/parca:v0.28.0', agent: 'mirror.example.com/ext/own/agent:v0.49.0', gateway: `mirror.example.com/ext/library/haproxy${DIGEST}`,
    });
    expect(Object.values(all).filter(image => !image.startsWith('mirror.example.com/ext/'))).toEqual([]);
    expect(spec.agents.nodePools[0].fallback?.image).toBe('mirror.example.com/ext/parca-dev/parca-agent:v0.30.0');
    expect([pinning, pullSecrets, chartRepository]).toEqual(['tagsAllowed', [], 'https://grafana.github.io/helm-charts']);
  });

  it('have pull Secrets and charts where the document says so', () => {
    const images = { pinning: 'tagsAllowed', pullSecrets: ['b', 'a', 'b'], chartRepository: 'oci://mirror.example.com/charts' };
    expect(resolved({ images }).images).toEqual({ ...DEFAULTS.images, ...images, pullSecrets: ['a', 'b'] });
  });
});

describe('Company rules', () => {
  it('are kept as they are given', () => {
    const metadata = { labels: { team: 'sre' }, annotations: { note: 'a' } };
    expect(resolved({ metadata, namespaces: metadata })).toMatchObject({ metadata, namespaces: { create: true, ...metadata } });
    expect(resolved({ namespaces: { create: false } }).namespaces).toEqual({ create: false, labels: {}, annotations: {} });
  });
});

describe('A secret store', () => {
  it('is not there unless it is asked for', () => {
    expect(resolved()).not.toHaveProperty('externalSecrets');
  });

  it('is one of the cluster unless it says otherwise', () => {
    const store = (keys: object) => resolved({ externalSecrets: keys }).externalSecrets;
    expect(store({ storeRef: { name: 'vault' } })).toEqual({ storeRef: { kind: 'ClusterSecretStore', name: 'vault' }, keyPrefix: 'profiling' });
    const all = { storeRef: { kind: 'SecretStore', name: 'vault' }, keyPrefix: 'teams/profiling', property: 'value' };
    expect(store(all)).toEqual(all);
  });
});

describe('GitOps', () => {
  const gitOps = (tool: object) => resolved({ gitOps: tool }).gitOps;

  it('is not there unless it is asked for', () => {
    expect(resolved()).not.toHaveProperty('gitOps');
  });

  it('has the defaults of its tool', () => {
    const argoCd = { namespace: 'argocd', project: 'default', destination: { server: 'https://kubernetes.default.svc' }, syncWaves: true };
    expect(gitOps({ argoCd: {} })).toEqual({ argoCd });
    expect(gitOps({ argoCd: { project: 'platform', syncWaves: false } })).toEqual({ argoCd: { ...argoCd, project: 'platform', syncWaves: false } });
    // A cluster by its name has no server beside it, which Argo CD refuses.
    expect(gitOps({ argoCd: { destination: { name: 'prod' } } })).toEqual({ argoCd: { ...argoCd, destination: { name: 'prod' } } });
    expect(gitOps({ flux: {} })).toEqual({ flux: { namespace: 'flux-system' } });
    expect(gitOps({ flux: { namespace: 'flux' } })).toEqual({ flux: { namespace: 'flux' } });
  });
});

describe('A document', () => {
  const asks = {
    path: '(root)',
    message: 'asks for nothing: neither Parca nor Pyroscope',
    allowed: '`parca`, `pyroscope` or both',
    fix: 'write\nparca: { tls: { secretName: parca-tls } }\nor start from the output of `hardened-profiling init`',
  };

  it.each<[string, object]>([['alone', {}], ['with settings of the nodes', { nodes: { perfEventParanoid: {} } }]])('asks for something: a cluster %s does not', (_, sections) => {
    expect(onlyProblem(refusal(() => resolved({ parca: undefined, ...sections })))).toEqual(asks);
  });

  it('of a part asks for what it is of', () => {
    expect(() => resolvePart({ cluster: { name: 'dev' }, images: MINIMAL.images, nodes: { perfEventParanoid: {} } })).not.toThrow();
  });

  it('whose products are wrong is not told that it has none', () => {
    expect(onlyProblem(refusal(() => resolved({ parca: 7 })))).toMatchObject({ path: 'parca', message: 'has the wrong type' });
  });
});
