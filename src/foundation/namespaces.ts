import type { Namespace } from 'kubernetes-types/core/v1';
import { ANNOTATION_PREFIX, labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import type { ResolvedSpec } from '../spec/resolved-spec';

type PodSecurityLevel = 'privileged' | 'restricted';

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

/** @see https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
function namespace(name: string, level: PodSecurityLevel, cluster: ResolvedSpec['cluster']): Complete<Namespace> {
  const modes = ['enforce', 'audit', 'warn'];
  // Pinned, so that an upgrade of the API server does not change what is admitted; to the oldest server supported,
  // because a newer one knows all older versions of the standards.
  const version = `v${cluster.kubernetesVersion}`;
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...labels(name),
        ...Object.fromEntries(modes.flatMap(mode => [
          [`pod-security.kubernetes.io/${mode}`, level],
          [`pod-security.kubernetes.io/${mode}-version`, version],
        ])),
      },
      annotations: { [`${ANNOTATION_PREFIX}/cluster`]: cluster.name },
    },
  };
}
