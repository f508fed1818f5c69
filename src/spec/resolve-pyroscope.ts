import { defaultDelivery, DEFAULTS } from './defaults';
import { SecretStoreKind } from './external-secrets-spec';
import type { ParcaSpec } from './parca-spec';
import type { PyroscopeLimitsSpec, PyroscopeSpec } from './pyroscope-spec';
import { PyroscopeDelivery, PyroscopeMode } from './pyroscope-spec';
import { bytes, resolvePeer, resolveTls, sorted } from './resolve-values';
import type { ResolvedLimits, ResolvedPyroscope, ResolvedReader, ResolvedTenant, ResolvedTls } from './resolved-spec';
import { shorter } from './retention';
import type { PyroscopeReaderSpec, PyroscopeTenantSpec } from './tenant-spec';

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
    alloy: {
      delivery: spec.alloy?.delivery ?? PyroscopeDelivery.NATIVE,
      resources: { ...DEFAULTS.resources, ...parca.agent?.resources, ...spec.alloy?.resources },
    },
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

/** The certificate as it is said here; or else from the issuer that Parca's comes from, trusted through the same CA. */
function certificate({ tls }: PyroscopeSpec, parca: ParcaSpec): ResolvedTls {
  const inherited = parca.tls.certManager ? { certManager: parca.tls.certManager } : {};
  return resolveTls({ ...(tls ?? inherited), caConfigMap: tls?.caConfigMap ?? parca.tls.caConfigMap }, DEFAULT.certificateSecret);
}

function resolveTenant(tenant: PyroscopeTenantSpec, all: PyroscopeSpec): ResolvedTenant {
  const offboarding = tenant.offboarding ?? false;
  return {
    name: tenant.name,
    namespaces: sorted(tenant.namespaces),
    limits: resolveLimits({ ...all, ...tenant, ...(offboarding && { retention: DEFAULT.offboardingRetention }) }, tenant),
    ebpf: !offboarding && (tenant.ebpf?.enabled ?? true),
    ...(!offboarding && tenant.java?.enabled && { java: { alloc: tenant.java.alloc, lock: tenant.java.lock } }),
    orgId: tenant.grafana?.orgId ?? DEFAULT.orgId,
    offboarding,
  };
}

function resolveReader({ name, tenants, pods = [], grafana }: PyroscopeReaderSpec): ResolvedReader {
  return { name, tenants: sorted(tenants), pods: pods.map(resolvePeer), orgId: grafana && (grafana.orgId ?? DEFAULT.orgId) };
}

/** `own` is where a rate without a burst would have been said. */
function resolveLimits(limits: PyroscopeLimitsSpec, own: PyroscopeLimitsSpec = limits): ResolvedLimits {
  const retention = limits.retention ?? DEFAULT.retention;
  const ingestionRateMb = limits.ingestionRateMb ?? DEFAULT.ingestionRateMb;
  const burst = own.ingestionRateMb === undefined ? limits.ingestionBurstMb : own.ingestionBurstMb;
  return {
    retention,
    ingestionRateMb,
    ingestionBurstMb: burst ?? 2 * ingestionRateMb,
    maxProfileSizeBytes: bytes(limits.maxProfileSize ?? DEFAULT.maxProfileSize),
    maxLabelNamesPerSeries: limits.maxLabelNamesPerSeries ?? DEFAULT.maxLabelNamesPerSeries,
    maxStacktraceDepth: limits.maxStacktraceDepth ?? DEFAULT.maxStacktraceDepth,
    maxStacktraceSamples: limits.maxStacktraceSamples ?? DEFAULT.maxStacktraceSamples,
    maxQueryLength: shorter(limits.maxQueryLength ?? DEFAULT.maxQueryLength, retention),
  };
}

function byName<T extends { readonly name: string }>(values: readonly T[]): T[] {
  return [...values].sort((a, b) => (a.name < b.name ? -1 : 1));
}
