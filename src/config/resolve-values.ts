import { DEFAULTS } from './defaults';
import type { ResolvedCa, ResolvedPeer, ResolvedTls } from './resolved-spec';
import type { PodPeerSpec } from '../api/access';
import type { TlsSpec } from '../api/parca';
import { parseBytes } from '../kube/quantity';

/** A certificate with its defaults. */
export function resolveTls({ secretName, certManager, caConfigMap }: TlsSpec = {}, defaultSecret: string, defaultCa: ResolvedCa): ResolvedTls {
  return {
    secretName: secretName ?? defaultSecret,
    certManager,
    ca: caConfigMap ? { kind: 'ConfigMap', key: DEFAULTS.caConfigMap.key, ...caConfigMap } : defaultCa,
  };
}

/** A peer with its default; also what `addReader` and the like take. */
export function resolvePeer(peer: PodPeerSpec): ResolvedPeer {
  return { namespace: peer.namespace, podLabels: peer.podLabels, egressPolicy: peer.egressPolicy ?? false };
}

/** Without duplicates, in an order that does not depend on the caller's. */
export function sorted(values: readonly string[] = []): string[] {
  return [...new Set(values)].sort();
}

/** The bytes of a quantity that has been checked. */
export function bytes(quantity: string): number {
  const value = parseBytes(quantity);
  if (value === undefined) { throw new Error(`not a quantity: ${quantity}`); }
  return value;
}
