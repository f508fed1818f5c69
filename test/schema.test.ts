import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import { refusalOf } from './config/errors';
import { find, having, render, resolved, resolvedParca } from './support';
import * as library from '../src';
import { extra } from '../src/admission/policies/extra';
import { describeExemption } from '../src/admission/policies/restrict-privileges/exemptions';
import { FORMATS } from '../src/config/formats';
import { SCHEMA_FILE } from '../src/config/shape';
import { gateway } from '../src/parca/gateway';

const enums = library as unknown as Record<string, Record<string, string>>;

interface Node {
  readonly $ref?: string;
  readonly format?: string;
  readonly description?: string;
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Node;
  readonly additionalProperties?: unknown;
  readonly properties?: Record<string, Node>;
  readonly definitions?: Record<string, Node>;
}

const SCHEMA = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Node;

/** Every mapping in the schema. */
function nodes(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) { return []; }
  return [...Array.isArray(value) ? [] : [value as Node], ...Object.values(value).flatMap(nodes)];
}

const structs: Readonly<Record<string, Node>> = { ProfilingSpec: SCHEMA, ...SCHEMA.definitions };

describe('Schema', () => {
  it.each(Object.keys(structs))('is closed at %s', name => {
    expect(structs[name]).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('is closed wherever it names properties', () => {
    const named = nodes(SCHEMA).filter(({ properties }) => typeof properties === 'object' && !('description' in properties));
    expect(named).toHaveLength(Object.keys(structs).length);
    expect(named.filter(({ additionalProperties }) => additionalProperties !== false)).toEqual([]);
  });

  it('refers only to what it defines', () => {
    const references = nodes(SCHEMA).flatMap(({ $ref }) => $ref ?? []);
    expect(new Set(references)).toEqual(new Set(Object.keys(SCHEMA.definitions ?? {}).map(name => `#/definitions/${name}`)));
  });

  it('uses exactly the formats there are', () => {
    const used = nodes(SCHEMA).flatMap(({ format }) => typeof format === 'string' ? [format] : []);
    expect([...new Set(used)].sort()).toEqual(Object.keys(FORMATS).sort());
  });

  it('says the range of every number', () => {
    const numbers = Object.entries(structs).flatMap(([name, { properties }]) => Object.entries(properties ?? {})
      .map(([key, property]) => [`${name}.${key}`, property.items ?? property] as const)).filter(([, { type }]) => type === 'integer' || type === 'number');
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers.filter(([, { type, minimum, maximum }]) => type !== 'integer' || minimum === undefined || maximum === undefined)).toEqual([]);
    expect(structs.PyroscopeSpec.properties?.gatewayReplicas).toMatchObject({ type: 'integer', minimum: 2, maximum: 20 });
  });

  it('has what structs inherit beside what is their own, sorted', () => {
    const keysOf = (name: string) => Object.keys(structs[name].properties ?? {});
    const limits = ['ingestionBurstMb', 'ingestionRateMb', 'maxProfileSize', 'maxQueryLength', 'retention'];
    expect(keysOf('PyroscopeSpec')).toEqual(expect.arrayContaining([...limits, 'tenants', 'tls']));
    expect(keysOf('PyroscopeTenantSpec')).toEqual(expect.arrayContaining([...limits, 'name', 'namespaces']));
    expect(keysOf('PyroscopeTenantSpec')).toEqual(keysOf('PyroscopeTenantSpec').sort());
    expect(structs).not.toHaveProperty('PyroscopeLimitsSpec');
    expect(structs.PyroscopeTenantSpec).toMatchObject({ required: ['name', 'namespaces'] });
  });

  it('describes everything', () => {
    const properties = Object.values(structs).flatMap(struct => [struct, ...Object.values(struct.properties ?? {})]);
    expect(properties.filter(({ description }) => !description)).toEqual([]);
  });
});

describe('Documented defaults', () => {
  const spec = resolvedParca();
  const peer = { namespace: 'a', podLabels: { app: 'b' } };
  const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };
  const [pool] = spec.agents.nodePools;
  const oldPool = resolved({ agents: { nodePools: [{ name: 'a', kernel: '5.4', fallback }] } }).agents.nodePools[0];
  const issued = gateway(resolvedParca({ parca: { tls: { certManager: { issuerRef: { name: 'a' } } } } }));
  const { spec: { issuerRef } } = find<{ spec: { issuerRef: { kind: string; group: string } } }>(Object.values(issued), 'Certificate', 'parca');
  const { admission } = resolved({ admission: { podSecurity: {} } });
  const { rules: [rule] } = extra({ name: 'a', reason: 'some reason', resources: ['pods'], expression: 'true', message: 'some message' });
  const token = (secretName: string) => ({ secretName });
  const tenant = { name: 'checkout', namespaces: ['checkout'] };
  const { alloy, pyroscope, externalSecrets } = resolved({
    pyroscope: {
      tenants: [tenant, { name: 'java', namespaces: ['java'], java: {} }],
      readers: [{ name: 'all', tenants: ['checkout'], grafana: {} }],
      grafana: { namespace: 'monitoring' },
    },
    externalSecrets: { storeRef: { name: 'vault' } },
  });
  const { nodes: held } = resolved({ nodes: { perfEventParanoid: {}, ebpfInventory: {} } });
  const inventory = held?.ebpfInventory;
  const { argoCd } = having('gitOps', resolved({ gitOps: { argoCd: {} } })).gitOps;
  const { flux } = having('gitOps', resolved({ gitOps: { flux: {} } })).gitOps;
  const [first, withJava] = pyroscope?.tenants ?? [];
  const elsewhere = having('alloy', resolved({ pyroscope: { tenants: [tenant], remote: { url: 'https://profiles.example.com' } } }));
  const podOf = (kind: string, name: string, sections: object = {}): PodSpec =>
    find<DaemonSet>(render({ pyroscope: { tenants: [tenant] }, ...sections }), kind, name).spec!.template.spec!;
  const pullPolicy = (kind: string, name: string) => podOf(kind, name).containers[0].imagePullPolicy;
  const [spread] = podOf('StatefulSet', 'parca', {
    parca: { tls: { secretName: 'parca-tls' }, server: { pod: { topologySpread: [{ topologyKey: 'topology.kubernetes.io/zone' }] } } },
  }).topologySpreadConstraints!;
  const size = (bytes: number | undefined) => bytes === 4 * 2 ** 20 ? '4Mi' : bytes;

  /** What is in fact used where nothing is given. */
  const ACTUAL: Readonly<Record<string, unknown>> = {
    'AdmissionSpec.action': admission?.action,
    'AdmissionSpec.engine': admission?.engine,
    'AgentsSpec.namespace': spec.agents.namespace,
    'AlloySpec.delivery': alloy?.delivery,
    'ArgoCdSpec.namespace': argoCd?.namespace,
    'ArgoCdSpec.project': argoCd?.project,
    'ArgoCdSpec.syncWaves': argoCd?.syncWaves,
    'ClusterSpec.apiServerPorts': spec.cluster.apiServerPorts,
    'ClusterSpec.kubernetesVersion': spec.cluster.kubernetesVersion,
    'ConfigMapKeySpec.key': resolvedParca({ parca: { tls: { secretName: 'a', caConfigMap: { name: 'b' } } } }).parca.tls.ca.key,
    'DnsSpec.domain': spec.cluster.dns.domain,
    'DnsSpec.namespace': spec.cluster.dns.namespace,
    'DnsSpec.podLabels': spec.cluster.dns.podLabels,
    'DnsSpec.port': spec.cluster.dns.port,
    'EbpfInventorySpec.engine': inventory?.engine,
    'EbpfInventorySpec.falcoNamespace': inventory?.falcoNamespace,
    'EbpfInventorySpec.interval': `${(inventory?.intervalSeconds ?? 0) / 60}m`,
    'EbpfInventorySpec.learnFor': `${(inventory?.learnForSeconds ?? 0) / 60}m`,
    'EbpfProfilingSpec.enabled': first?.ebpf,
    'EbpfProgramSpec.uid': resolved({ nodes: { ebpfInventory: { baseline: [{ type: 'xdp', name: 'a' }] } } }).nodes?.ebpfInventory?.baseline?.[0].uid,
    'ExternalSecretsSpec.keyPrefix': externalSecrets?.keyPrefix,
    'ExtraPolicySpec.apiGroup': rule.apiGroup,
    'ExtraPolicySpec.apiVersion': rule.apiVersion,
    'FluxSpec.namespace': flux?.namespace,
    'GrafanaDatasourceSpec.orgId': pyroscope?.readers[0].orgId,
    'HostPathExemptionSpec.writable': describeExemption({ namespace: 'a', hostPaths: [{ path: '/b' }], reason: 'some reason' }).includes('write'),
    'ImagesSpec.chartRepository': spec.images.chartRepository,
    'ImagesSpec.ebpfInventory': spec.images.ebpfInventory,
    'ImagesSpec.pinning': /`images.pinning` is `(\w+)`/.exec(refusalOf({ images: {} }).message)?.[1],
    'IssuerRefSpec.group': issuerRef.group,
    'IssuerRefSpec.kind': issuerRef.kind,
    'JavaProfilingSpec.enabled': withJava?.java !== undefined,
    'KernelFallbackSpec.containerRuntimeSocket': oldPool.fallback?.containerRuntimeSocket,
    'NamespacesSpec.create': spec.namespaces.create,
    'NodePodSpec.imagePullPolicy': pullPolicy('DaemonSet', 'alloy'),
    'NodePoolSpec.imagePullPolicy': pullPolicy('DaemonSet', 'parca-agent-default'),
    'NodePoolSpec.kernel': pool.kernel,
    'NodePoolSpec.memlock': pool.memlockUnlimited ? library.Memlock.UNLIMITED : library.Memlock.LIMITED,
    'NodesSpec.delivery': held?.delivery,
    'ParcaAgentSpec.enabled': spec.parcaAgent !== undefined,
    'ParcaGatewaySpec.uploadSize': spec.parca.gateway.uploadBytes === 2 ** 30 ? '1Gi' : spec.parca.gateway.uploadBytes,
    'ParcaGatewaySpec.uploadsPerDay': spec.parca.gateway.uploadBytesPerDay === 8 * 2 ** 30 ? '8Gi' : spec.parca.gateway.uploadBytesPerDay,
    'ParcaServerSpec.activeMemory': spec.parca.server.activeMemoryBytes === 512 * 2 ** 20 ? '512Mi' : spec.parca.server.activeMemoryBytes,
    'ParcaSpec.namespace': spec.parca.namespace,
    'PerfEventParanoidSpec.mode': held?.perfEventParanoid?.mode,
    'PerfEventParanoidSpec.value': held?.perfEventParanoid?.value,
    'PersistenceSpec.size': spec.parca.server.persistence.size,
    'PodPeerSpec.egressPolicy': resolved({ access: { readers: [peer] } }).access.readers[0].egressPolicy,
    'PodSecuritySpec.lowestLevel': admission?.podSecurity?.lowestLevel,
    'ProfilingSpec.apiVersion': Object.values(library.ApiVersion).find(apiVersion => isDeepStrictEqual(resolved({ apiVersion }), spec)),
    'PyroscopeGrafanaSpec.podLabels': pyroscope?.grafana?.podLabels,
    'PyroscopeSpec.gatewayReplicas': pyroscope?.gatewayReplicas,
    'PyroscopeSpec.maxLabelNamesPerSeries': pyroscope?.limits.maxLabelNamesPerSeries,
    'PyroscopeSpec.maxProfileSize': size(pyroscope?.limits.maxProfileSizeBytes),
    'PyroscopeSpec.maxStacktraceDepth': pyroscope?.limits.maxStacktraceDepth,
    'PyroscopeSpec.maxStacktraceSamples': pyroscope?.limits.maxStacktraceSamples,
    'PyroscopeSpec.mode': pyroscope?.mode,
    'PyroscopeSpec.namespace': pyroscope?.namespace,
    'PyroscopeTenantSpec.maxLabelNamesPerSeries': first?.limits.maxLabelNamesPerSeries,
    'PyroscopeTenantSpec.maxProfileSize': size(first?.limits.maxProfileSizeBytes),
    'PyroscopeTenantSpec.maxStacktraceDepth': first?.limits.maxStacktraceDepth,
    'PyroscopeTenantSpec.maxStacktraceSamples': first?.limits.maxStacktraceSamples,
    'PyroscopeTenantSpec.offboarding': first?.offboarding,
    'RemotePyroscopeSpec.tokenSecret': token(elsewhere.alloy.remote!.tokenSecret),
    'ScopeSpec.optInLabel': spec.scope.optInLabel,
    'SecretStoreRefSpec.kind': externalSecrets?.storeRef.kind,
    'TlsSpec.caConfigMap': { name: spec.parca.tls.ca.name, key: spec.parca.tls.ca.key },
    'TokensSpec.metrics': token(spec.parca.tokens.metrics),
    'TokensSpec.push': token(spec.parca.tokens.push),
    'TokensSpec.read': token(spec.parca.tokens.read),
    'TokensSpec.symbols': token(spec.parca.tokens.symbols),
    'TopologySpreadSpec.maxSkew': spread.maxSkew,
    'TopologySpreadSpec.whenUnsatisfiable': spread.whenUnsatisfiable,
    'WorkloadPodSpec.imagePullPolicy': pullPolicy('StatefulSet', 'parca'),
  };

  /** The default as a value where the text is one, and not a sentence. */
  function literal(text: string): unknown {
    const [, type, member] = /^([A-Z]\w+)\.([A-Z0-9_]+)$/.exec(text) ?? [];
    if (type) { return enums[type][member]; }
    return /^(["[{\d]|(true|false)$)/.test(text) && !/^\d+\S* of /.test(text) ? parse(text) : undefined;
  }

  const documented = Object.fromEntries(Object.entries(structs).flatMap(([name, { properties }]) => Object.entries(properties ?? {})
    .map(([key, { description }]) => [`${name}.${key}`, literal(/\n\nDefault: (.*)$/s.exec(description ?? '')?.[1] ?? '')] as const))
    .filter(([, value]) => value !== undefined));

  it('are all compared here', () => {
    expect(Object.keys(documented).sort()).toEqual(Object.keys(ACTUAL));
  });

  it.each(Object.keys(ACTUAL))('are what is used: %s', key => {
    expect(ACTUAL[key]).toEqual(documented[key]);
  });
});
