/** The agent's configuration and the preflight script, from a ConfigMap. */
export const CONFIG_DIRECTORY = '/etc/parca-agent';

/** The push token, from a Secret. */
export const TOKEN_DIRECTORY = '/var/run/secrets/parca';

/** The CA certificates the agent trusts, from a ConfigMap. */
export const CA_DIRECTORY = '/etc/parca-ca';
