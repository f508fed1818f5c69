import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import { pyroscopeConfig, tenantOverrides } from './config';
import { PYROSCOPE_NAME } from './names';
import { PYROSCOPE_RESOURCES, PYROSCOPE_UID, pyroscopeEnvironment } from './native';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { Slice } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import type { HelmValues } from '../kube/helm';
import { chartImage } from '../kube/helm';
import { labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { withNodeAffinity, withResources } from '../kube/pod-settings';
import { restrictedContainer, restrictedPod } from '../kube/restricted';
import { workloadIdentity } from '../storage/workload-identity';

/**
 * Values of Pyroscope's chart; undefined where the manifests are our own.
 *
 * Names of the release and of its objects are fixed: the gateway and the NetworkPolicies look for them.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/operations/pyroscope/helm/pyroscope/values.yaml
 */
export function pyroscopeValues(spec: Slice<'pyroscope'>): HelmValues | undefined {
  const { pyroscope, images } = spec;
  if (pyroscope.delivery !== PyroscopeDelivery.CHART) { return undefined; }
  const isSplit = pyroscope.mode === PyroscopeMode.MICROSERVICES;
  const { serviceAccountAnnotations: annotations, podLabels } = pyroscope.storage
    ? workloadIdentity(pyroscope.storage) : { serviceAccountAnnotations: {}, podLabels: {} };
  const { pod } = pyroscope;
  const { pullSecrets } = images;
  const extraLabels = { ...podLabels, ...spec.metadata.labels, ...pod.labels };
  const affinity = withNodeAffinity(undefined, pod.nodeAffinity);
  return {
    architecture: {
      storage: { v1: false, v2: true },
      microservices: { enabled: isSplit },
      // Of every component; each has its own from the chart otherwise.
      ...(isSplit && pod.resources && { overwriteResources: withResources({}, pod.resources) }),
    },
    pyroscope: {
      fullnameOverride: PYROSCOPE_NAME,
      // With dots around it, as the chart puts it between other names.
      cluster_domain: `.${spec.cluster.dns.domain}.`,
      image: { ...chartImage(images.pyroscope), ...(pod.imagePullPolicy !== undefined && { pullPolicy: pod.imagePullPolicy }) },
      ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map(name => ({ name })) }),
      // Its own profiles would come without a tenant.
      disableSelfProfile: true,
      extraArgs: { 'log.level': 'info' },
      // On pods and on every object.
      ...(Object.keys(extraLabels).length > 0 && { extraLabels }),
      // The chart's Role has no namespace, so that tools other than Helm put it elsewhere: ours stands in for it.
      rbac: { create: false },
      serviceAccount: { create: true, name: PYROSCOPE_NAME, annotations: { ...annotations } },
      // The chart asks to be profiled, which nobody may in a sensitive namespace.
      podAnnotations: {
        ...spec.metadata.annotations,
        ...pod.annotations,
        ...Object.fromEntries(['cpu', 'goroutine', 'memory'].map(kind => [`profiles.grafana.com/${kind}.scrape`, 'false'])),
      },
      podSecurityContext: restrictedPod(PYROSCOPE_UID),
      securityContext: restrictedContainer(),
      extraVolumes: [{ name: 'tmp', emptyDir: { sizeLimit: '4Gi' } }],
      extraVolumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      terminationGracePeriodSeconds: 90,
      nodeSelector: { 'kubernetes.io/os': 'linux', ...pod.nodeSelector },
      ...(pod.tolerations && { tolerations: pod.tolerations }),
      ...(affinity && { affinity }),
      ...(pod.topologySpread && {
        topologySpreadConstraints: pod.topologySpread.map(one => ({ ...one, labelSelector: { matchLabels: selectorLabels(PYROSCOPE_NAME) } })),
      }),
      ...(pod.priorityClassName !== undefined && { priorityClassName: pod.priorityClassName }),
      structuredConfig: pyroscopeConfig(pyroscope),
      tenantOverrides: tenantOverrides(pyroscope),
      ...(!isSplit && { resources: withResources(PYROSCOPE_RESOURCES, pod.resources), extraEnvVars: { ...pyroscopeEnvironment(pod) } }),
      // For all components, the chart would refer to volumes that nothing makes, and forget the one that needs one.
      ...(isSplit ? { components: components(pyroscope) } : { persistence: persistenceValues(pyroscope) }),
    },
    // They would collect pods that did not opt in, and send it without a tenant.
    alloy: { enabled: false },
    agent: { enabled: false },
    minio: { enabled: false },
  };
}

/** Components of the chart. Those that no route of the gateway reaches do not run: `admin` shows the profiles of all tenants unauthenticated. */
function components(pyroscope: ResolvedPyroscope): HelmValues {
  return {
    'ad-hoc-profiles': { replicaCount: 0 },
    'admin': { replicaCount: 0 },
    'metastore': { persistence: persistenceValues(pyroscope) },
  };
}

function persistenceValues({ persistence: { size, storageClassName } }: ResolvedPyroscope): HelmValues {
  return { enabled: true, size, ...(storageClassName && { storageClassName }) };
}

/**
 * RBAC that the chart should have made: Pyroscope finds its parts by watching the endpoints of its namespace.
 *
 * @see https://github.com/grafana/pyroscope/pull/5447
 */
export function pyroscopeDiscovery({ pyroscope }: Slice<'pyroscope'>): Part {
  if (pyroscope.delivery !== PyroscopeDelivery.CHART) { return {}; }
  const metadata = { name: `${PYROSCOPE_NAME}-endpoints`, namespace: pyroscope.namespace, labels: labels(PYROSCOPE_NAME) };
  const role: Complete<Role> = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata,
    rules: [
      { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
    ],
  };
  const binding: Complete<RoleBinding> = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: PYROSCOPE_NAME, namespace: pyroscope.namespace }],
  };
  return { 'discovery-role': role, 'discovery-role-binding': binding };
}
