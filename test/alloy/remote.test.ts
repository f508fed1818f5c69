import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import type { ReadBlock } from './alloy-reader';
import { blockOf, readAlloy } from './alloy-reader';
import { alloyConfig } from '../../src/alloy/config';
import { renderManifests, renderSecrets, summarize } from '../../src/render';
import type { End } from '../access/flows';
import { allows, openRules } from '../access/flows';
import { CHART, alloySlice } from '../pyroscope/tenants';
import { find, render, resolved } from '../support';

const TENANTS = [{ name: 'checkout', namespaces: ['checkout'] }, { name: 'cart', namespaces: ['cart'], tenantId: 'Team_A' }];
const VAULT = { externalSecrets: { storeRef: { name: 'vault' } } };

/** A document with nothing but Alloy, for a Pyroscope elsewhere. */
const sections = (remote: object = {}, keys: object = {}) => ({
  parca: undefined, pyroscope: { remote: { url: 'https://profiles.example.com', ...remote }, tenants: TENANTS, ...keys },
});
const specOf = (remote: object = {}, keys: object = {}, more: object = {}) => resolved({ ...more, ...sections(remote, keys) });
const configOf = (remote: object = {}, keys: object = {}): ReadBlock[] => readAlloy(alloyConfig(alloySlice(specOf(remote, keys))));
const podOf = (remote: object = {}): PodSpec => find<DaemonSet>(render(sections(remote)), 'DaemonSet', 'alloy', 'profiling-agents').spec!.template.spec!;
const endpointOf = (name: string, remote: object = {}, keys: object = {}): ReadBlock =>
  blockOf(configOf(remote, keys).find(({ type, label }) => type === 'pyroscope.write' && label === `tenant_${name}`)!.blocks, 'endpoint');
const summaryOf = (remote: object = {}, more: object = {}, keys: object = {}) => summarize(specOf(remote, keys, more), [], 'profiling.yaml');

