import type { WorkloadPodSpec } from './pod';

/**
 * Size of a gateway. Its connections, memory and CPU follow from it.
 */
export interface GatewaySpec {
  /**
   * Clients that are connected at the same time: agents, readers and whatever else has a token. Alloy counts once for each
   * tenant on each node.
   *
   * @default - for Parca 1000, for Pyroscope 4000
   * @range 100 10000
   */
  readonly clients?: number;
}

/**
 * The gateway before Pyroscope.
 */
export interface PyroscopeGatewaySpec extends GatewaySpec {
  /**
   * Settings of its pods, where it is a Deployment: with `delivery: chart`. Resources follow from `clients` unless they are given.
   *
   * @default - those of `pyroscope.pod` but for resources
   */
  readonly pod?: WorkloadPodSpec;
}

/**
 * The gateway before Parca.
 */
export interface ParcaGatewaySpec extends GatewaySpec {
  /**
   * Bytes that one push token may write in a minute, as they are sent. More is answered with 429. It bounds what a stolen token
   * can fill the storage with; each node pool can have a token of its own.
   *
   * @default - for each of `clients` 1Mi
   * @format memory
   */
  readonly pushPerMinute?: string;

  /**
   * The largest file of debug information. Larger ones are answered with 413.
   *
   * @default "1Gi"
   * @format memory
   */
  readonly uploadSize?: string;

  /**
   * Bytes that the symbols token may upload in a day, counted in UTC and from the gateway's start. More is answered with 429.
   *
   * @default "8Gi"
   * @format memory
   */
  readonly uploadsPerDay?: string;
}
