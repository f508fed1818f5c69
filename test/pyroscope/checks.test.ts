import { agents, BUCKETS, CREDENTIALS, inNamespaces, onlyProblem, parca, paths, pyroscope, refusalOf, refusalOfText, tenants } from '../config/errors';
import { resolved } from '../support';

const { s3, gcs } = BUCKETS;
const microservices = { mode: 'microservices', storage: { s3 } };
const certManager = { issuerRef: { name: 'corp-ca' } };
const REMOTE = { remote: { url: 'https://profiles.example.com' } };

/** Tenants of a Pyroscope elsewhere. */
const remoteTenants = (...list: object[]) => ({ pyroscope: { ...tenants(...list).pyroscope, ...REMOTE } });

describe('Delivery of Pyroscope', () => {
  it('is refused as manifests for microservices', () => {
    expect(onlyProblem(refusalOf(pyroscope({ ...microservices, delivery: 'native' })))).toEqual({
      path: 'pyroscope.delivery',
      message: 'is for a single binary only',
      found: 'native',
      allowed: 'chart with mode microservices',
      fix: 'remove it, or use mode singleBinary',
    });
  });

  it.each([{ ...microservices, delivery: 'chart' }, microservices, { mode: 'singleBinary', delivery: 'native' }, { delivery: 'native' }, { delivery: 'chart' }])(
    'is accepted: %j', keys => {
      expect(() => resolved(pyroscope(keys))).not.toThrow();
    });

  it('is not compared with a mode that is wrong', () => {
    expect(paths(refusalOf(pyroscope({ mode: 'Microservices', delivery: 'native' })))).toEqual(['pyroscope.mode']);
  });
});

describe('Bucket of Pyroscope', () => {
  it.each([{}, { egressCidrs: ['10.0.0.0/8'] }])('is refused when it is none: %j', storage => {
    expect(onlyProblem(refusalOf(pyroscope({ storage })))).toEqual({
      path: 'pyroscope.storage', message: 'names no bucket', allowed: 'exactly one of `s3`, `gcs` and `azure`', fix: 'add the bucket',
    });
  });

  it('is refused when it is two', () => {
    expect(onlyProblem(refusalOf(pyroscope({ storage: { gcs, s3 } })))).toEqual({
      path: 'pyroscope.storage', message: 'names several buckets: s3, gcs', allowed: 'exactly one of `s3`, `gcs` and `azure`', fix: 'keep one',
    });
  });

  it('is required for microservices', () => {
    expect(onlyProblem(refusalOf(pyroscope({ mode: 'microservices' })))).toEqual({
      path: 'pyroscope.storage',
      message: 'is required for microservices: they have no volume in common',
      allowed: 'exactly one of `s3`, `gcs` and `azure`',
      fix: 'write\nstorage: { s3: { bucket: my-profiles, region: eu-west-1, roleArn: "arn:aws:iam::111122223333:role/pyroscope" } }\nor use mode singleBinary',
    });
  });

  it('is not missed when it is wrong', () => {
    expect(paths(refusalOf(pyroscope({ mode: 'microservices', storage: 's3://profiles' })))).toEqual(['pyroscope.storage']);
    expect(paths(refusalOf(pyroscope({ storage: { s3: 'profiles' } })))).toEqual(['pyroscope.storage.s3']);
  });

  it.each(Object.entries(BUCKETS))('is accepted in either mode: %s', (kind, bucket) => {
    ['singleBinary', 'microservices'].forEach(mode => {
      expect(() => resolved(pyroscope({ mode, storage: { [kind]: bucket, egressCidrs: [] } }))).not.toThrow();
    });
  });

  it('is not needed by a single binary', () => {
    expect(() => resolved(pyroscope({ mode: 'singleBinary' }))).not.toThrow();
  });
});

describe('Certificate of Pyroscope', () => {
  it('is refused with both sources', () => {
    expect(onlyProblem(refusalOf(pyroscope({ tls: { certManager, secretName: 'a' } })))).toEqual({
      path: 'pyroscope.tls',
      message: 'has both `certManager` and `secretName`',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'remove one of the two',
    });
  });

  it.each([{}, { caConfigMap: { name: 'corp-ca' } }])('is refused without a source: %j', tls => {
    expect(onlyProblem(refusalOf(pyroscope({ tls })))).toEqual({
      path: 'pyroscope.tls',
      message: 'names no certificate',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'add one of the two, or remove `tls` to have it like `parca.tls`',
    });
  });

  it.each([{ secretName: 'Bad!' }, { certManager: 'corp-ca' }])('is not missed when its source is wrong: %j', tls => {
    expect(paths(refusalOf(pyroscope({ tls })))).toEqual([`pyroscope.tls.${Object.keys(tls)[0]}`]);
  });

  it.each([undefined, { secretName: 'a' }, { certManager }])('is accepted: %j', tls => {
    expect(() => resolved(pyroscope({ tls }))).not.toThrow();
  });

  it.each<[string, object]>([
    ['no Parca', { parca: undefined }],
    ['agents that send elsewhere', { parca: { remoteStore: { address: 'store.example.com:443', tokenSecret: { secretName: 'a' } } } }],
  ])('is required where there is none to be like: %s', (_, sections) => {
    expect(onlyProblem(refusalOf({ ...sections, ...pyroscope() }))).toEqual({
      path: 'pyroscope.tls',
      message: 'is required without a Parca server, whose certificate it would be like',
      allowed: 'exactly one of `certManager` and `secretName`',
      fix: 'write\ntls: { secretName: pyroscope-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }',
    });
    expect(() => resolved({ ...sections, ...pyroscope({ tls: { secretName: 'a' } }) })).not.toThrow();
  });

  it.each<[string, object]>([['parca', { parca: 7, ...pyroscope() }], ['pyroscope.tls', { parca: undefined, ...pyroscope({ tls: 'a' }) }]])(
    'is not required where %s is wrong', (path, sections) => {
      expect(paths(refusalOf(sections))).toEqual([path]);
    });

  it('is not required for a Pyroscope elsewhere', () => {
    expect(() => resolved({ parca: undefined, ...pyroscope(REMOTE) })).not.toThrow();
  });
});

