import type { Affinity, Container, NodeSelectorTerm, PodTemplateSpec, Probe, ResourceRequirements, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { alloyCapabilities } from './capabilities';
import { CA_DIRECTORY, JAVA_DIRECTORY, TOKENS_DIRECTORY } from './config';
import { ALLOY_METRICS_PORT, ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { profilesJava } from './slice';
import { otherNodes } from '../agents/node-pools';
import { priorityClassName } from '../agents/priority-class';
import {
  API_ACCESS_MOUNT, API_ACCESS_VOLUME, caVolume, hasAppArmorField, profilerSecurityContext, TRACEFS_MOUNT, TRACEFS_VOLUME,
} from '../agents/profiler-pod';
import { asset } from '../assets/asset';
import type { AlloyGroup } from '../config/resolved-spec';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import { podField } from '../kube/objects';
import { withResources, withSettings } from '../kube/pod-settings';

/**
 * The flags that Alloy's chart has no value for. The documentation names the second one without its prefix; no version has that.
 *
 * @see https://github.com/grafana/alloy/blob/v1.18.1/internal/alloycli/cmd_run.go
 */
export const ALLOY_EXTRA_ARGS: readonly string[] = [
  '--server.http.enable-pprof=false',
  '--server.http.disable-support-bundle',
];

/** The pods of Alloy on some node pools. */
export function alloyPodTemplate(spec: AlloySlice, group: AlloyGroup, config: string): PodTemplateSpec {
  const affinity = alloyAffinity(spec, group);
  const name = daemonSetName(group);
  return withSettings({
    metadata: { labels: labels(ALLOY_NAME, name), annotations: alloyPodAnnotations(spec, config) },
    spec: {
      serviceAccountName: ALLOY_NAME,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // Processes are looked up by their id in the node's process table.
      hostPID: true,
      priorityClassName: priorityClassName(spec.agents),
      terminationGracePeriodSeconds: 30,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      ...(affinity && { affinity }),
      containers: [container(spec, group)],
      volumes: [{ name: 'config', configMap: { name: ALLOY_NAME } }, ...alloyVolumes(spec)],
    },
  }, group.pod, selectorLabels(ALLOY_NAME, name));
}

/** Name of a DaemonSet: one for all pools without settings of their own, and one for each that has some. */
export function daemonSetName({ pool }: AlloyGroup): string {
  return pool === undefined ? ALLOY_NAME : `${ALLOY_NAME}-${pool}`;
}

/** A new configuration rolls the pods; API servers before 1.30 are told of AppArmor here. */
export function alloyPodAnnotations(spec: AlloySlice, config: string): Record<string, string> {
  return {
    [`${ANNOTATION_PREFIX}/config`]: checksum(config),
    ...(!hasAppArmorField(spec) && { [`container.apparmor.security.beta.kubernetes.io/${ALLOY_NAME}`]: 'unconfined' }),
  };
}

/** The nodes of the pools, whose kernels have what Alloy needs; undefined for all nodes. */
export function alloyAffinity({ agents: { nodePools } }: AlloySlice, { pools }: AlloyGroup): Affinity | undefined {
  const nodeSelectorTerms = pools.flatMap(({ nodeSelector }): NodeSelectorTerm[] => (nodeSelector
    ? [{ matchExpressions: Object.entries(nodeSelector).map(([key, value]) => ({ key, operator: 'In', values: [value] })) }]
    : otherNodes(nodePools)));
  // The nodes of a pool without a selector, where it is the only one, are all there are.
  const isEverywhere = nodeSelectorTerms.some(({ matchExpressions }) => matchExpressions?.length === 0);
  return isEverywhere ? undefined : { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
}

/** The address of the pod and not every address: a tunnel ends at localhost. In brackets, since it may be one of IPv6. */
export const ALLOY_LISTEN_ADDRESS = '[$(POD_IP)]';
export const POD_IP_VARIABLE = { name: 'POD_IP', valueFrom: podField('status.podIP') };

function container(spec: AlloySlice, group: AlloyGroup): Container {
  return {
    name: ALLOY_NAME,
    image: spec.images.alloy,
    imagePullPolicy: 'IfNotPresent',
    args: [
      'run',
      '/etc/alloy/config.alloy',
      '--storage.path=/tmp/alloy',
      `--server.http.listen-addr=${ALLOY_LISTEN_ADDRESS}:${ALLOY_METRICS_PORT}`,
      '--disable-reporting',
      '--stability.level=generally-available',
      ...ALLOY_EXTRA_ARGS,
    ],
    env: [{ name: 'HOSTNAME', valueFrom: podField('spec.nodeName') }, POD_IP_VARIABLE],
    ports: [{ name: 'metrics', containerPort: ALLOY_METRICS_PORT, protocol: 'TCP' }],
    securityContext: profilerSecurityContext(spec, alloyCapabilities(spec).map(({ name }) => name)),
    resources: alloyResources(group),
    readinessProbe: { httpGet: { port: 'metrics', path: '/-/ready' }, periodSeconds: 10, timeoutSeconds: 5 },
    livenessProbe: alloyLivenessProbe(),
    volumeMounts: [{ name: 'config', mountPath: '/etc/alloy', readOnly: true }, ...alloyMounts(spec)],
  };
}

/**
 * Whether Alloy answers and none of its components has exited. Where eBPF cannot start, its component tries three times and
 * exits, and Alloy's own health checks then say that all is well; its metrics do not.
 *
 * Bash and cat are in the official image, which has nothing that makes requests. Reading large executables takes time, so Alloy is only
 * restarted when it has been gone for a while.
 *
 * @see https://github.com/grafana/alloy/blob/v1.18.1/Dockerfile
 */
export function alloyLivenessProbe(): Probe {
  const command = ['/bin/bash', '-c', asset('alloy/liveness.bash').trimEnd()];
  return { exec: { command }, initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 3, timeoutSeconds: 5 };
}

export function alloyResources({ pod }: AlloyGroup): ResourceRequirements {
  return withResources({ requests: { 'ephemeral-storage': '64Mi' }, limits: { 'ephemeral-storage': '2Gi' } }, pod.resources)!;
}

export function alloyMounts(spec: AlloySlice): VolumeMount[] {
  return [
    { name: 'tokens', mountPath: TOKENS_DIRECTORY, readOnly: true },
    ...(spec.destination.ca ? [{ name: 'ca', mountPath: CA_DIRECTORY, readOnly: true }] : []),
    API_ACCESS_MOUNT,
    TRACEFS_MOUNT,
    // Its cache of symbols.
    { name: 'tmp', mountPath: '/tmp' },
    ...(profilesJava(spec) ? [{ name: 'java', mountPath: JAVA_DIRECTORY }] : []),
  ];
}

export function alloyVolumes(spec: AlloySlice): Volume[] {
  const { alloy: { tenants }, destination: { ca, tokenSecret } } = spec;
  return [
    // Each by its key, so that a pod without the token of a tenant waits and says so, instead of losing its profiles.
    {
      name: 'tokens',
      secret: { secretName: tokenSecret, defaultMode: 0o400, items: tenants.map(({ name }) => ({ key: name, path: name })) },
    },
    ...(ca ? [caVolume(ca)] : []),
    API_ACCESS_VOLUME,
    TRACEFS_VOLUME,
    { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
    // Memory, since the kubelet makes only such a directory sticky, and Alloy refuses to unpack async-profiler into any other.
    ...(profilesJava(spec) ? [{ name: 'java', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }] : []),
  ];
}
