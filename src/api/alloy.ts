import type { AgentResourcesSpec } from './agent';
import type { PyroscopeDelivery } from './pyroscope';

/**
 * Grafana Alloy: a DaemonSet in the agents' namespace, on every node of a pool whose kernel needs no fallback.
 *
 * @see https://grafana.com/docs/alloy/latest/
 */
export interface AlloySpec {
  /**
   * Delivery of its manifests: by this library, or by Alloy's Helm chart with values made here.
   *
   * @default PyroscopeDelivery.NATIVE
   */
  readonly delivery?: PyroscopeDelivery;

  /**
   * CPU and memory of each pod.
   *
   * @default - the same as for the Parca agents
   */
  readonly resources?: AgentResourcesSpec;
}
