import { backendOf, linesOf, permissions } from './requests';
import { PARCA_ROLES } from '../../src/config/defaults';
import type { Backend } from '../../src/gateway/backends';
import { capacity } from '../../src/gateway/capacity';
import type { Proxy } from '../../src/gateway/haproxy';
import { haproxyConfig } from '../../src/gateway/haproxy';
import { PARCA_ROUTES } from '../../src/parca/routes';
import { find, render } from '../support';

const SIZED = { capacity: capacity(1000), limits: {} } as const;
const config = haproxyConfig({ backends: [{ name: 'parca', address: '127.0.0.2:7070' }], routes: PARCA_ROUTES, ...SIZED });
const lines = linesOf(config);
const rolesFor = (method: string, path: string): string[] => permissions(config, method, path).map(({ role }) => role);

const STORE = '/parca.profilestore.v1alpha1.ProfileStoreService';
const QUERY = '/parca.query.v1alpha1.QueryService';
const DEBUGINFO = '/parca.debuginfo.v1alpha1.DebuginfoService';

describe('HAProxy configuration', () => {
  it.each([
    ['POST', `${STORE}/WriteArrow`, 'push'],
    ['POST', `${STORE}/WriteRaw`, 'push'],
    ['POST', `${DEBUGINFO}/Upload`, 'symbols'],
    ['POST', `${QUERY}/QueryRange`, 'read'],
    ['POST', `/api${QUERY}/Query`, 'read'],
    ['GET', '/', 'read'],
    ['GET', '/static/js/main.0a1b.js', 'read'],
    ['GET', '/api/profiles/labels/namespace/values', 'read'],
    ['HEAD', '/metrics', 'metrics'],
  ])('lets %s %s through for the role %s alone', (method, path, role) => {
    expect(rolesFor(method, path)).toEqual([role]);
  });

  it.each([
    ['GET', `${STORE}/WriteRaw`],
    ['POST', `/x${STORE}/WriteRaw`],
    ['POST', `${QUERY}/x${STORE}/WriteRaw`],
    ['POST', `/api${STORE}/WriteRaw`],
    ['POST', `${STORE}/WriteRaw/`],
    ['POST', `${QUERY}/ShareProfile`],
    ['POST', `/api${QUERY}/ShareProfile`],
    ['POST', '/api/profiles/writeraw'],
    ['POST', '/api/profiles/share'],
    ['POST', '/'],
    ['POST', '/metrics'],
    ['GET', '/metrics/'],
    ['GET', '/debug/pprof/heap'],
    ['GET', '/static/../metrics'],
    ['GET', '/static/x/..%2fmetrics'],
    ['GET', '/static/.hidden'],
    ['GET', '/api/profiles/labels/a/b/values'],
    ['POST', '/parca.scrape.v1alpha1.ScrapeService/Targets'],
    ['POST', '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo'],
    ['POST', '/parca.telemetry.v1alpha1.TelemetryService/ReportPanic'],
  ])('lets %s %s through for nobody', (method, path) => {
    expect(rolesFor(method, path)).toEqual([]);
  });

  it('has only anchored expressions', () => {
    const patterns = PARCA_ROUTES.flatMap(({ patterns: list = [] }) => list);
    expect(patterns.length).toBeGreaterThan(0);
    patterns.forEach(pattern => expect(pattern).toMatch(/^\^\/.*\$$/));
  });

  it('asks who before what, and refuses before it forwards', () => {
    const position = (fragment: string): number => lines.findIndex(line => line.includes(fragment));
    const order = ['lua.authn', 'deny_status 401', 'txn.backend) str(parca)', 'status 403', 'del-header ^(proxy-)?authorization', 'use_backend'].map(position);
    expect(order.every(index => index >= 0)).toBe(true);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('looks at a token only if there is exactly one Authorization header', () => {
    expect(lines).toContain('http-request set-var(txn.digest) http_auth_bearer,sha2(256),hex,lower if { req.hdr_cnt(authorization) eq 1 }');
  });

  it('logs neither headers nor query strings', () => {
    const format = lines.find(line => line.startsWith('log-format'))!;
    expect(format).not.toMatch(/%hr|%hs|%r\b|%HU|%HQ|capture|req\.hdr/);
  });

  it('forwards to the loopback address alone', () => {
    expect(lines.filter(line => line.startsWith('server '))).toEqual(['server parca 127.0.0.2:7070']);
  });
});

const linesWith = (keys: Partial<Proxy> = {}): string[] => linesOf(haproxyConfig({
  backends: [{ name: 'a', address: '127.0.0.2:1' }], routes: [{ role: 'read', methods: ['GET'], paths: ['/x'] }], ...SIZED, ...keys,
}));

describe('The header of the tenant', () => {
  const tenantLines = linesWith({ tenantHeader: 'X-Scope-OrgID' });
  const strip = 'http-request del-header ^(cookie|forwarded|trailer|x-forwarded-.*|x-http-method.*|x[-_]scope[-_]orgid)$ -m reg';
  const set = 'http-request set-header X-Scope-OrgID %[var(txn.tenant)] if { var(txn.tenant) -m found }';

  it('is taken away from what clients send before it is set', () => {
    expect(tenantLines).toContain(strip);
    expect(tenantLines.indexOf(set)).toBeGreaterThan(tenantLines.indexOf(strip));
    expect(tenantLines.indexOf('use_backend %[var(txn.backend)]')).toBeGreaterThan(tenantLines.indexOf(set));
  });

  it('says what the token says, and comes from nothing else', () => {
    expect(tenantLines.filter(line => /orgid/i.test(line))).toEqual([strip, set]);
    expect(tenantLines.filter(line => line.includes('txn.tenant') && !line.startsWith('log-format'))).toEqual([set]);
  });

  it.each(['x-scope-orgid', 'x_scope_orgid', 'x-scope_orgid'])('is also taken away where it is spelled %s', name => {
    const [, expression] = /del-header (\S+) -m reg/.exec(strip)!;
    expect(new RegExp(expression).test(name)).toBe(true);
  });

  it('is taken away, and not set, where there are no tenants', () => {
    expect(linesWith()).toContain(strip);
    expect(linesWith().filter(line => line.includes('set-header'))).toEqual([]);
  });

  it('is in the log with the role', () => {
    expect(tenantLines.find(line => line.startsWith('log-format'))).toContain('tenant=%[var(txn.tenant)]');
    expect(linesWith().find(line => line.startsWith('log-format'))).not.toContain('tenant');
  });
});

describe('Backends', () => {
  const two: Backend[] = [
    { name: 'a', address: '127.0.0.2:1', ready: { path: '/ready', port: 9 } },
    { name: 'b', address: 'b-headless.ns.svc.cluster.local:2', isReplicated: true },
  ];
  const twoBackends = haproxyConfig({
    backends: two,
    routes: [{ role: 'push', methods: ['POST'], paths: ['/p'], backend: 'b' }, { role: 'read', methods: ['GET'], paths: ['/x'] }],
    ...SIZED,
    capacity: { ...capacity(1000), clientConnections: 70, unauthenticatedConnections: 7 },
  });

  it('answer what their routes say, and the first one the rest', () => {
    expect(permissions(twoBackends, 'POST', '/p')).toEqual([{ role: 'push', backend: 'b' }]);
    expect(permissions(twoBackends, 'GET', '/x')).toEqual([{ role: 'read', backend: 'a' }]);
  });

  it('are asked whether they are ready where they can say so', () => {
    expect(backendOf(twoBackends, 'a')).toEqual([
      'option httpchk', 'http-check send meth GET uri /ready', 'http-check expect status 200', 'server a 127.0.0.2:1 check-proto h1 port 9',
    ]);
    expect(backendOf(twoBackends, 'b').filter(line => line.includes('httpchk'))).toEqual([]);
  });

  it('are found again and again by name where they come and go', () => {
    expect(backendOf(twoBackends, 'b').at(-1)).toBe(
      'server-template b- 1-16 b-headless.ns.svc.cluster.local:2 resolvers cluster resolve-prefer ipv4 init-addr none proto h1 on-marked-down shutdown-sessions');
    expect(linesOf(twoBackends)).toContain('parse-resolv-conf');
    expect(linesWith()).not.toContain('resolvers cluster');
  });

  it('get HTTP/1.1 where there are replicas, so that a refused connection is tried at another, and HTTP/2 for gRPC alone', () => {
    const all = linesOf(twoBackends);
    expect(backendOf(twoBackends, 'b')).toEqual(expect.arrayContaining(['option http-server-close', 'option redispatch 1', 'retries 3', 'retry-on conn-failure']));
    expect(backendOf(twoBackends, 'b-grpc').at(-1)).not.toContain('proto h1');
    expect(all).toContain('use_backend b-grpc if is_grpc !is_grpc_web { var(txn.backend) -m str b }');
    expect(all.filter(line => line.startsWith('use_backend') && line.includes('a-grpc'))).toEqual([]);
    expect(backendOf(twoBackends, 'a').filter(line => line.includes('redispatch'))).toEqual([]);
  });

  it('let the gateway be ready as soon as one of them is', () => {
    const ready = linesOf(twoBackends).filter(line => line.includes('ready\\n') && line.includes('status 200'));
    expect(ready.map(line => / if (.*)$/.exec(line)![1])).toEqual(['a', 'b'].map(name => `{ path /proxy-readyz } is_read { nbsrv(${name}) ge 1 }`));
  });

  it('are protected from more connections than the document allows; the probes have slots of their own', () => {
    expect(linesOf(twoBackends).filter(line => line.startsWith('maxconn'))).toEqual(['maxconn 93', 'maxconn 16', 'maxconn 77']);
  });
});

describe('Callers without a valid token', () => {
  const rule = (fragment: string): string => lines.find(line => line.includes(fragment)) ?? '';

  it('are counted by address until they show one, and fewer from each when there are many', () => {
    expect(lines.filter(line => line.startsWith('tcp-request connection reject'))).toEqual([
      'tcp-request connection reject if is_new_address { sc_gpc_rate(0,0),sub(sess.known_of_0) ge 16 }',
      'tcp-request connection reject if is_new_address { sc_gpc_rate(0,1),sub(sess.known_of_1) ge 512 } { sc_gpc_rate(0,0),sub(sess.known_of_0) ge 2 }',
      'tcp-request connection reject if is_new_address { sc_gpc_rate(0,1),sub(sess.known_of_1) ge 1024 }',
      'tcp-request connection reject if { sc_gpc_rate(0,1),sub(sess.known_of_1) ge 1024 } { sc_gpc_rate(0,0),sub(sess.known_of_0) ge 256 }',
    ]);
    expect(lines).toContain('http-request sc-inc-gpc(1,0) if is_known !{ var(sess.is_known) -m found }');
  });

  it('cannot take the slots of those that have', () => {
    const { clientConnections, unauthenticatedConnections } = capacity(1000);
    expect(unauthenticatedConnections).toBeGreaterThanOrEqual(1024 * 1.5);
    expect(clientConnections).toBeGreaterThanOrEqual(1250);
  });

  it('have seconds for their handshake and for each request', () => {
    expect(lines).toEqual(expect.arrayContaining(['timeout client 10s', 'timeout client-hs 5s', 'timeout http-request 5s', 'timeout http-keep-alive 30s']));
  });

  it('are refused with 401 and 429, and their connection ends', () => {
    expect(rule('deny_status 401')).toContain('hdr connection close unless is_known');
    expect(rule('deny_status 429')).toContain('hdr connection close');
    expect(rule('var(sess.is_refused) -m found } !{')).toMatch(/^http-request reject if !is_known /);
  });
});

describe('Limits of a credential', () => {
  const limited = linesWith({ limits: { read: { bodyBytes: 100, requests: 7, perMinute: { bytes: 600, requests: 60 }, bytesPerDay: 900 } } });

  it('are those of its role', () => {
    expect(limited).toEqual(expect.arrayContaining([
      'http-request set-var(txn.max_body) int(100) if { var(txn.role) -m str read }',
      'http-request set-var(txn.per_day) int(900) if { var(txn.role) -m str read }',
      'http-request set-var(txn.refused,ifnotset) int(429) if is_allowed { var(txn.role) -m str read } { sc_conn_cur(2) gt 7 }',
      'http-request set-var(txn.refused,ifnotset) int(429) if is_allowed { var(txn.role) -m str read } { sc_bytes_in_rate(2) gt 100 }',
      'http-request set-var(txn.refused,ifnotset) int(429) if is_allowed { var(txn.role) -m str read } { sc_http_req_rate(2) gt 10 }',
      'http-request set-var(txn.refused,ifnotset) int(413) if is_allowed { req.hdr_val(content-length),sub(txn.max_body) gt 0 }',
    ]));
  });

  it('are counted by credential and not by address', () => {
    expect(limited).toContain('http-request track-sc2 var(txn.credential) table credentials if is_known');
  });
});

describe('What concerns one connection alone', () => {
  it.each(['connection', 'upgrade', 'http2-settings', 'keep-alive', 'proxy-connection'])('does not go on: %s', name => {
    const expressions = lines.flatMap(line => /^http-request del-header (\S+) -m reg$/.exec(line)?.[1] ?? []);
    expect(expressions.some(expression => new RegExp(expression).test(name))).toBe(true);
  });
});

describe('List of credentials', () => {
  it('has every role that has a route', () => {
    expect([...new Set(PARCA_ROUTES.map(({ role }) => role))].sort()).toEqual([...PARCA_ROLES]);
    const { data } = find<{ data: Record<string, string> }>(render(), 'ConfigMap', 'parca-gateway');
    expect(data.credentials.trimEnd().split('\n')).toEqual(
      PARCA_ROLES.map(role => `${role} - ${role}/sha256 ${role}/token ${role}/token-previous`));
  });
});
