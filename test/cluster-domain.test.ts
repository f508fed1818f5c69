import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { MICROSERVICES, TENANTS } from './pyroscope/tenants';
import { MINIMAL } from './support';
import { renderHelmValues, renderManifests, renderNodeConfiguration, renderSecrets } from '../src/render';
import { resolve } from '../src/resolve';

const EXAMPLES = join(__dirname, '..', 'examples');
const DOMAIN = 'corp.internal';
const certManager = { tls: { certManager: { issuerRef: { kind: 'ClusterIssuer', name: 'corp-ca' } } } };
const grafana = { namespace: 'monitoring' };

interface Document { readonly cluster: { readonly dns?: object } }

/** Every example, and what no example has: certificates by cert-manager before each delivery of Pyroscope, and data sources of each kind. */
const DOCUMENTS: Readonly<Record<string, Document>> = {
  ...Object.fromEntries(readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml'))
    .map(file => [file, loadAll(readFileSync(join(EXAMPLES, file), 'utf8'))[0] as Document])),
  native: { ...MINIMAL, parca: certManager, pyroscope: { tenants: TENANTS, grafana } } as Document,
  chart: { ...MINIMAL, parca: certManager, pyroscope: { tenants: TENANTS, delivery: 'chart', alloy: { delivery: 'chart' } }, gitOps: { argoCd: {} } } as Document,
  microservices: {
    ...MINIMAL,
    parca: certManager,
    pyroscope: { tenants: TENANTS, ...MICROSERVICES, grafana: { ...grafana, operator: { instanceLabels: { app: 'grafana' } } } },
    gitOps: { flux: {} },
  } as Document,
};

/** Everything that the library makes of a document, as text. */
function output(document: Document, domain?: string): string {
  const spec = resolve({ ...document, cluster: { ...document.cluster, dns: { ...document.cluster.dns, ...(domain && { domain }) } } });
  return JSON.stringify([
    renderManifests(spec), renderHelmValues(spec), renderNodeConfiguration(spec), renderSecrets(spec, () => 'token'),
  ]).replace(/\\n/g, '\n');
}

/** What stands behind `svc` in names of Services; undefined for `<service>.<namespace>.svc`, which resolves in every domain. */
function domains(text: string): Set<string | undefined> {
  return new Set([...text.matchAll(/[a-z0-9-]+\.[a-z0-9-]+\.svc(?:\.([a-z0-9.-]+))?/g)].map(([, domain]) => domain));
}

describe.each(Object.entries(DOCUMENTS))('The domain of the cluster in %s', (_, document) => {
  it('stands wherever a domain stands, and the default nowhere else', () => {
    const text = output(document, DOMAIN);
    expect(text).not.toContain('cluster.local');
    expect([...domains(text)].filter(domain => domain !== undefined && domain !== DOMAIN && domain !== `${DOMAIN}.`)).toEqual([]);
  });

  it('is the only difference to that of another cluster', () => {
    // Configurations of the gateway differ, and with them the checksums that restart its pods.
    const without = (text: string): string => text.replace(/"hardened-profiling\/gateway-config":"[0-9a-f]+"/g, '');
    expect(without(output(document, DOMAIN)).replaceAll(DOMAIN, 'cluster.local')).toBe(without(output(document)));
  });
});

describe('The domain of the cluster', () => {
  it.each<[keyof typeof DOCUMENTS & string, RegExp]>([
    ['native', /"dnsNames":\["parca\.profiling\.svc","parca\.profiling\.svc\.corp\.internal"\]/],
    ['native', /"dnsNames":\["pyroscope-gateway\.pyroscope\.svc","pyroscope-gateway\.pyroscope\.svc\.corp\.internal"\]/],
    ['chart', /server-template pyroscope- 1-16 pyroscope-headless\.pyroscope\.svc\.corp\.internal:4040/],
    ['chart', /"valuesObject":\{[^]*"cluster_domain":"\.corp\.internal\."/],
    ['microservices', /pyroscope-distributor-headless\.pyroscope\.svc\.corp\.internal:4040/],
    ['microservices', /"cluster_domain":"\.corp\.internal\."/],
  ])('reaches %s: %s', (name, place) => {
    expect(output(DOCUMENTS[name], DOMAIN)).toMatch(place);
  });
});
