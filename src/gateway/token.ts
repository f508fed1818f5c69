/** A token of a gateway: where that finds its digests, and which Secrets have it for those who use it. */
export interface Token {
  /** Its role, as `secrets --rotate` calls it. */
  readonly role: string;
  /** The tenant or reader whose token it is, where there are several. */
  readonly tenant?: string;
  /** The node pool whose token it is, where it has one of its own. */
  readonly pool?: string;
  readonly gateway: SecretName & {
    /** The key with the digests, one a line. */
    readonly digests: string;
    /** Keys with raw tokens that the gateway takes as well, the newest last. */
    readonly rawTokens: readonly string[];
  };
  readonly users: readonly TokenSecret[];
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** A Secret that has a token for somebody who uses it. */
export interface TokenSecret extends SecretName {
  readonly key: string;
  /** Value at the key for a token, such as a header or a file. */
  readonly value: (token: string) => string;
}