describe('A Pyroscope here or elsewhere', () => {
  const elsewhere = (path: string) => ({
    path,
    message: 'is for a Pyroscope here, and `pyroscope.remote` is one elsewhere',
    allowed: 'one of the two',
    fix: 'remove it, or `pyroscope.remote` to have a Pyroscope here',
  });

  it.each<[string, unknown]>([
    ['namespace', 'pyro'], ['mode', 'singleBinary'], ['delivery', 'chart'], ['storage', { s3 }], ['persistence', {}], ['tls', { secretName: 'a' }], ['gateway', {}],
    ['readers', []], ['grafana', { namespace: 'monitoring' }], ['pod', {}], ['retention', '7d'], ['ingestionRateMb', 4], ['ingestionBurstMb', 8], ['maxProfileSize', '4Mi'],
    ['maxLabelNamesPerSeries', 30], ['maxStacktraceDepth', 1000], ['maxStacktraceSamples', 16_000], ['maxQueryLength', '1d'],
  ])('is one of the two: %s', (key, value) => {
    expect(onlyProblem(refusalOf(pyroscope({ ...REMOTE, [key]: value })))).toEqual(elsewhere(`pyroscope.${key}`));
  });

  it('is one of the two: gatewayReplicas, which only a chart has anyway', () => {
    expect(refusalOf(pyroscope({ ...REMOTE, gatewayReplicas: 3 })).problems).toContainEqual({ ...elsewhere(''), path: ['pyroscope', 'gatewayReplicas'] });
  });

  it.each<[string, object]>([['retention', { retention: '7d' }], ['grafana', { grafana: {} }], ['offboarding', { offboarding: false }], ['maxQueryLength', { maxQueryLength: '1h' }]])(
    'keeps to itself what it grants tenants: %s', (key, keys) => {
      expect(onlyProblem(refusalOf(remoteTenants({}, keys)))).toEqual(elsewhere(`pyroscope.tenants[1].${key}`));
    });

  it('knows a tenant by its user or by its id', () => {
    expect(onlyProblem(refusalOf(remoteTenants({ user: '123456', tenantId: 'a' })))).toEqual({
      path: 'pyroscope.tenants[0].user',
      message: 'and `tenantId` name the tenant twice',
      found: '123456',
      allowed: 'one of the two',
      fix: 'keep the one that this Pyroscope asks for',
    });
    expect(() => resolved(remoteTenants({ user: '123456' }, { tenantId: 'a' }, {}))).not.toThrow();
  });

  it('knows no users here', () => {
    expect(onlyProblem(refusalOf(tenants({}, { user: '123456' })))).toEqual({
      path: 'pyroscope.tenants[1].user',
      message: 'is a user at a Pyroscope elsewhere; that here knows tokens alone',
      found: '123456',
      allowed: 'with `pyroscope.remote` only',
      fix: 'remove it',
    });
  });

  it('is not worth a section where nobody is profiled', () => {
    expect(onlyProblem(refusalOf(remoteTenants({ ebpf: { enabled: false } }, { ebpf: { enabled: false }, java: { enabled: false } })))).toEqual({
      path: 'pyroscope.remote',
      message: 'is sent nothing: no tenant is profiled on the nodes',
      allowed: 'at least one tenant with `ebpf` or `java`',
      fix: 'switch one on, or remove the section `pyroscope`',
    });
    expect(() => resolved(remoteTenants({ ebpf: { enabled: false } }, { ebpf: { enabled: false }, java: { enabled: true } }))).not.toThrow();
  });

  it('is not taken for one here where `remote` is wrong', () => {
    expect(paths(refusalOf({ parca: undefined, ...pyroscope({ remote: 'https://profiles.example.com' }) }))).toEqual(['pyroscope.remote']);
    expect(paths(refusalOf(pyroscope({ remote: { url: 'http://profiles.example.com' } })))).toEqual(['pyroscope.remote.url']);
  });

  it('keeps the rules of tenants that hold for every Pyroscope', () => {
    expect(paths(refusalOf(remoteTenants({ namespaces: ['shop'] }, { namespaces: ['shop'] })))).toEqual(['pyroscope.tenants[1].namespaces[0]']);
    expect(paths(refusalOf({ ...remoteTenants({ namespaces: ['payments'] }), scope: { sensitiveNamespaces: ['payments'] } }))).toEqual(['pyroscope.tenants[0].ebpf.enabled']);
  });
});

describe('Ids of tenants', () => {
  const twice = (path: string, owner: string, found: string) => ({
    path,
    message: `is the id of tenant \`${owner}\` as well`,
    found,
    allowed: 'a different id for each tenant: it is what keeps their profiles apart',
    fix: 'change one of the two',
  });

  it('are refused when two tenants have one', () => {
    expect(onlyProblem(refusalOf(tenants({ name: 'a', tenantId: 'T1' }, { name: 'b', tenantId: 'T1' })))).toEqual(twice('pyroscope.tenants[1].tenantId', 'a', 'T1'));
  });

  it('are refused when they are the name of another', () => {
    expect(onlyProblem(refusalOf(tenants({ name: 'a' }, { name: 'b', tenantId: 'a' })))).toEqual(twice('pyroscope.tenants[1].tenantId', 'a', 'a'));
    expect(onlyProblem(refusalOf(tenants({ name: 'b', tenantId: 'a' }, { name: 'a' })))).toEqual(twice('pyroscope.tenants[1].name', 'b', 'a'));
  });

  it('are refused elsewhere as well', () => {
    expect(paths(refusalOf(remoteTenants({ tenantId: 'T1' }, { tenantId: 'T1' })))).toEqual(['pyroscope.tenants[1].tenantId']);
  });

  it.each<[string, object[]]>([
    ['each has its own', [{ tenantId: 'T1' }, { tenantId: 't1' }, {}]],
    ['two have changed theirs', [{ name: 'a', tenantId: 'b' }, { name: 'b', tenantId: 'a' }]],
  ])('are accepted where %s', (_, list) => {
    expect(() => resolved(tenants(...list))).not.toThrow();
  });

  it('are not compared with a name where they are wrong', () => {
    expect(paths(refusalOf(tenants({ name: 'a' }, { name: 'b', tenantId: 'a|b' })))).toEqual(['pyroscope.tenants[1].tenantId']);
  });
});

