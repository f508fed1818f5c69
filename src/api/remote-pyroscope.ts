import type { ConfigMapKeySpec } from './parca';
import type { TokenSecretSpec } from './token';

/**
 * A Pyroscope elsewhere, such as Grafana Cloud Profiles or that of another cluster. Always over verified TLS.
 *
 * A tenant is named to it by `tenants[].tenantId`, in the header `X-Scope-OrgID`, or by `tenants[].user`, where each has a user and a
 * password instead.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/pyroscope/pyroscope.write/
 */
export interface RemotePyroscopeSpec {
  /**
   * Its URL.
   *
   * @format https-url
   */
  readonly url: string;

  /**
   * The Secret in the agents' namespace with a key for each tenant, named like it: its token or password.
   *
   * @default { secretName: alloy-push-tokens }
   */
  readonly tokenSecret?: TokenSecretSpec;

  /**
   * The ConfigMap in the agents' namespace that holds the CA certificates Alloy trusts, and nothing else.
   *
   * @default - the certificate authorities of Alloy's image
   */
  readonly caConfigMap?: ConfigMapKeySpec;

  /**
   * Addresses of Pyroscope, for the egress rules of Alloy.
   *
   * @default - no rule: where NetworkPolicies are enforced Alloy cannot reach it; the summary says so
   * @format cidr
   */
  readonly egressCidrs?: string[];
}
