import type { Manifest } from '../../src/kube/manifest';
import { renderSecrets } from '../../src/render';
import { find, render, resolved } from '../support';

interface ExternalSecret extends Manifest {
  readonly spec: {
    readonly target: { readonly name: string; readonly template: { readonly data: Readonly<Record<string, string>> } };
    readonly data: ReadonlyArray<{ readonly secretKey: string; readonly remoteRef: { readonly key: string } }>;
  };
}

const VAULT = { externalSecrets: { storeRef: { name: 'vault' }, keyPrefix: 'prof' } };
const peer = (namespace: string) => ({ namespace, podLabels: { app: 'a' } });
const secretsOf = (sections: object = {}) => render({ ...VAULT, ...sections }).filter(({ kind }) => kind === 'ExternalSecret') as ExternalSecret[];

/** Place, keys and values of each, without the CA. */
const contents = (sections: object = {}) => Object.fromEntries(secretsOf(sections).filter(({ metadata }) => metadata.name !== 'parca-ca')
  .map(({ metadata, spec: { target, data } }) => [`${metadata.namespace}/${metadata.name}`, [target.template.data, ...data.map(({ remoteRef }) => remoteRef.key)]]));
const raw = (key: string) => ({ token: `{{ index . "${key}" }}` });
const digest = (key: string) => ({ sha256: `{{ index . "${key}" | sha256sum }}` });

describe('Tokens of Parca from a secret store', () => {
  it('are digests for the gateway where somebody else has the token, and the token where nobody has', () => {
    expect(contents()).toEqual({
      'profiling/parca-metrics-token': [raw('parca.metrics'), 'prof/parca/metrics'],
      'profiling/parca-push-token': [digest('parca.push'), 'prof/parca/push'],
      'profiling-agents/parca-push-token': [raw('parca.push'), 'prof/parca/push'],
      'profiling/parca-read-token': [raw('parca.read'), 'prof/parca/read'],
      'profiling/parca-symbols-token': [raw('parca.symbols'), 'prof/parca/symbols'],
    });
  });

  it('are in every namespace that uses them', () => {
    const places = contents({ access: { readers: [peer('monitoring'), peer('office'), peer('monitoring')] } });
    expect(Object.keys(places).filter(place => place.endsWith('read-token'))).toEqual(['profiling/parca-read-token', 'monitoring/parca-read-token', 'office/parca-read-token']);
    expect(places['profiling/parca-read-token'][0]).toEqual(digest('parca.read'));
    expect(places['office/parca-read-token'][0]).toEqual(raw('parca.read'));
  });

  it('are also there for node pools with a token of their own, but not for those that get no agent', () => {
    const pool = (name: string, keys: object = {}) => ({ name, nodeSelector: { pool: name }, pushToken: { secretName: `push-${name}` }, ...keys });
    const places = contents({ agents: { nodePools: [pool('gpu'), pool('old', { kernel: '4.19' })] } });
    expect(places['profiling/push-gpu']).toEqual([digest('parca.push.gpu'), 'prof/parca/push/gpu']);
    expect(places['profiling-agents/push-gpu']).toEqual([raw('parca.push.gpu'), 'prof/parca/push/gpu']);
    expect(Object.keys(places).filter(place => place.includes('old'))).toEqual([]);
  });

  it('are not in the agents\' namespace where there are no agents: their clusters have the same store', () => {
    const places = contents({ parca: { tls: { secretName: 'a' }, agent: { enabled: false } } });
    expect(Object.keys(places).filter(place => place.startsWith('profiling-agents/'))).toEqual([]);
    expect(places['profiling/parca-push-token'][0]).toEqual(raw('parca.push'));
  });

  it('are in the Secrets that the pods mount, by the same keys', () => {
    secretsOf().forEach(({ metadata, spec }) => {
      expect(spec.target.name).toBe(metadata.name);
      Object.values(spec.target.template.data).forEach(template => expect(spec.data.map(({ secretKey }) => secretKey)).toContain(/"([^"]+)"/.exec(template)![1]));
    });
    const { volumes } = find<{ spec: { template: { spec: { volumes: Array<{ projected?: { sources: Array<{ secret: { name: string } }> } }> } } } }>(render(VAULT), 'StatefulSet', 'parca')
      .spec.template.spec;
    const mounted = new Set(volumes.flatMap(({ projected }) => projected?.sources.map(({ secret }) => secret.name) ?? []));
    expect([...mounted].sort()).toEqual(secretsOf().filter(({ metadata }) => metadata.namespace === 'profiling').map(({ metadata }) => metadata.name).sort());
  });

  it('are made by nobody else, and none are without a store', () => {
    expect(renderSecrets(resolved(VAULT), () => 'token')).toEqual([]);
    expect(render().filter(({ kind }) => kind === 'ExternalSecret')).toEqual([]);
  });

  it('are names like others in the output: each id is there once', () => {
    const objects = secretsOf({ access: { readers: [peer('a')], symbolUploaders: [peer('a')], scrapers: [peer('b')] } }).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(objects).toEqual([...new Set(objects)]);
    expect(objects).toHaveLength(1 + 4 + 4);
  });
});