describe('Settings of the gateway\'s pods', () => {
  const gateway = { gateway: { pod: { priorityClassName: 'corp-critical' } } };

  it.each([{}, { mode: 'singleBinary' }, { delivery: 'native' }])('are refused where it has no pods of its own: %j', keys => {
    expect(onlyProblem(refusalOf(pyroscope({ ...keys, ...gateway })))).toEqual({
      path: 'pyroscope.gateway.pod',
      message: 'has no effect: the gateway runs in the pod of the single binary',
      allowed: 'delivery chart, where the gateway is a Deployment',
      fix: 'remove it: `pyroscope.pod` is for both',
    });
  });

  it.each([{ delivery: 'chart' }, microservices])('are accepted where it is a Deployment: %j', keys => {
    expect(() => resolved(pyroscope({ ...keys, ...gateway }))).not.toThrow();
  });

  it.each([{ delivery: 'helm' }, { mode: 'cluster' }])('are not compared with what is wrong: %j', keys => {
    expect(paths(refusalOf(pyroscope({ ...keys, ...gateway })))).toEqual([`pyroscope.${Object.keys(keys)[0]}`]);
  });

  it('are not compared with a size that is wrong', () => {
    expect(paths(refusalOf(pyroscope({ delivery: 'chart', gateway: { clients: 7, pod: { resources: { memoryRequest: '8Gi' } } } })))).toEqual(['pyroscope.gateway.clients']);
  });
});

describe('Names of tenants and readers', () => {
  const twice = (path: string, found: string) =>
    ({ path, message: 'is a name twice', found, allowed: 'a different name for each tenant and reader', fix: 'rename one of the two' });

  it('are refused when two tenants have one', () => {
    expect(onlyProblem(refusalOf(tenants({ name: 'a' }, { name: 'b' }, { name: 'a' })))).toEqual(twice('pyroscope.tenants[2].name', 'a'));
  });

  it('are refused when a reader has that of a tenant', () => {
    const readers = [{ name: 'all', tenants: ['checkout'] }, { name: 'checkout', tenants: ['checkout'] }];
    expect(onlyProblem(refusalOf(pyroscope({ readers })))).toEqual(twice('pyroscope.readers[1].name', 'checkout'));
  });

  it('are refused when two readers have one', () => {
    const readers = [{ name: 'all', tenants: ['checkout'] }, { name: 'all', tenants: ['anonymous'] }];
    expect(onlyProblem(refusalOf(pyroscope({ readers })))).toEqual(twice('pyroscope.readers[1].name', 'all'));
  });

  it('are refused of a tenant that leaves as well', () => {
    expect(onlyProblem(refusalOf(tenants({ name: 'a', offboarding: true }, { name: 'a' })))).toEqual(twice('pyroscope.tenants[1].name', 'a'));
  });

  it('are accepted when one begins like another', () => {
    const readers = [{ name: 'a-b-c', tenants: ['a', 'a-b'] }];
    expect(() => resolved(pyroscope({ tenants: [{ name: 'a', namespaces: ['x'] }, { name: 'a-b', namespaces: ['y'] }], readers }))).not.toThrow();
  });

  it('are reported once where they are wrong', () => {
    expect(paths(refusalOf(tenants({ name: 'A!' }, { name: 'A!' })))).toEqual(['pyroscope.tenants[0].name', 'pyroscope.tenants[1].name']);
  });
});

describe('Namespaces of tenants', () => {
  it.each<[string, object]>([
    ['kube-system', {}], ['default', {}], ['profiling', {}], ['profiling-agents', {}], ['pyroscope', {}],
    ['srv', parca({ namespace: 'srv' })], ['nodes', agents({ namespace: 'nodes' })],
  ])('are refused where they are no applications\': %s', (namespace, sections) => {
    expect(onlyProblem(refusalOf({ ...sections, ...tenants({ namespaces: ['shop', namespace] }) }))).toEqual({
      path: 'pyroscope.tenants[0].namespaces[1]',
      message: 'belongs to Kubernetes or to this deployment',
      found: namespace,
      allowed: 'namespaces of applications',
      fix: 'remove it',
    });
  });

  it('are refused where Pyroscope itself is, also when they only push', () => {
    expect(paths(refusalOf(pyroscope({ namespace: 'pyro', tenants: [{ name: 'a', namespaces: ['pyro'], ebpf: { enabled: false } }] }))))
      .toEqual(['pyroscope.tenants[0].namespaces[0]']);
  });

  it('are accepted where they have the default name of what has another', () => {
    const sections = { ...inNamespaces('srv', 'nodes'), ...pyroscope({ namespace: 'pyro' }) };
    const list = [{ name: 'a', namespaces: ['profiling', 'profiling-agents', 'pyroscope'] }];
    expect(() => resolved({ ...sections, pyroscope: { ...sections.pyroscope, tenants: list } })).not.toThrow();
  });

  it('are refused where two tenants have them', () => {
    expect(onlyProblem(refusalOf(tenants({ namespaces: ['shop'] }, { namespaces: ['web'] }, { namespaces: ['jobs', 'shop'] })))).toEqual({
      path: 'pyroscope.tenants[2].namespaces[1]',
      message: 'is a namespace of tenant `tenant-0` as well',
      found: 'shop',
      allowed: 'each namespace in one tenant: its profiles go to one place',
      fix: 'remove it from one of the two; a reader of several tenants is an entry of `pyroscope.readers`',
    });
  });

  it('are each compared with the first tenant that has them', () => {
    const { problems } = refusalOf(tenants({ namespaces: ['shop'] }, { namespaces: ['shop'] }, { namespaces: ['shop'] }));
    expect(problems.map(({ message }) => message)).toEqual(Array(2).fill('is a namespace of tenant `tenant-0` as well'));
  });

  it('are refused of a tenant that leaves as well', () => {
    expect(paths(refusalOf(tenants({ namespaces: ['shop'], offboarding: true }, { namespaces: ['shop'] })))).toEqual(['pyroscope.tenants[1].namespaces[0]']);
  });

  it('are accepted where they stand twice in one tenant', () => {
    expect(() => resolved(tenants({ namespaces: ['shop', 'shop'] }))).not.toThrow();
  });

  it('call a tenant by its number where its name is wrong', () => {
    const error = refusalOf(tenants({ name: 'A!', namespaces: ['shop'] }, { namespaces: ['shop'] }));
    expect(paths(error)).toEqual(['pyroscope.tenants[0].name', 'pyroscope.tenants[1].namespaces[0]']);
    expect(error.problems[1].message).toBe('is a namespace of tenant `number 1` as well');
  });

  it('keep their index behind one that is wrong', () => {
    expect(paths(refusalOf(tenants({ namespaces: ['Bad!', 'Bad!', 'default'] })))).toEqual([0, 1, 2].map(i => `pyroscope.tenants[0].namespaces[${i}]`));
  });
});

