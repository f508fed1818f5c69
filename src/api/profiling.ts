import type { AccessSpec } from './access';
import type { AdmissionSpec } from './admission';
import type { AgentsSpec } from './agents';
import type { ClusterSpec } from './cluster';
import type { ExternalSecretsSpec } from './external-secrets';
import type { GitOpsSpec } from './git-ops';
import type { ImagesSpec } from './images';
import type { MetadataSpec } from './metadata';
import type { NamespacesSpec } from './namespaces';
import type { NodesSpec } from './nodes';
import type { ParcaSpec } from './parca';
import type { PyroscopeSpec } from './pyroscope';
import type { ScopeSpec } from './scope';

/** Versions of the specification that this release reads. */
export enum ApiVersion {
  /** The keys before 1.0: they change with minor releases, and a key that moved is refused with its new place. */
  V1ALPHA1 = 'hardened-profiling/v1alpha1',
}

/**
 * Everything a user says: the props of `HardenedProfiling` and, with the same keys, the document.
 *
 * All values are plain data, so that the same specification can be written in TypeScript, YAML or JSON.
 */
export interface ProfilingSpec {
  /**
   * Version of the specification, for documents that are read by another release later.
   *
   * @default ApiVersion.V1ALPHA1
   */
  readonly apiVersion?: ApiVersion;

  /** The cluster. */
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
   * @default - made here
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
   * Profilers on the nodes, and what they share.
   *
   * @default - the namespace `profiling-agents`, and one node pool with all Linux nodes
   */
  readonly agents?: AgentsSpec;

  /**
   * Parca: agents and server, or one of the two.
   *
   * @default - none; `pyroscope` is required then
   */
  readonly parca?: ParcaSpec;

  /**
   * Access to the gateway and the pods.
   *
   * @default - only the agents
   */
  readonly access?: AccessSpec;

  /**
   * Policies of the API server around profiling.
   *
   * @default - none
   */
  readonly admission?: AdmissionSpec;

  /**
   * Settings of the nodes' kernels, and a watch over their eBPF programs.
   *
   * @default - none
   */
  readonly nodes?: NodesSpec;

  /**
   * Grafana Pyroscope for many tenants, and Grafana Alloy on the nodes.
   *
   * @default - none; `parca` is required then
   */
  readonly pyroscope?: PyroscopeSpec;

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
