import { agentCapabilities } from './capabilities';
import { AGENT_NAME } from './names';
import { alloyCapabilities } from '../alloy/capabilities';
import { alloyImage } from '../alloy/image';
import { ALLOY_NAME } from '../alloy/names';
import { runsAlloy } from '../alloy/tenants';
import { INVENTORY_NAME, SETTINGS_NAME } from '../nodes/names';
import { BASELINE_DIRECTORY, bundledInventory, heldSettings, INVENTORY_CAPABILITIES, settingPath } from '../nodes/needs';
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

/** What runs in the agents' namespace as one service account, for whoever guards it. Lists are sorted. */
export interface AgentWorkload {
  /** Their names. */
  readonly daemonSets: readonly string[];
  /** The capabilities that containers of an image may add, for every image. */
  readonly capabilitiesOfImage: Readonly<Record<string, readonly string[]>>;
  readonly hostPaths: readonly string[];
  /** Whether it sees the processes of its node. */
  readonly hasHostPid: boolean;
}

/** Name of the cluster-scoped objects of the agents, and beginning of the names of others. */
export function agentClusterName({ parca }: ResolvedSpec): string {
  return `${parca.agentNamespace}-${AGENT_NAME}`;
}

/** Everything in the agents' namespace, by service account, sorted. What one account may do is nothing that another may. */
export function agentWorkloads(spec: ResolvedSpec): Readonly<Record<string, AgentWorkload>> {
  const settings = heldSettings(spec);
  const inventory = bundledInventory(spec);
  return {
    ...(runsAlloy(spec) && {
      [ALLOY_NAME]: workload(ALLOY_NAME, alloyImage(spec), alloyCapabilities(spec).map(({ name }) => name), [TRACEFS], true),
    }),
    ...(inventory && {
      [INVENTORY_NAME]: workload(INVENTORY_NAME, spec.images.ebpfInventory, INVENTORY_CAPABILITIES, inventory.baseline ? [] : [BASELINE_DIRECTORY]),
    }),
    ...(settings.length > 0 && { [SETTINGS_NAME]: workload(SETTINGS_NAME, spec.images.nodeSettings, [], settings.map(settingPath).sort()) }),
    [AGENT_NAME]: agents(spec),
  };
}

function workload(name: string, image: string, capabilities: readonly string[], hostPaths: readonly string[], hasHostPid = false): AgentWorkload {
  return { daemonSets: [name], capabilitiesOfImage: { [image]: [...capabilities].sort() }, hostPaths, hasHostPid };
}

function agents(spec: ResolvedSpec): AgentWorkload {
  const pools = profiledPools(spec);
  const granted = new Map<string, Set<string>>([[spec.images.preflight, new Set()]]);
  for (const pool of pools) {
    const image = agentImage(spec, pool);
    granted.set(image, new Set([...granted.get(image) ?? [], ...agentCapabilities(pool).map(({ name }) => name)]));
  }
  return {
    daemonSets: pools.map(daemonSetName).sort(),
    capabilitiesOfImage: Object.fromEntries([...granted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, names]) => [image, [...names].sort()])),
    hostPaths: [...new Set([TRACEFS, ...pools.flatMap(({ fallback }) => fallback?.containerRuntimeSocket ?? [])])].sort(),
    hasHostPid: true,
  };
}