describe('A tenant with a sensitive namespace', () => {
  const scope = { sensitiveNamespaces: ['auth', 'payments'] };
  const namespaces = ['shop', 'payments'];
  const must = (key: string) => ({
    path: `pyroscope.tenants[0].${key}.enabled`,
    message: 'must be off: the namespace `payments` is sensitive, and nothing on the node may profile it',
    found: 'true',
    allowed: 'false; its applications push with a token of their own',
    fix: `write\n${key}: { enabled: false }\nor give \`payments\` to a tenant of its own`,
  });

  it.each([{}, { ebpf: {} }, { ebpf: { enabled: true } }])('is refused with eBPF: %j', keys => {
    expect(onlyProblem(refusalOf({ scope, ...tenants({ namespaces, ...keys }) }))).toEqual(must('ebpf'));
  });

  it('is refused with Java', () => {
    expect(onlyProblem(refusalOf({ scope, ...tenants({ namespaces, ebpf: { enabled: false }, java: { enabled: true } }) }))).toEqual(must('java'));
  });

  it('is refused with both at once', () => {
    expect(paths(refusalOf({ scope, ...tenants({ namespaces, java: { enabled: true } }) }))).toEqual([must('ebpf').path, must('java').path]);
  });

  it.each([{ ebpf: { enabled: false } }, { ebpf: { enabled: false }, java: { enabled: false, alloc: '512k' } }, { offboarding: true }, { offboarding: true, java: { enabled: true } }])(
    'is accepted where the nodes do not profile it: %j', keys => {
      expect(() => resolved({ scope, ...tenants({ namespaces, ...keys }) })).not.toThrow();
    });

  it('does not concern other tenants', () => {
    expect(() => resolved({ scope, ...tenants({ namespaces, ebpf: { enabled: false } }, { java: { enabled: true } }) })).not.toThrow();
  });

  it.each<[string, object]>([
    ['ebpf', { ebpf: 'off' }], ['ebpf.enabled', { ebpf: { enabled: 'no' } }], ['offboarding', { offboarding: 'yes' }],
    ['java', { ebpf: { enabled: false }, java: 'on' }], ['java.enabled', { ebpf: { enabled: false }, java: { enabled: 'yes' } }],
  ])('is not compared where `%s` is wrong', (path, keys) => {
    expect(paths(refusalOf({ scope, ...tenants({ namespaces, ...keys }) }))).toEqual([`pyroscope.tenants[0].${path}`]);
    expect(paths(refusalOf({ scope: { namespaces: ['elsewhere'] }, ...tenants({ namespaces, ...keys }) }))).toEqual([`pyroscope.tenants[0].${path}`]);
  });
});

describe('A tenant outside the scope', () => {
  const scope = { namespaces: ['shop', 'web'] };

  it.each([{}, { ebpf: { enabled: false }, java: { enabled: true } }])('is refused where the nodes profile it: %j', keys => {
    expect(onlyProblem(refusalOf({ scope, ...tenants({ namespaces: ['shop', 'jobs'], ...keys }) }))).toEqual({
      path: 'pyroscope.tenants[0].namespaces[1]',
      message: 'is not among `scope.namespaces`, so the nodes must not profile it',
      found: 'jobs',
      allowed: 'one of shop, web; or a tenant that only pushes',
      fix: 'add it to `scope.namespaces`, or write `ebpf: { enabled: false }`',
    });
  });

  it.each([{ ebpf: { enabled: false } }, { offboarding: true }])('is accepted where they do not: %j', keys => {
    expect(() => resolved({ scope, ...tenants({ namespaces: ['jobs'], ...keys }) })).not.toThrow();
  });

  it('is accepted where the scope names all of it, or nothing', () => {
    expect(() => resolved({ scope, ...tenants({ namespaces: ['web', 'shop'] }) })).not.toThrow();
    expect(() => resolved({ scope: {}, ...tenants({ namespaces: ['jobs'] }) })).not.toThrow();
  });

  it('is not compared with a scope that is wrong', () => {
    expect(paths(refusalOf({ scope: { namespaces: [] }, ...pyroscope() }))).toEqual(['scope.namespaces']);
  });

  it('is not shown what is wrong in the scope', () => {
    const error = refusalOf({ scope: { namespaces: ['Bad!', 'web'] }, ...tenants({ namespaces: ['jobs', 'Bad!'] }) });
    expect(paths(error)).toEqual(['scope.namespaces[0]', 'pyroscope.tenants[0].namespaces[1]', 'pyroscope.tenants[0].namespaces[0]']);
    expect(error.problems[2].allowed).toBe('one of web; or a tenant that only pushes');
  });
});

