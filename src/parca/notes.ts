import type { ServerSlice } from './push-tokens';
import { pushSecrets, sharesPushToken } from './push-tokens';
import type { AgentSlice } from './store';
import { caMissing } from '../agents/missing';
import type { Missing, Slice } from '../component';
import type { ResolvedPeer } from '../config/resolved-spec';
import { LOWEST_KERNEL } from '../versions';

/** Notes on what the agents do without, and why. */
export function agentNotes({ cluster, agents, store: { host, reachedBy } }: AgentSlice): string[] {
  return [
    ...agents.nodePools.filter(pool => pool.mode === 'none').map(({ name, kernel }) =>
      `Node pool ${name} gets no agent: its kernel ${kernel} is older than ${LOWEST_KERNEL}, and it has no fallback.`),
    ...(cluster.apiServerCidrs.length === 0
      ? ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach the API server and do not start.'] : []),
    ...('cidrs' in reachedBy && reachedBy.cidrs.length === 0
      ? [`parca.remoteStore.egressCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach ${host}.`] : []),
  ];
}

/** Notes on what the server does without, and why. */
export function serverNotes({ parca }: Slice<'parca'>): string[] {
  const storage = parca.server.objectStorage;
  return [
    ...(storage && !storage.egressCidrs?.length
      ? ['objectStorage.egressCidrs is not set: where NetworkPolicies are enforced, the server cannot reach its bucket.'] : []),
    'Native frames (C, C++, Go, Rust) have no function names until CI uploads the symbols of opted-in builds with the symbols token.',
  ];
}

/** Secrets that the server waits for. */
export function serverMissing(spec: ServerSlice, document: string): Missing[] {
  const { parca: { tls, namespace, tokens }, agents, access, externalSecrets } = spec;
  const ofPools = pushSecrets(spec).map(({ secretName }) => secretName);
  const ofAgents = [...(sharesPushToken(spec) ? [tokens.push] : []), ...ofPools];
  const consumers: ReadonlyArray<readonly [string, readonly ResolvedPeer[]]> = [
    [tokens.read, access.readers], [tokens.symbols, access.symbolUploaders], [tokens.metrics, access.scrapers],
  ];
  const places = [
    `${[...Object.values(tokens), ...ofPools].join(', ')} in ${namespace}`,
    ...(ofAgents.length > 0 ? [`${ofAgents.join(', ')} in ${agents.namespace}`] : []),
    ...consumers.flatMap(([secret, peers]) => [...new Set(peers.map(peer => peer.namespace))].map(peer => `${secret} in ${peer}`)),
  ];
  return [
    ...(externalSecrets ? [] : [{
      what: `token Secrets: ${places.join('; ')}`,
      command: `hardened-profiling secrets ${document} | kubectl create -f -`,
    }]),
    ...(tls.certManager ? [] : [{
      what: `TLS Secret ${tls.secretName} in ${namespace}, for the host parca.${namespace}.svc`,
      command: `kubectl create secret tls ${tls.secretName} -n ${namespace} --cert=tls.crt --key=tls.key`,
    }]),
  ];
}

/** What the agents wait for: the token of a store elsewhere, and the CA of the store's certificate. */
export function agentMissing({ agents, store, parcaAgent, externalSecrets }: AgentSlice): Missing[] {
  const { namespace, nodePools } = agents;
  const ofPools = nodePools.flatMap(({ mode, pushSecret }) => (mode !== 'none' && pushSecret !== undefined ? [pushSecret] : []));
  const all = [...(sharesPushToken({ agents, parcaAgent }) ? [store.tokenSecret] : []), ...ofPools];
  const tokens = parcaAgent.remoteStore && !externalSecrets ? [...new Set(all)] : [];
  return [
    ...tokens.map(name => ({
      what: `token Secret ${name} in ${namespace}, with the push token that the owners of ${store.host} gave you`,
      command: `kubectl create secret generic ${name} -n ${namespace} --from-file=token=token.txt`,
    })),
    ...caMissing(namespace, store.ca),
  ];
}
