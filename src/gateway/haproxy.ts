import type { Backend } from './backends';
import { backendSections, grpcName, metricsSection, resolversSection, section, sectionNames } from './backends';
import type { Capacity } from './capacity';
import { PROBE_CONNECTIONS, STREAMS, THREADS } from './capacity';
import { AUTH_DIRECTORY, TLS_DIRECTORY } from './paths';
import type { Limits, RoleLimits, Route } from './routes';
import { GATEWAY_PORT, METRICS_ROUTE, PROBE_PORT } from './routes';
import type { Script } from './scripts';
import { gatewayScripts, loadLine } from './scripts';
import { unauthenticatedRules, unauthenticatedTables } from './unauthenticated';

/** A reverse proxy: its backends, routes, limits and capacity. */
export interface Proxy {
  /** At least one; the first answers where a route names none. */
  readonly backends: readonly Backend[];
  readonly routes: readonly Route[];
  readonly capacity: Capacity;
  /** Of every role that has a route. */
  readonly limits: Limits;
  /** Lua programs that routes name actions of. */
  readonly scripts?: readonly Script[];
  /** The header that tells the backend the tenant of the token; removed from what clients send. */
  readonly tenantHeader?: string;
}

/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 needs no list. */
const CIPHERS = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']
  .flatMap(cipher => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`]).join(':');

/** All programs that the proxy loads. */
export function proxyScripts({ scripts = [] }: Proxy): Script[] {
  return [...gatewayScripts(), ...scripts];
}

/**
 * The configuration of HAProxy, 2.6 or newer.
 *
 * A request passes four questions: who (the digest of its token names a credential with its role, and a tenant where there are any),
 * what (method and exact path per role), how much (of one request and of the credential), and what must not go on
 * (credentials, a tenant of the client's own choice, what concerns this connection alone).
 *
 * @see https://docs.haproxy.org/2.6/configuration.html
 * @see https://docs.haproxy.org/3.2/configuration.html
 */
export function haproxyConfig(proxy: Proxy): string {
  return [
    `# Who may call what: see the routes near the end. Credentials are files below ${AUTH_DIRECTORY}, read by authn.lua.`,
    globalSection(proxy),
    defaultsSection(proxy),
    ...(proxy.backends.some(({ isReplicated }) => isReplicated) ? [resolversSection()] : []),
    unauthenticatedTables(),
    probesSection(proxy),
    gatewaySection(proxy),
    ...proxy.backends.flatMap(backendSections),
    metricsSection(),
  ].join('\n');
}

function globalSection(proxy: Proxy): string {
  const { clientConnections, unauthenticatedConnections } = proxy.capacity;
  return section('global', [
    'log stdout format raw local0 info',
    // Without these two, both follow the machine, and memory with them.
    `maxconn ${clientConnections + unauthenticatedConnections + PROBE_CONNECTIONS}`,
    `nbthread ${THREADS}`,
    'hard-stop-after 30s',
    `tune.h2.max-concurrent-streams ${STREAMS.ofClient}`,
    // Later versions want to be told; earlier ones do not know the word.
    '.if version_atleast(3.1)',
    'tune.lua.bool-sample-conversion normal',
    // A buffer for each stream; by default a connection may have 1.6 MB of bodies, or of answers, that nobody reads.
    'tune.h2.fe.rxbuf 16k',
    'tune.h2.be.rxbuf 16k',
    `tune.h2.be.max-concurrent-streams ${STREAMS.toBackend}`,
    '.endif',
    ...proxyScripts(proxy).map(loadLine),
    // tls.crt and tls.key: the names in a Secret of type kubernetes.io/tls.
    'ssl-load-extra-del-ext',
    'ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets',
    `ssl-default-bind-ciphers ${CIPHERS}`,
  ]);
}

function defaultsSection({ tenantHeader }: Proxy): string {
  return section('defaults', [
    'mode http',
    'log global',
    // Neither headers nor the query string: nothing secret reaches the log.
    `log-format "%ci %ST %HM %HPO credential=%[var(txn.credential)]${tenantHeader ? ' tenant=%[var(txn.tenant)]' : ''} %B %Tt %tsc"`,
    'option dontlognull',
    'timeout connect 5s',
    // How long a connection may take to show its first token: handshake, request, and what is between.
    'timeout client 10s',
    '.if version_atleast(3.0)',
    'timeout client-hs 5s',
    '.endif',
    'timeout http-request 5s',
    'timeout http-keep-alive 30s',
    'timeout server 5m',
    'default-server proto h2 check inter 2s',
  ]);
}

