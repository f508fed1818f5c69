import type { NodePodSpec } from './pod';
import type { TokenSecretSpec } from './token';

/**
 * Profilers on the nodes, and all that they share: Parca Agent, Grafana Alloy, kernel settings and the inventory of eBPF programs.
 */
export interface AgentsSpec {
  /**
   * Namespace of what runs on the nodes, and of nothing else; Pod Security `privileged`, because hostPID and host paths allow nothing less.
   *
   * @default "profiling-agents"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * The node pools; each has a DaemonSet of Parca agents of its own.
   *
   * At most one pool may have no `nodeSelector`: it takes the nodes that no other pool selects.
   *
   * @default - one pool `default` for all Linux nodes, kernel 5.10 or newer
   * @minItems 1
   */
  readonly nodePools?: NodePoolSpec[];

  /**
   * Settings of the pods of Parca Agent and Grafana Alloy. Without tolerations, tainted nodes, such as the control plane, get none.
   *
   * @default - requests 50m CPU and 256Mi memory, limit 1Gi memory, no tolerations
   */
  readonly pod?: NodePodSpec;
}

/** RLIMIT_MEMLOCK that the container runtime gives to pods. */
export enum Memlock {
  /** The runtime's default: the agent raises it itself, which takes SYS_RESOURCE and IPC_LOCK. */
  LIMITED = 'limited',
  /** The node's container runtime runs with `LimitMEMLOCK=infinity`: two capabilities fewer. */
  UNLIMITED = 'unlimited',
}

/**
 * Nodes with the same kernel and the same way to select them. Settings of pods that are not said are as in `agents.pod`. Grafana Alloy is
 * one DaemonSet for all pools that differ in their tolerations alone, and one for each other pool; from its chart it is always one.
 */
export interface NodePoolSpec extends NodePodSpec {
  /**
   * Name of the pool, part of the DaemonSet's name.
   *
   * @format pool-name
   */
  readonly name: string;

  /**
   * The oldest kernel among the nodes, as `major.minor`; in quotes, because YAML reads 5.10 as the number 5.1.
   *
   * Below 5.10 the agent cannot load its programs: such a pool gets no agent, unless it has a `fallback`.
   *
   * @default "5.10"
   * @format kernel-version
   */
  readonly kernel?: string;

  /**
   * Labels of the pool's nodes. Two pools must differ in the value of one label.
   *
   * @default - the nodes that no other pool selects
   * @format labels
   * @minItems 1
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * RLIMIT_MEMLOCK on the nodes.
   *
   * @default Memlock.LIMITED
   */
  readonly memlock?: Memlock;

  /**
   * A Localhost AppArmor profile, loaded on every node of the pool, that allows `ptrace (read, trace)`.
   *
   * The runtime's default profile blocks ptrace, and the agent then silently loses all frames of other processes.
   *
   * @default - unconfined
   * @format apparmor-profile
   * @see https://kubernetes.io/docs/tutorials/security/apparmor/
   */
  readonly appArmorProfile?: string;

  /**
   * A push token for the agents of this pool alone, so that it can be revoked without the others, and counted without them.
   *
   * @default - the Secret of `parca.tokens.push` or of `parca.remoteStore`, with other pools
   */
  readonly pushToken?: TokenSecretSpec;

  /**
   * Run the previous generation of the agent with SYS_ADMIN on a kernel below 5.10.
   *
   * @default - a pool with an old kernel gets no agent
   */
  readonly fallback?: KernelFallbackSpec;
}

/**
 * Why, until when and with which image a pool runs with SYS_ADMIN.
 *
 * The previous generation also reads the container runtime's socket. With SYS_ADMIN, hostPID and that socket
 * the pod is root on its node.
 */
export interface KernelFallbackSpec {
  /**
   * A Parca Agent between v0.28.0 and v0.31.1, the last that loads on kernels below 5.10; with its tag.
   *
   * @format image
   */
  readonly image: string;

  /**
   * Why the nodes cannot be upgraded, for whoever reviews the DaemonSet.
   *
   * @format sentence
   */
  readonly reason: string;

  /**
   * The day the fallback must be gone, as `YYYY-MM-DD`.
   *
   * @format date
   */
  readonly remediateBy: string;

  /**
   * The container runtime's socket on the nodes.
   *
   * @default "/run/containerd/containerd.sock"
   * @format absolute-path
   */
  readonly containerRuntimeSocket?: string;
}
