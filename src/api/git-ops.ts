/**
 * GitOps controller that applies the output; exactly one of `argoCd` and `flux`. It installs the charts, where charts are used.
 *
 * Volume claims and namespaces are marked, so that it never deletes them.
 */
export interface GitOpsSpec {
  /**
   * Argo CD: an Application for each chart, and sync waves.
   *
   * @default - none
   */
  readonly argoCd?: ArgoCdSpec;

  /**
   * Flux: a HelmRelease for each chart, and their repository.
   *
   * @default - none
   */
  readonly flux?: FluxSpec;
}

/**
 * Argo CD.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
 */
export interface ArgoCdSpec {
  /**
   * Namespace of the Application.
   *
   * @default "argocd"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * Project of the Application.
   *
   * @default "default"
   * @format dns-subdomain
   */
  readonly project?: string;

  /**
   * Destination of the Application: the cluster.
   *
   * @default - the cluster in which Argo CD runs
   */
  readonly destination?: ArgoCdDestinationSpec;

  /**
   * Sync waves: namespaces, NetworkPolicies and RBAC in wave -2, configuration in wave -1, workloads in wave 0, and charts and policies in wave 1.
   *
   * @default true
   */
  readonly syncWaves?: boolean;
}

/**
 * A cluster that Argo CD knows; exactly one of `name` and `server`.
 */
export interface ArgoCdDestinationSpec {
  /**
   * Its name in Argo CD.
   *
   * @default - `server` is used
   * @format dns-subdomain
   */
  readonly name?: string;

  /**
   * URL of its API server.
   *
   * @default - `name` is used
   * @format https-url
   */
  readonly server?: string;
}

/**
 * Flux.
 *
 * @see https://fluxcd.io/flux/components/helm/helmreleases/
 */
export interface FluxSpec {
  /**
   * Namespace of HelmRelease and HelmRepository.
   *
   * @default "flux-system"
   * @format dns-label
   */
  readonly namespace?: string;
}
