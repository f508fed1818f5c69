import { agentMode } from './agent-mode';
import { DEFAULTS } from './defaults';
import { overridden, resolvePod } from './resolve-pod';
import type { ProfilerPodSettings, ResolvedAgents, ResolvedNodePool } from './resolved-spec';
import type { AgentsSpec, NodePoolSpec } from '../api/agents';
import { Memlock } from '../api/agents';

/** The section `agents` with its defaults; images are those that will run. */
export function resolveAgents({ namespace, nodePools, pod }: AgentsSpec = {}, imageOf: (image: string) => string = image => image): ResolvedAgents {
  const shared = overridden<ProfilerPodSettings>({ resources: DEFAULTS.resources }, resolvePod(pod));
  return {
    namespace: namespace ?? DEFAULTS.agentNamespace,
    nodePools: (nodePools ?? DEFAULTS.nodePools).map(pool => resolvePool(pool, shared, imageOf)),
    pod: shared,
  };
}

function resolvePool(pool: NodePoolSpec, shared: ProfilerPodSettings, imageOf: (image: string) => string): ResolvedNodePool {
  const { nodeSelector, fallback } = pool;
  const { nodeSelector: _, tolerations, ...own } = resolvePod(pool);
  return {
    name: pool.name,
    kernel: pool.kernel ?? DEFAULTS.kernel,
    nodeSelector,
    pod: overridden(shared, { ...own, ...(tolerations && { tolerations }) }),
    hasOwnPod: Object.keys(own).length > 0,
    memlockUnlimited: pool.memlock === Memlock.UNLIMITED,
    appArmorProfile: pool.appArmorProfile,
    pushSecret: pool.pushToken?.secretName,
    mode: agentMode(pool),
    fallback: fallback && { containerRuntimeSocket: DEFAULTS.containerRuntimeSocket, ...fallback, image: imageOf(fallback.image) },
  };
}
