import type { AccessSpec } from '../api/access';
import type { ClusterSpec } from '../api/cluster';
import type { ExternalSecretsSpec } from '../api/external-secrets';
import type { GitOpsSpec } from '../api/git-ops';
import type { ImagesSpec } from '../api/images';
import type { MetadataSpec } from '../api/metadata';
import type { NamespacesSpec } from '../api/namespaces';
import type { ScopeSpec } from '../api/scope';

/**
 * Props that the constructs of single parts have in common; the same sections as in `ProfilingSpec`.
 */
export interface ProfilingComponentProps {
  /** The cluster. Parts with the same name are of one deployment: their objects must not collide. */
  readonly cluster: ClusterSpec;

  /**
   * Labels and annotations of every object and every pod.
   *
   * @default - none besides ours
   */
  readonly metadata?: MetadataSpec;

  /**
   * The namespaces of the deployment.
   *
   * @default - made here; by several parts with the same settings once
   */
  readonly namespaces?: NamespacesSpec;

  /**
   * Images and whether they must be pinned.
   *
   * @default - upstream images, and pinning is required
   */
  readonly images?: ImagesSpec;

  /**
   * Scope of profiling: the pods that are profiled.
   *
   * @default - pods labelled `profiling: enabled` outside `kube-system` and the namespaces of this deployment
   */
  readonly scope?: ScopeSpec;

  /**
   * Access to the gateway and the pods.
   *
   * @default - only the agents
   */
  readonly access?: AccessSpec;

  /**
   * Take tokens from a secret store, through the External Secrets Operator.
   *
   * @default - Secrets are made by `hardened-profiling secrets` or by hand
   */
  readonly externalSecrets?: ExternalSecretsSpec;

  /**
   * Argo CD or Flux, which applies the output and installs the charts.
   *
   * @default - the values of charts are written to files
   */
  readonly gitOps?: GitOpsSpec;
}
