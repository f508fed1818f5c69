import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Container, Probe, ResourceRequirements } from 'kubernetes-types/core/v1';
import { pyroscopeConfig, tenantOverrides } from './config';
import { PYROSCOPE_LOOPBACK, pyroscopeGatewayChecksum, pyroscopeGatewayContainer, pyroscopeGatewayVolumes } from './gateway';
import { PORTS, PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME } from './names';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Slice } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { configMap, serviceAccount, volumeClaim } from '../kube/objects';
import type { PodSettings } from '../kube/pod-settings';
import { withSettings } from '../kube/pod-settings';
import { parseBytes } from '../kube/quantity';
import { restrictedContainer, restrictedPod } from '../kube/restricted';
import { toYaml } from '../kube/yaml';
import type { WorkloadIdentity } from '../storage/workload-identity';
import { workloadIdentity } from '../storage/workload-identity';

/** The user of the upstream image. */
export const PYROSCOPE_UID = 10001;

/** Of the single binary. */
export const PYROSCOPE_RESOURCES: ResourceRequirements = {
  requests: { 'cpu': '250m', 'memory': '1Gi', 'ephemeral-storage': '256Mi' },
  limits: { 'memory': '4Gi', 'ephemeral-storage': '5Gi' },
};

/** The garbage collector works harder before the kernel kills the container. */
export function pyroscopeEnvironment({ resources }: PodSettings): Readonly<Record<string, string>> {
  return { GOMEMLIMIT: `${Math.floor(0.9 * parseBytes(resources?.memoryLimit ?? PYROSCOPE_RESOURCES.limits!.memory)!)}` };
}

const CONFIG_DIRECTORY = '/etc/pyroscope';
const OVERRIDES_DIRECTORY = '/etc/pyroscope-overrides';

/** The single binary with the gateway in its pod; nothing where the chart is used. */
export function pyroscopeServer(spec: Slice<'pyroscope'>): Part {
  const { pyroscope } = spec;
  if (pyroscope.delivery !== PyroscopeDelivery.NATIVE) { return {}; }
  const { namespace, storage, persistence } = pyroscope;
  const identity = storage ? workloadIdentity(storage) : { serviceAccountAnnotations: {}, podLabels: {} };
  const config = toYaml(pyroscopeConfig(pyroscope));
  return {
    'service-account': serviceAccount(PYROSCOPE_NAME, namespace, identity.serviceAccountAnnotations),
    'config': configMap(PYROSCOPE_NAME, namespace, PYROSCOPE_NAME, { 'config.yaml': config }),
    // Apart from the rest, which is read at start only.
    'overrides': configMap(`${PYROSCOPE_NAME}-overrides`, namespace, PYROSCOPE_NAME, {
      'overrides.yaml': toYaml({ overrides: tenantOverrides(pyroscope) }),
    }),
    'volume-claim': volumeClaim(PYROSCOPE_NAME, namespace, persistence),
    'stateful-set': statefulSet(spec, pyroscope, identity, config),
  };
}

/**
 * Every flag with its reason.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-server/reference-configuration-parameters/
 */
