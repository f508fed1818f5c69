import type { Answer, Header } from '../harness/wire';

/** Who is entitled to an endpoint of Pyroscope; `nobody` for what must stay closed to every token. */
type Owner = 'push' | 'read' | 'metrics' | 'nobody';

const QUERIER = '/querier.v1.QuerierService';

/**
 * The endpoints of Pyroscope 2.2 by hand, not from the routes of the gateway: a route too many there must show here.
 *
 * @see https://github.com/grafana/pyroscope/blob/v2.2.1/pkg/api/api.go
 */
export const TENANT_ENDPOINTS: ReadonlyArray<readonly [owner: Owner, method: 'GET' | 'POST' | 'DELETE' | 'PUT', path: string]> = [
  ['push', 'POST', '/push.v1.PusherService/Push'],
  ['push', 'POST', '/ingest'],
  ['push', 'POST', '/pyroscope/ingest'],
  ...[
    'ProfileTypes', 'LabelNames', 'LabelValues', 'Series', 'SelectMergeStacktraces', 'SelectMergeSpanProfile', 'SelectMergeProfile', 'SelectSeries',
    'SelectHeatmap', 'Diff', 'GetProfileStats', 'AnalyzeQuery',
  ].map(method => ['read', 'POST', `${QUERIER}/${method}`] as const),
  ['read', 'POST', '/capabilities.v1.FeatureFlagsService/GetFeatureFlags'],
  ['read', 'POST', '/settings.v1.SettingsService/Get'],
  ['read', 'GET', '/pyroscope/render'],
  ['read', 'GET', '/pyroscope/render-diff'],
  ['metrics', 'GET', '/metrics'],
  // It answers 400 to everything.
  ['nobody', 'GET', '/pyroscope/label-values'],
  // The profiles of all tenants, for whoever asks.
  ['nobody', 'GET', '/ops/object-store/tenants'],
  ['nobody', 'GET', '/ops/object-store/tenants/team-b/blocks'],
  ['nobody', 'GET', '/query-diagnostics'],
  // What belongs to operators.
  ...['/', '/admin', '/ring', '/segment-writer-ring', '/distributor/ring', '/overrides-exporter/ring', '/memberlist', '/runtime_config', '/metastore-nodes',
    '/metastore-client-test', '/api/v1/status/config', '/api/v1/status/buildinfo', '/debug/pprof/', '/debug/pprof/heap', '/debug/fgprof', '/ready', '/explore', '/assets/a.js',
    '/version.v1.Version/Version', '/config', '/services', '/flush', '/shutdown'].map(path => ['nobody', 'GET', path] as const),
  // What changes a tenant's state.
  ['nobody', 'POST', '/settings.v1.SettingsService/Set'],
  ['nobody', 'POST', '/settings.v1.SettingsService/Delete'],
  ...['ListRecordingRules', 'UpsertRecordingRule', 'DeleteRecordingRule', 'GetRecordingRule']
    .map(method => ['nobody', 'POST', `/settings.v1.RecordingRulesService/${method}`] as const),
  ...['Upload', 'Get', 'List', 'Diff'].map(method => ['nobody', 'POST', `/adhocprofiles.v1.AdHocProfileService/${method}`] as const),
  ...['ShouldInitiateUpload', 'UploadFinished', 'Upload/1', 'ListDebuginfo', 'DeleteDebuginfo']
    .map(method => ['nobody', 'POST', `/debuginfo.v1alpha1.DebuginfoService/${method}`] as const),
  // What reaches out of the cluster, and what is in development.
  ['nobody', 'POST', '/vcs.v1.VCSService/GetFile'],
  ['nobody', 'POST', '/vcs.v1.VCSService/GithubLogin'],
  ['nobody', 'POST', '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'],
  ['nobody', 'POST', '/v1development/profiles'],
  // What the components say to one another, with the tenant in the message.
  ['nobody', 'POST', '/segmentwriter.v1.SegmentWriterService/Push'],
  ['nobody', 'POST', '/query.v1.QueryBackendService/Invoke'],
  ['nobody', 'POST', '/metastore.v1.TenantService/DeleteTenant'],
  ['nobody', 'POST', '/raft_log.v1.RaftNodeService/RemoveNode'],
  // The right path with another method.
  ['nobody', 'GET', '/push.v1.PusherService/Push'],
  ['nobody', 'PUT', '/ingest'],
  ['nobody', 'DELETE', '/ingest'],
  ['nobody', 'GET', `${QUERIER}/ProfileTypes`],
  ['nobody', 'POST', '/pyroscope/render'],
  ['nobody', 'POST', '/metrics'],
];

/** What is sent with a good request, to be taken for another tenant. */
export interface SpoofedRequest {
  readonly name: string;
  readonly headers?: readonly Header[];
  readonly path?: string;
  readonly protocols?: ReadonlyArray<'h1' | 'h2'>;
  /** @default 200, and the backend sees the tenant of the token alone */
  readonly expected?: Answer;
}

const header = (name: string, ...values: readonly string[]): readonly Header[] => values.map(value => [name, value] as const);