describe('Tenants of readers', () => {
  const reader = (...names: unknown[]) => [{ name: 'all', tenants: names }];

  it('are refused where there are none of that name', () => {
    expect(onlyProblem(refusalOf(pyroscope({ readers: reader('checkout', 'chekout') })))).toEqual({
      path: 'pyroscope.readers[0].tenants[1]',
      message: 'is no tenant',
      found: 'chekout',
      allowed: 'checkout, anonymous',
      fix: 'correct the name, or add the tenant',
    });
  });

  it('are refused where it is a reader', () => {
    const readers = [...reader('checkout'), { name: 'more', tenants: ['all'] }];
    expect(onlyProblem(refusalOf(pyroscope({ readers })))).toMatchObject({ path: 'pyroscope.readers[1].tenants[0]', message: 'is no tenant' });
  });

  it('are accepted with what was stored before tenancy, and of tenants that leave', () => {
    const list = [{ name: 'checkout', namespaces: ['checkout'], offboarding: true }];
    expect(() => resolved(pyroscope({ tenants: list, readers: reader('checkout', 'anonymous') }))).not.toThrow();
  });

  it.each<[string, unknown, string[]]>([
    ['of the wrong type', 'checkout', ['pyroscope.tenants']],
    ['empty', [], ['pyroscope.tenants']],
    ['missing', undefined, ['pyroscope.tenants']],
    ['wrong in part', ['checkout', { name: 'a', namespaces: ['b'] }], ['pyroscope.tenants[0]']],
    ['of a wrong name', [{ name: 'Checkout', namespaces: ['b'] }], ['pyroscope.tenants[0].name']],
  ])('are not compared with tenants that are %s', (_, list, expected) => {
    expect(paths(refusalOf(pyroscope({ tenants: list, readers: reader('checkout') })))).toEqual(expected);
  });

  it('keep their index behind one that is wrong', () => {
    expect(paths(refusalOf(pyroscope({ readers: ['all', ...reader(7, 'other')] })))).toEqual([
      'pyroscope.readers[0]', 'pyroscope.readers[1].tenants[0]', 'pyroscope.readers[1].tenants[1]',
    ]);
  });
});

describe('Bursts', () => {
  const tooSmall = (path: string, burst: number, rate: number) => ({
    path,
    message: 'is less than `ingestionRateMb`: larger pushes would always be refused',
    found: String(burst),
    allowed: `at least ${rate}`,
    fix: 'raise it, or remove it to get twice the rate and room for the largest profile',
  });

  it.each<[object, number, number]>([[{ ingestionBurstMb: 3 }, 3, 4], [{ ingestionRateMb: 10, ingestionBurstMb: 9 }, 9, 10]])(
    'for all tenants are refused below the rate: %j', (keys, burst, rate) => {
      expect(onlyProblem(refusalOf(pyroscope(keys)))).toEqual(tooSmall('pyroscope.ingestionBurstMb', burst, rate));
    });

  it.each<[string, object, object, number]>([
    ['its own', { ingestionRateMb: 2 }, { ingestionRateMb: 20, ingestionBurstMb: 19 }, 20],
    ['that of all', { ingestionRateMb: 20 }, { ingestionBurstMb: 19 }, 20],
    ['the default', {}, { ingestionBurstMb: 3 }, 4],
  ])('of a tenant are refused below the rate, which is %s', (_, all, own, rate) => {
    const { pyroscope: { tenants: list } } = tenants(own) as { pyroscope: { tenants: object[] } };
    const burst = (own as { ingestionBurstMb: number }).ingestionBurstMb;
    expect(onlyProblem(refusalOf(pyroscope({ ...all, tenants: list })))).toEqual(tooSmall('pyroscope.tenants[0].ingestionBurstMb', burst, rate));
  });

  it.each<[object, object]>([
    [{ ingestionBurstMb: 4 }, {}],
    [{ ingestionRateMb: 10, ingestionBurstMb: 10 }, {}],
    [{ ingestionRateMb: 10 }, { ingestionRateMb: 2, ingestionBurstMb: 4 }],
    [{ ingestionRateMb: 4, ingestionBurstMb: 4 }, { ingestionRateMb: 8 }], // twice its own rate, not the burst of all
    [{ maxProfileSize: '16Mi' }, { ingestionBurstMb: 16 }],
    [{ maxProfileSize: '16Mi', ingestionBurstMb: 16 }, { maxProfileSize: '4Mi' }],
    [{ ingestionBurstMb: 8 }, { maxProfileSize: '96Mi', ingestionRateMb: 2 }], // a burst that follows from its own rate and size
    [{ maxProfileSize: '96Mi', ingestionRateMb: 1 }, {}],
  ])('are accepted where they hold the rate and the largest profile: %j, %j', (all, own) => {
    expect(() => resolved(pyroscope({ ...all, tenants: [{ name: 'a', namespaces: ['b'], ...own }] }))).not.toThrow();
  });

  it.each<[string, object, object, object]>([
    ['ingestionBurstMb', { ingestionBurstMb: 15, maxProfileSize: '16Mi' }, {}, { found: '15', allowed: 'at least 16' }],
    ['ingestionBurstMb', { ingestionBurstMb: 4, maxProfileSize: '4097Ki' }, {}, { found: '4', allowed: 'at least 5' }],
    ['ingestionBurstMb', { ingestionBurstMb: 3, ingestionRateMb: 1 }, {}, { found: '3', allowed: 'at least 4' }],
    ['tenants[0].ingestionBurstMb', { maxProfileSize: '16Mi' }, { ingestionBurstMb: 15 }, { found: '15', allowed: 'at least 16' }],
  ])('are refused below the largest profile: %s of %j, %j', (path, all, own, expected) => {
    const problem = onlyProblem(refusalOf(pyroscope({ ...all, tenants: [{ name: 'a', namespaces: ['b'], ...own }] })));
    expect(problem).toMatchObject({ path: `pyroscope.${path}`, ...expected });
    expect(problem.message).toMatch(/^is less than `maxProfileSize` \(\d+[KM]i\): profiles of that size would always be refused$/);
  });

  it('of all tenants are no room for a larger profile of one', () => {
    const list = [{ name: 'a', namespaces: ['b'], maxProfileSize: '16Mi' }];
    expect(onlyProblem(refusalOf(pyroscope({ ingestionBurstMb: 8, tenants: list })))).toEqual({
      path: 'pyroscope.tenants[0].maxProfileSize',
      message: 'is more than `ingestionBurstMb` of all tenants: profiles of that size would always be refused',
      found: '16Mi',
      allowed: 'at most 8Mi',
      fix: 'lower it, or write `ingestionBurstMb: 16` beside it',
    });
  });

  it('are not compared with a rate or a size that is wrong', () => {
    const wrong = { ingestionRateMb: '1' };
    expect(paths(refusalOf(pyroscope({ ...wrong, ingestionBurstMb: 4 })))).toEqual(['pyroscope.ingestionRateMb']);
    expect(paths(refusalOf(tenants({ ...wrong, ingestionBurstMb: 4 })))).toEqual(['pyroscope.tenants[0].ingestionRateMb']);
    expect(paths(refusalOf(pyroscope({ ...wrong, tenants: [{ name: 'a', namespaces: ['b'], ingestionBurstMb: 4 }] })))).toEqual(['pyroscope.ingestionRateMb']);
    expect(paths(refusalOf(pyroscope({ ingestionRateMb: 1, ingestionBurstMb: 1, maxProfileSize: 4 })))).toEqual(['pyroscope.maxProfileSize']);
    expect(paths(refusalOf(tenants({ maxProfileSize: '16', ingestionBurstMb: 4 })))).toEqual(['pyroscope.tenants[0].maxProfileSize']);
    const list = [{ name: 'a', namespaces: ['b'], ingestionRateMb: '9', maxProfileSize: '16Mi' }];
    expect(paths(refusalOf(pyroscope({ ingestionBurstMb: 8, tenants: list })))).toEqual(['pyroscope.tenants[0].ingestionRateMb']);
  });

  it('are compared with the rate of the tenant where that of all is wrong', () => {
    const list = [{ name: 'a', namespaces: ['b'], ingestionRateMb: 9, ingestionBurstMb: 8 }];
    expect(paths(refusalOf(pyroscope({ ingestionRateMb: '1', tenants: list })))).toEqual(['pyroscope.ingestionRateMb', 'pyroscope.tenants[0].ingestionBurstMb']);
  });
});

