import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import type { ResolvedAgents } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Complete, Manifest, Part } from '../kube/manifest';

/** The PriorityClass of everything that runs on the nodes. It is the cluster's, so its name begins with the agents' namespace. */
export function priorityClassName({ namespace }: ResolvedAgents): string {
  return `${namespace}-profilers`;
}

/** The PriorityClass, if a pod has it. */
export function sharedByProfilers(agents: ResolvedAgents, emitted: readonly Manifest[]): Part {
  const name = priorityClassName(agents);
  const isUsed = emitted.some(manifest => (manifest as Complete<DaemonSet>).spec?.template?.spec?.priorityClassName === name);
  return isUsed ? { 'priority-class': priorityClass(agents) } : {};
}

/** Kept when a node runs short, but no workload is ever evicted to make room for a profiler. */
function priorityClass(agents: ResolvedAgents): Complete<PriorityClass> {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: priorityClassName(agents), labels: labels('profilers') },
    value: 1_000_000,
    preemptionPolicy: 'Never',
    description: 'Profilers on the nodes: kept before ordinary workloads, never in place of them.',
  };
}
