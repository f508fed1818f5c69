import { defaultDelivery, DEFAULTS } from './defaults';
import { overridden, placement, resolvePod } from './resolve-pod';
import { bytes, resolvePeer, resolveTls, sorted } from './resolve-values';
import type {
  ResolvedAgents, ResolvedAlloy, ResolvedCa, ResolvedJava, ResolvedLimits, ResolvedNodePool, ResolvedPyroscope, ResolvedReader,
  ResolvedRemotePyroscope, ResolvedTenant, ResolvedTls,
} from './resolved-spec';
import { shorter } from './retention';
import type { PyroscopeLimitsSpec, PyroscopeSpec } from '../api/pyroscope';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { RemotePyroscopeSpec } from '../api/remote-pyroscope';
import type { JavaProfilingSpec, PyroscopeReaderSpec, PyroscopeTenantSpec } from '../api/tenant';
import type { PodSettings } from '../kube/pod-settings';

const DEFAULT = DEFAULTS.pyroscope;

/**
 * Pyroscope with every default filled in; undefined if Alloy sends elsewhere.
 *
 * @param parca the certificate of Parca's gateway, which is like that of Pyroscope's unless it has one of its own
 */
export function resolvePyroscope(spec: PyroscopeSpec, parca: ResolvedTls | undefined, defaultCa: ResolvedCa): ResolvedPyroscope | undefined {
  if (spec.remote) { return undefined; }
  const { mode = PyroscopeMode.SINGLE_BINARY, grafana } = spec;
  const pod = resolvePod(spec.pod);
  return {
    namespace: spec.namespace ?? DEFAULT.namespace,
    mode,
    delivery: spec.delivery ?? defaultDelivery(mode),
    storage: spec.storage,
    persistence: { ...spec.persistence, size: spec.persistence?.size ?? DEFAULTS.persistenceSize },
    limits: resolveLimits(spec),
    tls: resolveTls(spec.tls ?? { certManager: parca?.certManager }, DEFAULT.certificateSecret, parca?.ca ?? defaultCa),
    gatewayReplicas: spec.gatewayReplicas ?? DEFAULT.gatewayReplicas,
    gateway: { clients: spec.gateway?.clients ?? DEFAULT.clients, pod: overridden(placement(pod), resolvePod(spec.gateway?.pod)) },
    pod,
    tenants: resolveTenants(spec),
    readers: byName((spec.readers ?? []).map(resolveReader)),
    ...(grafana && {
      grafana: {
        namespace: grafana.namespace,
        podLabels: grafana.podLabels ?? DEFAULT.grafanaLabels,
        caBundle: grafana.caBundle,
        operator: grafana.operator,
      },
    }),
  };
}

/** Alloy, if there is anything for it to do, and a node where it can. */
export function resolveAlloy(spec: PyroscopeSpec, agents: ResolvedAgents): ResolvedAlloy | undefined {
  const profiled = resolveTenants(spec).filter(isProfiledOnNodes);
  const capable = agents.nodePools.filter(({ mode }) => mode === 'leastPrivilege');
  if (profiled.length === 0 || capable.length === 0) { return undefined; }
  const delivery = spec.alloy?.delivery ?? PyroscopeDelivery.NATIVE;
  const own = resolvePod(spec.alloy?.pod);
  const apart = delivery === PyroscopeDelivery.NATIVE ? capable.filter(({ hasOwnPod }) => hasOwnPod) : [];
  const others = capable.filter(pool => !apart.includes(pool));
  return {
    delivery,
    groups: [
      ...(others.length > 0 ? [{ pools: others, pod: overridden({ ...agents.pod, ...toleratedBy(others) }, own) }] : []),
      ...apart.map(pool => ({ pool: pool.name, pools: [pool], pod: overridden(pool.pod, own) })),
    ],
    ...(spec.remote && { remote: resolveRemote(spec.remote) }),
    tenants: profiled,
  };
}

/** Every toleration of any of the pools, once. */
function toleratedBy(pools: readonly ResolvedNodePool[]): Pick<PodSettings, 'tolerations'> {
  const all = pools.flatMap(({ pod }) => pod.tolerations ?? []);
  return all.length > 0 ? { tolerations: [...new Map(all.map(one => [JSON.stringify(one), one])).values()] } : {};
}

