import type { Namespace } from 'kubernetes-types/core/v1';
import type { PodSecurityLevel } from './pod-security';
import { podSecurityLabels } from './pod-security';
import type { ResolvedSpec } from '../config/resolved-spec';
import { ANNOTATION_PREFIX, labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';

/**
 * The namespaces with their Pod Security levels.
 *
 * Only the agents need `privileged`: hostPID, host paths and added capabilities are refused by every lower level.
 * They get a namespace of their own, so that nothing else comes to enjoy it.
 */
export function namespaces({ cluster, parca, pyroscope }: ResolvedSpec): Part {
  return {
    server: namespace(parca.namespace, 'restricted', cluster),
    agents: namespace(parca.agentNamespace, 'privileged', cluster),
    ...(pyroscope && { pyroscope: namespace(pyroscope.namespace, 'restricted', cluster) }),
  };
}

function namespace(name: string, level: PodSecurityLevel, cluster: ResolvedSpec['cluster']): Complete<Namespace> {
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
