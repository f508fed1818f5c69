import { parse } from 'yaml';
import { CERTIFICATE, pyroscope, resolvedPyroscope } from './tenants';
import type { Manifest } from '../../src/kube/manifest';
import { datasourceFile } from '../../src/pyroscope/datasources';
import { find, render } from '../support';

const GRAFANA = { grafana: { namespace: 'monitoring' } };
const OPERATOR = { grafana: { namespace: 'monitoring', operator: { instanceLabels: { dashboards: 'main' } } } };

interface Datasource {
  readonly uid?: string;
  readonly orgId?: number;
  readonly url: string;
  readonly jsonData: object;
  readonly secureJsonData: object;
}
interface GrafanaDatasource extends Manifest {
  readonly spec: { readonly instanceSelector: object; readonly uid: string; readonly valuesFrom: unknown; readonly datasource: Datasource };
}

const fileOf = (keys: object, name: string, orgId: number, token: string): { apiVersion: number; prune: boolean; datasources: Datasource[] } =>
  parse(datasourceFile(resolvedPyroscope(keys).pyroscope, name, orgId, token)) as ReturnType<typeof fileOf>;

describe('The file of a data source', () => {
  it('is read by the sidecar as it was meant', () => {
    expect(fileOf({ ...GRAFANA, namespace: 'prof' }, 'checkout', 3, 'abc')).toEqual({
      apiVersion: 1,
      prune: true,
      datasources: [{
        uid: 'pyroscope-checkout',
        orgId: 3,
        name: 'Pyroscope checkout',
        type: 'grafana-pyroscope-datasource',
        access: 'proxy',
        editable: false,
        url: 'https://pyroscope-gateway.prof.svc:7443',
        jsonData: { httpHeaderName1: 'Authorization', minStep: '15s' },
        secureJsonData: { httpHeaderValue1: 'Bearer abc' },
      }],
    });
  });

  it('names no tenant in a header: the token does', () => {
    const text = datasourceFile(resolvedPyroscope(GRAFANA).pyroscope, 'checkout', 1, 'abc');
    expect(text.match(/httpHeaderName\d+: .*/g)).toEqual(['httpHeaderName1: Authorization']);
    expect(text).not.toMatch(/x-scope/i);
  });

  it.each(['on', '1e3', '0123', 'true', 'null', 'a-b_c.d'])('keeps a token that YAML could take for something else: %s', token => {
    const [{ secureJsonData }] = fileOf(GRAFANA, 'a', 1, token).datasources;
    expect(secureJsonData).toEqual({ httpHeaderValue1: `Bearer ${token}` });
  });

  it('verifies the gateway with the certificates of the document, if there are any', () => {
    const [{ jsonData, secureJsonData }] = fileOf({ grafana: { namespace: 'monitoring', caBundle: CERTIFICATE } }, 'a', 1, 'abc').datasources;
    expect(jsonData).toMatchObject({ tlsAuthWithCACert: true });
    expect(secureJsonData).toMatchObject({ tlsCACert: CERTIFICATE });
    const [without] = fileOf(GRAFANA, 'a', 1, 'abc').datasources;
    expect(without.jsonData).not.toHaveProperty('tlsAuthWithCACert');
    expect(without.secureJsonData).not.toHaveProperty('tlsCACert');
  });
});

describe('Data sources by the Grafana Operator', () => {
  const emitted = (keys: object = {}): GrafanaDatasource[] =>
    render(pyroscope({ ...OPERATOR, ...keys })).filter(({ kind }) => kind === 'GrafanaDatasource') as GrafanaDatasource[];

  it('are one for each tenant that stays', () => {
    expect(emitted().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
      .toEqual(['monitoring/pyroscope-checkout', 'monitoring/pyroscope-payments']);
  });

  it('are there for readers who want one', () => {
    const readers = [{ name: 'platform', tenants: ['checkout', 'payments'], grafana: {} }, { name: 'cron', tenants: ['checkout'] }];
    expect(emitted({ readers }).map(({ metadata }) => metadata.name)).toEqual(['pyroscope-checkout', 'pyroscope-payments', 'pyroscope-platform']);
  });

  it('take the whole header from the Secret, and hold no token', () => {
    const [{ spec }] = emitted();
    expect(spec.valuesFrom).toEqual([{
      targetPath: 'secureJsonData.httpHeaderValue1',
      valueFrom: { secretKeyRef: { name: 'pyroscope-datasource-checkout', key: 'authorization' } },
    }]);
    expect(spec.datasource.secureJsonData).toEqual({ httpHeaderValue1: '${authorization}' });
    expect(JSON.stringify(emitted())).not.toMatch(/Bearer|X-Scope-OrgID/i);
  });

  it('go to the instances of the document, under names that last', () => {
    const [{ apiVersion, spec }] = emitted();
    expect(apiVersion).toBe('grafana.integreatly.org/v1beta1');
    expect(spec.instanceSelector).toEqual({ matchLabels: { dashboards: 'main' } });
    expect(spec.uid).toBe('pyroscope-checkout');
    expect(spec.datasource).toMatchObject({
      name: 'Pyroscope checkout', type: 'grafana-pyroscope-datasource', access: 'proxy', url: 'https://pyroscope-gateway.pyroscope.svc:7443',
    });
    expect(spec.datasource).not.toHaveProperty('orgId');
  });

  it('are not there for the sidecar, whose Secrets hold tokens', () => {
    const manifests = render(pyroscope(GRAFANA));
    expect(manifests.filter(({ kind }) => kind === 'GrafanaDatasource' || kind === 'Secret')).toEqual([]);
    expect(() => find(manifests, 'ConfigMap', 'pyroscope-datasource-checkout')).toThrow('0 objects');
  });
});
