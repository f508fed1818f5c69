import type { ResolvedAgents, ResolvedNodePool, ResolvedParca } from '../config/resolved-spec';

/** The Secret with the push token of a pool's agents: its own, or that of all pools which have none. */
export function pushSecretOf({ tokens }: ResolvedParca, pool: ResolvedNodePool): string {
  return pool.pushSecret ?? tokens.push;
}

/** The pools that push with a token of their own, so that it can be revoked alone; without those that get no agent. */
export function pushSecrets({ nodePools }: ResolvedAgents): Array<{ readonly pool: string; readonly secretName: string }> {
  return nodePools.flatMap(({ name, mode, pushSecret }) => pushSecret !== undefined && mode !== 'none' ? [{ pool: name, secretName: pushSecret }] : []);
}
