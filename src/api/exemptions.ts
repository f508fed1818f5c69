/** Privileges that make a pod root on its node, or let it look into others. The names of capabilities are without the CAP_ prefix. */
export enum ReservedPrivilege {
  /** Every capability there is. */
  ALL = 'ALL',
  /** Changes what the kernel's audit records. */
  AUDIT_CONTROL = 'AUDIT_CONTROL',
  /** Reads the kernel's audit log. */
  AUDIT_READ = 'AUDIT_READ',
  /** Keeps the node from sleeping. */
  BLOCK_SUSPEND = 'BLOCK_SUSPEND',
  /** Creates eBPF maps and loads programs. */
  BPF = 'BPF',
  /** Opens the files that other processes have mapped. */
  CHECKPOINT_RESTORE = 'CHECKPOINT_RESTORE',
  /** Reads every file, and opens files of the node by their handles. */
  DAC_READ_SEARCH = 'DAC_READ_SEARCH',
  /** Locks memory beyond the limit. */
  IPC_LOCK = 'IPC_LOCK',
  /** Uses the shared memory of others. */
  IPC_OWNER = 'IPC_OWNER',
  /** Is told when others open a file. */
  LEASE = 'LEASE',
  /** Makes files that nobody can change. */
  LINUX_IMMUTABLE = 'LINUX_IMMUTABLE',
  /** Changes the policies of security modules. */
  MAC_ADMIN = 'MAC_ADMIN',
  /** Is not bound by the policies of security modules. */
  MAC_OVERRIDE = 'MAC_OVERRIDE',
  /** Changes addresses, routes and firewalls, and loads programs for packets. */
  NET_ADMIN = 'NET_ADMIN',
  /** Sends broadcasts. */
  NET_BROADCAST = 'NET_BROADCAST',
  /** Makes packets of its own, with addresses of others. */
  NET_RAW = 'NET_RAW',
  /** Opens performance events and loads tracing programs. */
  PERFMON = 'PERFMON',
  /** Among much else, everything that BPF and PERFMON allow. */
  SYS_ADMIN = 'SYS_ADMIN',
  /** Restarts the node. */
  SYS_BOOT = 'SYS_BOOT',
  /** Loads kernel modules. */
  SYS_MODULE = 'SYS_MODULE',
  /** Takes the processor from others, and moves their memory. */
  SYS_NICE = 'SYS_NICE',
  /** Records which processes end. */
  SYS_PACCT = 'SYS_PACCT',
  /** Reads and changes the memory of other processes. */
  SYS_PTRACE = 'SYS_PTRACE',
  /** Reads and writes physical memory and devices. */
  SYS_RAWIO = 'SYS_RAWIO',
  /** Exceeds its limits. */
  SYS_RESOURCE = 'SYS_RESOURCE',
  /** Sets the clock of the node. */
  SYS_TIME = 'SYS_TIME',
  /** Hangs up terminals. */
  SYS_TTY_CONFIG = 'SYS_TTY_CONFIG',
  /** Reads the kernel's log and its symbol addresses. */
  SYSLOG = 'SYSLOG',
  /** Wakes the node. */
  WAKE_ALARM = 'WAKE_ALARM',
  /** A container or pod that no AppArmor profile confines. */
  APP_ARMOR_UNCONFINED = 'appArmorUnconfined',
  /** Shared memory of the node. */
  HOST_IPC = 'hostIPC',
  /** The network of the node, with its ports: past every NetworkPolicy. */
  HOST_NETWORK = 'hostNetwork',
  /** The node's process table. */
  HOST_PID = 'hostPID',
  /** Ports of the node without its network. */
  HOST_PORTS = 'hostPorts',
  /** A process of a Windows node. */
  HOST_PROCESS = 'hostProcess',
  /** Volumes that the node itself mounts or runs a program for, such as nfs, iscsi or flexVolume. */
  NODE_VOLUMES = 'nodeVolumes',
  /** A privileged container, with every capability and nothing that confines it. */
  PRIVILEGED = 'privileged',
  /** Files of /proc that runtimes hide. */
  PROC_MOUNT = 'procMount',
  /** SELinux types that are not confined, users and roles. */
  SE_LINUX_OPTIONS = 'seLinuxOptions',
  /** A container or pod that no seccomp profile confines. */
  SECCOMP_UNCONFINED = 'seccompUnconfined',
  /** Kernel settings that are not the pod's own. */
  SYSCTLS = 'sysctls',
}

/**
 * Exemption: privileges that workloads of a namespace may use although they reach the node.
 *
 * A namespace is the boundary: whoever may create pods in it can use its service accounts and so the exemption.
 */
export interface AdmissionExemptionSpec {
  /**
   * Namespace of the workloads.
   *
   * @format dns-label
   */
  readonly namespace: string;

  /**
   * Only pods with one of these service accounts.
   *
   * @default - every pod of the namespace
   * @format dns-subdomain
   * @minItems 1
   */
  readonly serviceAccounts?: string[];

  /**
   * Privileges that they may use.
   *
   * @default - nothing but `hostPaths`, which must then be given
   * @minItems 1
   */
  readonly privileges?: ReservedPrivilege[];

  /**
   * Paths of the node that they may mount.
   *
   * @default - none
   * @minItems 1
   */
  readonly hostPaths?: HostPathExemptionSpec[];

  /**
   * Why, for whoever reviews the policy.
   *
   * @format sentence
   */
  readonly reason: string;

  /**
   * The day it ends, as `YYYY-MM-DD`. Objects that are created from then on, midnight UTC, are judged without it, and the
   * document is refused until somebody has looked at it again.
   *
   * @default - it does not end
   * @format date
   */
  readonly expires?: string;
}

/** A path of the node that an exemption is for, with all that is below it. */
export interface HostPathExemptionSpec {
  /**
   * The path. Neither `/` nor one that holds what profilers keep on the node.
   *
   * @format exempt-path
   */
  readonly path: string;

  /**
   * Whether containers may mount it without `readOnly: true`.
   *
   * @default false
   */
  readonly writable?: boolean;
}
