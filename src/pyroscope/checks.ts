import { PYROSCOPE_RESOURCES } from './native';
import type { PyroscopeLimitsSpec, PyroscopeSpec } from '../api/pyroscope';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { PyroscopeTenantSpec } from '../api/tenant';
import { agentMode } from '../config/agent-mode';
import { defaultDelivery, DEFAULTS, SYSTEM_NAMESPACES } from '../config/defaults';
import { exactlyOneBucket, exactlyOneCertificate } from '../config/exactly-one';
import type { Partially, PartialSpec } from '../config/partial-spec';
import { deploymentNamespaces, hasParcaServer, hasPyroscopeServer, isInvalid, pools } from '../config/partial-spec';
import { podChecks } from '../config/pod-checks';
import type { Problem } from '../config/problem';
import { retentionHours } from '../config/retention';
import { capacity } from '../gateway/capacity';
import { proxyResources } from '../gateway/proxy';
import { parseBytes } from '../kube/quantity';
import { LOWEST_KERNEL } from '../versions';

type Path = Problem['path'];
type Pyroscope = Partially<PyroscopeSpec>;

/** Rules of the section `pyroscope`; each is asked only if there is one. */
const CHECKS: ReadonlyArray<(pyroscope: Pyroscope, spec: PartialSpec) => Problem[]> = [
  hereOrElsewhere,
  certificateGiven,
  podSettings,
  labelOfChart,
  singleBinaryOnly,
  replicasOfDeployment,
  buckets,
  certificate,
  uniqueNames,
  uniqueIds,
  tenantNamespaces,
  sensitiveTenants,
  tenantsInScope,
  javaIsEnabled,
  readersTenants,
  limits,
  organisations,
];

/** Every contradiction in the section `pyroscope`. */
export function pyroscopeChecks(spec: PartialSpec): Problem[] {
  return spec.pyroscope ? CHECKS.flatMap(check => check(spec.pyroscope!, spec)) : [];
}

/** What a Pyroscope here is told, and one elsewhere decides for itself. */
const SERVER_KEYS: ReadonlyArray<keyof PyroscopeSpec> = [
  'namespace', 'mode', 'delivery', 'storage', 'persistence', 'tls', 'gatewayReplicas', 'gateway', 'readers', 'grafana', 'pod',
];
const LIMIT_KEYS: ReadonlyArray<keyof PyroscopeLimitsSpec> = [
  'retention', 'ingestionRateMb', 'ingestionBurstMb', 'maxProfileSize', 'maxLabelNamesPerSeries', 'maxStacktraceDepth', 'maxStacktraceSamples', 'maxQueryLength',
];

function hereOrElsewhere(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  if (!('remote' in pyroscope)) {
    return tenantsOf(pyroscope).filter(({ tenant }) => tenant.user !== undefined).map(({ tenant, path }) => ({
      path: [...path, 'user'],
      message: 'is a user at a Pyroscope elsewhere; that here knows tokens alone',
      found: tenant.user,
      allowed: 'with `pyroscope.remote` only',
      fix: 'remove it',
    }));
  }
  const foreign = (path: Path, key: string): Problem => ({
    path: [...path, key],
    message: 'is for a Pyroscope here, and `pyroscope.remote` is one elsewhere',
    allowed: 'one of the two',
    fix: 'remove it, or `pyroscope.remote` to have a Pyroscope here',
  });
  return [
    ...[...SERVER_KEYS, ...LIMIT_KEYS].filter(key => key in pyroscope).map(key => foreign(['pyroscope'], key)),
    ...tenantsOf(pyroscope).flatMap(({ tenant, path }) => [...LIMIT_KEYS, 'grafana' as const, 'offboarding' as const].filter(key => key in tenant).map(key => foreign(path, key))),
    ...tenantsOf(pyroscope).filter(({ tenant }) => tenant.user !== undefined && tenant.tenantId !== undefined).map(({ tenant, path }) => ({
      path: [...path, 'user'], message: 'and `tenantId` name the tenant twice', found: tenant.user, allowed: 'one of the two', fix: 'keep the one that this Pyroscope asks for',
    })),
    ...noCapablePool(spec),
    ...(tenantsOf(pyroscope).length > 0 && tenantsOf(pyroscope).every(({ tenant }) => !profiling(tenant).ebpf && !profiling(tenant).java) ? [{
      path: ['pyroscope', 'remote'],
      message: 'is sent nothing: no tenant is profiled on the nodes',
      allowed: 'at least one tenant with `ebpf` or `java`',
      fix: 'switch one on, or remove the section `pyroscope`',
    }] : []),
  ];
}

