import { Chart } from 'cdk8s';
import type { Workload } from 'cdk8s-plus-28';

/** The namespace that a workload will be in, as far as it says. */
export function namespaceOf(workload: Workload): string | undefined {
  return workload.metadata.namespace ?? Chart.of(workload).namespace;
}
