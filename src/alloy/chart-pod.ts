import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Affinity, EnvVar, Probe, ResourceRequirements, SecurityContext, Toleration, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { ALLOY_NAME } from './names';
import { selectorLabels } from '../kube/labels';
import type { Complete } from '../kube/manifest';

/** The values of Alloy's chart that are given here. One that is added has to be added below as well, where it changes the pod. */
export type AlloyValues = {
  readonly fullnameOverride: string;
  readonly crds: { readonly create: boolean };
  readonly image: {
    readonly registry: string;
    readonly repository: string;
    readonly tag?: string;
    readonly digest?: string;
    readonly pullPolicy?: string;
    readonly pullSecrets?: ReadonlyArray<{ readonly name: string }>;
  };
  readonly rbac: { readonly create: boolean };
  readonly serviceAccount: { readonly create: boolean; readonly name: string };
  readonly service: { readonly enabled: boolean };
  readonly configReloader: { readonly enabled: false };
  readonly controller: {
    readonly type: 'daemonset';
    readonly hostPID: true;
    readonly priorityClassName: string;
    readonly updateStrategy: object;
    readonly nodeSelector: { [key: string]: string };
    readonly affinity?: Affinity;
    readonly tolerations: Toleration[];
    readonly podLabels?: { [key: string]: string };
    readonly podAnnotations: { [key: string]: string };
    readonly volumes: { readonly extra: Volume[] };
  };
  readonly alloy: {
    readonly configMap: { readonly create: true; readonly content: string };
    readonly stabilityLevel: string;
    readonly enableReporting: false;
    readonly storagePath: string;
    readonly listenAddr: string;
    readonly listenPort: number;
    readonly extraArgs: string[];
    readonly extraEnv: EnvVar[];
    readonly securityContext: SecurityContext;
    readonly resources: ResourceRequirements;
    readonly livenessProbe: Probe;
    readonly mounts: { readonly extra: VolumeMount[] };
  };
};

/**
 * The DaemonSet that version 1.11.1 of Alloy's chart makes of these values, without its labels and what else no policy compares.
 *
 * @see https://github.com/grafana/alloy/blob/v1.18.1/operations/helm/charts/alloy/templates/controllers/_pod.yaml
 * @see https://github.com/grafana/alloy/blob/v1.18.1/operations/helm/charts/alloy/templates/containers/_agent.yaml
 */
export function chartDaemonSet({ image, serviceAccount, controller, alloy }: AlloyValues, namespace: string): Complete<DaemonSet> {
  const { registry, repository, tag, digest, pullPolicy, pullSecrets } = image;
  const labels = { ...selectorLabels(ALLOY_NAME), 'app.kubernetes.io/instance': ALLOY_NAME };
  const fromNodeName = { valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: ALLOY_NAME, namespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...controller.podLabels, ...labels }, annotations: { 'kubectl.kubernetes.io/default-container': 'alloy', ...controller.podAnnotations } },
        spec: {
          serviceAccountName: serviceAccount.name,
          ...(pullSecrets && { imagePullSecrets: [...pullSecrets] }),
          priorityClassName: controller.priorityClassName,
          hostPID: controller.hostPID,
          dnsPolicy: 'ClusterFirst',
          ...(controller.affinity && { affinity: controller.affinity }),
          nodeSelector: controller.nodeSelector,
          ...(controller.tolerations.length > 0 && { tolerations: controller.tolerations }),
          containers: [{
            name: 'alloy',
            image: `${registry}/${repository}${digest ? `@${digest}` : `:${tag}`}`,
            imagePullPolicy: pullPolicy ?? 'IfNotPresent',
            args: [
              'run',
              '/etc/alloy/config.alloy',
              `--storage.path=${alloy.storagePath}`,
              `--server.http.listen-addr=${alloy.listenAddr}:${alloy.listenPort}`,
              '--server.http.ui-path-prefix=/',
              '--disable-reporting',
              `--stability.level=${alloy.stabilityLevel}`,
              ...alloy.extraArgs,
            ],
            env: [{ name: 'ALLOY_DEPLOY_MODE', value: 'helm' }, { name: 'HOSTNAME', ...fromNodeName }, { name: 'K8S_NODE_NAME', ...fromNodeName }, ...alloy.extraEnv],
            ports: [{ containerPort: alloy.listenPort, name: 'http-metrics' }],
            readinessProbe: { httpGet: { path: '/-/ready', port: alloy.listenPort, scheme: 'HTTP' }, initialDelaySeconds: 10, timeoutSeconds: 1 },
            livenessProbe: alloy.livenessProbe,
            resources: alloy.resources,
            securityContext: alloy.securityContext,
            volumeMounts: [{ name: 'config', mountPath: '/etc/alloy' }, ...alloy.mounts.extra],
          }],
          volumes: [{ name: 'config', configMap: { name: ALLOY_NAME } }, ...controller.volumes.extra],
        },
      },
    },
  };
}
