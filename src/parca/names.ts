/** Name of the server's objects and its `app.kubernetes.io/name`. */
export const SERVER_NAME = 'parca';

/** Name of the agents' objects and their `app.kubernetes.io/name`. */
export const AGENT_NAME = 'parca-agent';

/** Metrics port of the agents, on the pod's address. */
export const AGENT_METRICS_PORT = 7071;

/** The server's pods, by the id of their NetworkPolicy. */
export const SERVER_PODS = 'server';
