import { caSecret, externalSecret, fromStore } from '../../src/delivery/external-secrets';
import { renderParts } from '../../src/render';
import { pyroscope } from '../config/errors';
import { resolved } from '../support';

const SETTINGS = { storeRef: { kind: 'ClusterSecretStore', name: 'vault' }, keyPrefix: 'teams/profiling' } as ReturnType<typeof resolved>['externalSecrets'] & object;
const ENTRIES = [
  { key: 'token', storeKey: 'parca/push', template: fromStore('parca/push') },
  { key: 'sha256', storeKey: 'parca/push', template: fromStore('parca/push', 'sha256sum') },
];
const secret = (settings: typeof SETTINGS = SETTINGS) => externalSecret(settings, { namespace: 'a', name: 'b', app: 'c', labels: { d: 'e' }, entries: ENTRIES });

describe('An ExternalSecret', () => {
  it('has every default of the operator written out, since it would add them, and GitOps tools take that for a change', () => {
    expect(secret().spec).toEqual({
      refreshInterval: '1h0m0s',
      secretStoreRef: SETTINGS.storeRef,
      target: {
        name: 'b',
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: {
          engineVersion: 'v2',
          mergePolicy: 'Replace',
          metadata: { labels: { 'app.kubernetes.io/name': 'c', 'app.kubernetes.io/managed-by': 'cdk8s-hardened-profiling', 'app.kubernetes.io/part-of': 'hardened-profiling', 'd': 'e' } },
          data: { token: '{{ index . "parca.push" }}', sha256: '{{ index . "parca.push" | sha256sum }}' },
        },
      },
      data: [{
        secretKey: 'parca.push',
        remoteRef: { key: 'teams/profiling/parca/push', conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' },
      }],
    });
    expect(secret().metadata).toMatchObject({ name: 'b', namespace: 'a', labels: { 'app.kubernetes.io/name': 'c' } });
  });

  it('asks for one property of an entry that has several', () => {
    const { data } = secret({ ...SETTINGS, property: 'value' }).spec as { data: Array<{ remoteRef: object }> };
    expect(data.map(({ remoteRef }) => remoteRef)).toEqual([
      { key: 'teams/profiling/parca/push', property: 'value', conversionStrategy: 'Default', decodingStrategy: 'None', metadataPolicy: 'None' },
    ]);
  });
});

describe('The CA from a secret store', () => {
  const STORE = { externalSecrets: { storeRef: { name: 'vault' } } };
  const CA = { kind: 'Secret', name: 'corp-ca', key: 'ca.crt' } as const;
  const shared = (sections: Parameters<typeof resolved>[0]) => Object.entries(renderParts(resolved(sections)).profilers)
    .filter(([, { kind }]) => kind === 'ExternalSecret').map(([id, { metadata }]) => `${id}: ${metadata.namespace}/${metadata.name}`);

  it('is in the agents\' namespace, as what it is in the store', () => {
    expect(caSecret(resolved(STORE), CA)).toMatchObject({
      'external-secret-corp-ca': {
        metadata: { name: 'corp-ca', namespace: 'profiling-agents' },
        spec: { target: { template: { data: { 'ca.crt': '{{ index . "ca" }}' } } }, data: [{ secretKey: 'ca', remoteRef: { key: 'profiling/ca' } }] },
      },
    });
  });

  it('is none where a ConfigMap has it, where the image has it, and without a store', () => {
    expect(caSecret(resolved(STORE), { ...CA, kind: 'ConfigMap' })).toEqual({});
    expect(caSecret(resolved(STORE), undefined)).toEqual({});
    expect(caSecret(resolved(), CA)).toEqual({});
  });

  it('is one object for all profilers that trust it', () => {
    expect(shared({ ...STORE, ...pyroscope() })).toEqual(['external-secret-parca-ca: profiling-agents/parca-ca']);
  });

  it.each<[string, object, string[]]>([
    ['Parca alone', {}, ['external-secret-parca-ca: profiling-agents/parca-ca']],
    ['Pyroscope alone', { parca: undefined, ...pyroscope({ tls: { secretName: 'a' } }) }, ['external-secret-pyroscope-ca: profiling-agents/pyroscope-ca']],
    ['a CA of the document, which is a ConfigMap', { parca: { tls: { secretName: 'a', caConfigMap: { name: 'corp' } } } }, []],
    ['a server without agents', { parca: { tls: { secretName: 'a' }, agent: { enabled: false } } }, []],
    ['stores with certificates of public authorities', { parca: { remoteStore: { address: 'a:443', tokenSecret: { secretName: 'b' } } } }, []],
  ])('is there for whoever needs it: %s', (_, sections, expected) => {
    expect(shared({ ...STORE, ...sections })).toEqual(expected);
  });
});
