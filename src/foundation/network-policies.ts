import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import { GATEWAY_PORT } from '../gateway/routes';
import { checksum } from '../kube/checksum';
import { labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { AGENT_METRICS_PORT, AGENT_NAME, SERVER_NAME } from '../parca/names';
import type { Labels, ResolvedPeer, ResolvedSpec } from '../spec/resolved-spec';

/**
 * A default deny in both namespaces and exactly the flows that the parts need.
 *
 * Policies add up, so each flow to or from somebody else is an object of its own: granting is adding one.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function networkPolicies(spec: ResolvedSpec): Part {
  const { access, parca } = spec;
  return {
    'deny-server': defaultDeny(parca.namespace),
    'deny-agents': defaultDeny(parca.agentNamespace),
    'server': serverPolicy(spec),
    'agents': agentPolicy(spec),
    ...merge(access.readers.map(peer => readerPolicies(spec, peer))),
    ...merge(access.symbolUploaders.map(peer => symbolUploaderPolicies(spec, peer))),
    ...merge(access.scrapers.map(peer => scraperPolicies(spec, peer))),
  };
}

/** Lets a peer query the gateway. */
export function readerPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  return gatewayPolicies(spec, peer, 'reader');
}

/** Lets a peer upload debug information to the gateway. */
export function symbolUploaderPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  return gatewayPolicies(spec, peer, 'symbols');
}

/** Lets a peer scrape the agents and, through the gateway, the server. */
export function scraperPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  const { parca } = spec;
  const id = peerId(peer);
  const name = `${AGENT_NAME}-scraper-${id}`;
  return {
    ...gatewayPolicies(spec, peer, 'scraper'),
    [`agent-scraper-${id}`]: policy(parca.agentNamespace, name, selectorLabels(AGENT_NAME), {
      ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(AGENT_METRICS_PORT)] }],
    }),
    ...(peer.egressPolicy && {
      [`agent-scraper-egress-${id}`]: policy(peer.namespace, name, peer.podLabels, {
        egress: [{ to: [pods(parca.agentNamespace, selectorLabels(AGENT_NAME))], ports: [tcp(AGENT_METRICS_PORT)] }],
      }),
    }),
  };
}

function gatewayPolicies({ parca }: ResolvedSpec, peer: ResolvedPeer, purpose: string): Part {
  const id = peerId(peer);
  const name = `${SERVER_NAME}-${purpose}-${id}`;
  return {
    [`${purpose}-${id}`]: policy(parca.namespace, name, selectorLabels(SERVER_NAME), {
      ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(GATEWAY_PORT)] }],
    }),
    ...(peer.egressPolicy && {
      [`${purpose}-egress-${id}`]: policy(peer.namespace, name, peer.podLabels, {
        egress: [{ to: [pods(parca.namespace, selectorLabels(SERVER_NAME))], ports: [tcp(GATEWAY_PORT)] }],
      }),
    }),
  };
}

function defaultDeny(namespace: string): Complete<NetworkPolicy> {
  return policy(namespace, 'default-deny', {}, { ingress: [], egress: [] });
}

function serverPolicy({ cluster, parca }: ResolvedSpec): Complete<NetworkPolicy> {
  const storage = parca.server.objectStorage;
  return policy(parca.namespace, SERVER_NAME, selectorLabels(SERVER_NAME), {
    ingress: [{ from: [pods(parca.agentNamespace, selectorLabels(AGENT_NAME))], ports: [tcp(GATEWAY_PORT)] }],
    // Without a bucket the server has no reason to look up or reach anything.
    egress: storage ? [
      ...dnsRules(cluster),
      ...blocks(storage.egressCidrs ?? [], [443]),
      ...(storage.gcs ? GKE_METADATA_SERVER : []),
    ] : [],
  });
}

function agentPolicy({ cluster, parca }: ResolvedSpec): Complete<NetworkPolicy> {
  return policy(parca.agentNamespace, AGENT_NAME, selectorLabels(AGENT_NAME), {
    ingress: [],
    egress: [
      ...dnsRules(cluster),
      ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
      { to: [pods(parca.namespace, selectorLabels(SERVER_NAME))], ports: [tcp(GATEWAY_PORT)] },
    ],
  });
}

/**
 * Where workload identity on GKE gets its tokens; the second with Dataplane V2.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
 */
const GKE_METADATA_SERVER: readonly NetworkPolicyEgressRule[] = [
  { to: [{ ipBlock: { cidr: '169.254.169.252/32' } }], ports: [tcp(988)] },
  { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [tcp(80)] },
];

function policy(
  namespace: string,
  name: string,
  podSelector: Labels,
  rules: { ingress?: NetworkPolicyIngressRule[]; egress?: NetworkPolicyEgressRule[] },
): Complete<NetworkPolicy> {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: labels(name) },
    spec: {
      podSelector: Object.keys(podSelector).length > 0 ? { matchLabels: { ...podSelector } } : {},
      // Always explicit: left out, a policy with egress rules alone would deny ingress as well.
      policyTypes: [...(rules.ingress ? ['Ingress'] : []), ...(rules.egress ? ['Egress'] : [])],
      // No empty lists: they mean the same as none, but the API server does not store them and takes each for a change.
      ...(rules.ingress?.length && { ingress: rules.ingress }),
      ...(rules.egress?.length && { egress: rules.egress }),
    },
  };
}

/** Both selectors in one peer, which means both must match. The name label is set by the API server and cannot be forged. */
function pods(namespace: string, podLabels: Labels): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels: { ...podLabels } },
  };
}

/** DNS over UDP, and over TCP for answers that do not fit. */
function dnsRules({ dns }: ResolvedSpec['cluster']): NetworkPolicyEgressRule[] {
  return [{
    to: [pods(dns.namespace, dns.podLabels), ...dns.cidrs.map(cidr => ({ ipBlock: { cidr } }))],
    ports: [{ protocol: 'UDP', port: dns.port }, { protocol: 'TCP', port: dns.port }],
  }];
}

/** No rule at all for an empty list: an empty `to` would mean every address. */
function blocks(cidrs: readonly string[], ports: readonly number[]): NetworkPolicyEgressRule[] {
  return cidrs.length === 0 ? [] : [{ to: cidrs.map(cidr => ({ ipBlock: { cidr } })), ports: ports.map(tcp) }];
}

function tcp(port: number): NetworkPolicyPort {
  return { protocol: 'TCP', port };
}

/** Stable and unique for a peer, whatever the order of the list it stands in. */
function peerId({ namespace, podLabels }: ResolvedPeer): string {
  return checksum(JSON.stringify([namespace, Object.entries(podLabels).sort()])).slice(0, 8);
}

function merge(parts: readonly Part[]): Part {
  return Object.assign({}, ...parts) as Part;
}
