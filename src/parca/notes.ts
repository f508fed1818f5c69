import { pushSecrets } from './push-tokens';
import type { Missing, Slice } from '../component';
import type { ResolvedPeer } from '../config/resolved-spec';
import { LOWEST_KERNEL } from '../versions';

/** Notes on what agents and server do without, and why. */
export function parcaNotes({ cluster, agents, parca }: Slice<'parca'>): string[] {
  const storage = parca.server.objectStorage;
  return [
    ...agents.nodePools.filter(pool => pool.mode === 'none').map(({ name, kernel }) =>
      `Node pool ${name} gets no agent: its kernel ${kernel} is older than ${LOWEST_KERNEL}, and it has no fallback.`),
    ...(cluster.apiServerCidrs.length === 0
      ? ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach the API server and do not start.'] : []),
    ...(storage && !storage.egressCidrs?.length
      ? ['objectStorage.egressCidrs is not set: where NetworkPolicies are enforced, the server cannot reach its bucket.'] : []),
    'Native frames (C, C++, Go, Rust) have no function names until CI uploads the symbols of opted-in builds with the symbols token.',
  ];
}

/** Secrets and certificates that Parca waits for. */
export function parcaMissing({ parca, agents, access }: Slice<'parca'>, document: string): Missing[] {
  const { tls, namespace, tokens } = parca;
  const consumers: ReadonlyArray<readonly [string, readonly ResolvedPeer[]]> = [
    [tokens.read, access.readers], [tokens.symbols, access.symbolUploaders], [tokens.metrics, access.scrapers],
  ];
  const ofPools = pushSecrets(agents).map(({ secretName }) => secretName);
  const places = consumers.flatMap(([secret, peers]) => [...new Set(peers.map(peer => peer.namespace))].map(peer => `${secret} in ${peer}`));
  return [
    {
      what: `token Secrets: ${[...Object.values(tokens), ...ofPools].join(', ')} in ${namespace}; ${[`${[tokens.push, ...ofPools].join(', ')} in ${agents.namespace}`, ...places].join('; ')}`,
      command: `hardened-profiling secrets ${document} | kubectl create -f -`,
    },
    ...(tls.certManager ? [] : [{
      what: `TLS Secret ${tls.secretName} in ${namespace}, for the host parca.${namespace}.svc`,
      command: `kubectl create secret tls ${tls.secretName} -n ${namespace} --cert=tls.crt --key=tls.key`,
    }]),
    {
      what: `CA ConfigMap ${tls.caConfigMap.name} in ${agents.namespace}, with the CA of that certificate`,
      command: `kubectl create configmap ${tls.caConfigMap.name} -n ${agents.namespace} --from-file=${tls.caConfigMap.key}=ca.crt`,
    },
  ];
}
