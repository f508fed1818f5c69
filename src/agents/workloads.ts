import type { ResolvedNodePool, ResolvedSpec } from '../config/resolved-spec';
import { AGENT_NAME } from '../parca/names';

/** A pool that gets an agent. */
export type ProfiledPool = ResolvedNodePool & { readonly mode: 'leastPrivilege' | 'fallback' };

/** The pools that get an agent. */
export function profiledPools({ parca }: ResolvedSpec): ProfiledPool[] {
  return parca.agent.nodePools.filter((pool): pool is ProfiledPool => pool.mode !== 'none');
}

/** The name of a pool's DaemonSet. */
export function daemonSetName({ name }: ResolvedNodePool): string {
  return `${AGENT_NAME}-${name}`;
}

/** The image of a pool's agent. */
export function agentImage({ images }: ResolvedSpec, pool: ProfiledPool): string {
  return pool.fallback?.image ?? images.agent;
}

/** The directory of the kernel that every agent reads. */
export const TRACEFS = '/sys/kernel/tracing';

/** Name of the cluster-scoped objects of the agents, and beginning of the names of others. */
export function agentClusterName({ parca }: ResolvedSpec): string {
  return `${parca.agentNamespace}-${AGENT_NAME}`;
}
