import type { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';

/** Object as it will be written. */
export interface ObjectLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

interface Claim {
  readonly owner: ApiObject;
  readonly object: ObjectLike;
}

/** What the apps have, by the root of their construct tree; and by cluster, since one app can be for many. */
const APPS = new WeakMap<IConstruct, Map<string, Claim>>();

/** Kinds that parts of one deployment have in common. */
const SHARED: ReadonlySet<string> = new Set(['Namespace', 'PriorityClass']);

/** Names of NetworkPolicies that parts have in common. */
const DEFAULT_DENY = /(^|-)default-deny$/;

/**
 * The construct of an object that another part of the same deployment has made already; undefined for a new one. Of two objects with one
 * name that are not the same, the API server would keep the one that is applied last.
 */
export function madeBefore(scope: IConstruct, cluster: string, object: ObjectLike): ApiObject | undefined {
  const claim = APPS.get(scope.node.root)?.get(keyOf(cluster, object));
  if (!claim) { return undefined; }
  const isShared = SHARED.has(object.kind) || (object.kind === 'NetworkPolicy' && DEFAULT_DENY.test(object.metadata.name ?? ''));
  if (isShared && JSON.stringify(claim.object) === JSON.stringify(object)) { return claim.owner; }
  const { name, namespace } = object.metadata;
  throw new Error(`${scope.node.path} makes the ${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name} of cluster \`${cluster}\`, and so does `
    + `${claim.owner.node.path}. Give one of the two other namespaces, or another \`cluster.name\` if it is for another cluster.`);
}

/** Remembers the construct of an object. */
export function remember(owner: ApiObject, cluster: string, object: ObjectLike): void {
  const { root } = owner.node;
  const objects = APPS.get(root) ?? new Map<string, Claim>();
  APPS.set(root, objects.set(keyOf(cluster, object), { owner, object }));
}

function keyOf(cluster: string, { apiVersion, kind, metadata: { name, namespace } }: ObjectLike): string {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return [cluster, group, kind, namespace, name].join('\n');
}
