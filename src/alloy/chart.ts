import type { DaemonSet } from 'kubernetes-types/apps/v1';
import {
  ALLOY_EXTRA_ARGS, ALLOY_LISTEN_ADDRESS, alloyAffinity, alloyLivenessProbe, alloyMounts, alloyPodAnnotations,
  alloyResources, alloyVolumes, POD_IP_VARIABLE,
} from './alloy-pod';
import { alloyCapabilities } from './capabilities';
import type { AlloyValues } from './chart-pod';
import { chartDaemonSet } from './chart-pod';
import { alloyConfig } from './config';
import { alloyChartImage } from './image';
import { ALLOY_METRICS_PORT, ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { priorityClassName } from '../agents/priority-class';
import { profilerSecurityContext } from '../agents/profiler-pod';
import { PyroscopeDelivery } from '../api/pyroscope';
import { escapeTemplate } from '../kube/helm';
import type { Complete } from '../kube/manifest';

/**
 * Values of Alloy's chart, for a DaemonSet like ours; undefined where it is ours.
 *
 * @see https://github.com/grafana/alloy/blob/v1.18.1/operations/helm/charts/alloy/values.yaml
 */
export function alloyValues(spec: AlloySlice): AlloyValues | undefined {
  if (spec.alloy.delivery !== PyroscopeDelivery.CHART) { return undefined; }
  const config = alloyConfig(spec);
  const { priorityClassName: priority, tolerations = [], imagePullPolicy, labels = {}, annotations } = spec.alloy.pod;
  const { metadata, images: { pullSecrets } } = spec;
  const affinity = alloyAffinity(spec);
  const podLabels = { ...metadata.labels, ...labels };
  return {
    fullnameOverride: ALLOY_NAME,
    crds: { create: false },
    image: {
      ...alloyChartImage(spec.images.alloy),
      ...(imagePullPolicy !== undefined && { pullPolicy: imagePullPolicy }),
      ...(pullSecrets.length > 0 && { pullSecrets: pullSecrets.map(name => ({ name })) }),
    },
    // Role and account are among the manifests: the chart's role reads every Secret of the cluster.
    rbac: { create: false },
    serviceAccount: { create: false, name: ALLOY_NAME },
    service: { enabled: false },
    // A second image that would have to be trusted; the annotation below rolls the pods instead.
    configReloader: { enabled: false },
    controller: {
      type: 'daemonset',
      hostPID: true,
      priorityClassName: priority ?? priorityClassName(spec.agents),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      ...(affinity && { affinity }),
      tolerations: [...tolerations],
      ...(Object.keys(podLabels).length > 0 && { podLabels }),
      podAnnotations: { ...metadata.annotations, ...annotations, ...alloyPodAnnotations(spec, config) },
      volumes: { extra: alloyVolumes(spec) },
    },
    alloy: {
      configMap: { create: true, content: escapeTemplate(config) },
      stabilityLevel: 'generally-available',
      enableReporting: false,
      storagePath: '/tmp/alloy',
      listenAddr: ALLOY_LISTEN_ADDRESS,
      listenPort: ALLOY_METRICS_PORT,
      extraArgs: [...ALLOY_EXTRA_ARGS],
      extraEnv: [POD_IP_VARIABLE],
      securityContext: profilerSecurityContext(spec, alloyCapabilities(spec).map(({ name }) => name)),
      resources: alloyResources(spec),
      livenessProbe: alloyLivenessProbe(),
      mounts: { extra: alloyMounts(spec) },
    },
  };
}

/** The DaemonSet that the chart makes of them, for whoever has to know what runs in the agents' namespace. */
export function alloyChartDaemonSet(spec: AlloySlice): Complete<DaemonSet> | undefined {
  const values = alloyValues(spec);
  return values && chartDaemonSet(values, spec.agents.namespace);
}
