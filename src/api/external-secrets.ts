/** Kinds of secret stores. */
export enum SecretStoreKind {
  /** A store for every namespace. */
  CLUSTER_SECRET_STORE = 'ClusterSecretStore',
  /** A store of the same name in each namespace. */
  SECRET_STORE = 'SecretStore',
}

/**
 * Tokens from a secret store. Each is one entry of the store: `<keyPrefix>/<tenant>/agent`, `/push` and `/read`,
 * `<keyPrefix>/<reader>/read`, and `<keyPrefix>/metrics`. Tokens are letters, digits, `-`, `_` and `.`.
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
