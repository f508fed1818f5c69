import type { Deployment, StatefulSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, PodSpec, Service } from 'kubernetes-types/core/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { CHART, DELIVERIES, MICROSERVICES, pyroscope } from './tenants';
import type { Manifest } from '../../src/kube/manifest';
import { backendOf, linesOf, permissions } from '../gateway/requests';
import { find, render } from '../support';

const files = (keys: object = {}, sections: object = {}): Record<string, string> =>
  find<ConfigMap>(render({ ...sections, ...pyroscope(keys) }), 'ConfigMap', 'pyroscope-gateway').data!;
const credentials = (keys: object = {}): string[] => files(keys).credentials.trimEnd().split('\n');
const deploymentOf = (manifests: readonly Manifest[]): Deployment => find<Deployment>(manifests, 'Deployment', 'pyroscope-gateway', 'pyroscope');

describe('Credentials of Pyroscope', () => {
  it('are an own token for what runs on the nodes, what pushes and what reads, for each tenant that stays', () => {
    expect(credentials()).toEqual([
      'push checkout checkout.agent',
      'push checkout checkout.push',
      'push payments payments.push', // nothing on the nodes profiles it
      'read checkout checkout.read',
      'read payments payments.read',
      'metrics - metrics',
    ]);
  });

  it('are none for a tenant that leaves', () => {
    expect(files().credentials).not.toContain('old-shop');
  });

  it('show several tenants to a reader of them, and only to read', () => {
    const lines = credentials({ readers: [{ name: 'platform', tenants: ['payments', 'checkout', 'anonymous'] }] });
    expect(lines.filter(line => line.includes('|'))).toEqual(['read anonymous|checkout|payments platform.read']);
  });

  it('are of several tenants for nobody unless the document says so', () => {
    expect(credentials().filter(line => line.includes('|'))).toEqual([]);
  });

  it('are also there for a tenant that only Java is profiled of', () => {
    const tenants = [{ name: 'jvm', namespaces: ['jvm'], ebpf: { enabled: false }, java: { enabled: true } }];
    expect(credentials({ tenants })).toContain('push jvm jvm.agent');
  });

  it('name a tenant by its id, whatever its name is, also to readers', () => {
    const tenants = [{ name: 'checkout', tenantId: 'Team_A', namespaces: ['checkout'] }, { name: 'cart', tenantId: 'checkout', namespaces: ['cart'] }];
    const readers = [{ name: 'all', tenants: ['checkout', 'cart', 'anonymous'] }];
    expect(credentials({ tenants, readers })).toEqual([
      'push checkout cart.agent', 'push checkout cart.push', 'push Team_A checkout.agent', 'push Team_A checkout.push',
      'read checkout cart.read', 'read Team_A checkout.read', 'read Team_A|anonymous|checkout all.read', 'metrics - metrics',
    ]);
  });

  it('have one for metrics, be it only those of the gateway', () => {
    expect(credentials(CHART)).toContain('metrics - metrics');
    expect(credentials(MICROSERVICES)).toContain('metrics - metrics');
  });
});

const QUERIES = ['ProfileTypes', 'LabelValues', 'LabelNames', 'Series', 'SelectMergeStacktraces', 'SelectMergeSpanProfile', 'SelectMergeProfile', 'SelectSeries',
  'SelectHeatmap', 'Diff', 'GetProfileStats', 'AnalyzeQuery'];

