import type { Namespace } from 'kubernetes-types/core/v1';
import { podSecurityLabels } from './pod-security';
import type { Contribution } from '../component';
import type { ResolvedCluster } from '../config/resolved-spec';
import { ANNOTATION_PREFIX, labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';

/**
 * The namespaces with their Pod Security levels.
 *
 * Only the agents need `privileged`: hostPID, host paths and added capabilities are refused by every lower level.
 * They get a namespace of their own, so that nothing else comes to enjoy it.
 */
export function namespaces(cluster: ResolvedCluster, contributions: readonly Contribution[]): Part {
  const needed = new Map(contributions.flatMap(contribution => contribution.namespaces).map(one => [one.id, one]));
  return Object.fromEntries([...needed.values()].map(({ id, name, podSecurity }) => [id, namespace(name, podSecurity, cluster)]));
}

function namespace(name: string, level: 'privileged' | 'restricted', cluster: ResolvedCluster): Complete<Namespace> {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: { ...labels(name), ...podSecurityLabels(level, cluster) },
      annotations: { [`${ANNOTATION_PREFIX}/cluster`]: cluster.name },
    },
  };
}