describe('Options without effect', () => {
  it.each<[object, string]>([
    [{ alloc: '512k' }, 'alloc'], [{ lock: '10ms' }, 'lock'], [{ alloc: '512k', lock: '10ms' }, 'alloc'],
  ])('are those of Java that is not switched on: %j', (java, key) => {
    const [found] = Object.values(java) as string[];
    expect(onlyProblem(refusalOf(tenants({ java })))).toEqual({
      path: `pyroscope.tenants[0].java.${key}`,
      message: 'has no effect without `enabled`: Java is not profiled',
      found,
      allowed: 'options beside `enabled: true`; or beside `enabled: false`, to keep them for later',
      fix: `write\njava: { enabled: true, ${Object.entries(java).map(([name, value]) => `${name}: ${value as string}`).join(', ')} }\nor remove \`java\``,
    });
  });

  it.each([{}, { enabled: true, alloc: '512k' }, { enabled: false, alloc: '512k' }])('are not those of Java with %j', java => {
    expect(() => resolved(tenants({ java }))).not.toThrow();
  });

  it('of Java are not judged where `enabled` is wrong', () => {
    expect(paths(refusalOf(tenants({ java: { enabled: 'yes', alloc: '512k' } })))).toEqual(['pyroscope.tenants[0].java.enabled']);
  });

  it.each([{}, { mode: 'singleBinary' }, { delivery: 'native' }])('are replicas of a gateway that has the pod of the only server: %j', keys => {
    expect(onlyProblem(refusalOf(pyroscope({ ...keys, gatewayReplicas: 3 })))).toEqual({
      path: 'pyroscope.gatewayReplicas',
      message: 'has no effect: the gateway runs in the only pod of the single binary',
      found: '3',
      allowed: 'delivery chart, where the gateway is a Deployment',
      fix: 'remove it, or write `delivery: chart`',
    });
    expect(paths(refusalOf(pyroscope({ delivery: 'charts', gatewayReplicas: 3 })))).toEqual(['pyroscope.delivery']);
  });
});

