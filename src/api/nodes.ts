import type { EbpfInventorySpec } from './ebpf-inventory';
import type { NodePodSpec } from './pod';

/**
 * Settings of the nodes' kernels around profiling, and a watch over the eBPF programs that are loaded.
 *
 * Both concern every Linux node of the cluster, not only those with agents.
 */
export interface NodesSpec {
  /**
   * Value of `kernel.perf_event_paranoid`: who may use performance events without the capability for it.
   *
   * @default - left as it is
   */
  readonly perfEventParanoid?: PerfEventParanoidSpec;

  /**
   * The most samples per second that the kernel grants anybody, `kernel.perf_event_max_sample_rate`.
   *
   * A ceiling: a node that grants less keeps its value, since the kernel lowers it by itself when samples take too long. In files of
   * `NodesDelivery.NODE_CONFIGURATION` it is the value that every node starts with.
   * The least is what profilers need, the most is the kernel's own default.
   *
   * @default - left as it is
   * @range 100 100000
   * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html#perf-event-max-sample-rate
   */
  readonly perfEventMaxSampleRate?: number;

  /**
   * Delivery of the settings above to the nodes.
   *
   * @default NodesDelivery.DAEMON_SET
   */
  readonly delivery?: NodesDelivery;

  /**
   * Compares the eBPF programs that are loaded on each node with those that are expected.
   *
   * @default - none
   */
  readonly ebpfInventory?: EbpfInventorySpec;

  /**
   * Settings of the pods of both DaemonSets.
   *
   * @default - small resources, every taint is tolerated
   */
  readonly pod?: NodePodSpec;
}

/** Delivery of kernel settings to the nodes. */
export enum NodesDelivery {
  /** A DaemonSet without capabilities writes them, and again when something resets them. It restores nothing when it ends. */
  DAEMON_SET = 'daemonSet',
  /** Files for those who bake images: sysctl.d, Ignition, MachineConfig, Bottlerocket, Talos. `mode` has to be `exact`. */
  NODE_CONFIGURATION = 'nodeConfiguration',
}

/**
 * Value that `kernel.perf_event_paranoid` is held at.
 *
 * At 2, users without the capability PERFMON profile their own processes in user space, and nothing else. Mainline kernels know no
 * higher level. Those of Debian (3) and Ubuntu (4) do: above 2, or 3, they demand SYS_ADMIN, which the least-privilege agent has not.
 *
 * @see https://docs.kernel.org/admin-guide/sysctl/kernel.html#perf-event-paranoid
 */
export interface PerfEventParanoidSpec {
  /**
   * Mode: what becomes of another value.
   *
   * @default PerfEventParanoidMode.AT_LEAST
   */
  readonly mode?: PerfEventParanoidMode;

  /**
   * The value. Below 2 everybody on the node may profile the kernel or whole CPUs, so less is refused; above 2, agents on kernels
   * of Debian and Ubuntu do not start, so that is only for clusters whose pools all run the fallback.
   *
   * @default 2
   * @range 2 4
   */
  readonly value?: number;
}

/** Mode of `kernel.perf_event_paranoid`: what becomes of a node that has another value. */
export enum PerfEventParanoidMode {
  /** A lower value is raised; a distribution's 3 or 4 stays. */
  AT_LEAST = 'atLeast',
  /** Every other value is replaced. This lowers a distribution's 3 or 4: its users may again profile their own processes. */
  EXACT = 'exact',
  /** Nothing. */
  LEAVE = 'leave',
}