/** Alloy alone, and no node that can run it. */
function noCapablePool(spec: PartialSpec): Problem[] {
  const all = pools(spec);
  if (all.length === 0 || all.some(({ pool }) => isInvalid(pool, 'kernel') || agentMode(pool) === 'leastPrivilege')) { return []; }
  return [{
    path: ['pyroscope', 'remote'],
    message: 'is sent nothing: no node pool has a kernel that Alloy runs on',
    allowed: `a node pool with kernel ${LOWEST_KERNEL} or newer`,
    fix: 'add such a pool to `agents.nodePools`, or remove the section `pyroscope`',
  }];
}

/** Two tenants with one id would read each other's profiles. */
function uniqueIds(pyroscope: Pyroscope): Problem[] {
  const owners = new Map<string, string>();
  return tenantsOf(pyroscope).flatMap(({ tenant, path }) => {
    const id = tenant.tenantId ?? tenant.name;
    if (id === undefined || isInvalid(tenant, 'tenantId')) { return []; }
    const owner = owners.get(id);
    owners.set(id, owner ?? tenant.name ?? id);
    return owner === undefined || owner === tenant.name ? [] : [{
      path: [...path, tenant.tenantId === undefined ? 'name' : 'tenantId'],
      message: `is the id of tenant \`${owner}\` as well`,
      found: id,
      allowed: 'a different id for each tenant: it is what keeps their profiles apart',
      fix: 'change one of the two',
    }];
  });
}

/** A certificate of its own where there is none of Parca's to be like. */
function certificateGiven(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  if (!hasPyroscopeServer(spec) || 'tls' in pyroscope || hasParcaServer(spec) || isInvalid(spec, 'parca')) { return []; }
  return [{
    path: ['pyroscope', 'tls'],
    message: 'is required without a Parca server, whose certificate it would be like',
    allowed: 'exactly one of `certManager` and `secretName`',
    fix: 'write\ntls: { secretName: pyroscope-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }',
  }];
}

/** The chart gives its pods a label of that key itself, and YAML has no key twice. */
function labelOfChart(pyroscope: Pyroscope, { metadata }: PartialSpec): Problem[] {
  const { mode = PyroscopeMode.SINGLE_BINARY } = pyroscope;
  if ((pyroscope.delivery ?? defaultDelivery(mode)) !== PyroscopeDelivery.CHART) { return []; }
  const places = [[['metadata', 'labels'], metadata?.labels], [['pyroscope', 'pod', 'labels'], pyroscope.pod?.labels]] as const;
  return places.filter(([, labels]) => labels && 'name' in labels).map(([path]) => ({
    path: [...path, 'name'],
    message: 'is a label that the chart of Pyroscope gives its pods itself',
    found: 'name',
    allowed: 'other keys, such as example.com/name',
    fix: 'choose another key',
  }));
}

function podSettings(pyroscope: Pyroscope): Problem[] {
  const { mode = PyroscopeMode.SINGLE_BINARY, pod, gateway } = pyroscope;
  const delivery = pyroscope.delivery ?? defaultDelivery(mode);
  const isKnown = !isInvalid(pyroscope, 'delivery') && !isInvalid(pyroscope, 'mode');
  const { requests, limits: most } = PYROSCOPE_RESOURCES;
  const ofSingleBinary = { cpuRequest: requests!.cpu, memoryRequest: requests!.memory, memoryLimit: most!.memory };
  const ofGateway = isInvalid(gateway, 'clients') ? {} : proxyResources(capacity(gateway?.clients ?? DEFAULTS.pyroscope.clients));
  return [
    ...podChecks([
      { path: ['pyroscope', 'pod'], pod, defaults: mode === PyroscopeMode.SINGLE_BINARY ? ofSingleBinary : {} },
      { path: ['pyroscope', 'gateway', 'pod'], pod: gateway?.pod, defaults: ofGateway },
    ]),
    ...(gateway?.pod && isKnown && delivery === PyroscopeDelivery.NATIVE ? [{
      path: ['pyroscope', 'gateway', 'pod'],
      message: 'has no effect: the gateway runs in the pod of the single binary',
      allowed: `delivery ${PyroscopeDelivery.CHART}, where the gateway is a Deployment`,
      fix: 'remove it: `pyroscope.pod` is for both',
    }] : []),
  ];
}

