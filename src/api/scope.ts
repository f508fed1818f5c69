/**
 * Scope of profiling: no pod, unless it carries the opt-in label outside the sensitive namespaces.
 *
 * The agent still sees every process of its node; what this scope drops never leaves the node.
 */
export interface ScopeSpec {
  /**
   * The label that opts a pod in.
   *
   * @default { key: profiling, value: enabled }
   */
  readonly optInLabel?: OptInLabelSpec;

  /**
   * Namespaces that are never profiled, whatever their pods' labels say.
   *
   * `kube-system` and the namespaces of this deployment are always among them.
   *
   * @default - only those
   * @format dns-label
   */
  readonly sensitiveNamespaces?: string[];

  /**
   * Profile opted-in pods of these namespaces only.
   *
   * @default - opted-in pods of every namespace that is not sensitive
   * @format dns-label
   * @minItems 1
   */
  readonly namespaces?: string[];
}

/**
 * A pod label, as key and exact value.
 */
export interface OptInLabelSpec {
  /**
   * Label key, with or without a prefix.
   *
   * @format label-key
   */
  readonly key: string;

  /**
   * The exact value; every other value, also in another case, leaves the pod out.
   *
   * @format opt-in-value
   */
  readonly value: string;
}
