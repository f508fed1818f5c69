import { agentCapabilities } from './capabilities';
import { AGENT_NAME } from './names';
import { alloyCapabilities } from '../alloy/capabilities';
import { alloyImage } from '../alloy/image';
import { ALLOY_NAME } from '../alloy/names';
import { runsAlloy } from '../alloy/tenants';
import type { ResolvedNodePool, ResolvedSpec } from '../spec/resolved-spec';

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

/** What runs in the agents' namespace, for whoever guards it. Lists are sorted. */
export interface AgentWorkloads {
  /** Of DaemonSets. */
  readonly names: readonly string[];
  readonly serviceAccounts: readonly string[];
  readonly hostPaths: readonly string[];
  /** The capabilities that containers of an image may add, for every image. */
  readonly capabilitiesOfImage: Readonly<Record<string, readonly string[]>>;
}

export function agentWorkloads(spec: ResolvedSpec): AgentWorkloads {
  const pools = profiledPools(spec);
  const granted = new Map<string, Set<string>>([[spec.images.preflight, new Set()]]);
  for (const pool of pools) {
    const image = agentImage(spec, pool);
    const capabilities = granted.get(image) ?? new Set();
    agentCapabilities(pool).forEach(({ name }) => capabilities.add(name));
    granted.set(image, capabilities);
  }
  const hasAlloy = runsAlloy(spec);
  if (hasAlloy) {
    const alloy = alloyImage(spec);
    granted.set(alloy, new Set([...granted.get(alloy) ?? [], ...alloyCapabilities(spec).map(({ name }) => name)]));
  }
  return {
    names: [...pools.map(daemonSetName), ...(hasAlloy ? [ALLOY_NAME] : [])].sort(),
    serviceAccounts: [...(hasAlloy ? [ALLOY_NAME] : []), AGENT_NAME],
    hostPaths: [...new Set([TRACEFS, ...pools.flatMap(({ fallback }) => fallback?.containerRuntimeSocket ?? [])])].sort(),
    capabilitiesOfImage: Object.fromEntries([...granted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, names]) => [image, [...names].sort()])),
  };
}
