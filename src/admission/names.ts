/** The group that RBAC cannot bind, for whoever set the cluster up. */
export const MASTERS = 'system:masters';

/** The names of our policies; the name of the agents' namespace goes before them. */
export const POLICY = {
  restrictPrivileges: 'restrict-privileges',
  restrictAgentNamespace: 'restrict-agent-namespace',
  restrictAgentPodCreation: 'restrict-agent-pod-creation',
  restrictPortForward: 'restrict-port-forward',
  restrictExec: 'restrict-exec',
  protectOptInLabel: 'protect-opt-in-label',
  protectPodSecurityLabels: 'protect-pod-security-labels',
  protectConfiguration: 'protect-configuration',
  requirePodSecurity: 'require-pod-security',
} as const;

export const OWN_POLICIES: readonly string[] = Object.values(POLICY);
