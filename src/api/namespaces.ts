import type { MetadataSpec } from './metadata';

/**
 * The namespaces of the deployment.
 */
export interface NamespacesSpec extends MetadataSpec {
  /**
   * Whether they are made here, with Pod Security labels and a default deny for every pod in them.
   *
   * Otherwise they belong to somebody else: no Namespace is emitted, the default deny selects the pods of this deployment alone, and the
   * summary has the labels that their owners must set, as commands.
   *
   * @default true
   */
  readonly create?: boolean;
}
