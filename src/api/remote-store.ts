import type { ConfigMapKeySpec } from './parca';
import type { TokenSecretSpec } from './token';

/**
 * A store of profiles elsewhere, hosted or the gateway of another cluster, that speaks Parca's protocol. Always over verified TLS 1.3.
 */
export interface RemoteStoreSpec {
  /**
   * Host and port. Its certificate must be valid for the host.
   *
   * @format store-address
   */
  readonly address: string;

  /** The Secret in the agents' namespace with the push token under `token`. */
  readonly tokenSecret: TokenSecretSpec;

  /**
   * The ConfigMap in the agents' namespace that holds the CA certificates agents trust, and nothing else.
   *
   * @default - the certificate authorities of the agent's image
   */
  readonly caConfigMap?: ConfigMapKeySpec;

  /**
   * Further headers of each request, such as the id of a project. Everybody who may read the DaemonSet sees them: never a credential.
   *
   * @default - none
   * @format headers
   * @minItems 1
   */
  readonly headers?: { [name: string]: string };

  /**
   * Addresses of the store, for the egress rules of the agents.
   *
   * @default - no rule: where NetworkPolicies are enforced the agents cannot reach it; the summary says so
   * @format cidr
   */
  readonly egressCidrs?: string[];
}
