import { defaultDelivery, DEFAULTS } from './defaults';
import { bytes, resolvePeer, resolveTls, sorted } from './resolve-values';
import type { ResolvedAgents, ResolvedAlloy, ResolvedJava, ResolvedLimits, ResolvedPyroscope, ResolvedReader, ResolvedTenant, ResolvedTls } from './resolved-spec';
import { shorter } from './retention';
import { SecretStoreKind } from '../api/external-secrets';
import type { ParcaSpec } from '../api/parca';
import type { PyroscopeLimitsSpec, PyroscopeSpec } from '../api/pyroscope';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { JavaProfilingSpec, PyroscopeReaderSpec, PyroscopeTenantSpec } from '../api/tenant';

const DEFAULT = DEFAULTS.pyroscope;

/** Pyroscope with every default filled in. */
export function resolvePyroscope(spec: PyroscopeSpec, parca: ParcaSpec): ResolvedPyroscope {
  const { mode = PyroscopeMode.SINGLE_BINARY, grafana, externalSecrets, gitOps } = spec;
  return {
    namespace: spec.namespace ?? DEFAULT.namespace,
    mode,
    delivery: spec.delivery ?? defaultDelivery(mode),
    storage: spec.storage,
    persistence: { ...spec.persistence, size: spec.persistence?.size ?? DEFAULTS.persistenceSize },
    limits: resolveLimits(spec),
    tls: certificate(spec, parca),
    gatewayReplicas: spec.gatewayReplicas ?? DEFAULT.gatewayReplicas,
    gateway: { clients: spec.gateway?.clients ?? DEFAULT.clients },
    tenants: byName(spec.tenants.map(tenant => resolveTenant(tenant, spec))),
    readers: byName((spec.readers ?? []).map(resolveReader)),
    ...(grafana && {
      grafana: {
        namespace: grafana.namespace,
        podLabels: grafana.podLabels ?? DEFAULT.grafanaLabels,
        caBundle: grafana.caBundle,
        operator: grafana.operator,
      },
    }),
    ...(externalSecrets && {
      externalSecrets: {
        storeRef: { kind: SecretStoreKind.CLUSTER_SECRET_STORE, ...externalSecrets.storeRef },
        keyPrefix: externalSecrets.keyPrefix ?? DEFAULT.keyPrefix,
      },
    }),
    ...(gitOps && {
      gitOps: {
        ...(gitOps.argoCd && { argoCd: { ...DEFAULT.argoCd, ...gitOps.argoCd } }),
        ...(gitOps.flux && { flux: { ...DEFAULT.flux, ...gitOps.flux } }),
      },
    }),
  };
}

/** Alloy, if there is anything for it to do, and a node where it can. */
export function resolveAlloy({ alloy }: PyroscopeSpec, { tenants }: ResolvedPyroscope, agents: ResolvedAgents): ResolvedAlloy | undefined {
  const profiled = tenants.filter(isProfiledOnNodes);
  if (profiled.length === 0 || !agents.nodePools.some(({ mode }) => mode === 'leastPrivilege')) { return undefined; }
  return {
    delivery: alloy?.delivery ?? PyroscopeDelivery.NATIVE,
    resources: { ...agents.resources, ...alloy?.resources },
    tenants: profiled,
  };
}

/** Whether Alloy profiles a tenant's namespaces on their nodes. */
export function isProfiledOnNodes({ ebpf, java }: ResolvedTenant): boolean {
  return ebpf || java !== undefined;
}

/** The certificate as it is said here; or else from the issuer that Parca's comes from, trusted through the same CA. */
function certificate({ tls }: PyroscopeSpec, parca: ParcaSpec): ResolvedTls {
  const inherited = parca.tls.certManager ? { certManager: parca.tls.certManager } : {};
  return resolveTls({ ...(tls ?? inherited), caConfigMap: tls?.caConfigMap ?? parca.tls.caConfigMap }, DEFAULT.certificateSecret);
}

function resolveTenant(tenant: PyroscopeTenantSpec, all: PyroscopeSpec): ResolvedTenant {
  const offboarding = tenant.offboarding ?? false;
  const ebpf = !offboarding && (tenant.ebpf?.enabled ?? true);
  const limits = resolveLimits({ ...all, ...tenant }, tenant);
  return {
    name: tenant.name,
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
