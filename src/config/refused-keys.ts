/** Sections of the document that are planned and not part of this release. */
export const PLANNED_SECTIONS: readonly string[] = ['monitoring'];

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
    /((access|secret|account|storage).?key|(session|sas).?token|credentials|connection.?string)/i,
    'remove it: static keys are refused. Use workload identity (`roleArn`, `serviceAccount` or `clientId`)',
  ],
  [
    /(insecure|skipVerify|plaintext)/i,
    'remove it: tokens are sent over verified TLS, and no other way',
  ],
  [
    /^(privileged|allowPrivilegeEscalation|securityContext|hostNetwork|hostPort|hostPID|hostIPC)$/i,
    'remove it: the security context is not an option. What the agent needs is fixed and was tested one capability at a time',
  ],
  [
    /^(capabilities|addCapabilities|extraCapabilities)$|^(CAP_|cap_)/,
    'remove it: the capabilities follow from `memlock` and `fallback`. Kubernetes spells them without the CAP_ prefix',
  ],
  [
    /^extraArgs$/,
    'remove it: flags are not an option. The chart drops a list of them, and with it the tenancy',
  ],
  [
    /^(structuredConfig|config|tenantOverrides|helmValues|values)$/,
    'remove it: the configuration is made from this document. Limits are keys such as `retention` and `ingestionRateMb`',
  ],
  [
    /(blocks.?retention|retention.?period)/i,
    'use `retention`: the compactor\'s setting does nothing since Pyroscope 2',
  ],
  [
    /max.?(global|local).?series/i,
    'remove it: Pyroscope 2 enforces no such limit. Use `ingestionRateMb` and `maxLabelNamesPerSeries`',
  ],
  [
    /^(components|querier|compactor|ingester|storeGateway|distributor)$/,
    'remove it: components are not configured one by one, and Pyroscope 2 has other ones than 1',
  ],
];

/** Keys of earlier versions, by their paths without indices, and where they are now. */
const MOVED: Readonly<Record<string, string>> = {
  'parca.agentNamespace': 'agents.namespace',
  'parca.agent.nodePools': 'agents.nodePools',
  'parca.agent.resources': 'agents.pod.resources',
  'pyroscope.alloy.resources': 'pyroscope.alloy.pod.resources',
  'pyroscope.externalSecrets': 'externalSecrets',
  'pyroscope.gitOps': 'gitOps',
};

/** The new place of a key that has moved. */
export function movedTo(path: ReadonlyArray<string | number>): string | undefined {
  const key = path.filter(segment => typeof segment === 'string').join('.');
  return Object.hasOwn(MOVED, key) ? MOVED[key] : undefined;
}

/** Advice for an unknown key, if there is any. */
export function adviceFor(key: string): string | undefined {
  return ADVICE.find(([pattern]) => pattern.test(key))?.[1];
}
