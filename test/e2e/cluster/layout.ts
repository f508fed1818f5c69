/** Where everything of the cluster is: below a directory in memory that ends with the run. */
export const HOME = '/run/cluster';

export const NODE = 'e2e-node';

/** The bridge that pods hang on. Its address is the node's; there is no route to anywhere else. */
export const BRIDGE = 'cni0';
export const NODE_ADDRESS = '10.244.0.1';
export const POD_CIDR = '10.244.0.0/24';

export const SERVICE_CIDR = '10.96.0.0/16';
export const API_SERVICE = '10.96.0.1';
export const DNS_SERVICE = '10.96.0.10';
export const API_PORT = 6443;

/** Below this directory in the hierarchies of cgroups is all that belongs to the cluster's pods. */
export const CGROUP = 'hardened-profiling-e2e';

export const CONTAINERD_SOCKET = `${HOME}/containerd/containerd.sock`;

export const ADMIN_KUBECONFIG = `${HOME}/admin.kubeconfig`;
