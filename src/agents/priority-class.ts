import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import type { ResolvedAgents } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Complete } from '../kube/manifest';

/** The PriorityClass of everything that runs on the nodes. It is the cluster's, so its name begins with the agents' namespace. */
export function priorityClassName({ namespace }: ResolvedAgents): string {
  return `${namespace}-parca-agent`;
}

/** Kept when a node runs short, but no workload is ever evicted to make room for a profiler. */
export function priorityClass(agents: ResolvedAgents): Complete<PriorityClass> {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: priorityClassName(agents), labels: labels('parca-agent') },
    value: 1_000_000,
    preemptionPolicy: 'Never',
    globalDefault: false,
    description: 'Profiling agents: kept before ordinary workloads, never in place of them.',
  };
}
