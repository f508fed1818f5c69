import type { AdmissionExemptionSpec } from './exemptions';
import type { PodSecuritySpec } from './pod-security';

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
