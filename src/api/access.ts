/**
 * Access to the gateway and the pods, besides that of the agents.
 *
 * These open the network path; a caller still needs a token of the matching role.
 */
export interface AccessSpec {
  /**
   * Groups that may `kubectl port-forward` to the server.
   *
   * @default - no group is granted it here
   */
  readonly portForward?: PortForwardSpec;

  /**
   * Pods that query profiles, such as Grafana; role `read`.
   *
   * @default - none
   */
  readonly readers?: PodPeerSpec[];

  /**
   * Pods that scrape metrics: the agents directly, the server through the gateway with role `metrics`.
   *
   * @default - none
   */
  readonly scrapers?: PodPeerSpec[];

  /**
   * Pods that upload debug information of opted-in builds, such as CI runners; role `symbols`.
   *
   * @default - none
   */
  readonly symbolUploaders?: PodPeerSpec[];
}

/**
 * Groups that may open a tunnel to the gateway.
 *
 * RBAC only adds: a Role here takes nothing from subjects bound to `edit`, `admin` or `cluster-admin`.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export interface PortForwardSpec {
  /**
   * Groups, as the API server's authenticator names them.
   *
   * @default - none
   * @format group
   */
  readonly groups?: string[];

  /**
   * Groups for emergencies; bound separately, so that the two can be reviewed and revoked separately.
   *
   * @default - none
   * @format group
   */
  readonly breakGlassGroups?: string[];
}

/**
 * Pods of one namespace, chosen by label.
 */
export interface PodPeerSpec {
  /**
   * Namespace of the pods.
   *
   * @format dns-label
   */
  readonly namespace: string;

  /**
   * Labels the pods carry, all of them; at least one.
   *
   * @format labels
   * @minItems 1
   */
  readonly podLabels: { [key: string]: string };

  /**
   * Emit an egress rule in the peer's namespace as well. For namespaces that deny egress by default.
   *
   * A policy with egress rules isolates the pods it selects: in a namespace without a default deny it
   * would cut them from everything but the gateway.
   *
   * @default false
   */
  readonly egressPolicy?: boolean;
}
