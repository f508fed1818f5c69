import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { Container, Probe } from 'kubernetes-types/core/v1';
import { BACKEND_ADDRESS, gatewayChecksum, gatewayContainer, gatewayVolumes } from './gateway';
import { SERVER_NAME } from './names';
import type { BucketAccess } from './object-storage';
import { bucketAccess, volumeBucket } from './object-storage';
import type { ServerSlice } from './push-tokens';
import { defaultMemoryLimit, defaultMemoryRequest, SERVER_CPU } from './server-resources';
import type { Slice } from '../component';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { configMap, serviceAccount, volumeClaim } from '../kube/objects';
import { withSettings } from '../kube/pod-settings';
import { mebibytes, parseBytes } from '../kube/quantity';
import { restrictedContainer, restrictedPod } from '../kube/restricted';
import { toYaml } from '../kube/yaml';

/** `nobody`, the user of the upstream image. */
const NOBODY = 65534;

const CONFIG_FILE = '/etc/parca/parca.yaml';
const DATA_DIRECTORY = '/var/lib/parca';

/**
 * The Parca server: one replica, since it does not share its storage, with the gateway in its pod.
 *
 * It fits Pod Security `restricted` and connects to nothing but its bucket, if it has one.
 */
export function server(spec: ServerSlice): Part {
  const { namespace, server: { objectStorage, persistence } } = spec.parca;
  const access = objectStorage ? bucketAccess(objectStorage) : volumeBucket(`${DATA_DIRECTORY}/bucket`);
  const config = toYaml({ object_storage: { bucket: access.bucket } });
  return {
    'service-account': serviceAccount(SERVER_NAME, namespace, access.serviceAccountAnnotations),
    'config': configMap(SERVER_NAME, namespace, SERVER_NAME, { 'parca.yaml': config }),
    'volume-claim': volumeClaim(SERVER_NAME, namespace, persistence),
    'stateful-set': statefulSet(spec, access, config),
  };
}

/**
 * Every flag with its reason.
 *
 * @see https://github.com/parca-dev/parca/blob/v0.28.0/pkg/parca/parca.go
 */
export function serverArgs(activeMemoryBytes: number): string[] {
  return [
    `--config-path=${CONFIG_FILE}`,
    // It has neither authentication nor TLS: only the gateway beside it may connect.
    `--http-address=${BACKEND_ADDRESS}`,
    // The limits hold for a whole stream; the defaults end uploads of debug information after 5 seconds.
    '--http-read-timeout=15m',
    '--http-write-timeout=15m',
    '--enable-persistence',
    // Without the write-ahead log, a restart loses what was accepted and not yet written.
    '--storage-enable-wal',
    `--storage-path=${DATA_DIRECTORY}`,
    `--storage-active-memory=${activeMemoryBytes}`,
    '--debuginfo-cache-dir=/tmp',
    // Off: it would ask a public server for the build id of everything that runs here.
    '--debuginfod-upstream-servers=',
    // There is no switch for sharing profiles with a public service, so it gets an address where nothing listens.
    '--profile-share-server=127.0.0.1:1',
  ];
}

function statefulSet(spec: ServerSlice, { podLabels }: BucketAccess, config: string): Complete<StatefulSet> {
  const { namespace } = spec.parca;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: SERVER_NAME, namespace, labels: labels(SERVER_NAME) },
    spec: {
      serviceName: SERVER_NAME,
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(SERVER_NAME) },
      template: withSettings({
        metadata: {
          labels: { ...labels(SERVER_NAME), ...podLabels },
          annotations: {
            [`${ANNOTATION_PREFIX}/config`]: checksum(config),
            [`${ANNOTATION_PREFIX}/gateway-config`]: gatewayChecksum(spec),
          },
        },
        spec: {
          serviceAccountName: SERVER_NAME,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          // Up to 30 seconds for open requests, then the columnstore is written out.
          terminationGracePeriodSeconds: 120,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          securityContext: restrictedPod(NOBODY),
          containers: [parcaContainer(spec), gatewayContainer(spec)],
          volumes: [
            { name: 'config', configMap: { name: SERVER_NAME } },
            { name: 'data', persistentVolumeClaim: { claimName: SERVER_NAME } },
            { name: 'tmp', emptyDir: { sizeLimit: '2Gi' } },
            ...gatewayVolumes(spec),
          ],
        },
      }, spec.parca.server.pod, selectorLabels(SERVER_NAME)),
    },
  };
}

function parcaContainer({ images, parca }: Slice<'parca'>): Container {
  const { activeMemoryBytes, pod } = parca.server;
  const limitBytes = parseBytes(pod.resources?.memoryLimit ?? '') ?? defaultMemoryLimit(activeMemoryBytes);
  return {
    name: 'parca',
    image: images.parca,
    imagePullPolicy: 'IfNotPresent',
    command: ['/parca'],
    args: serverArgs(activeMemoryBytes),
    // The garbage collector works harder before the kernel kills the container.
    env: [{ name: 'GOMEMLIMIT', value: `${Math.floor(limitBytes * 0.9)}` }],
    securityContext: restrictedContainer(),
    resources: {
      requests: { 'cpu': SERVER_CPU, 'memory': mebibytes(defaultMemoryRequest(activeMemoryBytes)), 'ephemeral-storage': '256Mi' },
      limits: { 'memory': mebibytes(limitBytes), 'ephemeral-storage': '3Gi' },
    },
    // Reading a long write-ahead log back takes minutes.
    startupProbe: { ...healthProbe(), periodSeconds: 5, failureThreshold: 120 },
    readinessProbe: { ...healthProbe(), periodSeconds: 10 },
    livenessProbe: { ...healthProbe(), periodSeconds: 30, failureThreshold: 5 },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/parca', readOnly: true },
      { name: 'data', mountPath: DATA_DIRECTORY },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
}

/** The kubelet cannot reach the address, so the check runs in the container, with the program of the upstream image. */
function healthProbe(): Probe {
  return { exec: { command: ['/grpc_health_probe', `-addr=${BACKEND_ADDRESS}`, '-connect-timeout=3s', '-rpc-timeout=3s'] }, timeoutSeconds: 7 };
}
