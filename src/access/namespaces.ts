import type { Namespace } from 'kubernetes-types/core/v1';
import { podSecurityLabels } from './pod-security';
import type { Contribution, NeededNamespace } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { ANNOTATION_PREFIX, labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';

type NamespaceSlice = Pick<ResolvedSpec, 'cluster' | 'namespaces'>;

/**
 * The namespaces with their Pod Security levels; none where they belong to somebody else.
 *
 * Only the agents need `privileged`: hostPID, host paths and added capabilities are refused by every lower level.
 * They get a namespace of their own, so that nothing else comes to enjoy it.
 */
export function namespaces(spec: NamespaceSlice, contributions: readonly Contribution[]): Part {
  if (!spec.namespaces.create) { return {}; }
  return Object.fromEntries(neededNamespaces(contributions).map(needed => [needed.id, namespace(needed, spec)]));
}

/** Each namespace that a component needs, once. */
export function neededNamespaces(contributions: readonly Contribution[]): NeededNamespace[] {
  return [...new Map(contributions.flatMap(contribution => contribution.namespaces).map(one => [one.id, one])).values()];
}

function namespace({ name, podSecurity }: NeededNamespace, { cluster, namespaces: own }: NamespaceSlice): Complete<Namespace> {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...own.labels, ...labels(name), ...podSecurityLabels(podSecurity, cluster) },
      annotations: { ...own.annotations, [`${ANNOTATION_PREFIX}/cluster`]: cluster.name },
    },
  };
}
