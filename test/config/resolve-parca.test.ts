import { nodePools, parca, pyroscope } from './errors';
import { having, resolved, resolvedParca } from '../support';

const STORE = { address: 'store.example.com:8443', tokenSecret: { secretName: 'store-token' } };
const VAULT = { externalSecrets: { storeRef: { name: 'vault' } } };

describe('Parca', () => {
  it('is a server and agents that send to it', () => {
    expect(resolved().parca).toBeDefined();
    expect(resolved().parcaAgent).toEqual({});
  });

  it('is a server alone', () => {
    const spec = resolved(parca({ agent: { enabled: false } }));
    expect(spec.parca).toEqual(resolved().parca);
    expect(spec).not.toHaveProperty('parcaAgent');
    expect(spec.scope.sensitiveNamespaces).toEqual(['kube-system', 'profiling']);
  });

  it('is agents alone, with every default of their store', () => {
    const spec = resolved({ parca: { remoteStore: STORE } });
    expect(spec).not.toHaveProperty('parca');
    expect(spec.parcaAgent).toEqual({ remoteStore: { host: 'store.example.com', port: 8443, tokenSecret: 'store-token', headers: [], egressCidrs: [] } });
    expect(spec.scope.sensitiveNamespaces).toEqual(['kube-system', 'profiling-agents']);
  });

  it('is neither with Pyroscope alone', () => {
    const spec = resolved({ parca: undefined, ...pyroscope({ tls: { secretName: 'a' } }) });
    ['parca', 'parcaAgent'].forEach(key => expect(spec).not.toHaveProperty(key));
  });

  it('keeps what is said of a store, sorted where there is no order', () => {
    const remoteStore = {
      ...STORE, caConfigMap: { name: 'corp-ca' }, headers: { 'x-team': 'b', 'projectID': 'a' }, egressCidrs: ['203.0.113.0/24', '10.0.0.0/8', '203.0.113.0/24'],
    };
    expect(resolved({ parca: { remoteStore } }).parcaAgent?.remoteStore).toEqual({
      host: 'store.example.com',
      port: 8443,
      tokenSecret: 'store-token',
      ca: { kind: 'ConfigMap', name: 'corp-ca', key: 'ca.crt' },
      headers: [['projectID', 'a'], ['x-team', 'b']],
      egressCidrs: ['10.0.0.0/8', '203.0.113.0/24'],
    });
  });

  it('sizes its gateway by the clients, unless it is told otherwise', () => {
    const gateway = (keys: object) => resolvedParca(parca({ gateway: keys })).parca.gateway;
    expect(gateway({ clients: 200 })).toMatchObject({ clients: 200, pushBytesPerMinute: 200 * 2 ** 20 });
    expect(gateway({ clients: 200, pushPerMinute: '1Gi', uploadSize: '64Mi', uploadsPerDay: '1Gi' })).toEqual({
      clients: 200, pushBytesPerMinute: 2 ** 30, uploadBytes: 2 ** 26, uploadBytesPerDay: 2 ** 30,
    });
  });
});

describe('The CA that agents trust', () => {
  const caOf = (sections: Parameters<typeof resolved>[0]) => resolvedParca(sections).parca.tls.ca;

  it('is in a ConfigMap that somebody makes, or in a Secret from a secret store', () => {
    expect(caOf({})).toEqual({ kind: 'ConfigMap', name: 'parca-ca', key: 'ca.crt' });
    expect(caOf(VAULT)).toEqual({ kind: 'Secret', name: 'parca-ca', key: 'ca.crt' });
  });

  it('is in the ConfigMap that the document names, also beside a secret store', () => {
    const caConfigMap = { name: 'corp-ca', key: 'root.pem' };
    expect(caOf({ ...VAULT, parca: { tls: { secretName: 'a', caConfigMap } } })).toEqual({ kind: 'ConfigMap', ...caConfigMap });
  });

  it('is that of Alloy as well, by its own name without Parca', () => {
    const ca = (sections: object) => having('pyroscope', resolved({ ...VAULT, ...sections })).pyroscope.tls.ca;
    expect(ca(pyroscope())).toEqual({ kind: 'Secret', name: 'parca-ca', key: 'ca.crt' });
    expect(ca({ parca: undefined, ...pyroscope({ tls: { secretName: 'a' } }) })).toEqual({ kind: 'Secret', name: 'pyroscope-ca', key: 'ca.crt' });
  });

  it('is that of the image where a store elsewhere names none', () => {
    expect(resolved({ ...VAULT, parca: { remoteStore: STORE } }).parcaAgent?.remoteStore).not.toHaveProperty('ca');
  });
});

describe('Push tokens of node pools', () => {
  it('are those that the pools name', () => {
    const pools = resolved(nodePools({ name: 'a', nodeSelector: { pool: 'a' }, pushToken: { secretName: 'push-a' } }, { name: 'b' })).agents.nodePools;
    expect(pools.map(({ pushSecret }) => pushSecret)).toEqual(['push-a', undefined]);
  });
});
