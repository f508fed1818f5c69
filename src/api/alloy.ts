import type { NodePodSpec } from './pod';
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
   * Settings of its pods. Tolerations that are said here are all it has.
   *
   * @default - those of `agents.pod`, and the tolerations of all node pools
   */
  readonly pod?: NodePodSpec;
}
