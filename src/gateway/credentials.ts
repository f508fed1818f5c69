/** A credential: what its token entitles to, and the files below the directory of credentials that hold it. */
export interface Credential {
  readonly role: string;
  /** Tenant that is sent to the backend; several are separated by `|`. Undefined where there are no tenants. */
  readonly tenant?: string;
  /** File of SHA-256 digests in hex, one a line. */
  readonly digests: string;
  /** Files of raw tokens. */
  readonly tokens?: readonly string[];
}

/** The list that the gateway reads: a credential a line. */
export function credentialList(credentials: readonly Credential[]): string {
  return credentials.map(({ role, tenant = '-', digests, tokens = [] }) => `${[role, tenant, digests, ...tokens].join(' ')}\n`).join('');
}
