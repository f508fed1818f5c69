/** Configuration of the proxy, from a ConfigMap. */
export const PROXY_DIRECTORY = '/etc/proxy';

/** The list of credentials, in the ConfigMap as well; read again when it changes. */
export const CREDENTIALS_FILE = `${PROXY_DIRECTORY}/credentials`;

/** Tokens and their digests, from Secrets. */
export const AUTH_DIRECTORY = '/run/auth';

/** The certificate, from a Secret. */
export const TLS_DIRECTORY = '/run/tls';

/** Keys of a role's Secret: raw tokens, of which the second is for rotation, and a list of digests. */
export const TOKEN_KEYS = { raw: ['token', 'token-previous'], digests: 'sha256' } as const;
