/**
 * What Pyroscope 2.2.1 and its chart of the same version know. Helm ignores a value that it does not know, and Pyroscope does not
 * start on a key that it does not know, so that a slip of the pen is either without effect or fatal.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/operations/pyroscope/helm/pyroscope/values.yaml
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/pkg/validation/limits.go
 */

type Leaf = 'any' | 'boolean' | 'number' | 'string';
/** What is below a key: known keys, `*` for keys of any name, or what kind of value it is. */
export type Shape = Leaf | { readonly [key: string]: Shape };

const DURATION: Shape = 'string';

/** Keys of `limits`, and of each tenant in the overrides. */
const LIMITS: Shape = {
  ingestion_rate_mb: 'number',
  ingestion_burst_size_mb: 'number',
  ingestion_body_limit_mb: 'number',
  max_label_name_length: 'number',
  max_label_value_length: 'number',
  max_label_names_per_series: 'number',
  max_sessions_per_series: 'number',
  push_max_concurrency: 'number',
  max_profile_size_bytes: 'number',
  max_profile_stacktrace_samples: 'number',
  max_profile_stacktrace_sample_labels: 'number',
  max_profile_stacktrace_depth: 'number',
  max_profile_symbol_value_length: 'number',
  max_query_lookback: DURATION,
  max_query_length: DURATION,
  max_flamegraph_nodes_default: 'number',
  max_flamegraph_nodes_max: 'number',
  reject_older_than: DURATION,
  reject_newer_than: DURATION,
  retention_period: DURATION,
  s3_sse_type: 'string',
  s3_sse_kms_key_id: 'string',
  s3_sse_kms_encryption_context: 'string',
};

/** `config.yaml`, as far as a deployment for tenants touches it; without the places for static keys. */
export const CONFIG: Shape = {
  multitenancy_enabled: 'boolean',
  analytics: { reporting_enabled: 'boolean' },
  limits: LIMITS,
  storage: {
    backend: 'string',
    prefix: 'string',
    s3: { endpoint: 'string', region: 'string', bucket_name: 'string', native_aws_auth_enabled: 'boolean', bucket_lookup_type: 'string' },
    gcs: { bucket_name: 'string' },
    azure: { account_name: 'string', container_name: 'string', user_assigned_id: 'string' },
  },
};

/** `overrides.yaml` below its only key. */
export const OVERRIDES: Shape = { '*': LIMITS };

const PERSISTENCE: Shape = { enabled: 'boolean', size: 'string', storageClassName: 'string' };

const ARGS: Shape = { '*': 'string' };

/** Values of the chart. */
export const CHART_VALUES: Shape = {
  architecture: {
    storage: { v1: 'boolean', v2: 'boolean' },
    microservices: { enabled: 'boolean', clusterLabelSuffix: 'string' },
    // In place of the resources of every component, and of the single binary as well.
    overwriteResources: 'any',
  },
  pyroscope: {
    fullnameOverride: 'string',
    image: { registry: 'string', repository: 'string', tag: 'string', pullPolicy: 'string' },
    imagePullSecrets: 'any',
    disableSelfProfile: 'boolean',
    cluster_domain: 'string',
    extraArgs: ARGS,
    extraEnvVars: { '*': 'string' },
    extraLabels: { '*': 'string' },
    rbac: { create: 'boolean' },
    serviceAccount: { create: 'boolean', name: 'string', annotations: { '*': 'string' } },
    podAnnotations: { '*': 'string' },
    podSecurityContext: 'any',
    securityContext: 'any',
    extraVolumes: 'any',
    extraVolumeMounts: 'any',
    terminationGracePeriodSeconds: 'number',
    nodeSelector: { '*': 'string' },
    affinity: 'any',
    tolerations: 'any',
    topologySpreadConstraints: 'any',
    priorityClassName: 'string',
    resources: 'any',
    persistence: PERSISTENCE,
    structuredConfig: CONFIG,
    tenantOverrides: OVERRIDES,
    // The components of the second storage alone: others are read by nobody.
    components: Object.fromEntries([
      'ad-hoc-profiles', 'admin', 'compaction-worker', 'distributor', 'metastore', 'query-backend', 'query-frontend', 'segment-writer', 'tenant-settings',
    ].map(component => [component, { persistence: PERSISTENCE, extraArgs: ARGS, replicaCount: 'number', resources: 'any' }])),
  },
  alloy: { enabled: 'boolean' },
  agent: { enabled: 'boolean' },
  minio: { enabled: 'boolean' },
};

/**
 * Values of Alloy's chart 1.11.1.
 *
 * @see https://github.com/grafana/alloy/blob/v1.18.1/operations/helm/charts/alloy/values.yaml
 */
export const ALLOY_CHART_VALUES: Shape = {
  fullnameOverride: 'string',
  crds: { create: 'boolean' },
  image: { registry: 'string', repository: 'string', tag: 'string', digest: 'string', pullPolicy: 'string', pullSecrets: 'any' },
  rbac: { create: 'boolean' },
  serviceAccount: { create: 'boolean', name: 'string' },
  service: { enabled: 'boolean' },
  configReloader: { enabled: 'boolean' },
  controller: {
    type: 'string',
    hostPID: 'boolean',
    priorityClassName: 'string',
    updateStrategy: 'any',
    nodeSelector: { '*': 'string' },
    affinity: 'any',
    tolerations: 'any',
    podLabels: { '*': 'string' },
    podAnnotations: { '*': 'string' },
    volumes: { extra: 'any' },
    terminationGracePeriodSeconds: 'number',
  },
  alloy: {
    configMap: { create: 'boolean', content: 'string' },
    stabilityLevel: 'string',
    enableReporting: 'boolean',
    storagePath: 'string',
    listenAddr: 'string',
    listenPort: 'number',
    extraArgs: 'any',
    extraEnv: 'any',
    securityContext: 'any',
    resources: 'any',
    livenessProbe: 'any',
    mounts: { extra: 'any' },
  },
};

/** The paths at which a value is not of this shape. */
export function unknownKeys(value: unknown, shape: Shape, path = ''): string[] {
  if (typeof shape === 'string') {
    return value !== undefined && (shape === 'any' || typeof value === shape) ? [] : [`${path}: no ${shape}`];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) { return [`${path}: no mapping`]; }
  return Object.entries(value).flatMap(([key, child]) => {
    const below = Object.hasOwn(shape, key) ? shape[key] : shape['*'];
    const at = path === '' ? key : `${path}.${key}`;
    return below === undefined ? [`${at}: unknown`] : unknownKeys(child, below, at);
  });
}
