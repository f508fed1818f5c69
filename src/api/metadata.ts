/**
 * Labels and annotations of a company, such as a cost centre. Selectors never depend on them.
 *
 * Keys that this library or Kubernetes gives a meaning are refused: `app.kubernetes.io/*`, `hardened-profiling/*`,
 * `pod-security.kubernetes.io/*`, other keys of Kubernetes, and the opt-in label.
 */
export interface MetadataSpec {
  /**
   * Labels.
   *
   * @default - none
   * @format labels
   * @minItems 1
   */
  readonly labels?: { [key: string]: string };

  /**
   * Annotations.
   *
   * @default - none
   * @format annotations
   * @minItems 1
   */
  readonly annotations?: { [key: string]: string };
}
