import type { Slice } from '../component';
import type { ResolvedNodePool, ResolvedParcaAgent } from '../config/resolved-spec';

/** Sections of a specification that the server reads, and whether agents of this cluster push to it. */
export type ServerSlice = Slice<'parca'> & { readonly parcaAgent?: ResolvedParcaAgent };

/** The Secret with the push token of a pool's agents: its own, or that of all pools which have none. */
export function pushSecretOf({ tokenSecret }: { readonly tokenSecret: string }, pool: ResolvedNodePool): string {
  return pool.pushSecret ?? tokenSecret;
}

/** Whether agents push with the token of all pools: there are some, and not each has one of its own. */
export function sharesPushToken({ agents, parcaAgent }: Pick<ServerSlice, 'agents' | 'parcaAgent'>): boolean {
  return parcaAgent !== undefined && agents.nodePools.some(({ mode, pushSecret }) => mode !== 'none' && pushSecret === undefined);
}

/** The pools that push with a token of their own, so that it can be revoked alone; without those that get no agent. */
export function pushSecrets(
  { agents, parcaAgent }: Pick<ServerSlice, 'agents' | 'parcaAgent'>,
): Array<{ readonly pool: string; readonly secretName: string }> {
  if (!parcaAgent) { return []; }
  return agents.nodePools.flatMap(({ name, mode, pushSecret }) => pushSecret !== undefined && mode !== 'none' ? [{ pool: name, secretName: pushSecret }] : []);
}
