import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import { agentPodSpec, appArmorAnnotations } from './agent-pod';
import { agentConfig, fallbackAgentConfig } from './agent-scope';
import type { ProfiledPool } from './agent-workloads';
import { daemonSetName, profiledPools } from './agent-workloads';
import { AGENT_NAME } from './names';
import { preflightScript } from './preflight';
import type { AgentSlice } from './store';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';
import { withSettings } from '../kube/pod-settings';

/**
 * The Parca Agents: a DaemonSet for each node pool, and what all of them share.
 *
 * An agent is root on its node's process table, so everything else is taken away: no privilege escalation, a read-only
 * root, tracefs as its only host path, no host network, and a service account that can list pods and get nodes.
 */
export function agent(spec: AgentSlice): Part {
  const { namespace } = spec.agents;
  const clusterName = `${namespace}-${AGENT_NAME}`;
  const profiled = profiledPools(spec);
  // Once and not for each pool: writing the rules and reading them back takes longer than the rest of a DaemonSet.
  const current = configData(spec, false);
  const all = profiled.some(pool => pool.fallback) ? configData(spec, true) : current;
  const [currentChecksum, allChecksum] = [current, all].map(data => checksum(JSON.stringify(data)));
  return {
    'service-account': serviceAccount(AGENT_NAME, namespace),
    'cluster-role': clusterRole(clusterName),
    'cluster-role-binding': clusterRoleBinding(clusterName, namespace),
    'config': configMap(AGENT_NAME, namespace, AGENT_NAME, all),
    ...Object.fromEntries(profiled.map(pool => [
      `daemon-set-${pool.name}`, daemonSet(spec, pool, pool.fallback ? allChecksum : currentChecksum),
    ])),
  };
}

/** RBAC of the agent: the requests that it makes, and nothing else. RBAC cannot narrow them to one node. */
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

function configData({ cluster, scope }: AgentSlice, hasFallback: boolean): Record<string, string> {
  return {
    'parca-agent.yaml': agentConfig(scope, cluster.name),
    ...(hasFallback && { 'parca-agent-fallback.yaml': fallbackAgentConfig(scope, cluster.name) }),
    'preflight.sh': preflightScript(),
  };
}

function daemonSet(spec: AgentSlice, pool: ProfiledPool, configChecksum: string): Complete<DaemonSet> {
  const name = daemonSetName(pool);
  const { namespace } = spec.agents;
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
      template: withSettings({
        metadata: {
          labels: labels(AGENT_NAME, name),
          annotations: {
            // The agent reads its configuration at start only, so a change has to roll the pods.
            [`${ANNOTATION_PREFIX}/config`]: configChecksum,
            ...fallbackAnnotations,
            ...appArmorAnnotations(spec, pool),
          },
        },
        spec: agentPodSpec(spec, pool),
      }, pool.pod, selectorLabels(AGENT_NAME, name)),
    },
  };
}
