import { PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME } from './names';
import { datasourceSecretName, pyroscopeReaders } from './readers';
import type { Slice } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import { proxyHost } from '../gateway/proxy';
import { GATEWAY_PORT } from '../gateway/routes';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';
import { toYaml } from '../kube/yaml';

/**
 * Label that the sidecar of Grafana's chart looks for. kube-prometheus-stack wants the value, too.
 *
 * @see https://github.com/grafana-community/helm-charts/blob/main/charts/grafana/values.yaml
 */
export const DATASOURCE_LABELS = { grafana_datasource: '1' } as const;

/** Key of the whole header in the Secret that the operator reads. */
export const AUTHORIZATION_KEY = 'authorization';

/** URL of Pyroscope's gateway. */
export function pyroscopeUrl({ namespace }: ResolvedPyroscope): string {
  return `https://${proxyHost(PYROSCOPE_GATEWAY_NAME, namespace)}:${GATEWAY_PORT}`;
}

/** Data source of Grafana, as both ways to provision it have it. The token decides about the tenant; no header names one. */
function datasource(pyroscope: ResolvedPyroscope, name: string, authorization: string): Record<string, unknown> {
  const caBundle = pyroscope.grafana?.caBundle;
  return {
    name: `Pyroscope ${name}`,
    type: 'grafana-pyroscope-datasource',
    access: 'proxy',
    editable: false,
    url: pyroscopeUrl(pyroscope),
    jsonData: { httpHeaderName1: 'Authorization', minStep: '15s', ...(caBundle && { tlsAuthWithCACert: true }) },
    secureJsonData: { httpHeaderValue1: authorization, ...(caBundle && { tlsCACert: caBundle }) },
  };
}

/**
 * The file with which the sidecar gives a data source to Grafana. In such files `$` begins a variable: a token with that
 * character needs it twice.
 *
 * @see https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */
export function datasourceFile(pyroscope: ResolvedPyroscope, name: string, orgId: number, token: string): string {
  return toYaml({
    apiVersion: 1,
    // A data source that is no longer in any file goes away.
    prune: true,
    datasources: [{ uid: datasourceUid(name), orgId, ...datasource(pyroscope, name, `Bearer ${token}`) }],
  });
}

/** The same for every synthesis, so that links to it last. */
function datasourceUid(name: string): string {
  return `pyroscope-${name}`;
}

/** Data sources as objects of the Grafana Operator, which takes the token from a Secret; none without the operator. */
export function datasources({ pyroscope }: Slice<'pyroscope'>): Part {
  const operator = pyroscope.grafana?.operator;
  if (!operator) { return {}; }
  return Object.fromEntries(pyroscopeReaders(pyroscope)
    .filter(({ orgId }) => orgId !== undefined)
    .map(({ name }) => [`datasource-${name}`, operatorDatasource(pyroscope, name, operator.instanceLabels)]));
}

/** @see https://grafana.github.io/grafana-operator/docs/api/#grafanadatasourcespec */
function operatorDatasource(pyroscope: ResolvedPyroscope, name: string, instanceLabels: object): Manifest & { spec: unknown } {
  return {
    apiVersion: 'grafana.integreatly.org/v1beta1',
    kind: 'GrafanaDatasource',
    metadata: { name: datasourceUid(name), namespace: pyroscope.grafana!.namespace, labels: labels(PYROSCOPE_NAME) },
    spec: {
      instanceSelector: { matchLabels: instanceLabels },
      uid: datasourceUid(name),
      valuesFrom: [{
        targetPath: 'secureJsonData.httpHeaderValue1',
        valueFrom: { secretKeyRef: { name: datasourceSecretName(name), key: AUTHORIZATION_KEY } },
      }],
      datasource: datasource(pyroscope, name, `\${${AUTHORIZATION_KEY}}`),
    },
  };
}