describe('Query lengths', () => {
  const tooLong = (path: string, found: string, retention: string) => ({
    path, message: 'is longer than `retention`', found, allowed: `at most ${retention}`, fix: 'shorten it, or keep profiles longer',
  });

  it.each<[object, string, string]>([
    [{ maxQueryLength: '8d' }, '8d', '7d'], [{ maxQueryLength: '2w', retention: '13d' }, '2w', '13d'], [{ maxQueryLength: '25h', retention: '1d' }, '25h', '1d'],
  ])('for all tenants are refused beyond the retention: %j', (keys, found, retention) => {
    expect(onlyProblem(refusalOf(pyroscope(keys)))).toEqual(tooLong('pyroscope.maxQueryLength', found, retention));
  });

  it.each<[string, object, object, string]>([
    ['its own', { retention: '4w' }, { retention: '1d', maxQueryLength: '2d' }, '1d'],
    ['that of all', { retention: '1d' }, { maxQueryLength: '2d' }, '1d'],
    ['the default', {}, { maxQueryLength: '2w' }, '7d'],
  ])('of a tenant are refused beyond the retention, which is %s', (_, all, own, retention) => {
    const { maxQueryLength } = own as { maxQueryLength: string };
    expect(onlyProblem(refusalOf(pyroscope({ ...all, tenants: [{ name: 'a', namespaces: ['b'], ...own }] }))))
      .toEqual(tooLong('pyroscope.tenants[0].maxQueryLength', maxQueryLength, retention));
  });

  it.each<[object, object]>([
    [{ maxQueryLength: '7d' }, {}], [{ maxQueryLength: '168h' }, {}], [{ maxQueryLength: '1w' }, {}],
    [{ maxQueryLength: '3d' }, { retention: '1d' }], // cut to what is kept of the tenant
    [{ retention: '1d' }, { retention: '4w', maxQueryLength: '28d' }],
    [{}, { maxQueryLength: '7d', offboarding: true }],
  ])('are accepted where they are kept: %j, %j', (all, own) => {
    expect(() => resolved(pyroscope({ ...all, tenants: [{ name: 'a', namespaces: ['b'], ...own }] }))).not.toThrow();
  });

  it('are not compared with a retention that is wrong', () => {
    const keys = { retention: '90 days', maxQueryLength: '30d' };
    expect(paths(refusalOf(pyroscope(keys)))).toEqual(['pyroscope.retention']);
    expect(paths(refusalOf(tenants(keys)))).toEqual(['pyroscope.tenants[0].retention']);
    expect(paths(refusalOf(pyroscope({ retention: 90, tenants: [{ name: 'a', namespaces: ['b'], maxQueryLength: '30d' }] })))).toEqual(['pyroscope.retention']);
  });
});

describe('Organisations of Grafana', () => {
  const operator = { grafana: { namespace: 'monitoring', operator: { instanceLabels: { app: 'grafana' } } } };
  const list = (orgId?: number) => [{ name: 'a', namespaces: ['b'] }, { name: 'c', namespaces: ['d'], grafana: { orgId } }];
  const noEffect = (path: string) => ({
    path,
    message: 'has no effect with the Grafana Operator, which knows the main organisation alone',
    found: '2',
    allowed: '1',
    fix: 'remove it and use a Grafana for each tenant, or remove `pyroscope.grafana.operator`',
  });

  it('are refused with the operator', () => {
    expect(onlyProblem(refusalOf(pyroscope({ ...operator, tenants: list(2) })))).toEqual(noEffect('pyroscope.tenants[1].grafana.orgId'));
  });

  it('are refused with the operator for readers, too', () => {
    const readers = [{ name: 'r', tenants: ['a'] }, { name: 's', tenants: ['a'], grafana: { orgId: 2 } }];
    expect(onlyProblem(refusalOf(pyroscope({ ...operator, tenants: list(1), readers })))).toEqual(noEffect('pyroscope.readers[1].grafana.orgId'));
  });

  it('are accepted where they are the main one', () => {
    const readers = [{ name: 's', tenants: ['a'], grafana: { orgId: 1 } }, { name: 't', tenants: ['a'], grafana: {} }];
    expect(() => resolved(pyroscope({ ...operator, tenants: list(), readers }))).not.toThrow();
  });

  it.each([{}, { grafana: { namespace: 'monitoring' } }])('are accepted without the operator: %j', keys => {
    expect(() => resolved(pyroscope({ ...keys, tenants: list(2) }))).not.toThrow();
  });
});

describe('Numbers of Pyroscope', () => {
  it.each<[string, unknown, string]>([
    ['ingestionRateMb', 0, '1 to 1024'], ['ingestionRateMb', 1025, '1 to 1024'], ['maxLabelNamesPerSeries', 9, '10 to 100'], ['ingestionBurstMb', 2049, '1 to 2048'],
    ['maxLabelNamesPerSeries', 101, '10 to 100'], ['maxStacktraceDepth', 10_001, '1 to 10000'], ['maxStacktraceSamples', 1_000_001, '1 to 1000000'],
    ['gatewayReplicas', 1, '2 to 20'], ['gatewayReplicas', 21, '2 to 20'],
  ])('are refused out of their range: %s of %d', (key, value, allowed) => {
    expect(onlyProblem(refusalOf(pyroscope({ [key]: value })))).toEqual({
      path: `pyroscope.${key}`, message: 'is out of range', found: String(value), allowed, fix: 'use a number in that range',
    });
  });

  it('are refused out of their range for one tenant, too', () => {
    expect(onlyProblem(refusalOf(tenants({ ingestionRateMb: -1 })))).toMatchObject({ path: 'pyroscope.tenants[0].ingestionRateMb', allowed: '1 to 1024' });
    expect(onlyProblem(refusalOf(tenants({ grafana: { orgId: 0 } })))).toMatchObject({ path: 'pyroscope.tenants[0].grafana.orgId', allowed: '1 to 1000000' });
  });

  it('are whole', () => {
    expect(onlyProblem(refusalOf(pyroscope({ ingestionRateMb: 1.5 })))).toMatchObject({ message: 'has the wrong type', allowed: 'a whole number' });
  });

  it('are accepted at both ends', () => {
    const keys = ['ingestionRateMb', 'ingestionBurstMb', 'maxLabelNamesPerSeries', 'maxStacktraceDepth', 'maxStacktraceSamples', 'gatewayReplicas'];
    [[1, 4, 10, 1, 1, 2], [1024, 2048, 100, 10_000, 1_000_000, 20]].forEach(values => {
      expect(() => resolved(pyroscope({ delivery: 'chart', ...Object.fromEntries(keys.map((key, i) => [key, values[i]])) }))).not.toThrow();
    });
  });
});

