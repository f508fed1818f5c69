/** Namespaces that no policy looks at: a mistake there could stop the cluster. */
export const UNTOUCHED_NAMESPACES: readonly string[] = ['kube-node-lease', 'kube-public', 'kube-system'];

/** The names of our policies; the name of the agents' namespace goes before them. */
export const POLICY = {
  kernelObservability: 'kernel-observability',
  agentNamespace: 'agent-namespace',
  agentCreators: 'agent-creators',
  optInLabel: 'opt-in-label',
  portForward: 'port-forward',
  connect: 'connect',
  podSecurityLabels: 'pod-security-labels',
  walls: 'walls',
} as const;

export const OWN_POLICIES: readonly string[] = Object.values(POLICY);
