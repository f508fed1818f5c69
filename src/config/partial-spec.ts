import { DEFAULTS } from './defaults';
import type { Problem } from './problem';
import type { NodePoolSpec } from '../api/agents';
import type { ProfilingSpec } from '../api/profiling';

/** A specification of which any part may be missing; what is undefined under its key was wrong and has been reported already. */
export type Partially<T> = T extends object ? { readonly [K in keyof T]?: Partially<T[K]> } : T;
export type PartialSpec = Partially<ProfilingSpec>;

/** Whether a value was given and has been reported, so that its default must not be compared in its place. */
export function isInvalid<T extends object>(parent: T | undefined, key: keyof T): boolean {
  return parent !== undefined && key in parent && parent[key] === undefined;
}

/** Whether a specification asks for a Parca server. */
export function hasParcaServer({ parca }: PartialSpec): boolean {
  return parca !== undefined && !('remoteStore' in parca);
}

/** Whether a specification asks for Parca agents. */
export function hasParcaAgents({ parca }: PartialSpec): boolean {
  return parca !== undefined && parca.agent?.enabled !== false;
}

/** Whether a specification asks for a Pyroscope here. */
export function hasPyroscopeServer({ pyroscope }: PartialSpec): boolean {
  return pyroscope !== undefined && !('remote' in pyroscope);
}

/** Whether anything runs on the nodes. */
export function runsOnNodes(spec: PartialSpec): boolean {
  return hasParcaAgents(spec) || spec.pyroscope !== undefined || spec.nodes !== undefined;
}

/** A namespace of the deployment: what it is of, and the path of its name in the document. */
export interface DeploymentNamespace {
  readonly name: string;
  readonly owner: string;
  readonly path: Problem['path'];
}

/** The namespaces of the deployment. */
export function deploymentNamespaces(spec: PartialSpec): DeploymentNamespace[] {
  const { parca, pyroscope } = spec;
  return [
    ...(hasParcaServer(spec) ? [{ name: parca?.namespace ?? DEFAULTS.namespace, owner: 'the Parca server', path: ['parca', 'namespace'] }] : []),
    ...(runsOnNodes(spec) ? [{ name: agentNamespace(spec), owner: 'the agents', path: ['agents', 'namespace'] }] : []),
    ...(hasPyroscopeServer(spec) ? [{ name: pyroscope?.namespace ?? DEFAULTS.pyroscope.namespace, owner: 'Pyroscope', path: ['pyroscope', 'namespace'] }] : []),
  ];
}

/** The namespace of what runs on the nodes. */
export function agentNamespace(spec: PartialSpec): string {
  return spec.agents?.namespace ?? DEFAULTS.agentNamespace;
}

/** Namespaces that are sensitive whatever the specification says. */
export function alwaysSensitive(spec: PartialSpec): string[] {
  return ['kube-system', ...deploymentNamespaces(spec).map(({ name }) => name)];
}

/** Every node pool with its path. */
export function pools(spec: PartialSpec): Array<{ pool: Partially<NodePoolSpec>; path: Problem['path'] }> {
  return (spec.agents?.nodePools ?? []).flatMap((pool, i) => pool ? [{ pool, path: ['agents', 'nodePools', i] }] : []);
}
