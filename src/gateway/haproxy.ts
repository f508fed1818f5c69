import { AUTH_DIRECTORY, PROXY_DIRECTORY, TLS_DIRECTORY } from './paths';
import type { Route } from './routes';
import { GATEWAY_PORT } from './routes';

/** What the gateway stands in front of. */
export interface Proxy {
  /** At least one; the first answers where a route names none. */
  readonly backends: readonly Backend[];
  readonly routes: readonly Route[];
  /** Connections that clients may hold at the same time. Each costs up to 100 kB. */
  readonly maxConnections: number;
  /** The header that tells the backend the tenant of the token; removed from what clients send. */
  readonly tenantHeader?: string;
}

export interface Backend {
  readonly name: string;
  /** Host and port; an address that is reachable from inside the pod alone, or a name that DNS answers with every replica. */
  readonly address: string;
  /** Whether the address is such a name. */
  readonly isReplicated?: boolean;
  /** Spoken to the backend; by default HTTP/2 without TLS. */
  readonly protocol?: 'h1' | 'h2';
  /** What answers 200 when the backend is ready; by default it is ready when it accepts connections. */
  readonly ready?: { readonly path: string; readonly port: number };
}

/** Replicas of a backend that are used; more are left alone. */
const MOST_REPLICAS = 16;

/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 needs no list. */
const CIPHERS = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']
  .flatMap(cipher => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`]).join(':');

/**
 * The configuration of HAProxy, 2.6 or newer.
 *
 * A request passes three questions: who (the digest of its token names a role, and a tenant where there are any), what
 * (method and exact path per role), and what must not go on (credentials, a tenant of the client's own choice). Before a
 * refusal the body is awaited for a second, since an answer that overtakes the body makes HTTP/2 clients see a reset
 * instead of the status.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html
 */
export function haproxyConfig({ backends, routes, maxConnections, tenantHeader }: Proxy): string {
  const ready = backends.map(({ name }) => `{ nbsrv(${name}) ge 1 }`).join(' or { path /proxy-readyz } is_read ');
  return `# Who may call what: see the routes near the end. Credentials are files below ${AUTH_DIRECTORY}, read by authn.lua.
global
    log stdout format raw local0 info
    # Without it, the limit follows the container's number of files, and memory with it.
    maxconn ${maxConnections}
    hard-stop-after 30s
    # Later versions want to be told; earlier ones do not know the word.
.if version_atleast(3.1)
    tune.lua.bool-sample-conversion normal
.endif
    lua-load ${PROXY_DIRECTORY}/authn.lua
    # tls.crt and tls.key: the names in a Secret of type kubernetes.io/tls.
    ssl-load-extra-del-ext
    ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets
    ssl-default-bind-ciphers ${CIPHERS}

defaults
    mode http
    log global
    # Neither headers nor the query string: nothing secret reaches the log.
    log-format "%ci %ST %HM %HPO role=%[var(txn.role)]${tenantHeader ? ' tenant=%[var(txn.tenant)]' : ''} %B %Tt %tsc"
    option dontlognull
    timeout connect 5s
    timeout http-request 10s
    timeout http-keep-alive 1m
    timeout client 5m
    timeout server 5m
    default-server proto h2 check inter 2s
${backends.some(({ isReplicated }) => isReplicated) ? `
resolvers cluster
    parse-resolv-conf
    accepted_payload_size 8192
    hold valid 5s
` : ''}
frontend gateway
    bind :${GATEWAY_PORT} ssl crt ${TLS_DIRECTORY}/tls.crt alpn h2,http/1.1
    acl is_read method GET HEAD
    http-request return status 200 content-type text/plain string "ok\\n" if { path /proxy-healthz } is_read
    http-request return status 200 content-type text/plain string "ready\\n" if { path /proxy-readyz } is_read ${ready}
    http-request return status 503 content-type text/plain string "not ready\\n" if { path /proxy-readyz } is_read

    # 1. Who.
    http-request set-var(txn.digest) http_auth_bearer,sha2(256),hex,lower if { req.hdr_cnt(authorization) eq 1 }
    http-request lua.authn
    acl is_known var(txn.role) -m found
    http-request wait-for-body time 1s unless is_known
    http-request return status 401 content-type text/plain string "unauthorized\\n" hdr www-authenticate "Bearer realm=profiles" unless is_known

    # 2. What. Encoded or relative paths match no route.
${routes.map((route, index) => routeRules(route, index, route.backend ?? backends[0].name)).join('\n')}
    acl is_allowed var(txn.backend) -m found
    http-request wait-for-body time 1s unless is_allowed
    http-request return status 403 content-type text/plain string "forbidden\\n" unless is_allowed

    # 3. What must not go on.
    http-request del-header ^(proxy-)?authorization$ -m reg
    http-request del-header ^(cookie|forwarded|trailer|x-forwarded-.*|x-http-method.*|x[-_]scope[-_]orgid)$ -m reg
${tenantHeader ? `    http-request set-header ${tenantHeader} %[var(txn.tenant)] if { var(txn.tenant) -m found }\n` : ''}\
    use_backend %[var(txn.backend)]

${backends.map(backendSection).join('\n')}`;
}

function routeRules({ role, methods, paths = [], patterns = [] }: Route, index: number, backend: string): string {
  const acl = `route_${index + 1}_${role}`;
  return [
    ...paths.map(path => `    acl ${acl} path -m str ${path}`),
    ...patterns.map(pattern => `    acl ${acl} path -m reg ${pattern}`),
    `    http-request set-var(txn.backend) str(${backend}) if { var(txn.role) -m str ${role} } { method ${methods.join(' ')} } ${acl}`,
  ].join('\n');
}

function backendSection({ name, address, isReplicated, protocol, ready }: Backend): string {
  const server = isReplicated
    ? `server-template ${name}- 1-${MOST_REPLICAS} ${address} resolvers cluster resolve-prefer ipv4 init-addr none`
    : `server ${name} ${address}`;
  return [
    `backend ${name}`,
    ...(ready ? ['    option httpchk', `    http-check send meth GET uri ${ready.path}`, '    http-check expect status 200'] : []),
    `    ${server}${protocol ? ` proto ${protocol}` : ''}${ready ? ` check-proto h1 port ${ready.port}` : ''}`,
    '',
  ].join('\n');
}
