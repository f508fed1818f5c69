import { CREDENTIALS, nodePools, onlyProblem, parca, paths, pyroscope, refusalOf } from '../config/errors';
import { resolved } from '../support';

const STORE = { address: 'store.example.com:443', tokenSecret: { secretName: 'store-token' } };
const REMOTE = { remoteStore: STORE };
const TLS_FIX = 'write\ntls: { secretName: parca-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }';

describe('A server here or a store elsewhere', () => {
  it.each<[string, object]>([
    ['namespace', { namespace: 'obs' }], ['server', { server: {} }], ['tls', { tls: { secretName: 'a' } }], ['tokens', { tokens: {} }], ['gateway', { gateway: {} }],
  ])('is one of the two: %s', (key, keys) => {
    expect(onlyProblem(refusalOf({ parca: { ...REMOTE, ...keys } }))).toEqual({
      path: `parca.${key}`,
      message: 'is for a server here, and `parca.remoteStore` is a store elsewhere',
      allowed: 'one of the two',
      fix: `remove \`${key}\`, or \`remoteStore\` to have a server here`,
    });
  });

  it('is a store elsewhere for agents alone', () => {
    expect(onlyProblem(refusalOf({ parca: { ...REMOTE, agent: { enabled: false } } }))).toEqual({
      path: 'parca.agent.enabled',
      message: 'leaves nothing of Parca: no server with `remoteStore`, and no agents',
      found: 'false',
      allowed: 'true with `parca.remoteStore`',
      fix: 'remove it, or the whole section `parca`',
    });
  });

  it.each<[string, object]>([
    ['agents that send elsewhere', REMOTE],
    ['agents that are switched on in words', { ...REMOTE, agent: { enabled: true } }],
    ['a server without agents', { tls: { secretName: 'a' }, agent: { enabled: false } }],
    ['both', { tls: { secretName: 'a' } }],
  ])('is accepted as %s', (_, section) => {
    expect(() => resolved({ parca: section })).not.toThrow();
  });

  it.each<[string, object]>([
    ['parca.remoteStore', { remoteStore: 'store.example.com:443' }],
    ['parca.remoteStore.address', { remoteStore: { ...STORE, address: 'https://store.example.com' } }],
    ['parca.remoteStore.tokenSecret', { remoteStore: { address: STORE.address } }],
  ])('is not taken for a server where %s is wrong', (path, section) => {
    expect(paths(refusalOf({ parca: section }))).toEqual([path]);
  });
});

describe('Headers for a store elsewhere', () => {
  const withHeaders = (headers: object) => ({ parca: { remoteStore: { ...STORE, headers } } });

  it.each([
    'authorization', 'Authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key', 'apiKey', 'X-Auth', 'x-vault-token', 'client_secret', 'password', 'x-signature', 'key',
  ])('hold no credential: %s', name => {
    expect(onlyProblem(refusalOf(withHeaders({ projectID: 'a', [name]: 'b' })))).toEqual({
      path: `parca.remoteStore.headers.${name}`,
      message: 'looks like a credential, and headers are shown to everybody who sees the DaemonSet',
      allowed: 'headers such as projectID; the token comes from `tokenSecret`, as `authorization: Bearer`',
      fix: 'remove it, and put the token into the Secret that `parca.remoteStore.tokenSecret` names',
    });
  });

  it.each(['Basic YTpi', 'basic a', 'digest a'])('hold none as a value, whatever their name: %s', value => {
    expect(onlyProblem(refusalOf(withHeaders({ projectID: value }))).message).toMatch(/^looks like a credential/);
  });

  it.each(Object.entries(CREDENTIALS))('are not shown with %s', (_, credential) => {
    expect(refusalOf(withHeaders({ projectID: credential })).message).not.toContain(credential);
  });

  it.each(['grpc-timeout', 'content-type', 'Host', 'te', 'user-agent'])('are none of gRPC itself: %s', name => {
    expect(onlyProblem(refusalOf(withHeaders({ [name]: 'a' })))).toMatchObject({
      message: 'is a header of gRPC itself', found: name, allowed: 'headers of the store', fix: 'remove it',
    });
  });

  it.each(['projectID', 'x-scope-orgid', 'x-tenant', 'monkey', 'keyboard', 'hostname'])('are others: %s', name => {
    expect(() => resolved(withHeaders({ [name]: 'a-b.c' }))).not.toThrow();
  });
});