function resolveRemote({ url, tokenSecret, caConfigMap, egressCidrs }: RemotePyroscopeSpec): ResolvedRemotePyroscope {
  return {
    url,
    port: Number(new URL(url).port || 443),
    tokenSecret: tokenSecret?.secretName ?? DEFAULT.remoteTokens,
    ...(caConfigMap && { ca: { kind: 'ConfigMap', key: DEFAULTS.caConfigMap.key, ...caConfigMap } }),
    egressCidrs: sorted(egressCidrs),
  };
}

function resolveTenants(spec: PyroscopeSpec): ResolvedTenant[] {
  return byName(spec.tenants.map(tenant => resolveTenant(tenant, spec)));
}

/** Whether Alloy profiles a tenant's namespaces on their nodes. */
export function isProfiledOnNodes({ ebpf, java }: ResolvedTenant): boolean {
  return ebpf || java !== undefined;
}

function resolveTenant(tenant: PyroscopeTenantSpec, all: PyroscopeSpec): ResolvedTenant {
  const offboarding = tenant.offboarding ?? false;
  const ebpf = !offboarding && (tenant.ebpf?.enabled ?? true);
  const limits = resolveLimits({ ...all, ...tenant }, tenant);
  return {
    name: tenant.name,
    id: tenant.tenantId ?? tenant.name,
    ...(tenant.user !== undefined && { user: tenant.user }),
    namespaces: sorted(tenant.namespaces),
    limits: offboarding ? { ...limits, retention: DEFAULT.offboardingRetention } : limits,
    ebpf,
    ...(!offboarding && tenant.java?.enabled && { java: resolveJava(tenant.java, ebpf) }),
    orgId: tenant.grafana?.orgId ?? DEFAULT.orgId,
    offboarding,
  };
}

function resolveJava({ alloc, lock }: JavaProfilingSpec, ebpf: boolean): ResolvedJava {
  const isIdle = ebpf && alloc === undefined && lock === undefined;
  return { cpu: !ebpf, alloc: isIdle ? DEFAULT.javaAlloc : alloc, lock };
}

function resolveReader({ name, tenants, pods = [], grafana }: PyroscopeReaderSpec): ResolvedReader {
  return { name, tenants: sorted(tenants), pods: pods.map(resolvePeer), orgId: grafana && (grafana.orgId ?? DEFAULT.orgId) };
}

/** `own` is where a rate without a burst would have been said. */
function resolveLimits(limits: PyroscopeLimitsSpec, own: PyroscopeLimitsSpec = limits): ResolvedLimits {
  const retention = limits.retention ?? DEFAULT.retention;
  const ingestionRateMb = limits.ingestionRateMb ?? DEFAULT.ingestionRateMb;
  const burst = own.ingestionRateMb === undefined ? limits.ingestionBurstMb : own.ingestionBurstMb;
  const maxProfileSizeBytes = bytes(limits.maxProfileSize ?? DEFAULT.maxProfileSize);
  return {
    retention,
    ingestionRateMb,
    ingestionBurstMb: burst ?? defaultBurst(ingestionRateMb, maxProfileSizeBytes),
    maxProfileSizeBytes,
    maxLabelNamesPerSeries: limits.maxLabelNamesPerSeries ?? DEFAULT.maxLabelNamesPerSeries,
    maxStacktraceDepth: limits.maxStacktraceDepth ?? DEFAULT.maxStacktraceDepth,
    maxStacktraceSamples: limits.maxStacktraceSamples ?? DEFAULT.maxStacktraceSamples,
    maxQueryLength: shorter(limits.maxQueryLength ?? DEFAULT.maxQueryLength, retention),
    maxQueryLookback: retention,
  };
}

/** Room for one profile of the largest size: a push beyond the burst is refused for ever, and clients try again. */
function defaultBurst(ingestionRateMb: number, maxProfileSizeBytes: number): number {
  return Math.max(2 * ingestionRateMb, Math.ceil(maxProfileSizeBytes / 2 ** 20));
}

function byName<T extends { readonly name: string }>(values: readonly T[]): T[] {
  return [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
}
