import { AUTH_DIRECTORY, TLS_DIRECTORY, PROXY_DIRECTORY } from './paths';
import type { Route } from './routes';
import { GATEWAY_PORT } from './routes';

/** What the gateway stands in front of. */
export interface Backend {
  readonly name: string;
  /** Address that is reachable from inside the pod alone. */
  readonly address: string;
  readonly routes: readonly Route[];
}

/** TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 needs no list. */
const CIPHERS = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']
  .flatMap(cipher => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`]).join(':');

/**
 * The configuration of HAProxy, 2.6 or newer.
 *
 * A request passes three questions: who (the digest of its token names a role), what (method and exact path per role),
 * and what must not go on (credentials). Before a refusal the body is awaited for a second, since an answer that
 * overtakes the body makes HTTP/2 clients see a reset instead of the status.
 *
 * @see https://docs.haproxy.org/2.6/configuration.html
 */
export function haproxyConfig({ name, address, routes }: Backend): string {
  return `# Who may call what: see the routes near the end. Credentials are files below ${AUTH_DIRECTORY}, read by authn.lua.
global
    log stdout format raw local0 info
    # Without it, the limit follows the container's number of files, and memory with it.
    maxconn 1024
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
    log-format "%ci %ST %HM %HPO role=%[var(txn.role)] %B %Tt %tsc"
    option dontlognull
    timeout connect 5s
    timeout http-request 10s
    timeout http-keep-alive 1m
    timeout client 5m
    timeout server 5m
    default-server proto h2 check inter 2s

frontend gateway
    bind :${GATEWAY_PORT} ssl crt ${TLS_DIRECTORY}/tls.crt alpn h2,http/1.1
    acl is_read method GET HEAD
    http-request return status 200 content-type text/plain string "ok\\n" if { path /proxy-healthz } is_read
    http-request return status 200 content-type text/plain string "ready\\n" if { path /proxy-readyz } is_read { nbsrv(${name}) ge 1 }
    http-request return status 503 content-type text/plain string "not ready\\n" if { path /proxy-readyz } is_read

    # 1. Who.
    http-request set-var(txn.digest) http_auth_bearer,sha2(256),hex,lower if { req.hdr_cnt(authorization) eq 1 }
    http-request lua.authn
    acl is_known var(txn.role) -m found
    http-request wait-for-body time 1s unless is_known
    http-request return status 401 content-type text/plain string "unauthorized\\n" hdr www-authenticate "Bearer realm=profiles" unless is_known

    # 2. What. Encoded or relative paths match no route.
${routes.map(routeRules).join('\n')}
    acl is_allowed var(txn.allowed) -m bool
    http-request wait-for-body time 1s unless is_allowed
    http-request return status 403 content-type text/plain string "forbidden\\n" unless is_allowed

    # 3. What must not go on.
    http-request del-header ^(proxy-)?authorization$ -m reg
    http-request del-header ^(cookie|forwarded|x-forwarded-.*|x-http-method.*|x-scope-orgid)$ -m reg
    default_backend ${name}

backend ${name}
    server ${name} ${address}
`;
}

function routeRules({ role, methods, paths = [], patterns = [] }: Route, index: number): string {
  const acl = `route_${index + 1}_${role}`;
  return [
    ...paths.map(path => `    acl ${acl} path -m str ${path}`),
    ...patterns.map(pattern => `    acl ${acl} path -m reg ${pattern}`),
    `    http-request set-var(txn.allowed) bool(true) if { var(txn.role) -m str ${role} } { method ${methods.join(' ')} } ${acl}`,
  ].join('\n');
}
