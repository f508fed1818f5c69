/** Name of Pyroscope's objects, of the chart's release, and its `app.kubernetes.io/name`. */
export const PYROSCOPE_NAME = 'pyroscope';

/** Name of the gateway's Service, however Pyroscope is delivered, and of the Deployment before the chart. */
export const PYROSCOPE_GATEWAY_NAME = 'pyroscope-gateway';

/** Ports of Pyroscope: HTTP, what its components say to one another, and administration where that is apart. */
export const PORTS = { http: 4040, admin: 4042, memberlist: 7946, grpc: 9095, raft: 9099 } as const;

/** The label of pods in a tenant's namespace that may reach the gateway to push. */
export const PUSH_LABEL = { key: 'hardened-profiling/pyroscope-push', value: 'true' } as const;

/** Names of Secrets. */
export const SECRETS = {
  /** In Pyroscope's namespace: a key with digests for every credential. */
  gateway: 'pyroscope-gateway-tokens',
  /** In the agents' namespace: a key with the raw token for each tenant that Alloy profiles. */
  alloy: 'alloy-push-tokens',
  /** In each namespace of a tenant: the raw token of its applications. */
  push: 'pyroscope-push-token',
  /** In the namespaces that metrics are scraped from. */
  metrics: 'pyroscope-metrics-token',
} as const;