/** For the kubelet, with slots of its own: whoever floods the gateway must not have it restarted. NetworkPolicies deny all others. */
function probesSection({ backends }: Proxy): string {
  return section('frontend probes', [
    `bind :${PROBE_PORT}`,
    `maxconn ${PROBE_CONNECTIONS}`,
    'option dontlog-normal',
    'acl is_read method GET HEAD',
    'http-request return status 200 content-type text/plain string "ok\\n" if { path /proxy-healthz } is_read',
    ...backends.filter(({ sameServerAs }) => !sameServerAs).map(({ name }) => `http-request return status 200 content-type text/plain string "ready\\n" if { path /proxy-readyz } is_read { nbsrv(${name}) ge 1 }`),
    'http-request return status 503 content-type text/plain string "not ready\\n" if { path /proxy-readyz } is_read',
    'http-request return status 404 content-type text/plain string "not found\\n"',
  ]);
}

function gatewaySection({ backends, routes, capacity, limits, tenantHeader }: Proxy): string {
  const { clientConnections, unauthenticatedConnections, requests } = capacity;
  const all = [...routes, METRICS_ROUTE].map((route, index) => ({ ...route, acl: `route_${index + 1}_${route.role}`, backend: route.backend ?? backends[0].name }));
  const checked = all.flatMap(({ check, acl }) => check ? [{ check, acl }] : []);
  const grpc = all.filter(({ isGrpc }) => isGrpc).map(({ acl }) => acl);
  const plain = all.filter(({ isPlainGrpc }) => isPlainGrpc).map(({ acl }) => acl);
  const replicated = backends.filter(({ isReplicated }) => isReplicated);
  const { connection, request } = unauthenticatedRules();
  return section('frontend gateway', [
    `bind :${GATEWAY_PORT} ssl crt ${TLS_DIRECTORY}/tls.crt alpn h2,http/1.1`,
    `maxconn ${clientConnections + unauthenticatedConnections}`,
    ...connection,
    '',
    '# 1. Who.',
    'http-request set-var(txn.digest) http_auth_bearer,sha2(256),hex,lower if { req.hdr_cnt(authorization) eq 1 }',
    'http-request lua.authn',
    'acl is_known var(txn.role) -m found',
    ...request,
    '',
    '# 2. What. Encoded or relative paths match no route.',
    ...all.flatMap(routeRules),
    'acl is_allowed var(txn.backend) -m found',
    refuse('int(403)', 'unless is_allowed'),
    '',
    '# 3. How much, and in which form.',
    ...Object.entries(limits).flatMap(([role, limit]) => limitRules(role, limit)),
    refuse('int(413)', 'if is_allowed { req.hdr_val(content-length),sub(txn.max_body) gt 0 }'),
    // gRPC tells the length of a message in its first five bytes, and of most bodies nothing else does.
    ...grpc.flatMap(acl => [
      `http-request wait-for-body time 5s at-least 5 if is_allowed ${acl}`,
      refuse('int(413)', `if is_allowed ${acl} { req.body,bytes(1,4),hex,hex2i,sub(txn.max_body) gt 0 }`),
    ]),
    ...plain.flatMap(acl => [
      refuse('int(415)', `if is_allowed ${acl} !{ req.hdr(content-type) -m str application/grpc application/grpc+proto }`),
      refuse('int(415)', `if is_allowed ${acl} { req.fhdr_cnt(grpc-encoding) gt 0 } !{ req.fhdr(grpc-encoding) -m str identity }`),
      refuse('int(415)', `if is_allowed ${acl} { req.fhdr_cnt(grpc-encoding) gt 1 }`),
    ]),
    'http-request set-var(txn.in_flight) int(0) if is_allowed',
    ...backends.flatMap(backend => inFlight(backend, backends.length > 1 ? Math.ceil(requests * MOST_OF_ONE_BACKEND) : requests)),
    refuse('int(503)', `if is_allowed { var(txn.in_flight) -m int ge ${requests} }`),
    'acl is_refused var(txn.refused) -m found',
    ...checked.flatMap(({ check, acl }) => [`http-request wait-for-body time 5s if ${acl} !is_refused`, `http-request lua.${check} if ${acl} !is_refused`]),
    'http-request lua.charge if !is_refused { var(txn.per_day) -m found }',
    'http-request wait-for-body time 1s if is_refused',
    ...Object.entries(REFUSALS).map(([status, text]) =>
      `http-request return status ${status} content-type text/plain string "${text}\\n" if { var(txn.refused) -m int ${status} }`),
    '',
    '# 4. What must not go on.',
    'http-request del-header ^(proxy-)?authorization$ -m reg',
    'http-request del-header ^(connection|keep-alive|proxy-connection|upgrade|http2-settings)$ -m reg',
    'http-request del-header ^(cookie|forwarded|trailer|x-forwarded-.*|x-http-method.*|x[-_]scope[-_]orgid)$ -m reg',
    ...(tenantHeader ? [`http-request set-header ${tenantHeader} %[var(txn.tenant)] if { var(txn.tenant) -m found }`] : []),
    ...(replicated.length > 0 ? [
      'acl is_grpc req.hdr(content-type) -m beg application/grpc',
      'acl is_grpc_web req.hdr(content-type) -m beg application/grpc-web',
    ] : []),
    ...replicated.map(backend => (
      `use_backend ${grpcName(backend)} if is_grpc !is_grpc_web { var(txn.backend) -m str ${backend.name} }`)),
    'use_backend %[var(txn.backend)]',
  ]);
}

