import { DEFAULT_IMAGES, KUBERNETES, LOWEST_KERNEL } from '../versions';

/** The value of everything a user leaves out. Docstrings of the structs repeat these for readers. */
export const DEFAULTS = {
  kubernetesVersion: KUBERNETES.assumed,
  apiServerPorts: [443, 6443],
  dns: { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, port: 53 },
  images: DEFAULT_IMAGES,
  optInLabel: { key: 'profiling', value: 'enabled' },
  namespace: 'profiling',
  agentNamespace: 'profiling-agents',
  activeMemory: '512Mi',
  persistenceSize: '10Gi',
  resources: { cpuRequest: '50m', memoryRequest: '256Mi', memoryLimit: '1Gi' },
  kernel: LOWEST_KERNEL,
  nodePools: [{ name: 'default' }],
  containerRuntimeSocket: '/run/containerd/containerd.sock',
  certificateSecret: 'parca-tls',
  caConfigMap: { name: 'parca-ca', key: 'ca.crt' },
  tokens: {
    push: 'parca-push-token',
    read: 'parca-read-token',
    symbols: 'parca-symbols-token',
    metrics: 'parca-metrics-token',
  },
} as const;

/** Namespaces of Kubernetes itself; neither profiled nor taken over. */
export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];