/** Every way we know to name a tenant. None may change whose request it is. */
export const SPOOFED_REQUESTS: readonly SpoofedRequest[] = [
  { name: 'nothing' },
  { name: 'the header of another tenant', headers: header('x-scope-orgid', 'team-b') },
  { name: 'the header of the same tenant', headers: header('x-scope-orgid', 'team-a') },
  { name: 'the header twice', headers: header('x-scope-orgid', 'team-b', 'team-b') },
  { name: 'own tenant first, another second', headers: header('x-scope-orgid', 'team-a', 'team-b') },
  { name: 'another first, own tenant second', headers: header('x-scope-orgid', 'team-b', 'team-a') },
  { name: 'a federation', headers: header('x-scope-orgid', 'team-a|team-b') },
  { name: 'a federation of a list', headers: header('x-scope-orgid', 'team-a,team-b') },
  { name: 'tenant and metadata', headers: header('x-scope-orgid', 'team-b:key=value') },
  { name: 'an empty header', headers: header('x-scope-orgid', '') },
  { name: 'the tenant of what has none', headers: header('x-scope-orgid', 'anonymous') },
  { name: 'a path as tenant', headers: header('x-scope-orgid', '../team-b') },
  { name: '151 characters', headers: header('x-scope-orgid', 'b'.repeat(151)) },
  { name: '8000 characters', headers: header('x-scope-orgid', 'b'.repeat(8000)) },
  { name: 'spaces around it', headers: header('x-scope-orgid', ' team-b ') },
  { name: 'underscores', headers: header('x_scope_orgid', 'team-b') },
  { name: 'dash and underscore', headers: header('x-scope_orgid', 'team-b') },
  { name: 'underscore and dash', headers: header('x_scope-orgid', 'team-b') },
  { name: 'capital letters', headers: header('X-Scope-OrgID', 'team-b'), protocols: ['h1'] },
  { name: 'capitals alone', headers: header('X-SCOPE-ORGID', 'team-b'), protocols: ['h1'] },
  { name: 'mixed letters', headers: header('x-ScOpE-oRgId', 'team-b'), protocols: ['h1'] },
  { name: 'capital letters over HTTP/2', headers: header('X-Scope-OrgID', 'team-b'), protocols: ['h2'], expected: 'reset' },
  { name: 'a long s, which some fold to s', headers: header('x-\xc5\xbfcope-orgid', 'team-b'), protocols: ['h1'], expected: 400 },
  { name: 'a space before the colon', headers: header('x-scope-orgid ', 'team-b'), protocols: ['h1'], expected: 400 },
  { name: 'a line break in another header', headers: header('x-other', 'a\r\nx-scope-orgid: team-b'), protocols: ['h1'] },
  { name: 'a bare line feed in another header', headers: header('x-other', 'a\nx-scope-orgid: team-b'), protocols: ['h1'] },
  { name: 'a bare carriage return in another header', headers: header('x-other', 'a\rx-scope-orgid: team-b'), protocols: ['h1'], expected: 400 },
  { name: 'a line break in another header over HTTP/2', headers: header('x-other', 'a\r\nx-scope-orgid: team-b'), protocols: ['h2'], expected: 'reset' },
  { name: 'a folded line', headers: header('x-scope-orgid', 'team-a\r\n team-b'), protocols: ['h1'] },
  { name: 'the header named by Connection', headers: [['connection', 'x-scope-orgid'], ['x-scope-orgid', 'team-b']], protocols: ['h1'] },
  { name: 'the header announced as a trailer', headers: [['trailer', 'x-scope-orgid']], protocols: ['h1'] },
  { name: 'the query', path: '?x-scope-orgid=team-b&tenant=team-b' },
  { name: 'a cookie', headers: header('cookie', 'x-scope-orgid=team-b') },
  { name: 'a forwarded tenant', headers: [['x-forwarded-tenant', 'team-b'], ['forwarded', 'for=team-b']] },
  { name: 'headers of other gateways', headers: [['x-tenant', 'team-b'], ['x-org-id', 'team-b'], ['x-grafana-org-id', '2'], ['thanos-tenant', 'team-b']] },
  { name: 'another path for the server', headers: [['x-original-url', '/ops/object-store/tenants'], ['x-rewrite-url', '/admin']] },
  { name: 'another method for the server', headers: header('x-http-method-override', 'DELETE') },
  { name: 'variables of the gateway', headers: [['txn.tenant', 'team-b'], ['tenant', 'team-b'], ['txn.backend', 'admin'], ['role', 'metrics']] },
  { name: 'a second token', headers: header('authorization', 'Bearer wrong-wrong-wrong-wrong'), expected: 401 },
  { name: 'a token for the proxy', headers: header('proxy-authorization', 'Bearer wrong-wrong-wrong-wrong') },
];

/** Paths that are nearly one of the list. */
export const NEAR_PATHS: readonly string[] = [
  `/x${QUERIER}/ProfileTypes`, `${QUERIER}/ProfileTypes/`, `${QUERIER}//ProfileTypes`, `/${QUERIER}/ProfileTypes`, `${QUERIER}/profiletypes`, `${QUERIER}/ProfileTypes%20`,
  `${QUERIER}/ProfileTypes%00`, `${QUERIER}/%50rofileTypes`, `${QUERIER}/../ops/object-store/tenants`, `${QUERIER}/%2e%2e/ops/object-store/tenants`,
  `${QUERIER}/..%2fops/object-store/tenants`, `${QUERIER}/ProfileTypes;/../../ops/object-store`, `${QUERIER}/ProfileTypes/../../admin`, '/pyroscope/../admin',
  '/pyroscope/render/../../admin', '/pyroscope/render%2f..%2f..%2fadmin', '/PYROSCOPE/render', '/pyroscope/render/', '/pyroscope', '/./metrics', '//metrics', '/metrics/',
  '/ops%2fobject-store/tenants', '/ops/./object-store/tenants', '//ops/object-store/tenants', '/settings.v1.SettingsService/Get/../Set', '/settings.v1.SettingsService/%53et',
];
