import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, NodeAffinity, Volume } from 'kubernetes-types/core/v1';
import { NODE_RESOURCES } from './resources';
import { priorityClassName } from '../agents/priority-class';
import type { Slice } from '../component';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete } from '../kube/manifest';
import { podField } from '../kube/objects';
import { withSettings } from '../kube/pod-settings';
import { rootWithCapabilities, restrictedContainer } from '../kube/restricted';

/** Metrics port of both DaemonSets, on the pod's address. */
export const NODES_METRICS_PORT = 9109;

/** The fields in which the two DaemonSets differ. */
export interface NodeDaemon {
  readonly name: string;
  readonly image: string;
  /** Name of the script in the ConfigMap of the same name. */
  readonly script: string;
  /** Mount path of the ConfigMap. */
  readonly configDirectory: string;
  readonly config: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly memoryLimit: string;
  /** Of the host, by their names; each is mounted as given. */
  readonly hostMounts: ReadonlyArray<{ readonly name: string; readonly hostPath: string; readonly type: 'File' | 'DirectoryOrCreate'; readonly mountPath: string }>;
}

const WORK = '/work';
const WWW = '/www';

/**
 * Configures BusyBox's web server. It knows the type of a file by its ending, and Prometheus 3 wants to be told one; so `/metrics` is
 * a folder with an index, to which the server redirects.
 *
 * @see https://prometheus.io/docs/instrumenting/content_negotiation/
 */
export const HTTPD_CONF = 'I:index.txt\n';

/**
 * A DaemonSet on every Linux node: root, with the given capabilities and no others, without the host's namespaces, a token of the API
 * server, or egress. Beside it an unprivileged container with the user `nobody`, which serves the metrics.
 */
export function nodeDaemonSet(spec: Slice<'nodes'>, daemon: NodeDaemon): Complete<DaemonSet> {
  const { name, config } = daemon;
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: spec.agents.namespace, labels: labels(name) },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(name) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: withSettings({
        metadata: { labels: labels(name), annotations: { [`${ANNOTATION_PREFIX}/config`]: checksum(JSON.stringify(config)) } },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          priorityClassName: priorityClassName(spec.agents),
          terminationGracePeriodSeconds: 5,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          affinity: { nodeAffinity: REAL_NODES },
          // A node that is tainted is a node all the same.
          tolerations: [{ operator: 'Exists' }],
          containers: [worker(daemon), metricsServer(daemon)],
          volumes: volumes(daemon),
        },
      }, spec.nodes.pod, selectorLabels(name)),
    },
  };
}

/**
 * Nodes that are none take pods of a DaemonSet that tolerates everything, and never start them.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/fargate.html
 * @see https://learn.microsoft.com/azure/aks/virtual-nodes
 */
const REAL_NODES: NodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{
      matchExpressions: [
        { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
        { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
      ],
    }],
  },
};

/** Container that runs the script as root: it takes no input from the network. */
function worker({ name, image, script, configDirectory, env, capabilities, memoryLimit, hostMounts }: NodeDaemon): Container {
  return {
    name,
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', `${configDirectory}/${script}`],
    env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
    securityContext: rootWithCapabilities(capabilities),
    resources: resources(memoryLimit),
    volumeMounts: [
      { name: 'config', mountPath: configDirectory, readOnly: true },
      { name: 'work', mountPath: WORK },
      { name: 'www', mountPath: WWW },
      ...hostMounts.map(mount => ({ name: mount.name, mountPath: mount.mountPath })),
    ],
  };
}

/** Container that answers requests, as the user `nobody` and with nothing but the metrics to read. */
function metricsServer({ image, configDirectory }: NodeDaemon): Container {
  const probe = { httpGet: { port: 'metrics', path: '/metrics/' }, timeoutSeconds: 5 };
  return {
    name: 'metrics',
    image,
    imagePullPolicy: 'IfNotPresent',
    // The pod's address alone: a tunnel of kubectl port-forward dials localhost, where the connection is refused.
    command: ['busybox', 'httpd', '-f', '-p', `$(POD_IP):${NODES_METRICS_PORT}`, '-h', WWW, '-c', `${configDirectory}/httpd.conf`],
    env: [{ name: 'POD_IP', valueFrom: podField('status.podIP') }],
    ports: [{ name: 'metrics', containerPort: NODES_METRICS_PORT, protocol: 'TCP' }],
    securityContext: { runAsUser: 65534, runAsGroup: 65534, runAsNonRoot: true, ...restrictedContainer(), seccompProfile: { type: 'RuntimeDefault' } },
    resources: resources('16Mi'),
    readinessProbe: { ...probe, periodSeconds: 10 },
    livenessProbe: { ...probe, initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 3 },
    volumeMounts: [
      { name: 'config', mountPath: configDirectory, readOnly: true },
      { name: 'www', mountPath: WWW, readOnly: true },
    ],
  };
}

/** Enough for the logs of two containers, which count, too. */
function resources(memoryLimit: string): Container['resources'] {
  return {
    requests: { 'cpu': NODE_RESOURCES.cpuRequest, 'memory': NODE_RESOURCES.memoryRequest, 'ephemeral-storage': '4Mi' },
    limits: { 'memory': memoryLimit, 'ephemeral-storage': '128Mi' },
  };
}

function volumes({ name, hostMounts }: NodeDaemon): Volume[] {
  return [
    { name: 'config', configMap: { name } },
    { name: 'work', emptyDir: { sizeLimit: '16Mi' } },
    { name: 'www', emptyDir: { sizeLimit: '16Mi' } },
    ...hostMounts.map(({ name: volume, hostPath, type }) => ({ name: volume, hostPath: { path: hostPath, type } })),
  ];
}
