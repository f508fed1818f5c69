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

/** Namespaces of the deployment: what each is of, and the path of its name in the document. */
export function deploymentNamespaces(spec: PartialSpec): Array<{ readonly name: string; readonly owner: string; readonly path: Problem['path'] }> {
  return [
    { name: spec.parca?.namespace ?? DEFAULTS.namespace, owner: 'the Parca server', path: ['parca', 'namespace'] },
    { name: agentNamespace(spec), owner: 'the agents', path: ['parca', 'agentNamespace'] },
    ...(spec.pyroscope ? [{ name: spec.pyroscope.namespace ?? DEFAULTS.pyroscope.namespace, owner: 'Pyroscope', path: ['pyroscope', 'namespace'] }] : []),
  ];
}

/** The namespace of what runs on the nodes. */
export function agentNamespace(spec: PartialSpec): string {
  return spec.parca?.agentNamespace ?? DEFAULTS.agentNamespace;
}

/** Namespaces that are sensitive whatever the specification says. */
export function alwaysSensitive(spec: PartialSpec): string[] {
  return ['kube-system', ...deploymentNamespaces(spec).map(({ name }) => name)];
}

/** Every node pool with its path. */
export function pools(spec: PartialSpec): Array<{ pool: Partially<NodePoolSpec>; path: Problem['path'] }> {
  return (spec.parca?.agent?.nodePools ?? []).flatMap((pool, i) => pool ? [{ pool, path: ['parca', 'agent', 'nodePools', i] }] : []);
}
