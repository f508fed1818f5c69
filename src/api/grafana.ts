/**
 * A data source in Grafana.
 */
export interface GrafanaDatasourceSpec {
  /**
   * The organisation that sees it. All members of an organisation see all its data sources, so each tenant wants its own.
   *
   * @default 1
   * @range 1 1000000
   */
  readonly orgId?: number;
}

/**
 * Grafana.
 */
export interface PyroscopeGrafanaSpec {
  /**
   * Namespace of Grafana.
   *
   * @format dns-label
   */
  readonly namespace: string;

  /**
   * Labels of Grafana's pods.
   *
   * @default { app.kubernetes.io/name: grafana }
   * @format labels
   * @minItems 1
   */
  readonly podLabels?: { [key: string]: string };

  /**
   * Certificates in PEM that Grafana verifies the gateway with. Certificates are public, so they may stand here.
   *
   * @default - the certificate authorities of Grafana's container
   * @format certificates
   */
  readonly caBundle?: string;

  /**
   * Emit objects for the Grafana Operator.
   *
   * @default - Secrets for the sidecar of Grafana's chart, made by `hardened-profiling secrets` or `externalSecrets`
   */
  readonly operator?: GrafanaOperatorSpec;
}

/**
 * The Grafana Operator. Its data sources belong to the main organisation: for one organisation a tenant, use the sidecar.
 *
 * @see https://grafana.github.io/grafana-operator/docs/datasources/
 */
export interface GrafanaOperatorSpec {
  /**
   * Labels of the Grafana objects that get the data sources.
   *
   * @format labels
   * @minItems 1
   */
  readonly instanceLabels: { [key: string]: string };
}
