import type { NetworkPolicyPeer } from 'kubernetes-types/networking/v1';
import { PORTS, PUSH_LABEL, PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME } from './names';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Flow, PodGroup, Slice } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';
import type { Labels } from '../kube/labels';
import { selectorLabels } from '../kube/labels';
import type { Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import type { Endpoint } from '../kube/network-policy';
import { blocks, dnsRules, egressOf, pods } from '../kube/network-policy';
import { storageRules } from '../storage/network';

/** The pods in which the gateway runs, by the id of their NetworkPolicy. */
export const GATEWAY_PODS = 'pyroscope-gateway';

/** The pods of the chart. */
const CHART_PODS = 'pyroscope';

/**
 * Ports between the components of Pyroscope. Not HTTP, which only the gateway uses and which shows every tenant: a part
 * that was taken over would otherwise ask another for all profiles.
 */
const INTERNAL_PORTS: readonly number[] = [PORTS.memberlist, PORTS.grpc, PORTS.raft];

/** Pods with NetworkPolicies: all ingress goes through the gateway, but for that among Pyroscope's own pods. */
export function pyroscopePods({ cluster, pyroscope }: Slice<'pyroscope'>): PodGroup[] {
  const { namespace, delivery, grafana, readers, storage } = pyroscope;
  const isNative = delivery === PyroscopeDelivery.NATIVE;
  const bucket = storage && storageRules(storage, cluster.dns);
  return [
    {
      id: GATEWAY_PODS,
      name: PYROSCOPE_GATEWAY_NAME,
      namespace,
      podLabels: gatewayPods(pyroscope),
      ingress: {
        from: [
          ...(grafana ? [pods(grafana.namespace, grafana.podLabels)] : []),
          ...pushers(pyroscope),
          ...readers.flatMap(({ pods: peers }) => peers.map(peer => pods(peer.namespace, peer.podLabels))),
        ],
        ports: [GATEWAY_PORT],
      },
      egress: isNative ? bucket ?? [] : dnsRules(cluster.dns),
    },
    ...(isNative ? [] : [{
      id: CHART_PODS,
      name: PYROSCOPE_NAME,
      namespace,
      podLabels: selectorLabels(PYROSCOPE_NAME),
      egress: [...bucket ?? dnsRules(cluster.dns), ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts)],
    }]),
  ];
}

/** From the gateway to the chart's pods, and between those. */
export function pyroscopeFlows({ pyroscope }: Slice<'pyroscope'>): Flow[] {
  return pyroscope.delivery === PyroscopeDelivery.NATIVE ? [] : [
    { from: GATEWAY_PODS, to: CHART_PODS, ports: [PORTS.http] },
    { from: CHART_PODS, to: CHART_PODS, ports: INTERNAL_PORTS },
  ];
}

/** The gateway, for those who come to it for a purpose. */
export function gatewayEndpoint(pyroscope: ResolvedPyroscope, purpose: 'push' | 'reader' | 'scraper'): Endpoint {
  return {
    id: `pyroscope-${purpose}`,
    name: `${PYROSCOPE_GATEWAY_NAME}-${purpose}`,
    namespace: pyroscope.namespace,
    podLabels: gatewayPods(pyroscope),
    port: GATEWAY_PORT,
  };
}

/** The way of readers out of namespaces that deny egress; the gateway's own NetworkPolicy lets them in. */
export function readerEgress({ pyroscope }: Slice<'pyroscope'>): Part {
  return merge(pyroscope.readers.flatMap(({ pods: peers }) => peers.map(peer => egressOf(gatewayEndpoint(pyroscope, 'reader'), peer))));
}

/** Lets the pods of a namespace that push with a tenant's token reach the gateway, where their egress is denied by default. */
export function pushEgressPolicy(pyroscope: ResolvedPyroscope, namespace: string): Part {
  return egressOf(gatewayEndpoint(pyroscope, 'push'), { namespace, podLabels: { [PUSH_LABEL.key]: PUSH_LABEL.value }, egressPolicy: true });
}

/** The pods in which the gateway runs. */
function gatewayPods({ delivery }: ResolvedPyroscope): Labels {
  return selectorLabels(delivery === PyroscopeDelivery.NATIVE ? PYROSCOPE_NAME : PYROSCOPE_GATEWAY_NAME);
}

/** Pods of the tenants' namespaces that say of themselves that they push. It is the token that says for whom. */
function pushers({ tenants }: ResolvedPyroscope): NetworkPolicyPeer[] {
  const namespaces = tenants.filter(({ offboarding }) => !offboarding).flatMap(tenant => tenant.namespaces).sort();
  return namespaces.length === 0 ? [] : [{
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] },
    podSelector: { matchLabels: { [PUSH_LABEL.key]: PUSH_LABEL.value } },
  }];
}
