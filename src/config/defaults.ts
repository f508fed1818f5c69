import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import { CHARTS, DEFAULT_IMAGES, KUBERNETES, LOWEST_KERNEL } from '../versions';

/** The value of everything a user leaves out. Docstrings of the structs repeat these for readers. */
export const DEFAULTS = {
  kubernetesVersion: KUBERNETES.assumed,
  apiServerPorts: [443, 6443],
  dns: { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' }, port: 53, domain: 'cluster.local' },
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
  chartRepository: CHARTS.repository,
  keyPrefix: 'profiling',
  argoCd: { namespace: 'argocd', project: 'default', destination: { server: 'https://kubernetes.default.svc' }, syncWaves: true },
  flux: { namespace: 'flux-system' },
  caConfigMap: { name: 'parca-ca', key: 'ca.crt' },
  tokens: {
    push: 'parca-push-token',
    read: 'parca-read-token',
    symbols: 'parca-symbols-token',
    metrics: 'parca-metrics-token',
  },
  gateway: { clients: 1000, pushBytesPerMinuteOfClient: 2 ** 20, uploadSize: '1Gi', uploadsPerDay: '8Gi' },
  nodes: { paranoid: 2, interval: '5m', learnFor: '15m', falcoNamespace: 'falco' },
  pyroscope: {
    namespace: 'pyroscope',
    certificateSecret: 'pyroscope-tls',
    caConfigMap: { name: 'pyroscope-ca', key: 'ca.crt' },
    remoteTokens: 'alloy-push-tokens',
    gatewayReplicas: 2,
    clients: 4000,
    retention: '7d',
    offboardingRetention: '1h',
    javaAlloc: '512k',
    ingestionRateMb: 4,
    maxProfileSize: '4Mi',
    maxLabelNamesPerSeries: 30,
    maxStacktraceDepth: 1000,
    maxStacktraceSamples: 16_000,
    maxQueryLength: '1d',
    orgId: 1,
    grafanaLabels: { 'app.kubernetes.io/name': 'grafana' },
  },
} as const;

/** Role of a token of Parca's gateway. */
export type ParcaRole = keyof typeof DEFAULTS.tokens;

/** Every role, sorted. */
export const PARCA_ROLES: readonly ParcaRole[] = ['metrics', 'push', 'read', 'symbols'];

/** Namespaces that no policy looks at: a mistake there could stop the cluster. */
export const EXCLUDED_NAMESPACES: readonly string[] = ['kube-node-lease', 'kube-public', 'kube-system'];

/** Namespaces of Kubernetes itself; neither profiled nor taken over. */
export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Our own manifests where there are any. */
export function defaultDelivery(mode: PyroscopeMode): PyroscopeDelivery {
  return mode === PyroscopeMode.SINGLE_BINARY ? PyroscopeDelivery.NATIVE : PyroscopeDelivery.CHART;
}
