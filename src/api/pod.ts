/**
 * CPU and memory of a pod's main container.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */
export interface ResourcesSpec {
  /**
   * CPU request.
   *
   * @default - that of the workload
   * @format cpu
   */
  readonly cpuRequest?: string;

  /**
   * CPU limit. Throttling costs a profiler samples, and a server time, so there is none unless it is asked for.
   *
   * @default - no limit
   * @format cpu
   */
  readonly cpuLimit?: string;

  /**
   * Memory request.
   *
   * @default - that of the workload
   * @format memory
   */
  readonly memoryRequest?: string;

  /**
   * Memory limit. Of profilers on the nodes: the kernel charges their eBPF maps to it.
   *
   * @default - that of the workload
   * @format memory
   */
  readonly memoryLimit?: string;
}

/** Effect of a tolerated taint on pods. */
export enum TaintEffect {
  /** No new pods. */
  NO_SCHEDULE = 'NoSchedule',
  /** No new pods if it can be avoided. */
  PREFER_NO_SCHEDULE = 'PreferNoSchedule',
  /** No new pods, and running ones are evicted. */
  NO_EXECUTE = 'NoExecute',
}

/** Comparison of a toleration with a taint. */
export enum TolerationOperator {
  /** Key and value are the same. */
  EQUAL = 'Equal',
  /** The key is the same; without a key, every taint. */
  EXISTS = 'Exists',
}

/**
 * A tolerated taint, or with `operator: Exists` and no key every one.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
 */
export interface TolerationSpec {
  /**
   * Key of the taint.
   *
   * @default - every taint; only with TolerationOperator.EXISTS
   * @format label-key
   */
  readonly key?: string;

  /**
   * Comparison with the taint.
   *
   * @default - TolerationOperator.EQUAL with a value, TolerationOperator.EXISTS without
   */
  readonly operator?: TolerationOperator;

  /**
   * Value of the taint.
   *
   * @default - any value
   * @format label-value
   */
  readonly value?: string;

  /**
   * Effect of the taint.
   *
   * @default - every effect
   */
  readonly effect?: TaintEffect;
}

/** Comparison of a node's label with values. */
export enum NodeAffinityOperator {
  /** The label has one of the values. */
  IN = 'In',
  /** The label has none of the values, or is missing. */
  NOT_IN = 'NotIn',
  /** The label is there. */
  EXISTS = 'Exists',
  /** The label is missing. */
  DOES_NOT_EXIST = 'DoesNotExist',
}

/**
 * A condition on the labels of nodes, required for scheduling.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity
 */
export interface NodeAffinitySpec {
  /**
   * Key of the label.
   *
   * @format label-key
   */
  readonly key: string;

  /** Comparison with the values. */
  readonly operator: NodeAffinityOperator;

  /**
   * The values; for `In` and `NotIn`.
   *
   * @default - none
   * @format label-value
   * @minItems 1
   */
  readonly values?: string[];
}

/** What happens to a pod that cannot be spread as asked. */
export enum UnsatisfiableSpread {
  /** It waits. */
  DO_NOT_SCHEDULE = 'DoNotSchedule',
  /** It is scheduled all the same. */
  SCHEDULE_ANYWAY = 'ScheduleAnyway',
}

/**
 * Spread of a workload's pods over nodes, zones or the like.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
export interface TopologySpreadSpec {
  /**
   * Label of nodes whose values are the places to spread over, such as `topology.kubernetes.io/zone`.
   *
   * @format label-key
   */
  readonly topologyKey: string;

  /**
   * Number of pods by which two places may differ.
   *
   * @default 1
   * @range 1 100
   */
  readonly maxSkew?: number;

  /**
   * What happens where that is impossible.
   *
   * @default UnsatisfiableSpread.SCHEDULE_ANYWAY
   */
  readonly whenUnsatisfiable?: UnsatisfiableSpread;
}

/** Pull policy of images. */
export enum PullPolicy {
  /** At every start. */
  ALWAYS = 'Always',
  /** Where the node does not have it. */
  IF_NOT_PRESENT = 'IfNotPresent',
  /** Never: images are put on the nodes by somebody else. */
  NEVER = 'Never',
}

/**
 * Settings of pods that run on every node. Their security context is not among them: it was tested one privilege at a time.
 */
export interface NodePodSpec {
  /**
   * Taints that the pods tolerate.
   *
   * @default - that of the workload
   */
  readonly tolerations?: TolerationSpec[];

  /**
   * Name of an existing PriorityClass.
   *
   * @default - that of the workload
   * @format dns-subdomain
   */
  readonly priorityClassName?: string;

  /**
   * CPU and memory of the main container.
   *
   * @default - those of the workload
   */
  readonly resources?: ResourcesSpec;

  /**
   * Pull policy of all images of the pod.
   *
   * @default PullPolicy.IF_NOT_PRESENT
   */
  readonly imagePullPolicy?: PullPolicy;

  /**
   * Labels of the pods, besides ours; selectors never depend on them.
   *
   * @default - none
   * @format labels
   * @minItems 1
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations of the pods, besides ours.
   *
   * @default - none
   * @format annotations
   * @minItems 1
   */
  readonly annotations?: { [key: string]: string };
}

/**
 * Settings of a workload's pods. Their security context is not among them.
 */
export interface WorkloadPodSpec extends NodePodSpec {
  /**
   * Labels of the nodes, besides Linux.
   *
   * @default - every Linux node
   * @format labels
   * @minItems 1
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Conditions on the labels of nodes; all of them.
   *
   * @default - none
   * @minItems 1
   */
  readonly nodeAffinity?: NodeAffinitySpec[];

  /**
   * Spread over nodes, zones or the like.
   *
   * @default - none
   * @minItems 1
   */
  readonly topologySpread?: TopologySpreadSpec[];
}