/** The share of all requests that one of several backends may have, so that one that hangs does not stop the others. */
const MOST_OF_ONE_BACKEND = 0.75;

/** Adds what is with a backend to what is with those before it, and refuses a request to one that has its share. */
function inFlight(backend: Backend, most: number): string[] {
  const [first, ...others] = sectionNames(backend);
  return [
    `http-request set-var(txn.with_backend) be_conn(${first}) if is_allowed`,
    ...others.map(name => `http-request set-var(txn.with_backend) be_conn(${name}),add(txn.with_backend) if is_allowed`),
    refuse('int(503)', `if is_allowed { var(txn.backend) -m str ${backend.name} } { var(txn.with_backend) -m int ge ${most} }`),
    'http-request set-var(txn.in_flight) var(txn.with_backend),add(txn.in_flight) if is_allowed',
  ];
}

/** Bodies of the answers that refuse a caller with a valid token, by status code. */
const REFUSALS = {
  400: 'bad request', 403: 'forbidden', 413: 'too large', 415: 'native gRPC without compression only', 429: 'too many requests', 503: 'busy',
} as const;

/** The first reason to refuse a request is the one it is told. */
function refuse(status: string, condition: string): string {
  return `http-request set-var(txn.refused,ifnotset) ${status} ${condition}`;
}

function limitRules(role: string, { bodyBytes, requests, perMinute, bytesPerDay }: RoleLimits): string[] {
  const isRole = `{ var(txn.role) -m str ${role} }`;
  // What was sent in the last 10 seconds; numbers of HAProxy's tables end at 4 GiB.
  const perTenSeconds = (perMinuteOf: number): number => Math.ceil(perMinuteOf / 6);
  return [
    `http-request set-var(txn.max_body) int(${bodyBytes}) if ${isRole}`,
    ...(bytesPerDay === undefined ? [] : [`http-request set-var(txn.per_day) int(${bytesPerDay}) if ${isRole}`]),
    refuse('int(429)', `if is_allowed ${isRole} { sc_conn_cur(2) gt ${requests} }`),
    ...(perMinute ? [
      refuse('int(429)', `if is_allowed ${isRole} { sc_bytes_in_rate(2) gt ${perTenSeconds(perMinute.bytes)} }`),
      refuse('int(429)', `if is_allowed ${isRole} { sc_http_req_rate(2) gt ${perTenSeconds(perMinute.requests)} }`),
    ] : []),
  ];
}

/** A route with the name of its condition, and the backend that answers. */
interface NamedRoute extends Route { readonly acl: string; readonly backend: string }

function routeRules({ role, methods, paths = [], patterns = [], acl, backend }: NamedRoute): string[] {
  return [
    ...paths.map(path => `acl ${acl} path -m str ${path}`),
    ...patterns.map(pattern => `acl ${acl} path -m reg ${pattern}`),
    `http-request set-var(txn.backend) str(${backend}) if { var(txn.role) -m str ${role} } { method ${methods.join(' ')} } ${acl}`,
  ];
}