describe('The server of Parca', () => {
  it('is refused without a certificate', () => {
    expect(onlyProblem(refusalOf({ parca: {} }))).toEqual({
      path: 'parca.tls', message: 'is required for a server', allowed: 'exactly one of `certManager` and `secretName`', fix: TLS_FIX,
    });
    expect(paths(refusalOf({ parca: { agent: { enabled: false } } }))).toEqual(['parca.tls']);
  });

  it.each<[string, object]>([['parca', { parca: 7 }], ['parca.tls', { parca: { tls: 'parca-tls' } }]])('is not told of its certificate where %s is wrong', (path, sections) => {
    expect(paths(refusalOf(sections))).toEqual([path]);
  });

  it.each<[string, string, object]>([
    ['at least 768Mi, better 2Gi', '512Mi', {}],
    ['at least 2304Mi, better 5Gi', '2Gi', { activeMemory: '2Gi' }],
  ])('has the memory that it needs: %s', (allowed, memoryLimit, server) => {
    expect(onlyProblem(refusalOf(parca({ server: { ...server, pod: { resources: { memoryLimit } } } })))).toEqual({
      path: 'parca.server.pod.resources.memoryLimit',
      message: 'is less than the server needs for `activeMemory`: it would be killed',
      found: memoryLimit,
      allowed,
      fix: 'raise it, or lower `parca.server.activeMemory`',
    });
  });

  it('has just enough, too, with a request that fits', () => {
    expect(() => resolved(parca({ server: { pod: { resources: { memoryLimit: '768Mi' } } } }))).not.toThrow();
    expect(() => resolved(parca({ server: { activeMemory: '128Mi', pod: { resources: { memoryRequest: '256Mi', memoryLimit: '512Mi' } } } }))).not.toThrow();
  });

  it('is judged as a whole, also where its memory is too little', () => {
    const pod = { resources: { memoryLimit: '512Mi', cpuLimit: '10m' }, tolerations: [{ effect: 'NoSchedule' }] };
    expect(paths(refusalOf(parca({ server: { pod } })))).toEqual([
      'parca.server.pod.resources.memoryLimit', 'parca.server.pod.tolerations[0]', 'parca.server.pod.resources.cpuLimit',
    ]);
  });

  it('is not compared with an active memory that is wrong', () => {
    expect(paths(refusalOf(parca({ server: { activeMemory: '2GB', pod: { resources: { memoryLimit: '64Mi' } } } })))).toEqual(['parca.server.activeMemory']);
  });
});

describe('Peers of the server', () => {
  const peer = { namespace: 'monitoring', podLabels: { app: 'grafana' } };
  const lists = { readers: [peer], symbolUploaders: [peer] };
  const tenants = pyroscope({ tls: { secretName: 'pyroscope-tls' } });

  it.each<[string, object, string]>([
    ['a store elsewhere', { parca: REMOTE }, 'remove it'],
    ['Pyroscope alone', { parca: undefined, ...tenants }, 'remove it; those who read Pyroscope are `pyroscope.readers` and `pyroscope.grafana`'],
  ])('are refused with %s', (_, sections, fix) => {
    const { problems } = refusalOf({ ...sections, access: lists });
    expect(problems).toEqual([
      { path: ['access', 'readers'], message: 'are of a Parca server, and there is none here', allowed: 'with `parca` and without `parca.remoteStore`', fix },
      { path: ['access', 'symbolUploaders'], message: 'are of a Parca server, and there is none here', allowed: 'with `parca` and without `parca.remoteStore`', fix: 'remove it' },
    ]);
  });

  it.each<[string, object]>([
    ['a server', { access: lists }],
    ['a server without agents', { ...parca({ agent: { enabled: false } }), access: lists }],
    ['scrapers, which ask agents and Alloy as well', { parca: REMOTE, access: { scrapers: [peer] } }],
    ['nobody', { parca: REMOTE, access: { readers: [], symbolUploaders: [] } }],
  ])('are accepted with %s', (_, sections) => {
    expect(() => resolved(sections)).not.toThrow();
  });

  it('are not judged where `parca` is wrong', () => {
    expect(paths(refusalOf({ parca: 'yes', access: lists }))).toEqual(['parca']);
  });
});

describe('Certificate of Parca', () => {
  const certManager = { issuerRef: { name: 'corp-ca' } };

  it('is refused with both sources', () => {
    expect(onlyProblem(refusalOf({ parca: { tls: { certManager, secretName: 'a' } } }))).toEqual({
      path: 'parca.tls',
      message: 'has both `certManager` and `secretName`',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'remove one of the two',
    });
  });

  it('is refused without a source', () => {
    expect(onlyProblem(refusalOf({ parca: { tls: {} } }))).toEqual({
      path: 'parca.tls',
      message: 'names no certificate',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: TLS_FIX,
    });
  });

  it.each([{ secretName: 'Bad!' }, { secretName: null }, { certManager: 'corp-ca' }])('is not missed when its source is wrong: %j', tls => {
    expect(paths(refusalOf({ parca: { tls } }))).toEqual([`parca.tls.${Object.keys(tls)[0]}`]);
  });
});

