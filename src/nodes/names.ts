/** Name of what holds kernel settings, and its `app.kubernetes.io/name`. */
export const SETTINGS_NAME = 'node-settings';

/** Name of what lists eBPF programs, and its `app.kubernetes.io/name`. */
export const INVENTORY_NAME = 'ebpf-inventory';

/** Metrics port of both DaemonSets, on the pod's address. */
export const NODES_METRICS_PORT = 9109;
