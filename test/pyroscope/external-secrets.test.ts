import fc from 'fast-check';
import { parse } from 'yaml';
import { validPyroscope } from './arbitraries';
import { CERTIFICATE, MICROSERVICES, pyroscope, resolvedPyroscope, resolvedSection } from './tenants';
import type { Manifest } from '../../src/kube/manifest';
import { externalSecrets } from '../../src/pyroscope/external-secrets';
import { pyroscopeTokens } from '../../src/pyroscope/tokens';
import { runs } from '../property-runs';
import { find, render } from '../support';

interface ExternalSecret extends Manifest {
  readonly spec: {
    readonly refreshInterval: string;
    readonly secretStoreRef: object;
    readonly target: {
      readonly name: string;
      readonly template: { readonly engineVersion: string; readonly metadata: { readonly labels: object }; readonly data: Record<string, string> };
    };
    readonly data: ReadonlyArray<{ readonly secretKey: string; readonly remoteRef: { readonly key: string } }>;
  };
}

const STORE = { externalSecrets: { storeRef: { name: 'vault' } } };
const emitted = (keys: object = {}, sections: object = {}): ExternalSecret[] =>
  render({ ...STORE, ...sections, ...pyroscope(keys) }).filter(({ kind, metadata }) => kind === 'ExternalSecret' && !/parca/.test(metadata.name)) as ExternalSecret[];
const secret = (name: string, namespace: string, keys: object = {}, sections: object = {}): ExternalSecret['spec'] =>
  find<ExternalSecret>(emitted(keys, sections), 'ExternalSecret', name, namespace).spec;
const storeKeys = ({ data }: ExternalSecret['spec']): string[] => data.map(({ remoteRef }) => remoteRef.key);

/** What the operator makes of a template of ours: a placeholder for a token, digested or with its dollars doubled. */
function expand(template: string, token: string): string {
  return template.replace(/\{\{ index \. "([^"]+)"( \| sha256sum| \| replace "\$" "\$\$")? \}\}/g, (_, key: string, filter: string | undefined) => (
    filter === undefined ? `${key}:${token}` : filter.includes('sha256sum') ? `digest of ${key}:${token}` : `${key}:${token}`.replaceAll('$', '$$$$')));
}

describe('External Secrets', () => {
  it('are none unless the document names a store', () => {
    expect(render(pyroscope()).filter(({ kind }) => kind === 'ExternalSecret')).toEqual([]);
  });

  it('are one for each place in which a token is kept', () => {
    const where = emitted({ grafana: { namespace: 'monitoring' } }).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(where).toEqual([
      'pyroscope/pyroscope-gateway-tokens',
      'profiling-agents/alloy-push-tokens',
      'checkout/pyroscope-push-token',
      'checkout-jobs/pyroscope-push-token',
      'payments/pyroscope-push-token',
      'monitoring/pyroscope-datasource-checkout',
      'monitoring/pyroscope-datasource-payments',
      'pyroscope/pyroscope-metrics-token',
    ]);
  });

  it('ask a store for the cluster or one of the namespace', () => {
    expect(secret('pyroscope-gateway-tokens', 'pyroscope').secretStoreRef).toEqual({ kind: 'ClusterSecretStore', name: 'vault' });
    const storeRef = { kind: 'SecretStore', name: 'vault' };
    expect(secret('pyroscope-gateway-tokens', 'pyroscope', {}, { externalSecrets: { storeRef } }).secretStoreRef).toEqual(storeRef);
  });

  it('ask for every token once, under its tenant and what it is for', () => {
    expect(storeKeys(secret('pyroscope-gateway-tokens', 'pyroscope'))).toEqual([
      'profiling/checkout/agent', 'profiling/checkout/push', 'profiling/payments/push', 'profiling/checkout/read', 'profiling/payments/read', 'profiling/metrics',
    ]);
    expect(storeKeys(secret('alloy-push-tokens', 'profiling-agents'))).toEqual(['profiling/checkout/agent']);
    expect(storeKeys(secret('pyroscope-push-token', 'checkout-jobs'))).toEqual(['profiling/checkout/push']);
    const ofTeam = { externalSecrets: { storeRef: { name: 'vault' }, keyPrefix: 'teams/prof' } };
    expect(storeKeys(secret('alloy-push-tokens', 'profiling-agents', {}, ofTeam))).toEqual(['teams/prof/checkout/agent']);
  });

  it('give the gateway digests alone', () => {
    const { target, data } = secret('pyroscope-gateway-tokens', 'pyroscope');
    expect(target.template.data['checkout.push']).toBe('{{ index . "checkout.push" | sha256sum }}');
    expect(Object.entries(target.template.data).map(([key, template]) => [key, expand(template, 't')]))
      .toEqual(data.map(({ secretKey }) => [secretKey, `digest of ${secretKey}:t`]));
  });

  it('give everybody else the token as it is', () => {
    expect(secret('pyroscope-push-token', 'payments').target.template.data).toEqual({ token: '{{ index . "payments.push" }}' });
    expect(secret('alloy-push-tokens', 'profiling-agents').target.template.data).toEqual({ checkout: '{{ index . "checkout.agent" }}' });
  });

  it('make the file of a data source, in which a dollar stands twice', () => {
    const { target } = secret('pyroscope-datasource-checkout', 'monitoring', { grafana: { namespace: 'monitoring', caBundle: CERTIFICATE } });
    expect(Object.keys(target.template.data)).toEqual(['pyroscope-checkout.yaml']);
    const text = target.template.data['pyroscope-checkout.yaml'];
    expect(text.match(/\{\{/g)).toHaveLength(1);
    expect(parse(expand(text, 'a$b'))).toMatchObject({
      datasources: [{ uid: 'pyroscope-checkout', secureJsonData: { httpHeaderValue1: 'Bearer checkout.read:a$$b', tlsCACert: CERTIFICATE } }],
    });
    expect(target.template.metadata.labels).toMatchObject({ grafana_datasource: '1' });
  });

  it('make the whole header for the Grafana Operator, whose dollars are no variables', () => {
    const grafana = { namespace: 'monitoring', operator: { instanceLabels: { a: 'b' } } };
    const { target } = secret('pyroscope-datasource-checkout', 'monitoring', { grafana });
    expect(target.template.data).toEqual({ authorization: 'Bearer {{ index . "checkout.read" }}' });
    expect(target.template.metadata.labels).not.toHaveProperty('grafana_datasource');
  });

  it('have names and keys that the operator takes, and a token for each placeholder', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const spec = resolvedSection(section, STORE);
      const objects = Object.values(externalSecrets(spec)) as ExternalSecret[];
      expect(objects.length).toBeGreaterThan(0);
      objects.forEach(({ metadata, spec: { target, data } }) => {
        expect(target.name).toBe(metadata.name);
        expect(target.template.engineVersion).toBe('v2');
        const keys = data.map(({ secretKey }) => secretKey);
        expect(keys).toEqual([...new Set(keys)]);
        keys.forEach(key => expect(key).toMatch(/^[-._a-zA-Z0-9]+$/));
        Object.entries(target.template.data).forEach(([key, template]) => {
          expect(key).toMatch(/^[-._a-zA-Z0-9]+$/);
          const [, asked] = /\{\{ index \. "([^"]+)"/.exec(template)!;
          expect(keys).toContain(asked);
        });
      });
      const identities = objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      expect(identities).toEqual([...new Set(identities)]);
    }), runs(100));
  });
});

