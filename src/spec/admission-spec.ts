/**
 * Policies of the API server that keep others from what is reserved for profiling, and guard the profiler itself.
 *
 * They never look at `kube-system`, `kube-public` and `kube-node-lease`, never stop a deletion, and let objects that were
 * there before be changed as long as the change does not concern what the policy is about.
 */
export interface AdmissionSpec {
  /**
   * Who enforces the policies.
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
   * Groups that may change the Pod Security labels of our namespaces, and the NetworkPolicies, Roles and RoleBindings in
   * them. The group of a GitOps controller is `system:serviceaccounts:<its namespace>`; `system:masters` always may.
   *
   * @default - these are not guarded
   * @format group
   */
  readonly platformGroups?: string[];

  /**
   * Workloads elsewhere that need what is reserved, such as a node exporter with hostPID.
   *
   * @default - none
   */
  readonly exemptions?: AdmissionExemptionSpec[];

  /**
   * Policies of your own, enforced in the same way.
   *
   * @default - none
   */
  readonly extraPolicies?: ExtraPolicySpec[];
}

/** Who enforces admission policies. */
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

/** What becomes of a violation. */
export enum AdmissionAction {
  /** It is admitted; the user is warned and the audit log has it. */
  AUDIT = 'audit',
  /** It is refused, and the audit log has it. */
  ENFORCE = 'enforce',
}

/** What is reserved for the profiling agents. The names of capabilities are without the CAP_ prefix. */
export enum ReservedPrivilege {
  /** Every capability there is. */
  ALL = 'ALL',
  /** Creates eBPF maps and loads programs. */
  BPF = 'BPF',
  /** Opens performance events and loads tracing programs. */
  PERFMON = 'PERFMON',
  /** Among much else, everything that BPF and PERFMON allow. */
  SYS_ADMIN = 'SYS_ADMIN',
  /** Loads kernel modules. */
  SYS_MODULE = 'SYS_MODULE',
  /** Reads the memory of other processes. */
  SYS_PTRACE = 'SYS_PTRACE',
  /** Reads and writes physical memory and devices. */
  SYS_RAWIO = 'SYS_RAWIO',
  /** Reads the kernel's log and its symbol addresses. */
  SYSLOG = 'SYSLOG',
  /** The node's process table. */
  HOST_PID = 'hostPID',
  /** A privileged container. */
  PRIVILEGED = 'privileged',
}

/**
 * What workloads of a namespace may use although it is reserved.
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
   * What they may use; at least one.
   *
   * @minItems 1
   */
  readonly privileges: ReservedPrivilege[];

  /**
   * Why, for whoever reviews the policy.
   *
   * @format sentence
   */
  readonly reason: string;

  /**
   * The day it ends, as `YYYY-MM-DD`. Objects that are created from then on, midnight UTC, are judged without it.
   *
   * @default - it does not end
   * @format date
   */
  readonly expires?: string;
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
   * The day it ends, as `YYYY-MM-DD`. Objects that are created from then on, midnight UTC, are not judged by it.
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
   * What must be true for an object to be admitted, in CEL over `object`, `oldObject`, `request` and `namespaceObject`. It is
   * compiled by the engine, not here.
   *
   * @format cel
   * @see https://kubernetes.io/docs/reference/using-api/cel/
   */
  readonly expression: string;

  /**
   * What whoever is refused is told: what is wrong and what to do.
   *
   * @format sentence
   */
  readonly message: string;
}
