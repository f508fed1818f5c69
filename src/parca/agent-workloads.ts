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

/** What runs in the agents' namespace, for whoever guards it. Lists are sorted. */
export interface AgentWorkloads {
  /** Of DaemonSets. */
  readonly names: readonly string[];
  readonly serviceAccounts: readonly string[];
  readonly hostPaths: readonly string[];
  /** The capabilities that containers of an image may add, for every image. */
  readonly capabilitiesOfImage: Readonly<Record<string, readonly string[]>>;
}

/** Name of the cluster-scoped objects of the agents, and beginning of the names of others. */
export function agentClusterName({ parca }: ResolvedSpec): string {
  return `${parca.agentNamespace}-${AGENT_NAME}`;
}

/** What the agents' namespace has room for besides the agents, each with what it needs of the node. */
interface Workload {
  readonly name: string;
  readonly image: string;
  readonly capabilities: readonly string[];
  readonly hostPaths: readonly string[];
}

function otherWorkloads(spec: ResolvedSpec): Workload[] {
  const settings = heldSettings(spec);
  const inventory = bundledInventory(spec);
  return [
    ...(runsAlloy(spec) ? [{
      name: ALLOY_NAME, image: alloyImage(spec), capabilities: alloyCapabilities(spec).map(({ name }) => name), hostPaths: [TRACEFS],
    }] : []),
    ...(settings.length > 0 ? [{
      name: SETTINGS_NAME, image: spec.images.nodeSettings, capabilities: [], hostPaths: settings.map(settingPath),
    }] : []),
    ...(inventory ? [{
      name: INVENTORY_NAME,
      image: spec.images.ebpfInventory,
      capabilities: INVENTORY_CAPABILITIES,
      hostPaths: inventory.baseline ? [] : [BASELINE_DIRECTORY],
    }] : []),
  ];
}

export function agentWorkloads(spec: ResolvedSpec): AgentWorkloads {
  const pools = profiledPools(spec);
  const others = otherWorkloads(spec);
  const granted = new Map<string, Set<string>>([[spec.images.preflight, new Set()]]);
  const grant = (image: string, capabilities: readonly string[]): void => {
    granted.set(image, new Set([...granted.get(image) ?? [], ...capabilities]));
  };
  pools.forEach(pool => grant(agentImage(spec, pool), agentCapabilities(pool).map(({ name }) => name)));
  others.forEach(({ image, capabilities }) => grant(image, capabilities));
  return {
    names: [...pools.map(daemonSetName), ...others.map(({ name }) => name)].sort(),
    serviceAccounts: [AGENT_NAME, ...others.map(({ name }) => name)].sort(),
    hostPaths: [...new Set([
      TRACEFS, ...pools.flatMap(({ fallback }) => fallback?.containerRuntimeSocket ?? []), ...others.flatMap(({ hostPaths }) => hostPaths),
    ])].sort(),
    capabilitiesOfImage: Object.fromEntries([...granted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, names]) => [image, [...names].sort()])),
  };
}