describe.each(DELIVERIES)('The gateway before Pyroscope (%s)', (delivery, keys) => {
  const config = files(keys)['haproxy.cfg'];
  const component = (name: string): string => delivery === 'microservices' ? name : 'pyroscope';

  it.each<[string, string, string, string]>([
    ['POST', '/push.v1.PusherService/Push', 'push', 'distributor'],
    ['POST', '/ingest', 'push', 'distributor'],
    ['POST', '/pyroscope/ingest', 'push', 'distributor'],
    ...QUERIES.map((query): [string, string, string, string] => ['POST', `/querier.v1.QuerierService/${query}`, 'read', 'query-frontend']),
    ['POST', '/capabilities.v1.FeatureFlagsService/GetFeatureFlags', 'read', 'query-frontend'],
    ['POST', '/settings.v1.SettingsService/Get', 'read', 'tenant-settings'],
    ['GET', '/pyroscope/render', 'read', 'query-frontend'],
    ['HEAD', '/pyroscope/render-diff', 'read', 'query-frontend'],
  ])('lets %s %s through for one role, to the component that answers', (method, path, role, backend) => {
    expect(permissions(config, method, path)).toEqual([{ role, backend: component(backend) }]);
  });

  it.each([
    // Profiles of all tenants, and what runs the place.
    '/ops/object-store/tenants', '/ops/object-store/tenants/checkout/blocks', '/query-diagnostics', '/query-diagnostics/import', '/admin', '/metastore-nodes',
    '/metastore-client-test', '/ring', '/ring-segment-writer', '/distributor/ring', '/overrides-exporter/ring', '/memberlist', '/runtime_config',
    '/api/v1/status/config', '/api/v1/status/buildinfo', '/debug/pprof/heap', '/debug/fgprof', '/ready', '/', '/explore', '/static/app.js',
    '/version.v1.VersionService/Version', '/grpc.health.v1.Health/Check', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    // What changes a tenant, or lies beside what does.
    '/settings.v1.SettingsService/Set', '/settings.v1.SettingsService/Delete', '/settings.v1.RecordingRulesService/ListRecordingRules',
    '/settings.v1.RecordingRulesService/UpsertRecordingRule', '/adhocprofiles.v1.AdHocProfileService/Upload', '/adhocprofiles.v1.AdHocProfileService/Get',
    '/adhocprofiles.v1.AdHocProfileService/List', '/adhocprofiles.v1.AdHocProfileService/Diff',
    '/debuginfo.v1alpha1.DebuginfoService/ShouldInitiateUpload', '/debuginfo.v1alpha1.DebuginfoService/UploadFinished',
    '/debuginfo.v1alpha1.DebuginfoService/Upload/1', '/debuginfo.v1alpha1.DebuginfoService/ListDebuginfo',
    '/debuginfo.v1alpha1.DebuginfoService/DeleteDebuginfo', '/vcs.v1.VCSService/GithubApp', '/vcs.v1.VCSService/GetFile',
    '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export', '/v1development/profiles',
    '/segmentwriter.v1.SegmentWriterService/Push', '/metastore.v1.TenantService/DeleteTenant', '/raft_node.v1.RaftNodeService/RemoveNode',
    // Nearly what may pass.
    '/push.v1.PusherService/Push/', '/x/push.v1.PusherService/Push', '//ingest', '/ingest/', '/ingest/../admin', '/querier.v1.QuerierService/',
    '/querier.v1.QuerierService/ProfileTypesX', '/pyroscope/renderx', '/pyroscope/label-values', '/%70yroscope/render', '/pyroscope/', '/INGEST',
  ])('lets %s through for nobody', path => {
    expect(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].flatMap(method => permissions(config, method, path))).toEqual([]);
  });

  it('takes a profile by POST alone, and queries that way or as the paths of old', () => {
    ['GET', 'HEAD', 'PUT', 'DELETE'].forEach(method => expect(permissions(config, method, '/ingest')).toEqual([]));
    expect(permissions(config, 'GET', '/querier.v1.QuerierService/Series')).toEqual([]);
    expect(permissions(config, 'POST', '/pyroscope/render')).toEqual([]);
  });

  it('matches whole paths, and no patterns', () => {
    expect(linesOf(config).filter(line => /^acl route_/.test(line) && !/ path -m str \/\S+$/.test(line))).toEqual([]);
  });

  it('tells Pyroscope the tenant of the token, in place of any that came along', () => {
    const lines = linesOf(config);
    const strip = lines.findIndex(line => line.startsWith('http-request del-header') && line.includes('x[-_]scope[-_]orgid'));
    expect(strip).toBeGreaterThan(0);
    const set = lines.flatMap((line, index) => line.includes('set-header') ? [{ line, index }] : []);
    expect(set.map(({ line }) => line)).toEqual(['http-request set-header X-Scope-OrgID %[var(txn.tenant)] if { var(txn.tenant) -m found }']);
    expect(set[0].index).toBeGreaterThan(strip);
  });

  it('bounds how many connections there are', () => {
    expect(linesOf(config)).toContain('maxconn 6616'); // 4000 × 1.25 + 64, 1536 without a token, 16 probes
  });

  it('is reached under one name and port', () => {
    const { spec } = find<Service>(render(pyroscope(keys)), 'Service', 'pyroscope-gateway', 'pyroscope');
    expect(spec!.ports).toEqual([{ name: 'https', port: 7443, targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }]);
    expect(spec!.selector).toEqual({ 'app.kubernetes.io/name': delivery === 'native' ? 'pyroscope' : 'pyroscope-gateway' });
  });
});

