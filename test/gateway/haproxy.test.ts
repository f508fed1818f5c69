import { createHash } from 'node:crypto';
import { AUTHN_LUA } from '../../src/gateway/authn-lua';
import { haproxyConfig } from '../../src/gateway/haproxy';
import { PARCA_ROUTES } from '../../src/gateway/parca-routes';
import { GATEWAY_ROLES } from '../../src/gateway/routes';
import { find, render } from '../support';

const config = haproxyConfig({ backends: [{ name: 'parca', address: '127.0.0.2:7070' }], routes: PARCA_ROUTES, maxConnections: 1024 });
const lines = config.split('\n').map(line => line.trim());

/** The acl lines of the emitted text, read as HAProxy reads them: exact strings, and expressions searched in the path. */
function rolesFor(method: string, path: string): string[] {
  const acls = new Map<string, Array<(path: string) => boolean>>();
  const roles: string[] = [];
  for (const line of lines) {
    const acl = /^acl (route_\S+) path -m (str|reg) (\S+)$/.exec(line);
    if (acl) {
      const [, name, kind, value] = acl;
      acls.set(name, [...acls.get(name) ?? [], kind === 'str' ? candidate => candidate === value : candidate => new RegExp(value).test(candidate)]);
    }
    const allow = /^http-request set-var\(txn\.backend\) str\(parca\) if \{ var\(txn\.role\) -m str (\S+) \} \{ method ([A-Z ]+) \} (route_\S+)$/.exec(line);
    if (allow && allow[2].split(' ').includes(method) && acls.get(allow[3])!.some(test => test(path))) { roles.push(allow[1]); }
  }
  return roles;
}

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
    const order = ['lua.authn', 'status 401', 'txn.backend) str(parca)', 'status 403', 'del-header ^(proxy-)?authorization', 'use_backend'].map(position);
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

describe('authn.lua', () => {
  it('is given every role that has a route', () => {
    expect([...new Set(PARCA_ROUTES.map(({ role }) => role))].sort()).toEqual([...GATEWAY_ROLES]);
    const { data } = find<{ data: Record<string, string> }>(render(), 'ConfigMap', 'parca-gateway');
    expect(data.credentials.trimEnd().split('\n')).toEqual(
      GATEWAY_ROLES.map(role => `${role} - ${role}/sha256 ${role}/token ${role}/token-previous`));
  });

  it('refuses the digest of an empty token', () => {
    expect(AUTHN_LUA).toContain(createHash('sha256').update('').digest('hex'));
  });
});
