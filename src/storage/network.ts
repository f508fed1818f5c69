import type { NetworkPolicyEgressRule } from 'kubernetes-types/networking/v1';
import type { ObjectStorageSpec } from '../api/object-storage';
import type { DnsServer } from '../kube/network-policy';
import { blocks, dnsRules, tcp } from '../kube/network-policy';

/**
 * Egress to the GKE metadata server, where workload identity gets its tokens; the second rule is for Dataplane V2.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy
 */
const GKE_METADATA_SERVER: readonly NetworkPolicyEgressRule[] = [
  { to: [{ ipBlock: { cidr: '169.254.169.252/32' } }], ports: [tcp(988)] },
  { to: [{ ipBlock: { cidr: '169.254.169.254/32' } }], ports: [tcp(80)] },
];

/** Egress rules for a bucket: its addresses, DNS, and on GKE the metadata server. */
export function storageRules(storage: ObjectStorageSpec, dns: DnsServer): NetworkPolicyEgressRule[] {
  return [...dnsRules(dns), ...blocks(storage.egressCidrs ?? [], [443]), ...(storage.gcs ? GKE_METADATA_SERVER : [])];
}
