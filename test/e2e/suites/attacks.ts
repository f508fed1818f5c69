import type { Role } from '../harness/deployment';
import { TOKENS } from '../harness/deployment';
import type { Answer, Header } from '../harness/wire';

/** One request to the gateway, the answer it must get, and whether it may reach the server. */
export interface Attack {
  readonly promise: string;
  readonly name: string;
  readonly protocol: 'h1' | 'h2';
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Header[];
  readonly body: string;
  /** HTTP/1.1 only: this text in place of what would be made from the fields above. */
  readonly text?: string;
  readonly expected: Answer;
  /** Whether the server sees it. @default - if it is answered with 200 */
  readonly reaches?: boolean;
}

/** Who is entitled to an endpoint; `nobody` for what must stay closed to every role. */
type Owner = Role | 'nobody';

const STORE = '/parca.profilestore.v1alpha1.ProfileStoreService';
const DEBUGINFO = '/parca.debuginfo.v1alpha1.DebuginfoService';
const QUERY = '/parca.query.v1alpha1.QueryService';
const WRITE_RAW = `${STORE}/WriteRaw`;
const TYPES = '/api/profiles/types';

/**
 * Every endpoint of Parca 0.28 by hand, not from the routes of the gateway: a route too many there must show here.
 *
 * @see https://github.com/parca-dev/parca/tree/v0.28.0/proto
 */
