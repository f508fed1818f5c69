import type { engine } from './load-engine';
import type { ProfilingPart } from './profiling-part';
import type { ProfilingSpec } from '../api/profiling';
import type { Part } from '../kube/manifest';

/** Names of components that can be had alone. */
export type ComponentName = keyof ReturnType<typeof engine>['COMPONENT'];

/** Objects of every part, by its id. */
export type Parts = Readonly<Record<string, Part>>;

/** A deployment that a construct is a part of, or is alone. */
export interface Deployed {
  readonly spec: ProfilingSpec;
  /** The only component that it is; undefined for all that the specification asks for. */
  readonly component?: ComponentName;
  readonly parts: Parts;
}

/** Deployments that `HardenedProfiling` has rendered, by the props with which it makes their constructs. */
const COMPOSED = new WeakMap<object, Deployed>();

/** Props by which a construct takes its objects from a deployment that is rendered already. */
export function composedOf<Props extends object>(deployed: Deployed): Props {
  const props = {} as Props;
  COMPOSED.set(props, deployed);
  return props;
}

/** The deployment behind such props; undefined for props of a user. */
export function composition(props: object): Deployed | undefined {
  return COMPOSED.get(props);
}

/** Parts as one, each with a prefix before the ids of its objects. */
export function joined(parts: Parts, prefixes: Readonly<Record<string, string>>): Part {
  return Object.fromEntries(Object.entries(prefixes)
    .flatMap(([part, prefix]) => Object.entries(parts[part] ?? {}).map(([id, manifest]) => [`${prefix}${id}`, manifest])));
}

/** A specification without keys that are undefined, as the document would have it. */
export function plainSpec(spec: object): ProfilingSpec {
  return JSON.parse(JSON.stringify(spec)) as ProfilingSpec;
}

/** The deployment of each construct. Not a field: types of fields would be part of what is published. */
const DEPLOYMENTS = new WeakMap<ProfilingPart, Deployed>();

/** The deployment that a construct is a part of. */
export function deployedBy(construct: ProfilingPart): Deployed {
  return DEPLOYMENTS.get(construct)!;
}

/** Lets a construct take its objects from a deployment: parts, each with a prefix before the ids of its objects. */
export function takeObjects(construct: ProfilingPart, deployed: Deployed, prefixes: Readonly<Record<string, string>>): void {
  DEPLOYMENTS.set(construct, deployed);
  construct._add(joined(deployed.parts, prefixes), deployed.spec.cluster.name);
}

/** Parts of access to a deployment, with the prefixes of their ids. */
export const ACCESS_PREFIXES = { 'namespaces': 'namespace-', 'network-policies': 'network-policy-', 'port-forward': 'port-forward-' } as const;

/** Adds NetworkPolicies to an access that does not have them yet. */
export function addNetworkPolicies(access: ProfilingPart, policies: Part): void {
  access._add(joined({ 'network-policies': policies }, ACCESS_PREFIXES), deployedBy(access).spec.cluster.name);
}