function singleBinaryOnly(pyroscope: Pyroscope): Problem[] {
  return pyroscope.mode === PyroscopeMode.MICROSERVICES && pyroscope.delivery === PyroscopeDelivery.NATIVE ? [{
    path: ['pyroscope', 'delivery'],
    message: 'is for a single binary only',
    found: PyroscopeDelivery.NATIVE,
    allowed: `${PyroscopeDelivery.CHART} with mode ${PyroscopeMode.MICROSERVICES}`,
    fix: 'remove it, or use mode singleBinary',
  }] : [];
}

/** An option without effect is a misunderstanding, and finding it out on the cluster takes longer. */
function replicasOfDeployment(pyroscope: Pyroscope): Problem[] {
  const { mode = PyroscopeMode.SINGLE_BINARY, gatewayReplicas } = pyroscope;
  const delivery = pyroscope.delivery ?? defaultDelivery(mode);
  if (gatewayReplicas === undefined || delivery !== PyroscopeDelivery.NATIVE || isInvalid(pyroscope, 'delivery') || isInvalid(pyroscope, 'mode')) { return []; }
  return [{
    path: ['pyroscope', 'gatewayReplicas'],
    message: 'has no effect: the gateway runs in the only pod of the single binary',
    found: String(gatewayReplicas),
    allowed: `delivery ${PyroscopeDelivery.CHART}, where the gateway is a Deployment`,
    fix: 'remove it, or write `delivery: chart`',
  }];
}

function buckets(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  if (!hasPyroscopeServer(spec)) { return []; }
  const { mode, storage } = pyroscope;
  const path = ['pyroscope', 'storage'];
  if (storage) { return exactlyOneBucket(path, storage, 'add the bucket'); }
  return mode === PyroscopeMode.MICROSERVICES ? [{
    path,
    message: 'is required for microservices: they have no volume in common',
    allowed: 'exactly one of `s3`, `gcs` and `azure`',
    fix: 'write\nstorage: { s3: { bucket: my-profiles, region: eu-west-1, roleArn: "arn:aws:iam::111122223333:role/pyroscope" } }\nor use mode singleBinary',
  }] : [];
}

function certificate({ tls }: Pyroscope): Problem[] {
  return exactlyOneCertificate(['pyroscope', 'tls'], tls, 'add one of the two, or remove `tls` to have it like `parca.tls`');
}

function tenantsOf(pyroscope: Pyroscope): Array<{ tenant: Partially<PyroscopeTenantSpec>; path: Path }> {
  return (pyroscope.tenants ?? []).flatMap((tenant, i) => tenant ? [{ tenant, path: ['pyroscope', 'tenants', i] }] : []);
}

/** Tenants and readers share names: both become names of Secrets and data sources. */
function uniqueNames(pyroscope: Pyroscope): Problem[] {
  const readers = (pyroscope.readers ?? []).map((reader, i) => ({ name: reader?.name, path: ['pyroscope', 'readers', i, 'name'] }));
  const seen = new Set<string>();
  return [...tenantsOf(pyroscope).map(({ tenant, path }) => ({ name: tenant.name, path: [...path, 'name'] })), ...readers].flatMap(({ name, path }) => {
    if (name === undefined) { return []; }
    const isDuplicate = seen.has(name);
    seen.add(name);
    return isDuplicate ? [{
      path, message: 'is a name twice', found: name, allowed: 'a different name for each tenant and reader', fix: 'rename one of the two',
    }] : [];
  });
}

function tenantNamespaces(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  const own = [...deploymentNamespaces(spec).map(({ name }) => name), ...SYSTEM_NAMESPACES];
  const owners = new Map<string, string>();
  return tenantsOf(pyroscope).flatMap(({ tenant, path }, index) => (tenant.namespaces ?? []).flatMap((namespace, i): Problem[] => {
    if (namespace === undefined) { return []; }
    const name = tenant.name ?? `number ${index + 1}`;
    const owner = owners.get(namespace);
    owners.set(namespace, owner ?? name);
    const place = { path: [...path, 'namespaces', i], found: namespace };
    if (own.includes(namespace)) {
      return [{ ...place, message: 'belongs to Kubernetes or to this deployment', allowed: 'namespaces of applications', fix: 'remove it' }];
    }
    return owner === undefined || owner === name ? [] : [{
      ...place,
      message: `is a namespace of tenant \`${owner}\` as well`,
      allowed: 'each namespace in one tenant: its profiles go to one place',
      fix: 'remove it from one of the two; a reader of several tenants is an entry of `pyroscope.readers`',
    }];
  }));
}