export const ENDPOINTS: ReadonlyArray<readonly [owner: Owner, method: 'GET' | 'HEAD' | 'POST', path: string]> = [
  ['push', 'POST', `${STORE}/Write`],
  ['push', 'POST', `${STORE}/WriteArrow`],
  ['push', 'POST', WRITE_RAW],
  ['symbols', 'POST', `${DEBUGINFO}/ShouldInitiateUpload`],
  ['symbols', 'POST', `${DEBUGINFO}/InitiateUpload`],
  ['symbols', 'POST', `${DEBUGINFO}/Upload`],
  ['symbols', 'POST', `${DEBUGINFO}/MarkUploadFinished`],
  ['read', 'POST', `${QUERY}/Query`],
  ['read', 'POST', `${QUERY}/QueryRange`],
  ['read', 'POST', `${QUERY}/Series`],
  ['read', 'POST', `${QUERY}/ProfileTypes`],
  ['read', 'POST', `${QUERY}/Labels`],
  ['read', 'POST', `${QUERY}/Values`],
  ['read', 'POST', `${QUERY}/HasProfileData`],
  ['read', 'POST', `/api${QUERY}/QueryRange`],
  ['read', 'GET', '/'],
  ['read', 'GET', '/index.html'],
  ['read', 'GET', TYPES],
  ['read', 'HEAD', TYPES],
  ['read', 'GET', '/api/profiles/query'],
  ['read', 'GET', '/api/profiles/query_range'],
  ['read', 'GET', '/api/profiles/series'],
  ['read', 'GET', '/api/profiles/labels'],
  ['read', 'GET', '/api/profiles/labels/job/values'],
  ['read', 'GET', '/api/profiles/has_profile_data'],
  ['read', 'GET', '/assets/main.4f2a.js'],
  ['read', 'GET', '/favicon.ico'],
  ['metrics', 'GET', '/metrics'],
  ['metrics', 'GET', '/gateway/metrics'],
  // Sends profiles to a public service.
  ['nobody', 'POST', `${QUERY}/ShareProfile`],
  ['nobody', 'POST', '/api/profiles/share'],
  // REST forms of writing.
  ['nobody', 'POST', '/api/profiles/writeraw'],
  ['nobody', 'POST', '/api/profiles/writearrow'],
  ['nobody', 'POST', '/api/profiles/write'],
  ['nobody', 'POST', '/api/initiateupload'],
  // Show what else runs in the cluster.
  ['nobody', 'POST', '/parca.profilestore.v1alpha1.AgentsService/Agents'],
  ['nobody', 'GET', '/api/agents'],
  ['nobody', 'POST', '/parca.scrape.v1alpha1.ScrapeService/Targets'],
  ['nobody', 'GET', '/api/targets'],
  // Writes into the server's log.
  ['nobody', 'POST', '/parca.telemetry.v1alpha1.TelemetryService/ReportPanic'],
  ['nobody', 'POST', '/api/telemetry/panic'],
  // Other ways to write.
  ['nobody', 'POST', '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export'],
  // Describe or inspect the process.
  ['nobody', 'POST', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
  ['nobody', 'POST', '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo'],
  ['nobody', 'POST', '/grpc.health.v1.Health/Check'],
  ['nobody', 'GET', '/debug/pprof/'],
  ['nobody', 'GET', '/debug/pprof/heap'],
  ['nobody', 'GET', '/debug/pprof/profile'],
  ['nobody', 'GET', '/debug/pprof/fgprof'],
];

const bearer = (token: string): Header => ['authorization', `Bearer ${token}`];
const HOST_HEADER: Header = ['host', 'parca.profiling.svc'];
const GRPC: Header = ['content-type', 'application/grpc'];
const GRPC_WEB: Header = ['content-type', 'application/grpc-web+proto'];

/** A gRPC message whose first field is a build id. */
const BUILD_ID_MESSAGE = '\0\0\0\0\x08\x0a\x06abcdef';

/** Each endpoint with no token and with that of each role. */
export const ENTITLEMENTS: readonly Attack[] = ENDPOINTS.flatMap(([owner, method, path]) =>
  ([undefined, 'metrics', 'push', 'read', 'symbols'] as const).map(role => request({
    promise: 'Each role reaches its endpoints and no other',
    name: `${role ?? 'no token'}: ${method} ${path}`,
    method,
    path,
    headers: [...(role ? [bearer(TOKENS[role])] : []), ...(method === 'POST' ? [GRPC] : [])],
    body: method !== 'POST' ? '' : path.startsWith(DEBUGINFO) ? BUILD_ID_MESSAGE : '\0\0\0\0\0',
    reaches: role === owner && path !== '/gateway/metrics',
    expected: role === undefined ? 401 : role === owner ? 200 : 403,
  })));

/** What a request needs to differ from `GET /api/profiles/types` with the read token, which is answered with 200. */
type Difference = Partial<Omit<Attack, 'promise' | 'expected'>> & Pick<Attack, 'name'> & { readonly expected?: Answer };

/** Requests that differ from a good one in one respect, and are refused with `expected` unless a row says otherwise. */
function refused(promise: string, expected: Answer, differences: readonly Difference[]): Attack[] {
  return differences.map(difference => request({ promise, expected, ...difference }));
}

function request(attack: Partial<Attack> & Pick<Attack, 'promise' | 'name' | 'expected'>): Attack {
  const protocol = attack.protocol ?? 'h2';
  const headers = attack.headers ?? [bearer(TOKENS.read)];
  // HTTP/2 has the host in a field of its own.
  return { method: 'GET', path: TYPES, body: '', ...attack, protocol, headers: protocol === 'h2' ? headers : [HOST_HEADER, ...headers] };
}

/** The same rows over both protocols. */
function both(differences: readonly Difference[]): Difference[] {
  return (['h1', 'h2'] as const).flatMap(protocol => differences.map(row => ({ ...row, protocol, name: `${row.name} (${protocol})` })));
}

const raw = (name: string, text: string, expected?: Answer): Difference => ({ name, protocol: 'h1', text, ...(expected !== undefined && { expected }) });
const GOOD = `Host: parca.profiling.svc\r\nAuthorization: Bearer ${TOKENS.read}\r\n`;
/** A request inside a request: a proxy that loses count of bytes would pass it on with nobody's token. */
const SMUGGLED = 'GET /debug/pprof/heap HTTP/1.1\r\nHost: parca.profiling.svc\r\n\r\n';

const CREDENTIALS = refused('Only one well-formed bearer token is a credential', 401, [
  ...both([
    { name: 'no Authorization header', headers: [] },
    { name: 'empty Authorization header', headers: [['authorization', '']] },
    { name: 'scheme without a token', headers: [['authorization', 'Bearer']] },
    { name: 'scheme and a space', headers: [['authorization', 'Bearer ']] },
    { name: 'wrong token', headers: [bearer('f'.repeat(64))] },
    { name: 'token without its last character', headers: [bearer(TOKENS.read.slice(0, -1))] },
    { name: 'token with one character more', headers: [bearer(`${TOKENS.read}0`)] },
    { name: 'token in upper case', headers: [bearer(TOKENS.read.toUpperCase())] },
    { name: 'two tokens in one header', headers: [bearer(`${TOKENS.read}, Bearer ${TOKENS.push}`)] },
    { name: 'token twice in one header', headers: [bearer(`${TOKENS.read} ${TOKENS.read}`)] },
    { name: 'token without a scheme', headers: [['authorization', TOKENS.read]] },
    { name: 'tab after the scheme', headers: [['authorization', `Bearer\t${TOKENS.read}`]] },
    { name: 'scheme Basic', headers: [['authorization', `Basic ${Buffer.from(`read:${TOKENS.read}`).toString('base64')}`]] },
    { name: 'scheme Basic with the token', headers: [['authorization', `Basic ${TOKENS.read}`]] },
    { name: 'scheme Digest', headers: [['authorization', `Digest ${TOKENS.read}`]] },
    { name: 'scheme Token', headers: [['authorization', `Token ${TOKENS.read}`]] },
    { name: 'scheme that begins with Bearer', headers: [['authorization', `BearerX ${TOKENS.read}`]] },
    { name: 'Authorization twice, same token', headers: [bearer(TOKENS.read), bearer(TOKENS.read)] },
    { name: 'Authorization twice, right token first', headers: [bearer(TOKENS.read), bearer('wrong-wrong-wrong')] },
    { name: 'Authorization twice, right token last', headers: [bearer('wrong-wrong-wrong'), bearer(TOKENS.read)] },
    { name: 'Authorization twice, two roles', headers: [bearer(TOKENS.read), bearer(TOKENS.push)] },
    { name: 'token in Proxy-Authorization', headers: [['proxy-authorization', `Bearer ${TOKENS.read}`]] },
    { name: 'token in X-Forwarded-Authorization', headers: [['x-forwarded-authorization', `Bearer ${TOKENS.read}`]] },
    { name: 'token in a cookie', headers: [['cookie', `authorization=Bearer ${TOKENS.read}`]] },
    { name: 'token in the query string', headers: [], path: `${TYPES}?access_token=${TOKENS.read}` },
    { name: 'token as user in the host', headers: [['x-forwarded-host', `${TOKENS.read}@parca.profiling.svc`]] },
    { name: 'name of the role as a token', headers: [bearer('read')] },
    { name: 'role in a header of one’s own', headers: [['x-role', 'read'], ['txn.role', 'read']] },
    { name: 'token with 8 KiB of zeros', headers: [bearer(`${TOKENS.read}${'0'.repeat(8192)}`)] },
  ]),
  raw('Authorization folded over two lines', `GET ${TYPES} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n wrong-wrong-wrong\r\n\r\n`),
  raw('NUL in the token', `GET ${TYPES} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKENS.read}\0\r\n\r\n`, 400),
  raw('unknown version of HTTP', 'GET /api/profiles/types HTTP/3.0\r\nHost: a\r\n\r\n'),
  raw('space before the colon', `GET ${TYPES} HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer ${TOKENS.read}\r\n\r\n`, 400),
  raw('bare line feed before Authorization', `GET ${TYPES} HTTP/1.1\r\nHost: a\r\nX: y\rAuthorization: Bearer ${TOKENS.read}\r\n\r\n`, 400),
  { name: 'NUL in the token (h2)', headers: [bearer(`${TOKENS.read}\0`)], expected: 'reset' },
  { name: 'line break in the token (h2)', headers: [bearer(`wrong\r\nauthorization: Bearer ${TOKENS.read}`)], expected: 'reset' },
]);

const SMUGGLED_PATHS = refused('A grpc-web path that Parca would cut down to a method is refused', 403, [
  `/x${WRITE_RAW}`,
  `/a/b/c${WRITE_RAW}`,
  `/api${WRITE_RAW}`,
  `${QUERY}/x${WRITE_RAW}`,
  `${QUERY}/Query${WRITE_RAW}`,
  `/api/profiles/labels/x/values${WRITE_RAW}`,
  `/assets${WRITE_RAW}`,
  `${STORE}/x${QUERY}/ShareProfile`,
  `${WRITE_RAW}${QUERY}/Query`,
].flatMap(path => (['push', 'read', 'symbols', 'metrics'] as const).map(role => ({
  name: `${role}: POST ${path}`, method: 'POST', path, headers: [bearer(TOKENS[role]), GRPC_WEB], body: '\0\0\0\0\0',
}))));

const PATHS = refused('A path is one of the list, letter by letter', 403, [
  ...both([
    '/metrics/', '/metrics/.', '/./metrics', '//metrics', '/%6detrics', '/metrics%00', '/metrics;x', '/METRICS', '/metrics.', '/x/../metrics', '/x/..;/metrics',
    '/metrics%2f', '/%2e%2e/metrics', '/metrics%20', '/metrics\\', '/metrics%0a',
  ].map(path => ({ name: `metrics: GET ${path}`, path, headers: [bearer(TOKENS.metrics)] }))),
  ...[
    '/debug/pprof', '/assets/../debug/pprof/heap', '/assets/..%2fdebug/pprof/heap', '/assets/%2e%2e/debug/pprof/heap', '/assets/..;/debug/pprof/heap',
    '/static/./../metrics', '/assets//debug/pprof/heap', '/assets/', '/assets', '/static/.', '/static/..', '/metrics.json/../metrics',
    '/api/profiles/labels//values', '/api/profiles/labels/../values', '/api/profiles/labels/a/b/values', '/api/profiles/labels/job/values/',
    '/api/profiles/labels/%2e%2e/values', '/api/profiles/labels/job/values\n', '/API/profiles/types', '/api/profiles/types/', '/api/profiles/types%3f',
    '/api/profiles/share', '/api//profiles/types', '/api/profiles', '/api', '/targets', '/favicon.ico/x', '/a/b.json', '/.well-known', '/.env', '/x.php',
  ].map((path): Difference => ({ name: `read: GET ${JSON.stringify(path)}`, path, ...(path.includes('\n') && { expected: 'reset' }) })),
  ...[
    `${WRITE_RAW}/`, `${WRITE_RAW}/x`, `${WRITE_RAW}%00`, `/${WRITE_RAW}`, `${STORE}//WriteRaw`, `${STORE}/%57riteRaw`, `${STORE}/writeraw`,
    WRITE_RAW.toUpperCase(), `${STORE}/WriteRaw.`, `${STORE}/./WriteRaw`, `${STORE}/WriteRaw;x`, `${STORE}/WriteRawX`, `${STORE}/`, STORE,
    '/parca.profilestore.v1alpha1.ProfileStoreService%2fWriteRaw', '/parca.profilestore.v1alpha2.ProfileStoreService/WriteRaw',
    '/parcaXprofilestore.v1alpha1.ProfileStoreService/WriteRaw',
  ].map((path): Difference => ({ name: `push: POST ${path}`, path, method: 'POST', headers: [bearer(TOKENS.push), GRPC], body: '\0\0\0\0\0' })),
  raw('absolute form of an open path', `GET https://parca.profiling.svc/metrics HTTP/1.1\r\n${GOOD}\r\n`),
  raw('absolute form with a foreign host', `GET http://127.0.0.2:7070/debug/pprof/heap HTTP/1.1\r\n${GOOD}\r\n`, 400),
  raw('asterisk', `GET * HTTP/1.1\r\n${GOOD}\r\n`, 400),
  raw('asterisk with OPTIONS', `OPTIONS * HTTP/1.1\r\n${GOOD}\r\n`),
  raw('path without a slash', `GET metrics HTTP/1.1\r\n${GOOD}\r\n`, 400),
  raw('NUL in the path', `GET ${TYPES}\0 HTTP/1.1\r\n${GOOD}\r\n`, 400),
  raw('tab in the path', `GET ${TYPES}\t/metrics HTTP/1.1\r\n${GOOD}\r\n`, 400),
  raw('fragment', `GET /metrics#${TYPES} HTTP/1.1\r\n${GOOD}\r\n`, 400),
  // HAProxy from 3.0 on takes it for `/`, which the role may read.
  { name: 'asterisk (h2)', path: '*', expected: 200 },
  { name: 'empty path (h2)', path: '', expected: 'reset' },
  { name: 'absolute path (h2)', path: 'http://127.0.0.2:7070/debug/pprof/heap', expected: 'reset' },
  { name: 'path of 12 KiB', path: `/${'a'.repeat(12 * 1024)}` },
]);

const METHODS = refused('A method is one of the list, and no header changes it', 403, [
  ...both(['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND', 'get', 'Get', 'POST'].map(method => ({ name: `${method} ${TYPES}`, method }))),
  { name: 'GET of a method that wants POST', path: WRITE_RAW, headers: [bearer(TOKENS.push)] },
  { name: 'HEAD of a method that wants POST', method: 'HEAD', path: WRITE_RAW, headers: [bearer(TOKENS.push)] },
  { name: 'POST /metrics', method: 'POST', path: '/metrics', headers: [bearer(TOKENS.metrics)] },
  ...both(['x-http-method-override', 'x-http-method', 'x-method-override'].map(name => ({
    name: `GET with ${name}: POST`, path: WRITE_RAW, headers: [bearer(TOKENS.push), [name, 'POST']],
  }))),
  raw('CONNECT', `CONNECT 127.0.0.2:7070 HTTP/1.1\r\nHost: 127.0.0.2:7070\r\nAuthorization: Bearer ${TOKENS.read}\r\n\r\n`, 403),
  { name: 'CONNECT (h2)', method: 'CONNECT', expected: 'reset' },
  raw('CONNECT without a token', 'CONNECT 127.0.0.2:7070 HTTP/1.1\r\nHost: 127.0.0.2:7070\r\n\r\n', 401),
  raw('NUL in the method', `GE\0T ${TYPES} HTTP/1.1\r\n${GOOD}\r\n`, 400),
]);

const FRAMING = refused('Requests whose end can be read in two ways do not pass', 400, [
  raw('Transfer-Encoding and Content-Length', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${SMUGGLED}`, 403),
  raw('two Content-Length headers', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`),
  raw('two lengths in one header', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`),
  raw('negative length', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: -1\r\n\r\n${SMUGGLED}`),
  raw('length with a plus sign', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: +0\r\n\r\n${SMUGGLED}`),
  raw('empty length', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Content-Length: \r\n\r\n${SMUGGLED}`),
  raw('unknown transfer encoding', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${SMUGGLED}`),
  raw('chunked, and not last', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${SMUGGLED}`),
  raw('chunk size that is no number', `POST ${TYPES} HTTP/1.1\r\n${GOOD}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${SMUGGLED}`),
  raw('space in a header name', `GET ${TYPES} HTTP/1.1\r\n${GOOD}X Y: z\r\n\r\n`),
  raw('header without a colon', `GET ${TYPES} HTTP/1.1\r\n${GOOD}nonsense\r\n\r\n`),
  raw('two Host headers', `GET ${TYPES} HTTP/1.1\r\n${GOOD}Host: other\r\n\r\n`),
  raw('HTTP/0.9', `GET ${TYPES}\r\n\r\n`),
  raw('headers of 32 KiB', `GET ${TYPES} HTTP/1.1\r\n${GOOD}X: ${'a'.repeat(32 * 1024)}\r\n\r\n`, 431),
  raw('200 headers', `GET ${TYPES} HTTP/1.1\r\n${GOOD}${Array.from({ length: 200 }, (_, index) => `X-${index}: a\r\n`).join('')}\r\n`),
  { name: 'upper case in a header name (h2)', headers: [bearer(TOKENS.read), ['X-Y', 'z']], expected: 'reset' },
  { name: 'space in the method (h2)', method: 'G T' },
  { name: 'Transfer-Encoding (h2)', headers: [bearer(TOKENS.read), ['transfer-encoding', 'chunked']], expected: 'reset' },
  { name: 'Connection (h2)', headers: [bearer(TOKENS.read), ['connection', 'authorization']], expected: 'reset' },
  { name: 'second :path (h2)', headers: [bearer(TOKENS.read), [':path', '/debug/pprof/heap']], expected: 'reset' },
  { name: 'second :method (h2)', headers: [bearer(TOKENS.read), [':method', 'POST']], expected: 'reset' },
  { name: 'length that is not that of the body (h2)', method: 'POST', path: WRITE_RAW, headers: [bearer(TOKENS.push), ['content-length', '99']], body: 'x', expected: 'reset' },
]);

/** What the rows above differ from, and harmless ways to differ. */
const ALLOWED = refused('Ordinary requests pass', 200, [
  ...both([
    { name: 'read token' },
    { name: 'two spaces after the scheme', headers: [['authorization', `Bearer  ${TOKENS.read}`]] },
    { name: 'scheme in lower case', headers: [['authorization', `bearer ${TOKENS.read}`]] },
    { name: 'query string', path: `${TYPES}?start=2026-01-01T00:00:00Z` },
    { name: 'path in the query string', path: `${TYPES}?x=/debug/pprof/heap&y=../..` },
  ]),
  raw('Authorization folded over two lines', `GET ${TYPES} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n ${TOKENS.read}\r\n\r\n`),
  raw('HTTP/1.0', `GET ${TYPES} HTTP/1.0\r\n${GOOD}\r\n`),
  raw('absolute form', `GET https://parca.profiling.svc${TYPES} HTTP/1.1\r\n${GOOD}\r\n`),
  { name: 'gRPC', method: 'POST', path: WRITE_RAW, headers: [bearer(TOKENS.push), GRPC, ['te', 'trailers']], body: '\0\0\0\0\0' },
  { name: 'grpc-web', method: 'POST', path: `/api${QUERY}/Query`, headers: [bearer(TOKENS.read), GRPC_WEB], body: '\0\0\0\0\0' },
]);

const PROBES = refused('Without a token, nothing answers', 401, [
  { name: 'POST /proxy-healthz', path: '/proxy-healthz', method: 'POST', headers: [], body: 'x' },
  ...[
    '/proxy-healthz', '/proxy-readyz', '/proxy-healthz/', '/proxy-healthz/../metrics', '/x/../proxy-healthz', '/proxy-', '/haproxy?stats', '/;csv', '/stats', '/health', '/ready',
    '/metrics', '/gateway/metrics',
  ].map(path => ({ name: `GET ${path}`, path, headers: [] })),
  { name: 'GET /proxy-healthz with a body', path: '/proxy-healthz', headers: [], body: SMUGGLED },
  raw('GET /proxy-healthz, then another in the same connection', `GET /proxy-healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`),
]).map(attack => ({ ...attack, reaches: false }));

/** Every other attack, beyond who may call what. */
export const ATTACKS: readonly Attack[] = [...ALLOWED, ...PROBES, ...CREDENTIALS, ...SMUGGLED_PATHS, ...PATHS, ...METHODS, ...FRAMING];

/** Headers that name the caller or steer the request, and must not reach the server; with one that must. */
export const STRIPPED_HEADERS: readonly Header[] = [
  ['cookie', 'session=1'], ['proxy-authorization', 'Bearer other'], ['x-forwarded-for', '10.0.0.1'], ['x-forwarded-proto', 'http'],
  ['x-forwarded-host', 'evil'], ['forwarded', 'for=10.0.0.1'], ['x-http-method-override', 'DELETE'], ['x-http-method', 'DELETE'], ['x-scope-orgid', 'other'],
];
