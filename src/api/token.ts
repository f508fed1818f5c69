/**
 * A reference to a Secret; never the token itself.
 */
export interface TokenSecretSpec {
  /**
   * Name of the Secret.
   *
   * @format dns-subdomain
   */
  readonly secretName: string;
}