describe('The section `pyroscope`', () => {
  it('is refused without tenants', () => {
    expect(onlyProblem(refusalOf({ pyroscope: {} }))).toMatchObject({ path: 'pyroscope.tenants', message: 'is required' });
    expect(onlyProblem(refusalOf({ pyroscope: { tenants: [] } }))).toMatchObject({ path: 'pyroscope.tenants', message: 'is empty' });
    expect(onlyProblem(refusalOf(tenants({ namespaces: [] })))).toMatchObject({ path: 'pyroscope.tenants[0].namespaces', message: 'is empty' });
  });

  it.each([null, 'yes', []])('is not judged where it is wrong: %j', section => {
    expect(paths(refusalOf({ ...parca({ namespace: 'pyroscope' }), pyroscope: section }))).toEqual(['pyroscope']);
  });

  it('makes its images required, and no others do', () => {
    const digest = `@sha256:${'0123456789abcdef'.repeat(4)}`;
    const images = { parca: `a${digest}`, agent: `b${digest}`, gateway: `c${digest}`, preflight: `d${digest}` };
    expect(paths(refusalOf({ images, ...pyroscope() }))).toEqual(['images.pyroscope', 'images.alloy']);
    expect(() => resolved({ images })).not.toThrow();
    expect(paths(refusalOf({ images, ...pyroscope(REMOTE) }))).toEqual(['images.alloy']);
  });

  it.each(Object.entries(CREDENTIALS))('is refused without showing %s that stands in it', (_, credential) => {
    const error = refusalOf({
      scope: { namespaces: ['checkout'] },
      ...pyroscope({
        namespace: credential,
        tenants: [{ name: credential, namespaces: [credential] }, { name: credential, namespaces: [credential] }],
        readers: [{ name: credential, tenants: [credential] }],
        grafana: { namespace: credential, caBundle: credential },
        remote: { url: credential, tokenSecret: { secretName: credential } },
      }),
      externalSecrets: { storeRef: { name: credential }, keyPrefix: credential },
    });
    expect(error.message).not.toContain(credential);
    expect(error.problems.length).toBeGreaterThan(9);
  });

  it('is judged at once, each problem at its line', () => {
    const { message } = refusalOfText(`
cluster: { name: dev }
images: { pinning: tagsAllowed }
parca: { tls: { secretName: parca-tls } }
scope:
  sensitiveNamespaces: [payments]
  namespaces: [shop]
pyroscope:
  namespace: profiling
  mode: microservices
  delivery: native
  ingestionRateMb: 8
  ingestionBurstMb: 7
  maxQueryLength: 2w
  gatewayReplicas: 1
  tls: {}
  pod: { resources: { memoryRequest: 2Gi, memoryLimit: 1Gi } }
  grafana:
    namespace: monitoring
    operator: { instanceLabels: { app: grafana } }
  tenants:
    - name: checkout
      namespaces: [shop, default]
      ingestionBurstMb: 5
    - name: cart
      namespaces:
        - payments
        - shop
      java: { enabled: true }
      grafana: { orgId: 2 }
    - name: cart
      namespaces: [search]
      ebpf: { enabled: "no" }
      maxQueryLength: 8d
  readers:
    - name: checkout
      tenants: [chekout]
      token: hunter2
`);
    expect(message.split('\n').filter(line => line.startsWith('profiling.yaml:')).map(line => line.replace('profiling.yaml:', ''))).toEqual([
      ' 22 problems',
      '8:1  pyroscope.storage: is required for microservices: they have no volume in common',
      '9:3  pyroscope.namespace: is also the namespace of the Parca server',
      '11:3  pyroscope.delivery: is for a single binary only',
      '13:3  pyroscope.ingestionBurstMb: is less than `ingestionRateMb`: larger pushes would always be refused',
      '14:3  pyroscope.maxQueryLength: is longer than `retention`',
      '15:3  pyroscope.gatewayReplicas: is out of range',
      '16:3  pyroscope.tls: names no certificate',
      '17:43  pyroscope.pod.resources.memoryLimit: makes the memory request larger than the limit',
      '23:26  pyroscope.tenants[0].namespaces[1]: belongs to Kubernetes or to this deployment',
      '23:26  pyroscope.tenants[0].namespaces[1]: is not among `scope.namespaces`, so the nodes must not profile it',
      '24:7  pyroscope.tenants[0].ingestionBurstMb: is less than `ingestionRateMb`: larger pushes would always be refused',
      '25:7  pyroscope.tenants[1].ebpf.enabled: must be off: the namespace `payments` is sensitive, and nothing on the node may profile it',
      '27:11  pyroscope.tenants[1].namespaces[0]: is not among `scope.namespaces`, so the nodes must not profile it',
      '28:11  pyroscope.tenants[1].namespaces[1]: is a namespace of tenant `checkout` as well',
      '29:15  pyroscope.tenants[1].java.enabled: must be off: the namespace `payments` is sensitive, and nothing on the node may profile it',
      '30:18  pyroscope.tenants[1].grafana.orgId: has no effect with the Grafana Operator, which knows the main organisation alone',
      '31:7  pyroscope.tenants[2].name: is a name twice',
      '33:15  pyroscope.tenants[2].ebpf.enabled: has the wrong type',
      '34:7  pyroscope.tenants[2].maxQueryLength: is longer than `retention`',
      '36:7  pyroscope.readers[0].name: is a name twice',
      '37:17  pyroscope.readers[0].tenants[0]: is no tenant',
      '38:7  pyroscope.readers[0].token: unknown key',
    ]);
  });
});

describe('A label called name', () => {
  it.each<[string, object]>([
    ['metadata.labels.name', { metadata: { labels: { name: 'a' } } }], ['pyroscope.pod.labels.name', {}],
  ])('is refused where the chart has it itself: %s', (path, sections) => {
    const pod = path.startsWith('pyroscope') ? { pod: { labels: { name: 'a' } } } : {};
    expect(onlyProblem(refusalOf({ ...sections, ...pyroscope({ delivery: 'chart', ...pod }) }))).toMatchObject({
      path, message: 'is a label that the chart of Pyroscope gives its pods itself',
    });
    expect(() => resolved({ ...sections, ...pyroscope(pod) })).not.toThrow();
  });
});
