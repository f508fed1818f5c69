/**
 * Policies of the API server that keep others from what is reserved for profiling, and guard the profiler itself.
 *
 * They never look at `kube-system`, `kube-public` and `kube-node-lease`, and let objects that were there before be changed
 * as long as the change does not concern what the policy is about. Of deletions they stop only those of what decides who
 * reaches our pods.
 */
export interface AdmissionSpec {
  /**
   * Engine that enforces the policies.
   *
   * @default AdmissionEngine.VALIDATING_ADMISSION_POLICY
   */
  readonly engine?: AdmissionEngine;

  /**
   * Whether violations are refused, or only reported to the user and in the audit log. Begin with `audit`.
   *
   * @default AdmissionAction.AUDIT
   */
  readonly action?: AdmissionAction;

  /**
   * Groups that may change the Pod Security labels of our namespaces, and in them NetworkPolicies, Roles, RoleBindings, the
   * ConfigMaps that our pods read, and tokens of service accounts. The group of a GitOps controller, or of a controller that
   * writes the ConfigMap with the CA, is `system:serviceaccounts:<its namespace>`; `system:masters` always may.
   *
   * @default - these are not protected
   * @format group
   */
  readonly platformGroups?: string[];

  /**
   * Workloads elsewhere that need what reaches the node, such as a network plugin or a node exporter.
   *
   * @default - none
   */
  readonly exemptions?: AdmissionExemptionSpec[];

  /**
   * Pod Security levels of the other namespaces of the cluster.
   *
   * @default - they are left as they are
   */
  readonly podSecurity?: PodSecuritySpec;

  /**
   * Policies of your own, enforced in the same way.
   *
   * @default - none
   */
  readonly extraPolicies?: ExtraPolicySpec[];
}

/** Engine that enforces admission policies. */
export enum AdmissionEngine {
  /**
   * The API server itself, by ValidatingAdmissionPolicy v1; Kubernetes 1.30 or newer.
   *
   * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
   */
  VALIDATING_ADMISSION_POLICY = 'validatingAdmissionPolicy',
  /**
   * Kyverno 1.17 or newer, by ValidatingPolicy.
   *
   * @see https://kyverno.io/docs/policy-types/validating-policy/
   */
  KYVERNO = 'kyverno',
  /**
   * Kyverno by ClusterPolicy, which is deprecated since 1.17 and planned to be removed in 1.20.
   *
   * @see https://kyverno.io/docs/policy-types/cluster-policy/validate/
   */
  KYVERNO_CLUSTER_POLICY = 'kyvernoClusterPolicy',
}

/** Action on a violation of an admission policy. */
export enum AdmissionAction {
  /** It is admitted; the user is warned and the audit log has it. */
  AUDIT = 'audit',
  /** It is refused, and the audit log has it. */
  ENFORCE = 'enforce',
}

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

/**
 * Pod Security of the namespaces around profiling, so that what the agents may do is restricted everywhere else.
 *
 * With `admission.action: audit` it only warns, like the policies.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export interface PodSecuritySpec {
  /**
   * Namespaces that are labelled with the level `restricted`. The labels come as objects that say nothing else of the
   * namespace, in a file of their own.
   *
   * @default - `scope.sensitiveNamespaces` without those of Kubernetes and our own
   * @format dns-label
   */
  readonly restrictedNamespaces?: string[];

  /**
   * The level that every other namespace must enforce at least, when it is created and when its level is changed.
   *
   * @default PodSecurityLevel.BASELINE
   */
  readonly lowestLevel?: PodSecurityLevel;

  /**
   * Namespaces that need not enforce it. Those of `admission.exemptions`, of Kubernetes and our own are among them.
   *
   * @default - only those
   */
  readonly exemptNamespaces?: PodSecurityExemptionSpec[];
}

/** Levels that can be demanded of namespaces. */
export enum PodSecurityLevel {
  /** Known privilege escalations to the node are refused. */
  BASELINE = 'baseline',
  /** Pods have to follow current hardening practice. */
  RESTRICTED = 'restricted',
}

/** A namespace that may have a lower Pod Security level. */
export interface PodSecurityExemptionSpec {
  /**
   * Its name.
   *
   * @format dns-label
   */
  readonly namespace: string;

  /**
   * Why, for whoever reviews the policy.
   *
   * @format sentence
   */
  readonly reason: string;
}

/** A policy of your own. */
export interface ExtraPolicySpec {
  /**
   * Its name, unique among the policies; ours goes before it.
   *
   * @format pool-name
   */
  readonly name: string;

  /**
   * Why there is this policy, for whoever reviews it.
   *
   * @format sentence
   */
  readonly reason: string;

  /**
   * The day it ends, as `YYYY-MM-DD`. Objects that are created from then on, midnight UTC, are not judged by it, and the
   * document is refused until somebody has looked at it again.
   *
   * @default - it does not end
   * @format date
   */
  readonly expires?: string;

  /**
   * API group of the resources, empty for the core group.
   *
   * @default ""
   * @format api-group
   */
  readonly apiGroup?: string;

  /**
   * Resources in plural, such as `pods`; at least one. Only creating and updating them is judged.
   *
   * @format resource
   * @minItems 1
   */
  readonly resources: string[];

  /**
   * Version of the API group.
   *
   * @default "v1"
   * @format dns-label
   */
  readonly apiVersion?: string;

  /**
   * Namespaces in which it is judged. Resources that are in no namespace are judged everywhere.
   *
   * @default - all but `kube-system`, `kube-public` and `kube-node-lease`
   * @format dns-label
   * @minItems 1
   */
  readonly namespaces?: string[];

  /**
   * Condition for an object to be admitted, in CEL over `object`, `oldObject`, `request` and `namespaceObject`. It is
   * compiled by the engine, not here.
   *
   * @format cel
   * @see https://kubernetes.io/docs/reference/using-api/cel/
   */
  readonly expression: string;

  /**
   * Message to whoever is refused: what is wrong and what to do.
   *
   * @format sentence
   */
  readonly message: string;
}
