/** Kinds of secret stores. */
export enum SecretStoreKind {
  /** A store for every namespace. */
  CLUSTER_SECRET_STORE = 'ClusterSecretStore',
  /** A store of the same name in each namespace. */
  SECRET_STORE = 'SecretStore',
}

/**
 * Tokens from a secret store, through the External Secrets Operator. Each is one entry of the store:
 *
 * - of Parca `<keyPrefix>/parca/push`, `/read`, `/symbols` and `/metrics`, and `/push/<pool>` for a node pool with a token of its own;
 *   for a store elsewhere `<keyPrefix>/parca/push` alone;
 * - of Pyroscope `<keyPrefix>/<tenant>/agent`, `/push` and `/read`, `<keyPrefix>/<reader>/read`, and `<keyPrefix>/metrics`;
 * - `<keyPrefix>/ca`, the CA certificates, where no `caConfigMap` is named.
 *
 * Tokens are letters, digits, `-`, `_` and `.`.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export interface ExternalSecretsSpec {
  /** The store. */
  readonly storeRef: SecretStoreRefSpec;

  /**
   * Prefix of the names of all entries.
   *
   * @default "profiling"
   * @format store-key
   */
  readonly keyPrefix?: string;

  /**
   * Property of each entry that has the value, for stores whose entries have several, such as those of Vault.
   *
   * @default - the entry itself
   * @format data-key
   */
  readonly property?: string;
}

/**
 * A secret store.
 */
export interface SecretStoreRefSpec {
  /**
   * Kind of the store.
   *
   * @default SecretStoreKind.CLUSTER_SECRET_STORE
   */
  readonly kind?: SecretStoreKind;

  /**
   * Name of the store.
   *
   * @format dns-subdomain
   */
  readonly name: string;
}