/** Profilers on the nodes that a tenant asks for; none where its settings have been reported as problems. */
function profiling(tenant: Partially<PyroscopeTenantSpec>): { ebpf: boolean; java: boolean } {
  if (tenant.offboarding || isInvalid(tenant, 'offboarding')) { return { ebpf: false, java: false }; }
  return {
    ebpf: !isInvalid(tenant, 'ebpf') && !isInvalid(tenant.ebpf, 'enabled') && (tenant.ebpf?.enabled ?? true),
    java: tenant.java?.enabled ?? false,
  };
}

/** Namespaces that are sensitive whatever the specification says belong to no tenant. */
function sensitiveTenants(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  const sensitive = spec.scope?.sensitiveNamespaces ?? [];
  return tenantsOf(pyroscope).flatMap(({ tenant, path }) => {
    const namespace = (tenant.namespaces ?? []).find(candidate => candidate !== undefined && sensitive.includes(candidate));
    if (namespace === undefined) { return []; }
    const { ebpf, java } = profiling(tenant);
    const problem = (key: string, isOn: boolean): Problem[] => isOn ? [{
      path: [...path, key, 'enabled'],
      message: `must be off: the namespace \`${namespace}\` is sensitive, and nothing on the node may profile it`,
      found: 'true',
      allowed: 'false; its applications push with a token of their own',
      fix: `write\n${key}: { enabled: false }\nor give \`${namespace}\` to a tenant of its own`,
    }] : [];
    return [...problem('ebpf', ebpf), ...problem('java', java)];
  });
}

function tenantsInScope(pyroscope: Pyroscope, spec: PartialSpec): Problem[] {
  const scope = spec.scope?.namespaces;
  if (!scope) { return []; }
  return tenantsOf(pyroscope).flatMap(({ tenant, path }) => {
    const { ebpf, java } = profiling(tenant);
    if (!ebpf && !java) { return []; }
    return (tenant.namespaces ?? []).flatMap((namespace, i) => namespace === undefined || scope.includes(namespace) ? [] : [{
      path: [...path, 'namespaces', i],
      message: 'is not among `scope.namespaces`, so the nodes must not profile it',
      found: namespace,
      allowed: `one of ${scope.filter(Boolean).join(', ')}; or a tenant that only pushes`,
      fix: 'add it to `scope.namespaces`, or write `ebpf: { enabled: false }`',
    }]);
  });
}

function javaIsEnabled(pyroscope: Pyroscope): Problem[] {
  return tenantsOf(pyroscope).flatMap(({ tenant: { java }, path }) => {
    const options = (['alloc', 'lock'] as const).filter(key => java?.[key] !== undefined);
    if (!java || options.length === 0 || java.enabled !== undefined || isInvalid(java, 'enabled')) { return []; }
    return [{
      path: [...path, 'java', options[0]],
      message: 'has no effect without `enabled`: Java is not profiled',
      found: java[options[0]],
      allowed: 'options beside `enabled: true`; or beside `enabled: false`, to keep them for later',
      fix: `write\njava: { enabled: true, ${options.map(key => `${key}: ${java[key]}`).join(', ')} }\nor remove \`java\``,
    }];
  });
}

function readersTenants(pyroscope: Pyroscope): Problem[] {
  const names = (pyroscope.tenants ?? [undefined]).map(tenant => tenant?.name);
  if (names.includes(undefined)) { return []; }
  return (pyroscope.readers ?? []).flatMap((reader, i) => (reader?.tenants ?? []).flatMap((tenant, j) => (
    tenant === undefined || tenant === 'anonymous' || names.includes(tenant) ? [] : [{
      path: ['pyroscope', 'readers', i, 'tenants', j],
      message: 'is no tenant',
      found: tenant,
      allowed: [...names, 'anonymous'].join(', '),
      fix: 'correct the name, or add the tenant',
    }])));
}

