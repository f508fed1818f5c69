import type { Container, EnvVar, EnvVarSource, PodSpec, Probe, ProjectedVolumeSource, Volume } from 'kubernetes-types/core/v1';
import { canonicalBytes } from '../../../kube/quantity';

/**
 * A pod spec as API servers hand it to policies: with the values that they fill in for what is left out, and without what means the
 * same as nothing.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/apis/core/v1/defaults.go
 */
export function withDefaults(spec: PodSpec): PodSpec {
  return {
    dnsPolicy: 'ClusterFirst',
    // In pods alone.
    enableServiceLinks: true,
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    ...(spec.serviceAccountName && { serviceAccount: spec.serviceAccountName }),
    ...withoutZeros(spec, ['hostIPC', 'hostNetwork', 'hostPID']),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(container) }),
    containers: spec.containers.map(container),
    ...(spec.volumes && { volumes: spec.volumes.map(volume) }),
  };
}

function container(given: Container): Container {
  const { env, lifecycle, livenessProbe, ports, readinessProbe, startupProbe, volumeMounts } = given;
  return {
    // Of images that name a version or a digest, which all of ours do.
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...withoutZeros(given, ['stdin', 'stdinOnce', 'tty']),
    ...(env && { env: env.map(variable) }),
    ...(ports && { ports: ports.map(port => ({ protocol: 'TCP', ...port })) }),
    ...(volumeMounts && { volumeMounts: volumeMounts.map(mount => withoutZeros(mount, ['readOnly', 'subPath'])) }),
    ...(livenessProbe && { livenessProbe: probe(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probe(readinessProbe) }),
    ...(startupProbe && { startupProbe: probe(startupProbe) }),
    ...(lifecycle && { lifecycle: Object.fromEntries(Object.entries(lifecycle).map(([when, handler]) => [when, handler && httpHandler(handler)])) }),
  };
}

function variable(given: EnvVar): EnvVar {
  return { ...withoutZeros(given, ['value']), ...(given.valueFrom && { valueFrom: reference(given.valueFrom) }) };
}

/** Reference to a field of the pod itself (downward API), be it for a variable or for a file. */
function reference<T extends Pick<EnvVarSource, 'fieldRef' | 'resourceFieldRef'>>(given: T): T {
  const { fieldRef, resourceFieldRef } = given;
  return {
    ...given,
    ...(fieldRef && { fieldRef: { apiVersion: 'v1', ...fieldRef } }),
    ...(resourceFieldRef && { resourceFieldRef: { divisor: '0', ...resourceFieldRef } }),
  };
}

function probe(given: Probe): Probe {
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...httpHandler(withoutZeros(given, ['initialDelaySeconds'])),
    ...(given.grpc && { grpc: { service: '', ...given.grpc } }),
  };
}

function httpHandler<T extends Pick<Probe, 'httpGet'>>(handler: T): T {
  return { ...handler, ...(handler.httpGet && { httpGet: { path: '/', scheme: 'HTTP', ...handler.httpGet } }) };
}

/** File mode of a volume that does not set one. */
const defaultMode = 0o644;

function volume(given: Volume): Volume {
  const { configMap, downwardAPI, emptyDir, hostPath, projected, secret } = given;
  return {
    ...given,
    ...(configMap && { configMap: { defaultMode, ...configMap } }),
    ...(downwardAPI && { downwardAPI: { defaultMode, ...downwardAPI, items: downwardAPI.items?.map(reference) } }),
    ...(emptyDir?.sizeLimit && { emptyDir: { ...emptyDir, sizeLimit: canonicalBytes(emptyDir.sizeLimit) } }),
    ...(hostPath && { hostPath: { type: '', ...hostPath } }),
    ...(projected && { projected: { defaultMode, ...projected, sources: projected.sources?.map(source) } }),
    ...(secret && { secret: { defaultMode, ...secret } }),
  };
}

function source(given: NonNullable<ProjectedVolumeSource['sources']>[number]): typeof given {
  const { downwardAPI, serviceAccountToken } = given;
  return {
    ...given,
    ...(serviceAccountToken && { serviceAccountToken: { expirationSeconds: 3600, ...serviceAccountToken } }),
    ...(downwardAPI && { downwardAPI: { items: downwardAPI.items?.map(reference) } }),
  };
}

/** A copy without those of the fields that are false, zero or empty: the API server does not keep them. */
function withoutZeros<T extends object>(value: T, fields: ReadonlyArray<keyof T>): T {
  return Object.fromEntries(Object.entries(value).filter(([key, child]) => !fields.includes(key as keyof T) || Boolean(child))) as T;
}
