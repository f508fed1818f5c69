import type { ObjectStorageSpec } from '../api/object-storage';
import type { ResolvedLimits, ResolvedPyroscope } from '../config/resolved-spec';

/** A section of Pyroscope's configuration, in its own keys. */
export type Config = Readonly<Record<string, unknown>>;

/**
 * `config.yaml`. Pyroscope refuses to start on a key it does not know.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-server/reference-configuration-parameters/
 */
export function pyroscopeConfig({ storage, limits }: ResolvedPyroscope): Config {
  return {
    multitenancy_enabled: true,
    // Off: it would report to its makers who runs it and how.
    analytics: { reporting_enabled: false },
    ...(storage && { storage: storageConfig(storage) }),
    limits: limitsConfig(limits),
  };
}

/**
 * Overrides of the limits by tenant, where they differ from those of all; read again every 10 seconds. One key that Pyroscope does not know, and
 * it keeps the whole file of before.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/pkg/validation/limits.go
 */
export function tenantOverrides({ tenants, limits }: ResolvedPyroscope): Readonly<Record<string, Config>> {
  const common = limitsConfig(limits);
  return Object.fromEntries(tenants.flatMap(tenant => {
    const own = Object.entries(limitsConfig(tenant.limits)).filter(([key, value]) => value !== common[key]);
    return own.length > 0 ? [[tenant.id, Object.fromEntries(own)]] : [];
  }));
}

function limitsConfig(limits: ResolvedLimits): Config {
  return {
    ingestion_rate_mb: limits.ingestionRateMb,
    ingestion_burst_size_mb: limits.ingestionBurstMb,
    max_label_names_per_series: limits.maxLabelNamesPerSeries,
    max_profile_size_bytes: limits.maxProfileSizeBytes,
    max_profile_stacktrace_depth: limits.maxStacktraceDepth,
    max_profile_stacktrace_samples: limits.maxStacktraceSamples,
    max_query_length: limits.maxQueryLength,
    // Queries beyond it are cut silently: what is kept must be seen.
    max_query_lookback: limits.maxQueryLookback,
    retention_period: limits.retention,
  };
}

/**
 * A bucket by workload identity.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/pkg/objstore/providers/s3/config.go
 */
function storageConfig({ s3, gcs, azure }: ObjectStorageSpec): Config {
  if (s3) {
    return {
      backend: 's3',
      // native_aws_auth: the chain of Amazon's own library, which reads what EKS injects for the service account.
      s3: { endpoint: s3.endpoint ?? `s3.${s3.region}.amazonaws.com`, region: s3.region, bucket_name: s3.bucket, native_aws_auth_enabled: true },
    };
  }
  if (gcs) { return { backend: 'gcs', gcs: { bucket_name: gcs.bucket } }; }
  if (azure) { return { backend: 'azure', azure: { account_name: azure.storageAccount, container_name: azure.container } }; }
  throw new Error('storage names no bucket');
}