function limits(pyroscope: Pyroscope): Problem[] {
  return [
    ...limitsOf(pyroscope, {}, ['pyroscope']),
    ...tenantsOf(pyroscope).flatMap(({ tenant, path }) => limitsOf(tenant, pyroscope, path)),
  ];
}

function limitsOf(own: Partially<PyroscopeLimitsSpec>, all: Partially<PyroscopeLimitsSpec>, path: Path): Problem[] {
  const retention = own.retention ?? all.retention ?? DEFAULTS.pyroscope.retention;
  const { maxQueryLength } = own;
  return [
    ...burst(own, all, path),
    ...(maxQueryLength !== undefined && retentionHours(maxQueryLength) > retentionHours(retention) && !isWrongAbove(own, all, 'retention') ? [{
      path: [...path, 'maxQueryLength'],
      message: 'is longer than `retention`',
      found: maxQueryLength,
      allowed: `at most ${retention}`,
      fix: 'shorten it, or keep profiles longer',
    }] : []),
  ];
}

/** Whether a limit that holds here, said here or for all tenants, has been reported. */
function isWrongAbove(own: Partially<PyroscopeLimitsSpec>, all: Partially<PyroscopeLimitsSpec>, key: keyof PyroscopeLimitsSpec): boolean {
  return isInvalid(key in own ? own : all, key);
}

/** A push that is larger than the burst is refused however long a client waits. */
function burst(own: Partially<PyroscopeLimitsSpec>, all: Partially<PyroscopeLimitsSpec>, path: Path): Problem[] {
  const rate = isWrongAbove(own, all, 'ingestionRateMb') ? 0 : own.ingestionRateMb ?? all.ingestionRateMb ?? DEFAULTS.pyroscope.ingestionRateMb;
  const size = isWrongAbove(own, all, 'maxProfileSize') ? '0' : own.maxProfileSize ?? all.maxProfileSize ?? DEFAULTS.pyroscope.maxProfileSize;
  const profile = Math.ceil(parseBytes(size)! / 2 ** 20);
  if (own.ingestionBurstMb !== undefined) {
    return own.ingestionBurstMb >= Math.max(rate, profile) ? [] : [{
      path: [...path, 'ingestionBurstMb'],
      message: own.ingestionBurstMb < rate
        ? 'is less than `ingestionRateMb`: larger pushes would always be refused'
        : `is less than \`maxProfileSize\` (${size}): profiles of that size would always be refused`,
      found: String(own.ingestionBurstMb),
      allowed: `at least ${Math.max(rate, profile)}`,
      fix: 'raise it, or remove it to get twice the rate and room for the largest profile',
    }];
  }
  // A rate of one's own comes with a burst of its own, see `resolveLimits`.
  const inherited = own.ingestionRateMb === undefined && !isInvalid(own, 'ingestionRateMb') ? all.ingestionBurstMb : undefined;
  return own.maxProfileSize === undefined || inherited === undefined || inherited >= profile ? [] : [{
    path: [...path, 'maxProfileSize'],
    message: 'is more than `ingestionBurstMb` of all tenants: profiles of that size would always be refused',
    found: size,
    allowed: `at most ${inherited}Mi`,
    fix: `lower it, or write \`ingestionBurstMb: ${profile}\` beside it`,
  }];
}

/** The operator puts every data source into the main organisation, where its members would see the tenants of others. */
function organisations(pyroscope: Pyroscope): Problem[] {
  if (!pyroscope.grafana?.operator) { return []; }
  const readers = (pyroscope.readers ?? []).map((reader, i) => ({ orgId: reader?.grafana?.orgId, path: ['pyroscope', 'readers', i] as Path }));
  return [...tenantsOf(pyroscope).map(({ tenant, path }) => ({ orgId: tenant.grafana?.orgId, path })), ...readers]
    .filter(({ orgId }) => orgId !== undefined && orgId !== DEFAULTS.pyroscope.orgId)
    .map(({ orgId, path }) => ({
      path: [...path, 'grafana', 'orgId'],
      message: 'has no effect with the Grafana Operator, which knows the main organisation alone',
      found: String(orgId),
      allowed: String(DEFAULTS.pyroscope.orgId),
      fix: 'remove it and use a Grafana for each tenant, or remove `pyroscope.grafana.operator`',
    }));
}
