import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import { checksum } from './checksum';
import type { Labels } from './labels';
import { labels } from './labels';
import type { Complete, Part } from './manifest';

/** Denies everything that no other policy of the namespace allows. */
export function defaultDeny(namespace: string): Complete<NetworkPolicy> {
  return policy(namespace, 'default-deny', {}, { ingress: [], egress: [] });
}

/** Denies to these pods everything that no other policy allows. Its name is our own, since the namespace is not. */
export function defaultDenyOf(namespace: string, podLabels: Labels): Complete<NetworkPolicy> {
  return policy(namespace, 'hardened-profiling-default-deny', podLabels, { ingress: [], egress: [] });
}

/** A NetworkPolicy; what is left out of `rules` it does not restrict, and an empty list allows nothing. */
export function policy(
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
export function pods(namespace: string, podLabels: Labels): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    podSelector: { matchLabels: { ...podLabels } },
  };
}

/** The cluster's DNS server: its pods, port and other addresses. */
export interface DnsServer {
  readonly namespace: string;
  readonly podLabels: Labels;
  readonly port: number;
  /** Addresses outside of pods, such as that of a cache on the node. */
  readonly cidrs: readonly string[];
}

/** DNS over UDP, and over TCP for answers that do not fit. */
export function dnsRules(dns: DnsServer): NetworkPolicyEgressRule[] {
  return [{
    to: [pods(dns.namespace, dns.podLabels), ...dns.cidrs.map(cidr => ({ ipBlock: { cidr } }))],
    ports: [{ protocol: 'UDP', port: dns.port }, { protocol: 'TCP', port: dns.port }],
  }];
}

/** No rule at all for an empty list: an empty `to` would mean every address. */
export function blocks(cidrs: readonly string[], ports: readonly number[]): NetworkPolicyEgressRule[] {
  return cidrs.length === 0 ? [] : [{ to: cidrs.map(cidr => ({ ipBlock: { cidr } })), ports: ports.map(tcp) }];
}

/** A TCP port. */
export function tcp(port: number): NetworkPolicyPort {
  return { protocol: 'TCP', port };
}

/** Stable and unique for a peer, whatever the order of the list it stands in. */
export function peerId({ namespace, podLabels }: { readonly namespace: string; readonly podLabels: Labels }): string {
  return checksum(JSON.stringify([namespace, Object.entries(podLabels).sort()])).slice(0, 8);
}

/** Pods that serve something on one port. */
export interface Endpoint {
  /** Begins the ids of the NetworkPolicies that open the way to it. */
  readonly id: string;
  /** Begins their names. */
  readonly name: string;
  readonly namespace: string;
  readonly podLabels: Labels;
  readonly port: number;
}

/** Pods that connect to an endpoint. */
export interface Caller {
  readonly namespace: string;
  readonly podLabels: Labels;
  /** Whether its namespace denies egress by default, so that it needs a NetworkPolicy there. */
  readonly egressPolicy: boolean;
}

/** Lets a caller reach an endpoint: an object of its own, since NetworkPolicies add up. */
export function connection(to: Endpoint, caller: Caller): Part {
  return {
    [`${to.id}-${peerId(caller)}`]: policy(to.namespace, `${to.name}-${peerId(caller)}`, to.podLabels, {
      ingress: [{ from: [pods(caller.namespace, caller.podLabels)], ports: [tcp(to.port)] }],
    }),
    ...egressOf(to, caller),
  };
}

/** The caller's half of a connection; nothing where its namespace does not deny egress. */
export function egressOf(to: Endpoint, caller: Caller): Part {
  if (!caller.egressPolicy) { return {}; }
  return {
    [`${to.id}-egress-${peerId(caller)}`]: policy(caller.namespace, `${to.name}-${peerId(caller)}`, caller.podLabels, {
      egress: [{ to: [pods(to.namespace, to.podLabels)], ports: [tcp(to.port)] }],
    }),
  };
}
