import { DEFAULTS } from './defaults';
import { compareVersions } from '../kube/version';
import { LOWEST_KERNEL } from '../versions';

/** Mode of the agent in a node pool; `none` for an old kernel without a fallback. */
export type AgentMode = 'leastPrivilege' | 'fallback' | 'none';

/** The mode that follows from a pool's kernel and whether it has a fallback. */
export function agentMode({ kernel = DEFAULTS.kernel, fallback }: { readonly kernel?: string; readonly fallback?: unknown }): AgentMode {
  return compareVersions(kernel, LOWEST_KERNEL) >= 0 ? 'leastPrivilege' : fallback ? 'fallback' : 'none';
}
