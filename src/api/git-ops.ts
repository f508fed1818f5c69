/**
 * GitOps controller that installs the charts; exactly one of `argoCd` and `flux`.
 */
export interface GitOpsSpec {
  /**
   * An Application of Argo CD for each chart.
   *
   * @default - none
   */
  readonly argoCd?: ArgoCdSpec;

  /**
   * A HelmRelease of Flux for each chart, and their repository.
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
