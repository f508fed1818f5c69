import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import { checksum } from './checksum';
import { labels } from './labels';
import type { Complete } from './manifest';
import type { ObjectStorageSpec } from '../api/object-storage';
import type { Labels, ResolvedPeer, ResolvedSpec } from '../config/resolved-spec';

/** Denies everything that no other policy of the namespace allows. */
export function defaultDeny(namespace: string): Complete<NetworkPolicy> {
  return policy(namespace, 'default-deny', {}, { ingress: [], egress: [] });
}

/**
 * Where workload identity on GKE gets its tokens; the second with Dataplane V2.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
 */
export const GKE_METADATA_SERVER: readonly NetworkPolicyEgressRule[] = [
  { to: [{ ipBlock: { cidr: '169.254.169.252/32' } }], ports: [tcp(988)] },
  { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [tcp(80)] },
];

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

/** DNS over UDP, and over TCP for answers that do not fit. */
export function dnsRules({ dns }: ResolvedSpec['cluster']): NetworkPolicyEgressRule[] {
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
export function peerId({ namespace, podLabels }: ResolvedPeer): string {
  return checksum(JSON.stringify([namespace, Object.entries(podLabels).sort()])).slice(0, 8);
}

/** What a bucket needs: its addresses, name resolution, and on GKE the server of tokens. */
export function storageRules(storage: ObjectStorageSpec, cluster: ResolvedSpec['cluster']): NetworkPolicyEgressRule[] {
  return [...dnsRules(cluster), ...blocks(storage.egressCidrs ?? [], [443]), ...(storage.gcs ? GKE_METADATA_SERVER : [])];
}