export function pyroscopeArgs(): string[] {
  const at = (port: number): string => `${PYROSCOPE_LOOPBACK}:${port}`;
  return [
    '-target=all',
    `-config.file=${CONFIG_DIRECTORY}/config.yaml`,
    `-runtime-config.file=${OVERRIDES_DIRECTORY}/overrides.yaml`,
    '-architecture.storage=v2',
    // It would send its own profiles to itself, without a tenant.
    '-self-profiling.disable-push=true',
    '-log.level=info',
    // It has no authentication: only the gateway beside it may connect.
    `-server.http-listen-address=${PYROSCOPE_LOOPBACK}`,
    `-server.http-listen-port=${PORTS.http}`,
    `-server.grpc-listen-address=${PYROSCOPE_LOOPBACK}`,
    `-memberlist.bind-addr=${PYROSCOPE_LOOPBACK}`,
    `-metastore.raft.bind-address=${at(PORTS.raft)}`,
    `-metastore.address=${at(PORTS.grpc)}`,
    `-query-backend.address=${at(PORTS.grpc)}`,
    // Without it, it says that it is ready and fails every push.
    `-segment-writer.lifecycler.addr=${PYROSCOPE_LOOPBACK}`,
    // What shows the profiles of all tenants without asking leaves the port that the gateway opens.
    '-admin-server.mode=exclusive',
    `-admin-server.http-listen-address=${PYROSCOPE_LOOPBACK}`,
    '-metastore.data-dir=/data-metastore/data',
    '-metastore.raft.dir=/data-metastore/raft',
    '-metastore.raft.snapshots-dir=/data-metastore/raft',
  ];
}

function statefulSet(spec: Slice<'pyroscope'>, pyroscope: ResolvedPyroscope, { podLabels }: WorkloadIdentity, config: string): Complete<StatefulSet> {
  const { namespace } = pyroscope;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: PYROSCOPE_NAME, namespace, labels: labels(PYROSCOPE_NAME) },
    spec: {
      serviceName: PYROSCOPE_GATEWAY_NAME,
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(PYROSCOPE_NAME) },
      template: withSettings({
        metadata: {
          labels: { ...labels(PYROSCOPE_NAME), ...podLabels },
          annotations: {
            [`${ANNOTATION_PREFIX}/config`]: checksum(config),
            [`${ANNOTATION_PREFIX}/gateway-config`]: pyroscopeGatewayChecksum(spec, pyroscope),
          },
        },
        spec: {
          serviceAccountName: PYROSCOPE_NAME,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // It takes half a minute to hand over what is in memory.
          terminationGracePeriodSeconds: 90,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          securityContext: restrictedPod(PYROSCOPE_UID),
          containers: [pyroscopeContainer(spec), pyroscopeGatewayContainer(spec, pyroscope)],
          volumes: [
            { name: 'config', configMap: { name: PYROSCOPE_NAME } },
            { name: 'overrides', configMap: { name: `${PYROSCOPE_NAME}-overrides` } },
            { name: 'data', persistentVolumeClaim: { claimName: PYROSCOPE_NAME } },
            // Compaction works in /tmp.
            { name: 'tmp', emptyDir: { sizeLimit: '4Gi' } },
            ...pyroscopeGatewayVolumes(pyroscope),
          ],
        },
      }, pyroscope.pod, selectorLabels(PYROSCOPE_NAME)),
    },
  };
}

function pyroscopeContainer({ images, pyroscope }: Slice<'pyroscope'>): Container {
  return {
    name: 'pyroscope',
    image: images.pyroscope,
    imagePullPolicy: 'IfNotPresent',
    args: pyroscopeArgs(),
    env: Object.entries(pyroscopeEnvironment(pyroscope.pod)).map(([name, value]) => ({ name, value })),
    securityContext: restrictedContainer(),
    resources: PYROSCOPE_RESOURCES,
    // It is ready after three quarters of a minute, later where it has much to read back.
    startupProbe: { ...readyProbe(), periodSeconds: 5, failureThreshold: 60 },
    readinessProbe: { ...readyProbe(), periodSeconds: 10 },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true },
      { name: 'overrides', mountPath: OVERRIDES_DIRECTORY, readOnly: true },
      { name: 'data', mountPath: '/data', subPath: 'data' },
      { name: 'data', mountPath: '/data-metastore', subPath: 'metastore' },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** The kubelet cannot reach the address, so the check runs in the container, with the program of the upstream image. */
function readyProbe(): Probe {
  return { exec: { command: ['/usr/bin/profilecli', 'ready', `--url=http://${PYROSCOPE_LOOPBACK}:${PORTS.admin}`] }, timeoutSeconds: 7 };
}
