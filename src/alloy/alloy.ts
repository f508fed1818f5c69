import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import { alloyPodTemplate, daemonSetName } from './alloy-pod';
import { alloyConfig } from './config';
import { ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { AlloyGroup } from '../config/resolved-spec';
import { labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { configMap, serviceAccount } from '../kube/objects';

/**
 * Grafana Alloy in the agents' namespace, one on each node: a DaemonSet for all node pools that are alike, and one for each that has settings of its own.
 *
 * With Alloy's chart, only what the chart would give too much of is made here: its default role reads the Secrets of the
 * whole cluster.
 */
export function alloy(spec: AlloySlice): Part {
  const { agents: { namespace }, alloy: { delivery } } = spec;
  const clusterName = `${namespace}-${ALLOY_NAME}`;
  const config = alloyConfig(spec);
  return {
    'service-account': serviceAccount(ALLOY_NAME, namespace),
    'cluster-role': clusterRole(clusterName),
    'cluster-role-binding': clusterRoleBinding(clusterName, namespace),
    ...(delivery === PyroscopeDelivery.NATIVE && {
      config: configMap(ALLOY_NAME, namespace, ALLOY_NAME, { 'config.alloy': config }),
      ...Object.fromEntries(spec.alloy.groups.map(group => [
        group.pool === undefined ? 'daemon-set' : `daemon-set-${group.pool}`, daemonSet(spec, group, config),
      ])),
    }),
  };
}

/** RBAC of Alloy: the requests that `discovery.kubernetes` makes for pods, and nothing else. */
function clusterRole(name: string): Complete<ClusterRole> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: labels(ALLOY_NAME) },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
  };
}

function clusterRoleBinding(name: string, namespace: string): Complete<ClusterRoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: labels(ALLOY_NAME) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: ALLOY_NAME, namespace }],
  };
}

function daemonSet(spec: AlloySlice, group: AlloyGroup, config: string): Complete<DaemonSet> {
  const name = daemonSetName(group);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: spec.agents.namespace, labels: labels(ALLOY_NAME, name) },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(ALLOY_NAME, name) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: alloyPodTemplate(spec, group, config),
    },
  };
}
