import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { COMPONENTS } from '../../src/components';
import { renderManifests, renderSecrets, summarize } from '../../src/render';
import { find, resolved } from '../support';

const STORE = { address: 'store.example.com:8443', tokenSecret: { secretName: 'store-token' } };
const POOLS = [{ name: 'gpu', nodeSelector: { pool: 'gpu' }, pushToken: { secretName: 'push-gpu' } }, { name: 'rest' }];
const VAULT = { externalSecrets: { storeRef: { name: 'vault' } } };

const specOf = (keys: object = {}, sections: object = {}) => resolved({ parca: { remoteStore: { ...STORE, ...keys } }, ...sections });
const podOf = (keys: object = {}, pool = 'default', sections: object = {}): PodSpec =>
  find<DaemonSet>(renderManifests(specOf(keys, sections)), 'DaemonSet', `parca-agent-${pool}`, 'profiling-agents').spec!.template.spec!;
const agentOf = (keys: object = {}): Container => podOf(keys).containers[0];
const summaryOf = (keys: object = {}, sections: object = {}) => summarize(specOf(keys, sections), [], 'profiling.yaml');

describe('Agents that send to a store elsewhere', () => {
  it('are all that is there: no server, no gateway, no Service, and no namespace of theirs', () => {
    const manifests = renderManifests(specOf());
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set([undefined, 'profiling-agents']));
    expect(manifests.filter(({ kind }) => ['Service', 'StatefulSet', 'PersistentVolumeClaim', 'Certificate'].includes(kind))).toEqual([]);
    expect(COMPONENTS.flatMap(({ contribution }) => contribution(specOf())?.portForward ?? [])).toEqual([]);
  });

  it('send their token over verified TLS to that address alone', () => {
    const { args } = agentOf();
    expect(args).toContain('--remote-store-address=store.example.com:8443');
    expect(args).toContain('--remote-store-bearer-token-file=/var/run/secrets/parca/token');
    expect(args!.some(arg => arg.includes('insecure') || arg.startsWith('--remote-store-bearer-token='))).toBe(false);
    expect(podOf().volumes).toContainEqual({ name: 'token', secret: { secretName: 'store-token', items: [{ key: 'token', path: 'token' }], defaultMode: 0o400 } });
  });

  it('send with the token of their pool where it has one', () => {
    const secretOf = (pool: string) => podOf({}, pool, { agents: { nodePools: POOLS } }).volumes!.find(({ name }) => name === 'token')!.secret!.secretName;
    expect([secretOf('gpu'), secretOf('rest')]).toEqual(['push-gpu', 'store-token']);
  });

  it('trust the authorities of their image, or those that the document names and no others', () => {
    const names = (keys: object) => [agentOf(keys).env!, agentOf(keys).volumeMounts!, podOf(keys).volumes!].map(list => list.map(({ name }) => name));
    names({}).forEach(list => expect(list.filter(name => /^ca$|SSL_CERT/.test(name))).toEqual([]));
    const keys = { caConfigMap: { name: 'corp-ca', key: 'root.pem' } };
    expect(podOf(keys).volumes).toContainEqual({ name: 'ca', configMap: { name: 'corp-ca', items: [{ key: 'root.pem', path: 'ca.crt' }] } });
    expect(agentOf(keys).env).toEqual(expect.arrayContaining([{ name: 'SSL_CERT_FILE', value: '/etc/parca-ca/ca.crt' }, { name: 'SSL_CERT_DIR', value: '/etc/parca-ca' }]));
  });

  it('send its headers in one flag, since the agent cuts that at semicolons', () => {
    const headersOf = (keys: object) => agentOf(keys).args!.filter(arg => arg.startsWith('--remote-store-grpc-headers'));
    expect(headersOf({})).toEqual([]);
    expect(headersOf({ headers: { 'x-team': 'b=c, d', 'projectID': '1234' } })).toEqual(['--remote-store-grpc-headers=projectID=1234;x-team=b=c, d']);
  });

  it('use only flags that the supported version has', () => {
    const known = readFileSync(join(__dirname, '..', 'fixtures', 'parca-agent-v0.49.0.flags'), 'utf8').split('\n');
    agentOf({ headers: { projectID: '1234' } }).args!.forEach(arg => expect(known).toContain(arg.split('=')[0]));
  });

  it('keep profiles of other pods to themselves, as elsewhere', () => {
    const data = (spec: ReturnType<typeof resolved>) => find<{ data: Record<string, string> }>(renderManifests(spec), 'ConfigMap', 'parca-agent').data['parca-agent.yaml'];
    // The namespace of a server that is not there is one like any other.
    expect(data(specOf())).toBe(data(resolved()).replace('kube-system|profiling|profiling-agents', 'kube-system|profiling-agents'));
  });
});

describe('Tokens of a store elsewhere', () => {
  it('are given by its owners, so that none is made', () => {
    expect(renderSecrets(specOf({}, { agents: { nodePools: POOLS } }), () => 'token')).toEqual([]);
    expect(COMPONENTS.flatMap(({ contribution }) => contribution(specOf())?.tokens?.() ?? [])).toEqual([]);
  });

  it('are asked for with the command, those of pools as well', () => {
    expect(summaryOf({ caConfigMap: { name: 'corp-ca' } }, { agents: { nodePools: POOLS } }).missing).toEqual([
      ...['store-token', 'push-gpu'].map(name => ({
        what: `token Secret ${name} in profiling-agents, with the push token that the owners of store.example.com gave you`,
        command: `kubectl create secret generic ${name} -n profiling-agents --from-file=token=token.txt`,
      })),
      { what: 'CA ConfigMap corp-ca in profiling-agents, with the CA of that certificate', command: 'kubectl create configmap corp-ca -n profiling-agents --from-file=ca.crt=ca.crt' },
    ]);
  });

  it('are not asked for where a secret store has them', () => {
    expect(summaryOf({}, VAULT).missing).toEqual([]);
    const secrets = renderManifests(specOf({}, { ...VAULT, agents: { nodePools: POOLS } })).filter(({ kind }) => kind === 'ExternalSecret');
    expect(secrets).toMatchObject([
      { metadata: { name: 'store-token', namespace: 'profiling-agents' }, spec: { data: [{ remoteRef: { key: 'profiling/parca/push' } }], target: { template: { data: { token: '{{ index . "parca.push" }}' } } } } },
      { metadata: { name: 'push-gpu', namespace: 'profiling-agents' }, spec: { data: [{ remoteRef: { key: 'profiling/parca/push/gpu' } }] } },
    ]);
  });
});

describe('Notes on a store elsewhere', () => {
  const note = 'parca.remoteStore.egressCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach store.example.com.';

  it('say that its addresses are missing', () => {
    expect(summaryOf().notes).toContain(note);
    expect(summaryOf({ egressCidrs: ['203.0.113.0/24'] }).notes).not.toContain(note);
    expect(summarize(resolved(), [], 'profiling.yaml').notes).not.toContain(note);
  });

  it('say nothing of symbols, which are the store\'s own affair', () => {
    expect(summaryOf().notes.join()).not.toContain('Native frames');
  });
});
