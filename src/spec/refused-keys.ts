/** Sections of the document that are planned and not part of this release. */
export const PLANNED_SECTIONS: readonly string[] = ['nodes', 'pyroscope', 'monitoring'];

/**
 * Keys that people try because other charts have them, and what to do instead. They are refused like every unknown
 * key; this only makes the answer useful.
 */
const ADVICE: ReadonlyArray<readonly [pattern: RegExp, fix: string]> = [
  [
    /^(token|bearerToken|password|secret|apiKey|digest|sha256)$/i,
    'remove it: a token never stands in a specification. Create a Secret (hardened-profiling secrets) and name it with `secretName`',
  ],
  [
    /(accessKey|secretKey|sessionToken|accountKey|storageKey|sasToken|credentials|serviceAccountKey|connectionString)/i,
    'remove it: static keys are refused. Use workload identity (`roleArn`, `serviceAccount` or `clientId`)',
  ],
  [
    /(insecure|skipVerify|plaintext|remoteStore)/i,
    'remove it: agents send their token over verified TLS to the gateway, and to nowhere else',
  ],
  [
    /^(privileged|allowPrivilegeEscalation|securityContext|hostNetwork|hostPort|hostPID|hostIPC)$/i,
    'remove it: the security context is not an option. What the agent needs is fixed and was tested one capability at a time',
  ],
  [
    /^(capabilities|addCapabilities|extraCapabilities)$|^(CAP_|cap_)/,
    'remove it: the capabilities follow from `memlock` and `fallback`. Kubernetes spells them without the CAP_ prefix',
  ],
];

/** Advice for an unknown key, if there is any. */
export function adviceFor(key: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(key))?.[1];
}