describe('Metrics of Pyroscope', () => {
  it.each<[string, object, string]>([['native', {}, 'admin'], ['chart', CHART, 'pyroscope']])('have a role of their own: %s', (_, keys, backend) => {
    const config = files(keys)['haproxy.cfg'];
    ['GET', 'HEAD'].forEach(method => expect(permissions(config, method, '/metrics')).toEqual([{ role: 'metrics', backend }]));
    expect(permissions(config, 'POST', '/metrics')).toEqual([]);
  });

  it('of microservices are behind no path', () => {
    expect(permissions(files(MICROSERVICES)['haproxy.cfg'], 'GET', '/metrics')).toEqual([]);
  });
});

describe('Backends of the gateway', () => {
  it('are on an address that only their own pod reaches, next to the native server', () => {
    const config = files()['haproxy.cfg'];
    expect(linesOf(config).filter(line => line.startsWith('server')))
      .toEqual(['server pyroscope 127.0.0.2:4040 check-proto h1 port 4042', 'server admin 127.0.0.2:4042 proto h1 check-proto h1 port 4042']);
    expect(linesOf(config)).not.toContain('resolvers cluster');
  });

  it('are the replicas of the chart, by the names of its headless Services', () => {
    expect(backendOf(files({ ...CHART, namespace: 'prof' })['haproxy.cfg'], 'pyroscope').at(-1))
      .toMatch(/^server-template pyroscope- 1-16 pyroscope-headless\.prof\.svc\.cluster\.local:4040 resolvers cluster /);
    const config = files(MICROSERVICES)['haproxy.cfg'];
    ['distributor', 'query-frontend', 'tenant-settings'].forEach(name => {
      expect(backendOf(config, name).at(-1)).toContain(` pyroscope-${name}-headless.pyroscope.svc.cluster.local:4040 `);
      expect(backendOf(config, name)).toContain('http-check send meth GET uri /ready');
    });
  });

  it('are found in the domain of the cluster', () => {
    const cluster = { name: 'dev', dns: { domain: 'corp.example' } };
    expect(files(CHART, { cluster })['haproxy.cfg']).toContain(' pyroscope-headless.pyroscope.svc.corp.example:4040 ');
  });
});

