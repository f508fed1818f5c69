/** Name of Alloy's objects and its `app.kubernetes.io/name`. */
export const ALLOY_NAME = 'alloy';

/** Metrics port of Alloy, on the pod's address. */
export const ALLOY_METRICS_PORT = 12345;
