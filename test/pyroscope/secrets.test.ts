import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import { CHART, MICROSERVICES, resolvedPyroscope } from './tenants';
import { readDocument } from '../../src/config/document';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import type { Manifest } from '../../src/kube/manifest';
import { pyroscopeSecrets } from '../../src/pyroscope/secrets';
import { renderHelmValues, renderManifests, renderSecrets } from '../../src/render';
import { resolve } from '../../src/resolve';
import { find, resolved } from '../support';

/** Tokens that can be told apart and found again. */
function counter(): () => string {
  let count = 0;
  return () => `token-${++count}`;
}

const decoded = ({ data = {} }: Secret): Record<string, string> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
const secretsOf = (keys: object = {}, name?: string, sections: object = {}): Array<Secret & Manifest> =>
  pyroscopeSecrets(resolvedPyroscope(keys, sections), counter(), name) as Array<Secret & Manifest>;
const read = (secrets: ReadonlyArray<Secret & Manifest>, name: string, namespace: string): Record<string, string> =>
  decoded(find<Secret>(secrets, 'Secret', name, namespace));
const STORE = { externalSecrets: { storeRef: { name: 'vault' } } };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('Secrets of Pyroscope', () => {
  it('give the gateway the digest of each token, and nobody else', () => {
    const secrets = secretsOf();
    const known = read(secrets, 'pyroscope-gateway-tokens', 'pyroscope');
    expect(Object.keys(known)).toEqual(['checkout.agent', 'checkout.push', 'payments.push', 'checkout.read', 'payments.read', 'metrics']);
    expect(known['checkout.agent']).toBe(digest(read(secrets, 'alloy-push-tokens', 'profiling-agents').checkout));
    ['checkout', 'checkout-jobs'].forEach(namespace => {
      expect(known['checkout.push']).toBe(digest(read(secrets, 'pyroscope-push-token', namespace).token));
    });
    expect(known['payments.read']).toBe(digest(read(secrets, 'pyroscope-read-payments', 'pyroscope').token));
    expect(known.metrics).toBe(digest(read(secrets, 'pyroscope-metrics-token', 'pyroscope').token));
    expect(new Set(Object.values(known)).size).toBe(6);
  });

  it('hold the file of a data source for the sidecar, with its token', () => {
    const secrets = secretsOf({ grafana: { namespace: 'monitoring' } });
    const secret = find<Secret>(secrets, 'Secret', 'pyroscope-datasource-checkout', 'monitoring');
    expect(secret.metadata.labels).toMatchObject({ grafana_datasource: '1' });
    const file = parse(decoded(secret)['pyroscope-checkout.yaml']) as { datasources: [{ orgId: number; secureJsonData: { httpHeaderValue1: string } }] };
    const [, token] = /^Bearer (.*)$/.exec(file.datasources[0].secureJsonData.httpHeaderValue1)!;
    expect(digest(token)).toBe(read(secrets, 'pyroscope-gateway-tokens', 'pyroscope')['checkout.read']);
    expect(file.datasources[0].orgId).toBe(1);
  });

  it('hold what the operator of Grafana takes for a header', () => {
    const secrets = secretsOf({ grafana: { namespace: 'monitoring', operator: { instanceLabels: { a: 'b' } } } });
    expect(read(secrets, 'pyroscope-datasource-checkout', 'monitoring').authorization).toMatch(/^Bearer token-\d+$/);
  });

  it('can be made anew for one tenant, without a trace of the others', () => {
    const secrets = secretsOf({}, 'checkout');
    expect(Object.keys(read(secrets, 'pyroscope-gateway-tokens', 'pyroscope'))).toEqual(['checkout.agent', 'checkout.push', 'checkout.read']);
    expect(secrets.filter(({ metadata }) => metadata.namespace === 'payments')).toEqual([]);
  });

  it('can be made anew for a tenant with any name, and then for nobody else', () => {
    const tenants = ['metrics', 'metrics-too'].map(name => ({ name, namespaces: [name] }));
    expect(Object.keys(read(secretsOf({ tenants }, 'metrics'), 'pyroscope-gateway-tokens', 'pyroscope')))
      .toEqual(['metrics.agent', 'metrics.push', 'metrics.read']);
  });

  it('are data and not stringData, which does not merge', () => {
    secretsOf().forEach(secret => {
      expect(secret).not.toHaveProperty('stringData');
      expect(secret.type).toBe('Opaque');
    });
  });

  it('are none where a store has them, and without Pyroscope', () => {
    expect(secretsOf({}, undefined, STORE)).toEqual([]);
    expect(renderSecrets(resolved(), counter(), { name: 'checkout' })).toEqual([]);
  });
});

/** What an empty text hashes to. */
const DIGEST_OF_NOTHING = digest('');
const EXAMPLES = join(__dirname, '..', '..', 'examples');
const examples = readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml')).map((file): [string, ResolvedSpec] => {
  const document = readDocument(join(EXAMPLES, file));
  return [file, resolve(document.value, document)];
});
const operator = { grafana: { namespace: 'monitoring', operator: { instanceLabels: { a: 'b' } } } };
const others: Array<[string, ResolvedSpec]> = [
  ['the chart', resolvedPyroscope({ ...CHART, alloy: CHART })],
  ['microservices', resolvedPyroscope(MICROSERVICES, { gitOps: { argoCd: {} } })],
  ['the operator of Grafana', resolvedPyroscope(operator)],
  ['a secret store', resolvedPyroscope({ grafana: { namespace: 'monitoring' } }, STORE)],
];

describe('What is emitted', () => {
  it.each([...examples, ...others])('holds no secret: %s', (_, spec) => {
    const manifests = renderManifests(spec);
    const text = JSON.stringify([manifests, renderHelmValues(spec)]);
    // Of images, whose digests are no secret, and of nothing.
    const digests = (text.match(/(?<!sha256:)\b[0-9a-f]{64}\b/g) ?? []).filter(found => found !== DIGEST_OF_NOTHING);
    expect(digests).toEqual([]);
    expect(text.match(/[A-Za-z0-9+/]{40,}={1,2}/g) ?? []).toEqual([]);
    expect(text).not.toMatch(/Bearer (?!realm=|\{\{ index)[A-Za-z0-9]/);
    expect(text).not.toMatch(/PRIVATE KEY/);
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  it('names every place in which a token of the document is kept, so that a mount finds it', () => {
    const spec = resolvedPyroscope();
    const made = pyroscopeSecrets(spec, counter()).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    const volumes = renderManifests(spec).filter(({ kind, metadata }) => ['DaemonSet', 'StatefulSet'].includes(kind) && /pyroscope|alloy/.test(metadata.name))
      .flatMap(manifest => {
        const { template } = (manifest as unknown as { spec: { template: { spec: { volumes: Array<{ secret?: { secretName: string } }> } } } }).spec;
        return template.spec.volumes.flatMap(({ secret }) => secret ? [`${manifest.metadata.namespace}/${secret.secretName}`] : []);
      }).filter(name => !name.endsWith('-tls'));
    expect(volumes).toEqual(['pyroscope/pyroscope-gateway-tokens', 'profiling-agents/alloy-push-tokens']);
    volumes.forEach(volume => expect(made).toContain(volume));
  });
});
