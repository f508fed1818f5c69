import { DEFAULTS } from './defaults';
import { resolvePod } from './resolve-pod';
import { bytes, resolveTls, sorted } from './resolve-values';
import type { ResolvedCa, ResolvedParca, ResolvedParcaAgent, ResolvedRemoteStore } from './resolved-spec';
import type { ParcaGatewaySpec } from '../api/gateway';
import type { ParcaSpec } from '../api/parca';
import type { RemoteStoreSpec } from '../api/remote-store';

/** The Parca server with its defaults; undefined if agents send elsewhere. */
export function resolveParca({ namespace, server, tls, tokens, gateway, remoteStore }: ParcaSpec, defaultCa: ResolvedCa): ResolvedParca | undefined {
  if (remoteStore) { return undefined; }
  return {
    namespace: namespace ?? DEFAULTS.namespace,
    server: {
      activeMemoryBytes: bytes(server?.activeMemory ?? DEFAULTS.activeMemory),
      persistence: { ...server?.persistence, size: server?.persistence?.size ?? DEFAULTS.persistenceSize },
      objectStorage: server?.objectStorage,
      pod: resolvePod(server?.pod),
    },
    tls: resolveTls(tls, DEFAULTS.certificateSecret, defaultCa),
    tokens: {
      push: tokens?.push?.secretName ?? DEFAULTS.tokens.push,
      read: tokens?.read?.secretName ?? DEFAULTS.tokens.read,
      symbols: tokens?.symbols?.secretName ?? DEFAULTS.tokens.symbols,
      metrics: tokens?.metrics?.secretName ?? DEFAULTS.tokens.metrics,
    },
    gateway: resolveGateway(gateway),
  };
}

/** The Parca agents; undefined if there are none. */
export function resolveParcaAgent({ agent, remoteStore }: ParcaSpec): ResolvedParcaAgent | undefined {
  if (agent?.enabled === false) { return undefined; }
  return remoteStore ? { remoteStore: resolveRemoteStore(remoteStore) } : {};
}

function resolveRemoteStore({ address, tokenSecret, caConfigMap, headers = {}, egressCidrs }: RemoteStoreSpec): ResolvedRemoteStore {
  const [host, port] = address.split(':');
  return {
    host,
    port: Number(port),
    tokenSecret: tokenSecret.secretName,
    ...(caConfigMap && { ca: { kind: 'ConfigMap', key: DEFAULTS.caConfigMap.key, ...caConfigMap } }),
    headers: Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)),
    egressCidrs: sorted(egressCidrs),
  };
}

function resolveGateway(gateway: ParcaGatewaySpec = {}): ResolvedParca['gateway'] {
  const { clients, pushBytesPerMinuteOfClient, uploadSize, uploadsPerDay } = { ...DEFAULTS.gateway, ...gateway };
  return {
    clients,
    pushBytesPerMinute: gateway.pushPerMinute === undefined ? clients * pushBytesPerMinuteOfClient : bytes(gateway.pushPerMinute),
    uploadBytes: bytes(uploadSize),
    uploadBytesPerDay: bytes(uploadsPerDay),
  };
}
