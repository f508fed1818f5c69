import type { NetworkPolicy, NetworkPolicyPeer } from 'kubernetes-types/networking/v1';
import { PORTS, PUSH_LABEL, PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME } from './names';
import { ALLOY_METRICS_PORT, ALLOY_NAME } from '../alloy/names';
import { runsAlloy } from '../alloy/tenants';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Labels, ResolvedPeer, ResolvedPyroscope, ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';
import { selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { blocks, defaultDeny, dnsRules, peerId, pods, policy, storageRules, tcp } from '../kube/network-policy';

/**
 * What the parts of Pyroscope say to one another. Not HTTP, which only the gateway uses and which shows every tenant: a part
 * that was taken over would otherwise ask another for all profiles.
 */
const INTERNAL_PORTS = [PORTS.memberlist, PORTS.grpc, PORTS.raft].map(tcp);

/** NetworkPolicies around Pyroscope: everybody goes through the gateway, and only Pyroscope itself goes past it. */
export function pyroscopePolicies(spec: ResolvedSpec): Part {
  const { pyroscope } = spec;
  if (!pyroscope) { return {}; }
  const { namespace, readers } = pyroscope;
  return {
    'deny-pyroscope': defaultDeny(namespace),
    'pyroscope-gateway': gatewayPolicy(spec, pyroscope),
    ...(pyroscope.delivery === PyroscopeDelivery.CHART && { pyroscope: chartPolicy(spec, pyroscope) }),
    ...(runsAlloy(spec) && { alloy: alloyPolicy(spec, pyroscope) }),
    ...merge(readers.flatMap(({ pods: peers }) => peers.map(peer => egressToGateway(pyroscope, peer, 'reader')))),
  };
}

/** Lets a peer scrape Alloy and, through the gateway, Pyroscope. */
export function pyroscopeScraperPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  const { pyroscope, parca: { agentNamespace } } = spec;
  if (!pyroscope) { return {}; }
  const id = peerId(peer);
  const name = `${ALLOY_NAME}-scraper-${id}`;
  return {
    [`pyroscope-scraper-${id}`]: policy(pyroscope.namespace, `${PYROSCOPE_GATEWAY_NAME}-scraper-${id}`, gatewayPods(pyroscope), {
      ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(GATEWAY_PORT)] }],
    }),
    ...egressToGateway(pyroscope, peer, 'scraper'),
    ...(runsAlloy(spec) && {
      [`alloy-scraper-${id}`]: policy(agentNamespace, name, selectorLabels(ALLOY_NAME), {
        ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(ALLOY_METRICS_PORT)] }],
      }),
      ...(peer.egressPolicy && {
        [`alloy-scraper-egress-${id}`]: policy(peer.namespace, name, peer.podLabels, {
          egress: [{ to: [pods(agentNamespace, selectorLabels(ALLOY_NAME))], ports: [tcp(ALLOY_METRICS_PORT)] }],
        }),
      }),
    }),
  };
}

/** Lets the pods of a namespace that push with a tenant's token reach the gateway, where their egress is denied by default. */
export function pushEgressPolicy({ pyroscope }: ResolvedSpec, namespace: string): Part {
  return pyroscope ? egressToGateway(pyroscope, { namespace, podLabels: { [PUSH_LABEL.key]: PUSH_LABEL.value }, egressPolicy: true }, 'push') : {};
}

function egressToGateway(pyroscope: ResolvedPyroscope, peer: ResolvedPeer, purpose: string): Part {
  if (!peer.egressPolicy) { return {}; }
  const id = peerId(peer);
  return {
    [`pyroscope-${purpose}-egress-${id}`]: policy(peer.namespace, `${PYROSCOPE_GATEWAY_NAME}-${purpose}-${id}`, peer.podLabels, {
      egress: [{ to: [pods(pyroscope.namespace, gatewayPods(pyroscope))], ports: [tcp(GATEWAY_PORT)] }],
    }),
  };
}

/** The pods in which the gateway runs. */
function gatewayPods({ delivery }: ResolvedPyroscope): Labels {
  return selectorLabels(delivery === PyroscopeDelivery.NATIVE ? PYROSCOPE_NAME : PYROSCOPE_GATEWAY_NAME);
}

function gatewayPolicy(spec: ResolvedSpec, pyroscope: ResolvedPyroscope): Complete<NetworkPolicy> {
  const { cluster, parca } = spec;
  const { namespace, delivery, grafana, readers, storage } = pyroscope;
  const callers = [
    ...(runsAlloy(spec) ? [pods(parca.agentNamespace, selectorLabels(ALLOY_NAME))] : []),
    ...(grafana ? [pods(grafana.namespace, grafana.podLabels)] : []),
    ...pushers(pyroscope),
    ...readers.flatMap(({ pods: peers }) => peers.map(peer => pods(peer.namespace, peer.podLabels))),
  ];
  return policy(namespace, PYROSCOPE_GATEWAY_NAME, gatewayPods(pyroscope), {
    ingress: callers.length > 0 ? [{ from: callers, ports: [tcp(GATEWAY_PORT)] }] : [],
    egress: delivery === PyroscopeDelivery.NATIVE
      ? (storage ? storageRules(storage, cluster) : [])
      : [...dnsRules(cluster), { to: [pods(namespace, selectorLabels(PYROSCOPE_NAME))], ports: [tcp(PORTS.http)] }],
  });
}

/** Pods of the tenants' namespaces that say of themselves that they push. It is the token that says for whom. */
function pushers({ tenants }: ResolvedPyroscope): NetworkPolicyPeer[] {
  const namespaces = tenants.filter(({ offboarding }) => !offboarding).flatMap(tenant => tenant.namespaces).sort();
  return namespaces.length === 0 ? [] : [{
    namespaceSelector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] },
    podSelector: { matchLabels: { [PUSH_LABEL.key]: PUSH_LABEL.value } },
  }];
}

/** For the pods of the chart: the gateway, one another, and what they are made to reach. */
function chartPolicy({ cluster }: ResolvedSpec, { namespace, storage }: ResolvedPyroscope): Complete<NetworkPolicy> {
  const own = { peers: [pods(namespace, selectorLabels(PYROSCOPE_NAME))], ports: INTERNAL_PORTS };
  return policy(namespace, PYROSCOPE_NAME, selectorLabels(PYROSCOPE_NAME), {
    ingress: [
      { from: [pods(namespace, selectorLabels(PYROSCOPE_GATEWAY_NAME))], ports: [tcp(PORTS.http)] },
      { from: own.peers, ports: own.ports },
    ],
    egress: [
      ...(storage ? storageRules(storage, cluster) : dnsRules(cluster)),
      ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
      { to: own.peers, ports: own.ports },
    ],
  });
}

function alloyPolicy({ cluster, parca }: ResolvedSpec, pyroscope: ResolvedPyroscope): Complete<NetworkPolicy> {
  return policy(parca.agentNamespace, ALLOY_NAME, selectorLabels(ALLOY_NAME), {
    ingress: [],
    egress: [
      ...dnsRules(cluster),
      ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
      { to: [pods(pyroscope.namespace, gatewayPods(pyroscope))], ports: [tcp(GATEWAY_PORT)] },
    ],
  });
}
