import type { ParcaGatewaySpec } from './gateway';
import type { ObjectStorageSpec } from './object-storage';
import type { WorkloadPodSpec } from './pod';
import type { RemoteStoreSpec } from './remote-store';
import type { TokenSecretSpec } from './token';

/**
 * Parca: agents, and either a server behind a gateway or a store elsewhere.
 *
 * @see https://www.parca.dev/docs/overview
 */
export interface ParcaSpec {
  /**
   * Namespace of server and gateway; Pod Security `restricted`.
   *
   * @default "profiling"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * The server.
   *
   * @default - hardened defaults
   */
  readonly server?: ParcaServerSpec;

  /**
   * The agents, on the node pools of `agents`.
   *
   * @default - agents on all node pools
   */
  readonly agent?: ParcaAgentSpec;

  /**
   * The store that agents send to, instead of a server here.
   *
   * @default - a server here
   */
  readonly remoteStore?: RemoteStoreSpec;

  /**
   * The gateway's certificate and what the agents trust; required for a server.
   *
   * @default - none, with `remoteStore`
   */
  readonly tls?: TlsSpec;

  /**
   * The Secrets that hold the tokens; made by `hardened-profiling secrets` or by hand.
   *
   * @default - the default name of each role's Secret
   */
  readonly tokens?: TokensSpec;

  /**
   * The gateway before the server.
   *
   * @default - sized for 1000 nodes
   */
  readonly gateway?: ParcaGatewaySpec;
}

/**
 * The Parca Agents. Where they run and with what is said in `agents`.
 */
export interface ParcaAgentSpec {
  /**
   * Whether there are any. Without them the server is for agents of other clusters.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * The Parca server.
 */
export interface ParcaServerSpec {
  /**
   * Memory for profiles that are not yet written to storage. The container's limit follows it.
   *
   * @default "512Mi"
   * @format memory
   */
  readonly activeMemory?: string;

  /**
   * The volume for the write-ahead log and, without `objectStorage`, the profiles.
   *
   * @default - 10Gi of the cluster's default storage class
   */
  readonly persistence?: PersistenceSpec;

  /**
   * Keep profiles and debug information in a bucket, reached by workload identity.
   *
   * @default - on the volume
   */
  readonly objectStorage?: ObjectStorageSpec;

  /**
   * Settings of its pod, in which the gateway runs as well. Resources are those of Parca itself.
   *
   * @default - resources that follow from `activeMemory`, on any Linux node
   */
  readonly pod?: WorkloadPodSpec;
}

/**
 * A persistent volume claim.
 */
export interface PersistenceSpec {
  /**
   * Size of the volume.
   *
   * @default "10Gi"
   * @format memory
   */
  readonly size?: string;

  /**
   * Storage class.
   *
   * @default - the cluster's default class
   * @format dns-subdomain
   */
  readonly storageClassName?: string;
}

/**
 * The gateway's certificate: exactly one of `certManager` and `secretName`.
 *
 * It must be valid for `parca.<namespace>.svc`. The agents require TLS 1.3 and verify it.
 */
export interface TlsSpec {
  /**
   * Let cert-manager issue and rotate the certificate.
   *
   * @default - `secretName` is used
   */
  readonly certManager?: CertManagerSpec;

  /**
   * An existing Secret of type `kubernetes.io/tls` in the server's namespace.
   *
   * @default - made by cert-manager
   * @format dns-subdomain
   */
  readonly secretName?: string;

  /**
   * The ConfigMap in the agents' namespace that holds the CA certificates agents trust, and nothing else.
   *
   * @default { name: parca-ca, key: ca.crt }
   */
  readonly caConfigMap?: ConfigMapKeySpec;
}

/**
 * Certificate issued by cert-manager.
 *
 * @see https://cert-manager.io/docs/usage/certificate/
 */
export interface CertManagerSpec {
  /** The issuer to ask. */
  readonly issuerRef: IssuerRefSpec;
}

/** Kinds of cert-manager issuers. */
export enum IssuerKind {
  /** An issuer for every namespace. */
  CLUSTER_ISSUER = 'ClusterIssuer',
  /** An issuer in the server's namespace. */
  ISSUER = 'Issuer',
}

/**
 * A reference to a cert-manager issuer.
 */
export interface IssuerRefSpec {
  /**
   * Kind of issuer.
   *
   * @default IssuerKind.ISSUER
   */
  readonly kind?: IssuerKind;

  /**
   * Name of the issuer.
   *
   * @format dns-subdomain
   */
  readonly name: string;

  /**
   * API group, for external issuers.
   *
   * @default "cert-manager.io"
   * @format dns-subdomain
   */
  readonly group?: string;
}

/**
 * A key of a ConfigMap.
 */
export interface ConfigMapKeySpec {
  /**
   * Name of the ConfigMap.
   *
   * @format dns-subdomain
   */
  readonly name: string;

  /**
   * Key in its data.
   *
   * @default "ca.crt"
   * @format data-key
   */
  readonly key?: string;
}

/**
 * The Secret of each gateway role.
 *
 * In the server's namespace a Secret may hold `token` (the raw token), `token-previous` (still accepted during a
 * rotation) and `sha256` (SHA-256 digests in hex, one a line). A Secret that is missing or empty admits no caller.
 */
export interface TokensSpec {
  /**
   * Writes profiles. The agents' namespace needs a Secret of the same name with the raw token under `token`. A node pool can
   * have one of its own, see `NodePoolSpec.pushToken`.
   *
   * @default { secretName: parca-push-token }
   */
  readonly push?: TokenSecretSpec;

  /**
   * Queries profiles.
   *
   * @default { secretName: parca-read-token }
   */
  readonly read?: TokenSecretSpec;

  /**
   * Uploads debug information.
   *
   * @default { secretName: parca-symbols-token }
   */
  readonly symbols?: TokenSecretSpec;

  /**
   * Scrapes the server's metrics.
   *
   * @default { secretName: parca-metrics-token }
   */
  readonly metrics?: TokenSecretSpec;
}
