import { DEFAULTS } from './defaults';
import type { Problem } from './problem';
import type { NodePoolSpec } from '../api/agent';
import type { ProfilingSpec } from '../api/profiling';

/** A specification of which any part may be missing; what is undefined under its key was wrong and has been reported already. */
export type Partially<T> = T extends object ? { readonly [K in keyof T]?: Partially<T[K]> } : T;
export type PartialSpec = Partially<ProfilingSpec>;

/** Whether a value was given and has been reported, so that its default must not be compared in its place. */
export function isInvalid<T extends object>(parent: T | undefined, key: keyof T): boolean {
  return parent !== undefined && key in parent && parent[key] === undefined;
}

export function ownNamespaces(spec: PartialSpec): { namespace: string; agentNamespace: string } {
  return {
    namespace: spec.parca?.namespace ?? DEFAULTS.namespace,
    agentNamespace: spec.parca?.agentNamespace ?? DEFAULTS.agentNamespace,
  };
}

/** Namespaces that are sensitive whatever the specification says. */
export function alwaysSensitive(spec: PartialSpec): string[] {
  const pyroscope = spec.pyroscope ? [spec.pyroscope.namespace ?? DEFAULTS.pyroscope.namespace] : [];
  return ['kube-system', ...Object.values(ownNamespaces(spec)), ...pyroscope];
}

/** Every node pool with its path. */
export function pools(spec: PartialSpec): Array<{ pool: Partially<NodePoolSpec>; path: Problem['path'] }> {
  return (spec.parca?.agent?.nodePools ?? []).flatMap((pool, i) => pool ? [{ pool, path: ['parca', 'agent', 'nodePools', i] }] : []);
}
