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
