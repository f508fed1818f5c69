import { AGENT_NAME } from './names';
import type { Context } from '../component';
import type { ResolvedNodePool } from '../config/resolved-spec';

/** A pool that gets an agent. */
export type ProfiledPool = ResolvedNodePool & { readonly mode: 'leastPrivilege' | 'fallback' };

/** The pools that get an agent. */
export function profiledPools({ agents }: Context): ProfiledPool[] {
  return agents.nodePools.filter((pool): pool is ProfiledPool => pool.mode !== 'none');
}

/** The name of a pool's DaemonSet. */
export function daemonSetName({ name }: ResolvedNodePool): string {
  return `${AGENT_NAME}-${name}`;
}

/** The image of a pool's agent. */
export function agentImage({ images }: Context, pool: ProfiledPool): string {
  return pool.fallback?.image ?? images.agent;
}
