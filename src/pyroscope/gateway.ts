import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Container, LifecycleHandler, Volume } from 'kubernetes-types/core/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { PORTS, PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME, SECRETS } from './names';
import { metricsRoute, pyroscopeRoutes } from './routes';
import type { PyroscopeSlice } from './tokens';
import { pyroscopeTokens } from './tokens';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { Slice } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import type { Backend } from '../gateway/backends';
import { capacity } from '../gateway/capacity';
import type { Proxy } from '../gateway/haproxy';
import { HAPROXY_UID, proxyCertificate, proxyChecksum, proxyConfig, proxyContainer, proxyService, proxyVolumes } from '../gateway/proxy';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { serviceAccount } from '../kube/objects';
import { withSettings } from '../kube/pod-settings';
import { restrictedPod } from '../kube/restricted';
import { compareVersions } from '../kube/version';

/** Listen address of the native single binary: only its own pod reaches it. */
export const PYROSCOPE_LOOPBACK = '127.0.0.2';

const CONFIG_NAME = PYROSCOPE_GATEWAY_NAME;
const READY = { path: '/ready', port: PORTS.http };

/** More than Pyroscope takes: profiles of `maxProfileSize` are compressed on their way, but a push may hold several. */
const LARGEST_PUSH = 96 * 2 ** 20;

const PAUSE_SECONDS = 5;

/**
 * The gateway: beside the native single binary, or as a Deployment before the chart.
 *
 * It alone says to Pyroscope which tenant asks, and it takes that from the token, never from the request.
 */
export function pyroscopeGateway(spec: PyroscopeSlice): Part {
  const { pyroscope } = spec;
  const { namespace, tls, delivery } = pyroscope;
  const isNative = delivery === PyroscopeDelivery.NATIVE;
  const credentials = pyroscopeTokens(spec).map(({ credential }) => credential);
  return {
    config: proxyConfig(CONFIG_NAME, namespace, PYROSCOPE_GATEWAY_NAME, proxy(spec, pyroscope), credentials),
    service: proxyService(PYROSCOPE_GATEWAY_NAME, namespace, isNative ? PYROSCOPE_NAME : PYROSCOPE_GATEWAY_NAME),
    ...proxyCertificate(PYROSCOPE_GATEWAY_NAME, namespace, spec.cluster.dns.domain, tls),
    ...(!isNative && {
      'service-account': serviceAccount(PYROSCOPE_GATEWAY_NAME, namespace),
      'deployment': deployment(spec, pyroscope),
      'disruption-budget': disruptionBudget(namespace),
    }),
  };
}

/** The proxy, with limits on the concurrent requests of one tenant that leave room for others. Pyroscope itself limits how much a tenant stores. */
function proxy({ cluster }: Slice<'pyroscope'>, { mode, delivery, namespace, gateway }: ResolvedPyroscope): Proxy {
  const routes = pyroscopeRoutes(mode);
  const size = capacity(gateway.clients);
  const common = {
    capacity: size,
    limits: {
      metrics: { bodyBytes: 0, requests: 4 },
      push: { bodyBytes: LARGEST_PUSH, requests: Math.ceil(size.requests / 4) },
      read: { bodyBytes: 2 ** 20, requests: 64 },
    },
    tenantHeader: 'X-Scope-OrgID',
  };
  if (delivery === PyroscopeDelivery.NATIVE) {
    const ready = { path: '/ready', port: PORTS.admin };
    return {
      ...common,
      backends: [
        { name: PYROSCOPE_NAME, address: `${PYROSCOPE_LOOPBACK}:${PORTS.http}`, ready },
        { name: 'admin', address: `${PYROSCOPE_LOOPBACK}:${PORTS.admin}`, protocol: 'h1', ready },
      ],
      routes: [...routes, metricsRoute('admin')],
    };
  }
  // The names of pods and not that of a Service: connections of HTTP/2 last, and all would end at one replica.
  const replicas = (name: string, service: string): Backend => (
    { name, address: `${service}-headless.${namespace}.svc.${cluster.dns.domain}:${PORTS.http}`, isReplicated: true, ready: READY });
  if (mode === PyroscopeMode.SINGLE_BINARY) {
    return { ...common, backends: [replicas(PYROSCOPE_NAME, PYROSCOPE_NAME)], routes: [...routes, metricsRoute(PYROSCOPE_NAME)] };
  }
  const components = [...new Set(routes.map(({ backend }) => backend!))];
  return { ...common, backends: components.map(component => replicas(component, `${PYROSCOPE_NAME}-${component}`)), routes };
}

/** Changes with what the proxy reads at start; a new tenant is none of it. */
export function pyroscopeGatewayChecksum(spec: Slice<'pyroscope'>, pyroscope: ResolvedPyroscope): string {
  return proxyChecksum(proxy(spec, pyroscope));
}

/** The gateway's container. */
export function pyroscopeGatewayContainer({ images }: Slice<'pyroscope'>, { gateway }: ResolvedPyroscope): Container {
  return proxyContainer(images.gateway, capacity(gateway.clients));
}

/** The volumes of the gateway's container. A Secret that is missing does not stop the pod; its callers are refused. */
export function pyroscopeGatewayVolumes({ tls }: ResolvedPyroscope): Volume[] {
  return proxyVolumes(CONFIG_NAME, { secret: { secretName: SECRETS.gateway, optional: true, defaultMode: 0o440 } }, tls);
}

function deployment(spec: Slice<'pyroscope'>, pyroscope: ResolvedPyroscope): Complete<Deployment> {
  const name = PYROSCOPE_GATEWAY_NAME;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: pyroscope.namespace, labels: labels(name) },
    spec: {
      replicas: pyroscope.gatewayReplicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(name) },
      // A new one first: requests always find a gateway.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: withSettings({
        metadata: {
          labels: labels(name),
          annotations: { [`${ANNOTATION_PREFIX}/gateway-config`]: pyroscopeGatewayChecksum(spec, pyroscope) },
        },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 45,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [{
                weight: 100,
                podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: selectorLabels(name) } },
              }],
            },
          },
          securityContext: restrictedPod(HAPROXY_UID),
          containers: [{ ...pyroscopeGatewayContainer(spec, pyroscope), lifecycle: { preStop: pause(spec) } }],
          volumes: pyroscopeGatewayVolumes(pyroscope),
        },
      }, pyroscope.gateway.pod, selectorLabels(name)),
    },
  };
}

/** Serves on until no more connections arrive: endpoints are updated after the pod has been told to end. */
function pause({ cluster }: Slice<'pyroscope'>): LifecycleHandler {
  return compareVersions(cluster.kubernetesVersion, '1.30') >= 0 ? { sleep: { seconds: PAUSE_SECONDS } } : { exec: { command: ['sleep', `${PAUSE_SECONDS}`] } };
}

/** Draining nodes takes one replica at a time. */
function disruptionBudget(namespace: string): Complete<PodDisruptionBudget> {
  const name = PYROSCOPE_GATEWAY_NAME;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace, labels: labels(name) },
    spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(name) } },
  };
}