describe('Bucket of Parca', () => {
  const s3 = { bucket: 'profiles', region: 'eu-central-1', roleArn: 'arn:aws:iam::111122223333:role/parca' };
  const gcs = { bucket: 'profiles', serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' };
  const storage = (objectStorage: object) => refusalOf(parca({ server: { objectStorage } }));

  it.each([{}, { egressCidrs: ['10.0.0.0/8'] }])('is refused when there is none: %j', keys => {
    expect(onlyProblem(storage(keys))).toEqual({
      path: 'parca.server.objectStorage',
      message: 'names no bucket',
      allowed: 'exactly one of `s3`, `gcs` and `azure`',
      fix: 'add the bucket, or remove the key to keep profiles on the volume',
    });
  });

  it('is refused when there are two', () => {
    expect(onlyProblem(storage({ s3, gcs }))).toEqual({
      path: 'parca.server.objectStorage',
      message: 'names several buckets: s3, gcs',
      allowed: 'exactly one of `s3`, `gcs` and `azure`',
      fix: 'keep one',
    });
  });

  it('is not missed when it is wrong', () => {
    expect(paths(storage({ s3: 'profiles' }))).toEqual(['parca.server.objectStorage.s3']);
  });
});

describe('Secrets of Parca', () => {
  it.each<[string, string, string, object]>([
    [
      'parca.tokens.read.secretName', 'parca.tokens.push', 'shared', parca({ tokens: { push: { secretName: 'shared' }, read: { secretName: 'shared' } } }),
    ],
    ['parca.tokens.read.secretName', 'parca.tokens.push', 'parca-push-token', parca({ tokens: { read: { secretName: 'parca-push-token' } } })],
    ['parca.tokens.read.secretName', 'parca.tokens.push', 'parca-read-token', parca({ tokens: { push: { secretName: 'parca-read-token' } } })],
    ['parca.tokens.metrics.secretName', 'parca.tls', 'parca-tls', parca({ tokens: { metrics: { secretName: 'parca-tls' } } })],
    [
      'parca.tokens.symbols.secretName', 'parca.tls', 'parca-tls',
      { parca: { tls: { certManager: { issuerRef: { name: 'a' } } }, tokens: { symbols: { secretName: 'parca-tls' } } } },
    ],
  ])('are refused for two purposes: %s and %s', (path, owner, name, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path,
      message: `is also the Secret of \`${owner}\``,
      found: name,
      allowed: 'a Secret of its own for the certificate, for each role, and for each pool that has a token of its own',
      fix: 'rename one of the two',
    });
  });

  it('are refused for two node pools, and for a pool and a role', () => {
    const pool = (name: string, secretName: string) => ({ name, nodeSelector: { pool: name }, pushToken: { secretName } });
    const sections = nodePools(pool('a', 'push-a'), pool('b', 'push-a'), pool('c', 'parca-read-token'));
    expect(refusalOf(sections).problems.map(({ path, message }) => [path.join('.'), message])).toEqual([
      ['agents.nodePools.1.pushToken.secretName', 'is also the Secret of `agents.nodePools.0.pushToken`'],
      ['agents.nodePools.2.pushToken.secretName', 'is also the Secret of `parca.tokens.read`'],
    ]);
  });

  it('are refused for a store elsewhere and a pool', () => {
    const pool = { name: 'a', nodeSelector: { pool: 'a' }, pushToken: { secretName: 'store-token' } };
    expect(onlyProblem(refusalOf({ parca: REMOTE, ...nodePools(pool) }))).toMatchObject({
      path: 'agents.nodePools[0].pushToken.secretName', message: 'is also the Secret of `parca.remoteStore.tokenSecret`', found: 'store-token',
    });
  });

  it('are not compared with those of a server that is not there', () => {
    const pool = { name: 'a', pushToken: { secretName: 'parca-read-token' } };
    expect(() => resolved({ parca: REMOTE, ...nodePools(pool) })).not.toThrow();
  });

  it('are each compared with the first of their name', () => {
    const tokens = Object.fromEntries(['push', 'read', 'symbols'].map(role => [role, { secretName: 'shared' }]));
    expect(refusalOf(parca({ tokens })).problems.map(({ message }) => message)).toEqual(Array(2).fill('is also the Secret of `parca.tokens.push`'));
  });
});

describe('Limits of Parca\'s gateway', () => {
  it.each([
    ['uploadSize', { uploadSize: '9Gi' }, 'uploadSize 9Gi, uploadsPerDay 8Gi'],
    ['uploadsPerDay', { uploadsPerDay: '512Mi' }, 'uploadSize 1Gi, uploadsPerDay 512Mi'],
  ])('let a whole file fit into a day: %s', (key, gateway, found) => {
    expect(onlyProblem(refusalOf(parca({ gateway })))).toEqual({
      path: `parca.gateway.${key}`,
      message: 'makes the largest upload larger than what may be uploaded in a day',
      found,
      allowed: 'an `uploadSize` of at most `uploadsPerDay`',
      fix: 'lower `uploadSize` or raise `uploadsPerDay`',
    });
  });

  it('are no more than it can count', () => {
    expect(onlyProblem(refusalOf(parca({ gateway: { pushPerMinute: '21Gi' } })))).toEqual({
      path: 'parca.gateway.pushPerMinute',
      message: 'is more than the gateway can count',
      found: '21Gi',
      allowed: 'at most 20Gi',
      fix: 'lower it; node pools with a `pushToken` of their own are counted each for itself',
    });
  });

  it.each([0, 99, 10_001])('are for a number of clients that it can be sized for, not %d', clients => {
    expect(onlyProblem(refusalOf(parca({ gateway: { clients } })))).toMatchObject({
      path: 'parca.gateway.clients', message: 'is out of range', found: `${clients}`, allowed: '100 to 10000',
    });
  });
});