describe('Tokens', () => {
  it('are each kept somewhere, and known by a name, a file and a store key of their own', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const spec = resolvedSection(section);
      const tokens = pyroscopeTokens(spec);
      tokens.forEach(({ users }) => expect(users.length).toBeGreaterThan(0));
      [tokens.map(({ storeKey }) => storeKey), tokens.map(({ credential }) => credential.digests),
        tokens.flatMap(({ users }) => users.map(({ namespace, secretName, key }) => `${namespace}/${secretName}/${key}`))]
        .forEach(names => expect(names).toEqual([...new Set(names)]));
    }), runs(100));
  });

  it('open more than one tenant for readers alone, and never to push', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const { pyroscope: resolved, ...rest } = resolvedSection(section);
      pyroscopeTokens({ ...rest, pyroscope: resolved }).filter(({ credential }) => credential.tenant?.includes('|')).forEach(({ storeKey, credential }) => {
        expect(credential.role).toBe('read');
        expect(resolved.readers.map(({ name }) => `${name}/read`)).toContain(storeKey);
      });
    }), runs(100));
  });

  it('of a leaving tenant are none', () => {
    const names = pyroscopeTokens(resolvedPyroscope()).map(({ storeKey }) => storeKey);
    expect(names.filter(name => name.startsWith('old-shop'))).toEqual([]);
  });

  const users = (storeKey: string, keys: object = {}, sections: object = {}): string[] => pyroscopeTokens(resolvedPyroscope(keys, sections))
    .find(token => token.storeKey === storeKey)!.users.map(({ namespace, secretName, key }) => `${namespace}/${secretName}/${key}`);

  it('to push are in each of the tenant\'s namespaces, and that of the nodes in the agents\' one', () => {
    expect(users('checkout/push')).toEqual(['checkout/pyroscope-push-token/token', 'checkout-jobs/pyroscope-push-token/token']);
    expect(users('checkout/agent')).toEqual(['profiling-agents/alloy-push-tokens/checkout']);
  });

  it('to read are where Grafana and the readers are, or else in Pyroscope\'s namespace', () => {
    expect(users('checkout/read')).toEqual(['pyroscope/pyroscope-read-checkout/token']);
    expect(users('checkout/read', { grafana: { namespace: 'monitoring' } })).toEqual(['monitoring/pyroscope-datasource-checkout/pyroscope-checkout.yaml']);
    const readers = [{ name: 'all', tenants: ['checkout'], pods: [{ namespace: 'ops', podLabels: { a: 'b' } }, { namespace: 'ops', podLabels: { c: 'd' } }] }];
    expect(users('all/read', { readers, grafana: { namespace: 'monitoring' } })).toEqual(['ops/pyroscope-read-all/token']);
    expect(users('all/read', { readers: [{ ...readers[0], grafana: { orgId: 4 } }], grafana: { namespace: 'monitoring' } }))
      .toEqual(['monitoring/pyroscope-datasource-all/pyroscope-all.yaml', 'ops/pyroscope-read-all/token']);
  });

  it('for metrics are where scrapers are', () => {
    expect(users('metrics')).toEqual(['pyroscope/pyroscope-metrics-token/token']);
    const scrapers = [{ namespace: 'monitoring', podLabels: { app: 'prometheus' } }];
    expect(users('metrics', {}, { access: { scrapers } })).toEqual(['monitoring/pyroscope-metrics-token/token']);
    expect(pyroscopeTokens(resolvedPyroscope(MICROSERVICES)).map(({ storeKey }) => storeKey)).toContain('metrics');
  });
});