describe('Alloy for a Pyroscope elsewhere', () => {
  it('is all that is there: no server and no gateway, and no namespace of theirs', () => {
    const manifests = renderManifests(specOf());
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'profiling-agents']));
    expect(manifests.filter(({ kind }) => ['Service', 'StatefulSet', 'Deployment', 'Certificate'].includes(kind))).toEqual([]);
  });

  it('names each tenant by its id, with a token of its own', () => {
    const endpoint = (name: string) => endpointOf(name).attributes;
    expect(endpoint('checkout')).toEqual({
      url: '"https://profiles.example.com"', bearer_token_file: '"/etc/alloy-tokens/checkout"', headers: '{"X-Scope-OrgID" = "checkout"}',
    });
    expect(endpoint('cart')).toMatchObject({ bearer_token_file: '"/etc/alloy-tokens/cart"', headers: '{"X-Scope-OrgID" = "Team_A"}' });
  });

  it('names a tenant by its user where it has one, and then by nothing else', () => {
    const { attributes, blocks } = endpointOf('checkout', {}, { tenants: [{ ...TENANTS[0], user: '123456' }] });
    expect(attributes).toEqual({ url: '"https://profiles.example.com"' });
    expect(blockOf(blocks, 'basic_auth').attributes).toEqual({ username: '"123456"', password_file: '"/etc/alloy-tokens/checkout"' });
  });

  it('names no tenant to a gateway here, which reads it off the token', () => {
    const here = readAlloy(alloyConfig(alloySlice(resolved({ pyroscope: { tenants: TENANTS } }))));
    expect(JSON.stringify(here)).not.toMatch(/X-Scope-OrgID|Team_A|basic_auth/);
  });

  it('verifies its certificate, by the authorities of its image or by those that the document names', () => {
    expect(blockOf(endpointOf('checkout').blocks, 'tls_config').attributes).toEqual({ min_version: '"TLS12"' });
    expect([podOf().volumes!, podOf().containers[0].volumeMounts!].flatMap(list => list.map(({ name }) => name))).not.toContain('ca');
    const remote = { caConfigMap: { name: 'corp-ca', key: 'root.pem' } };
    expect(blockOf(endpointOf('checkout', remote).blocks, 'tls_config').attributes).toEqual({ ca_file: '"/etc/alloy-ca/ca.crt"', min_version: '"TLS12"' });
    expect(podOf(remote).volumes).toContainEqual({ name: 'ca', configMap: { name: 'corp-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] } });
  });

  it('mounts the Secret that the document names, a key for each tenant', () => {
    const secretOf = (remote: object) => podOf(remote).volumes!.find(({ name }) => name === 'tokens')!.secret;
    const items = [{ key: 'cart', path: 'cart' }, { key: 'checkout', path: 'checkout' }];
    expect(secretOf({})).toEqual({ secretName: 'alloy-push-tokens', defaultMode: 0o400, items });
    expect(secretOf({ tokenSecret: { secretName: 'remote-tokens' } })).toMatchObject({ secretName: 'remote-tokens' });
  });

  it('takes the profiles of a node once for all tenants, as elsewhere', () => {
    expect(configOf().filter(({ type }) => type === 'pyroscope.ebpf')).toHaveLength(1);
  });

  it('may come from the chart', () => {
    expect(renderManifests(specOf({}, { alloy: CHART })).filter(({ kind }) => kind === 'DaemonSet')).toEqual([]);
    expect(summaryOf({}, {}, { alloy: CHART }).missing.map(({ command }) => command)).toContainEqual(expect.stringContaining('helm upgrade --install alloy alloy '));
  });
});

describe('The network of Alloy for a Pyroscope elsewhere', () => {
  const alloy: End = { namespace: 'profiling-agents', labels: { 'app.kubernetes.io/name': 'alloy' } };
  const there: End = { address: '203.0.113.7' };
  const egress = { egressCidrs: ['203.0.113.0/24'] };

  it('reaches its addresses on the port of its URL', () => {
    expect(allows(render(sections(egress)), { from: alloy, to: there, port: 443 })).toBe(true);
    const other = render(sections({ ...egress, url: 'https://profiles.example.com:8443/a' }));
    expect(allows(other, { from: alloy, to: there, port: 8443 })).toBe(true);
    expect(allows(other, { from: alloy, to: there, port: 443 })).toBe(false);
    expect(allows(other, { from: alloy, to: { address: '93.184.216.34' }, port: 8443 })).toBe(false);
    expect(openRules(other)).toEqual([]);
  });

  it('reaches nothing where they are not given, and the summary says so', () => {
    const note = 'pyroscope.remote.egressCidrs is not set: where NetworkPolicies are enforced, Alloy cannot reach https://profiles.example.com.';
    expect(allows(render(sections()), { from: alloy, to: there, port: 443 })).toBe(false);
    expect(openRules(render(sections()))).toEqual([]);
    expect(summaryOf().notes).toContain(note);
    expect(summaryOf(egress).notes).not.toContain(note);
  });
});

describe('Tokens of a Pyroscope elsewhere', () => {
  it('are given by its owners, so that none is made', () => {
    expect(renderSecrets(specOf(), () => 'token')).toEqual([]);
    expect(renderSecrets(specOf(), () => 'token', { name: 'checkout' })).toEqual([]);
  });

  it('are asked for with the command, a file for each tenant', () => {
    expect(summaryOf().missing).toEqual([{
      what: 'token Secret alloy-push-tokens in profiling-agents, with the token or password that the owners of https://profiles.example.com gave each tenant',
      command: 'kubectl create secret generic alloy-push-tokens -n profiling-agents --from-file=cart=cart.txt --from-file=checkout=checkout.txt',
    }]);
  });

  it('come from a secret store where there is one', () => {
    expect(summaryOf({}, VAULT).missing).toEqual([]);
    expect(renderManifests(specOf({}, {}, VAULT)).filter(({ kind }) => kind === 'ExternalSecret')).toMatchObject([{
      metadata: { name: 'alloy-push-tokens', namespace: 'profiling-agents' },
      spec: {
        target: { template: { data: { checkout: '{{ index . "checkout.agent" }}', cart: '{{ index . "cart.agent" }}' } } },
        data: [{ remoteRef: { key: 'profiling/cart/agent' } }, { remoteRef: { key: 'profiling/checkout/agent' } }],
      },
    }]);
  });
});

describe('Notes of Alloy', () => {
  it('say that it does not see pods without the API server', () => {
    const note = 'cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, Alloy cannot reach the API server and finds no pods.';
    expect(summaryOf().notes).toContain(note);
    expect(summaryOf({}, { cluster: { name: 'dev', apiServerCidrs: ['10.0.0.10/32'] } }).notes).not.toContain(note);
  });
});