describe.each(DELIVERIES.slice(1))('The Deployment of the gateway (%s)', (_, keys) => {
  const manifests = render(pyroscope(keys));
  const spec = deploymentOf(manifests).spec!;
  const pod = spec.template.spec!;

  it('has two replicas on different nodes, of which one may go at a time', () => {
    expect(spec.replicas).toBe(2);
    const [{ podAffinityTerm }] = pod.affinity!.podAntiAffinity!.preferredDuringSchedulingIgnoredDuringExecution!;
    expect(podAffinityTerm).toEqual({
      topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'pyroscope-gateway' } },
    });
    const budget = find<PodDisruptionBudget>(manifests, 'PodDisruptionBudget', 'pyroscope-gateway', 'pyroscope').spec!;
    expect(budget).toEqual({ maxUnavailable: 1, selector: { matchLabels: spec.selector.matchLabels } });
    expect(spec.strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
    expect(spec.template.metadata!.labels).toMatchObject(spec.selector.matchLabels!);
  });

  it('has as many as the document says', () => {
    expect(deploymentOf(render(pyroscope({ ...keys, gatewayReplicas: 5 }))).spec!.replicas).toBe(5);
  });

  it('fits Pod Security restricted, and has no token of the API server', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 99, seccompProfile: { type: 'RuntimeDefault' } });
    pod.containers.forEach(({ securityContext }) => expect(securityContext)
      .toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }));
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(find(manifests, 'ServiceAccount', pod.serviceAccountName!, 'pyroscope')).toMatchObject({ automountServiceAccountToken: false });
  });

  it('serves on for a while after it is told to go, in the way that the API server knows', () => {
    const preStop = (kubernetesVersion: string): unknown =>
      deploymentOf(render({ cluster: { name: 'dev', kubernetesVersion }, ...pyroscope(keys) })).spec!.template.spec!.containers[0].lifecycle;
    expect(preStop('1.29')).toEqual({ preStop: { exec: { command: ['sleep', '5'] } } });
    expect(preStop('1.30')).toEqual({ preStop: { sleep: { seconds: 5 } } });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(5 + 30);
  });

  it('rolls when the configuration changes, and not for a tenant more', () => {
    const annotations = (own: object, sections: object = {}): unknown =>
      deploymentOf(render({ ...sections, ...pyroscope({ ...keys, ...own }) })).spec!.template.metadata!.annotations;
    expect(annotations({ tenants: [{ name: 'another', namespaces: ['another'] }] })).toEqual(annotations({}));
    expect(annotations({}, { cluster: { name: 'dev', dns: { domain: 'corp.example' } } })).not.toEqual(annotations({}));
  });
});

describe('Volumes of the gateway', () => {
  const podOf = (keys: object): PodSpec => (keys === CHART ? deploymentOf(render(pyroscope(keys))).spec!
    : find<StatefulSet>(render(pyroscope(keys)), 'StatefulSet', 'pyroscope').spec!).template.spec!;

  it.each<[string, object]>([['beside the server', {}], ['before the chart', CHART]])('hold digests alone, and a missing Secret does not stop it: %s', (_, keys) => {
    const { volumes, containers } = podOf(keys);
    expect(volumes!.filter(({ name }) => name.startsWith('gateway-'))).toEqual([
      { name: 'gateway-config', configMap: { name: 'pyroscope-gateway' } },
      { name: 'gateway-auth', secret: { secretName: 'pyroscope-gateway-tokens', optional: true, defaultMode: 0o440 } },
      { name: 'gateway-tls', secret: { secretName: 'pyroscope-tls', defaultMode: 0o440 } },
    ]);
    const { volumeMounts } = containers.find(({ name }) => name === 'gateway')!;
    expect(volumeMounts!.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([['/etc/proxy', true], ['/run/auth', true], ['/run/tls', true]]);
  });

  it('hold the certificate for the name that everybody connects to', () => {
    const certManager = { issuerRef: { name: 'corp-ca', kind: 'ClusterIssuer' } };
    const manifests = render({ parca: { tls: { certManager } }, ...pyroscope({ namespace: 'prof' }) });
    expect(find(manifests, 'Certificate', 'pyroscope-gateway', 'prof')).toMatchObject({
      spec: { secretName: 'pyroscope-tls', dnsNames: ['pyroscope-gateway.prof.svc', 'pyroscope-gateway.prof.svc.cluster.local'], issuerRef: { name: 'corp-ca' } },
    });
    expect(render(pyroscope()).filter(({ kind }) => kind === 'Certificate')).toEqual([]);
    const elsewhere = render({ cluster: { name: 'dev', dns: { domain: 'corp.example' } }, parca: { tls: { certManager } }, ...pyroscope() });
    expect(find(elsewhere, 'Certificate', 'pyroscope-gateway')).toMatchObject({
      spec: { dnsNames: ['pyroscope-gateway.pyroscope.svc', 'pyroscope-gateway.pyroscope.svc.corp.example'] },
    });
  });
});

describe('Without Pyroscope', () => {
  it('there is neither a gateway before it nor anything else of it', () => {
    expect(render().filter(({ metadata }) => /pyroscope|alloy/.test(metadata.name))).toEqual([]);
  });
});
