import type { AccessSpec } from './access';
import type { AdmissionSpec } from './admission';
import type { ClusterSpec } from './cluster';
import type { ImagesSpec } from './images';
import type { NodesSpec } from './nodes';
import type { ParcaSpec } from './parca';
import type { PyroscopeSpec } from './pyroscope';
import type { ScopeSpec } from './scope';

/**
 * Everything a user says: the props of `HardenedProfiling` and, with the same keys, the document.
 *
 * All values are plain data, so that the same specification can be written in TypeScript, YAML or JSON.
 */
export interface ProfilingSpec {
  /** The cluster. */
  readonly cluster: ClusterSpec;

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

  /** Parca: server, gateway and agents. */
  readonly parca: ParcaSpec;

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
   * Grafana Pyroscope for many tenants.
   *
   * @default - none
   */
  readonly pyroscope?: PyroscopeSpec;
}
