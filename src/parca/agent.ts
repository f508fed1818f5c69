import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import { agentPodSpec, appArmorAnnotations } from './agent-pod';
import { agentConfig, fallbackAgentConfig } from './agent-scope';
import { AGENT_NAME } from './names';
import { PREFLIGHT_SCRIPT } from './preflight';
import type { ProfiledPool } from '../agents/workloads';
import { agentClusterName, daemonSetName, profiledPools } from '../agents/workloads';
import type { ResolvedSpec } from '../config/resolved-spec';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';

/**
 * The Parca Agents: a DaemonSet for each node pool, and what all of them share.
 *
 * An agent is root on its node's process table, so everything else is taken away: no privilege escalation, a read-only
 * root, tracefs as its only host path, no host network, and a service account that can list pods and get nodes.
 */
export function agent(spec: ResolvedSpec): Part {
  const { agentNamespace } = spec.parca;
  const clusterName = agentClusterName(spec);
  const profiled = profiledPools(spec);
  // Once and not for each pool: writing the rules and reading them back takes longer than the rest of a DaemonSet.
  const current = configData(spec, false);
  const all = profiled.some(pool => pool.fallback) ? configData(spec, true) : current;
  const [currentChecksum, allChecksum] = [current, all].map(data => checksum(JSON.stringify(data)));
  return {
    'service-account': serviceAccount(AGENT_NAME, agentNamespace),
    'cluster-role': clusterRole(clusterName),
    'cluster-role-binding': clusterRoleBinding(clusterName, agentNamespace),
    'priority-class': priorityClass(clusterName),
    'config': configMap(AGENT_NAME, agentNamespace, AGENT_NAME, all),
    ...Object.fromEntries(profiled.map(pool => [
      `daemon-set-${pool.name}`, daemonSet(spec, pool, clusterName, pool.fallback ? allChecksum : currentChecksum),
    ])),
  };
}

/** What the agent calls, and nothing else. RBAC cannot narrow it to one node. */
function clusterRole(name: string): Complete<ClusterRole> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: labels(AGENT_NAME) },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    ],
  };
}

function clusterRoleBinding(name: string, namespace: string): Complete<ClusterRoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: labels(AGENT_NAME) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: AGENT_NAME, namespace }],
  };
}

/** Kept when a node runs short, but no workload is ever evicted to make room for a profiler. */
function priorityClass(name: string): Complete<PriorityClass> {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, labels: labels(AGENT_NAME) },
    value: 1_000_000,
    preemptionPolicy: 'Never',
    globalDefault: false,
    description: 'Profiling agents: kept before ordinary workloads, never in place of them.',
  };
}

function configData({ scope }: ResolvedSpec, hasFallback: boolean): Record<string, string> {
  return {
    'parca-agent.yaml': agentConfig(scope),
    ...(hasFallback && { 'parca-agent-fallback.yaml': fallbackAgentConfig(scope) }),
    'preflight.sh': PREFLIGHT_SCRIPT,
  };
}

function daemonSet(spec: ResolvedSpec, pool: ProfiledPool, priorityClassName: string, configChecksum: string): Complete<DaemonSet> {
  const name = daemonSetName(pool);
  const { agentNamespace: namespace } = spec.parca;
  // On the DaemonSet for reviewers, on the pods for whoever looks at a node.
  const fallbackAnnotations = pool.fallback && {
    [`${ANNOTATION_PREFIX}/fallback-reason`]: pool.fallback.reason,
    [`${ANNOTATION_PREFIX}/fallback-remediate-by`]: pool.fallback.remediateBy,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels: labels(AGENT_NAME, name), ...(fallbackAnnotations && { annotations: fallbackAnnotations }) },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(AGENT_NAME, name) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: {
          labels: labels(AGENT_NAME, name),
          annotations: {
            // The agent reads its configuration at start only, so a change has to roll the pods.
            [`${ANNOTATION_PREFIX}/config`]: configChecksum,
            ...fallbackAnnotations,
            ...appArmorAnnotations(spec, pool),
          },
        },
        spec: agentPodSpec(spec, pool, priorityClassName),
      },
    },
  };
}
