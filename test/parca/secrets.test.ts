import { createHash } from 'node:crypto';
import type { ParcaRole } from '../../src/config/defaults';
import { tokenSecrets } from '../../src/parca/secrets';
import { resolvedParca } from '../support';

function secretsOf(sections: Parameters<typeof resolvedParca>[0], roles?: readonly ParcaRole[]) {
  let count = 0;
  return tokenSecrets(resolvedParca(sections), roles, () => `token-${++count}`);
}

const data = (secrets: ReturnType<typeof secretsOf>) =>
  secrets.map(({ metadata, stringData }) => [`${metadata.namespace}/${metadata.name}`, stringData]);
const digest = (token: string) => ({ sha256: createHash('sha256').update(token).digest('hex') });
const peer = (namespace: string, app = 'a') => ({ namespace, podLabels: { app } });

describe('Token Secrets', () => {
  it('give the gateway a digest and the user the token', () => {
    expect(data(secretsOf({ access: { readers: [peer('monitoring')] } }, ['read']))).toEqual([
      ['profiling/parca-read-token', digest('token-1')],
      ['monitoring/parca-read-token', { token: 'token-1' }],
    ]);
  });

  it('give agents the push token in their namespace', () => {
    expect(data(secretsOf({}, ['push']))).toEqual([
      ['profiling/parca-push-token', digest('token-1')],
      ['profiling-agents/parca-push-token', { token: 'token-1' }],
    ]);
  });

  it.each<ParcaRole>(['metrics', 'read', 'symbols'])('keep the token of %s beside the gateway when nobody uses it', role => {
    expect(data(secretsOf({}, [role]))).toEqual([[`profiling/parca-${role}-token`, { token: 'token-1' }]]);
  });

  it('keep the token beside the gateway when it is used there', () => {
    // Only where the namespace is not made here: one that is, is closed to others.
    const shared = { create: false };
    expect(data(secretsOf({ namespaces: shared, access: { readers: [peer('profiling')] } }, ['read']))).toEqual([
      ['profiling/parca-read-token', { token: 'token-1' }],
    ]);
    expect(data(secretsOf({ namespaces: shared, access: { readers: [peer('profiling'), peer('monitoring')] } }, ['read']))).toEqual([
      ['profiling/parca-read-token', { token: 'token-1' }],
      ['monitoring/parca-read-token', { token: 'token-1' }],
    ]);
  });

  it('are one for each namespace, in the order of their names', () => {
    const readers = [peer('z'), peer('a'), peer('z', 'b')];
    expect(data(secretsOf({ access: { readers } }, ['read'])).map(([name]) => name)).toEqual([
      'profiling/parca-read-token', 'a/parca-read-token', 'z/parca-read-token',
    ]);
  });

  it('go to the users of each role', () => {
    const access = { readers: [peer('reading')], scrapers: [peer('scraping')], symbolUploaders: [peer('uploading')] };
    expect(data(secretsOf({ access })).map(([name]) => name)).toEqual([
      'profiling/parca-metrics-token', 'scraping/parca-metrics-token',
      'profiling/parca-push-token', 'profiling-agents/parca-push-token',
      'profiling/parca-read-token', 'reading/parca-read-token',
      'profiling/parca-symbols-token', 'uploading/parca-symbols-token',
    ]);
  });

  it('have a token of their own for each role', () => {
    const tokens = secretsOf({}).flatMap(({ stringData }) => stringData?.token ?? []);
    expect(new Set(tokens).size).toBe(4);
  });

  it('are made for each node pool that has a push token of its own, and its token is worth nothing elsewhere', () => {
    const nodePools = [{ name: 'gpu', nodeSelector: { pool: 'gpu' }, pushToken: { secretName: 'push-gpu' } }, { name: 'rest' }];
    const secrets = secretsOf({ agents: { nodePools } }, ['push']);
    expect(secrets.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'profiling/parca-push-token', 'profiling-agents/parca-push-token', 'profiling/push-gpu', 'profiling-agents/push-gpu',
    ]);
    expect(Object.keys(secrets[2].stringData ?? {})).toEqual(['sha256']);
    expect(secrets[3].stringData?.token).not.toBe(secrets[1].stringData?.token);
  });

  it('are made once for a role that is asked for twice', () => {
    expect(secretsOf({}, ['read', 'read'])).toHaveLength(1);
  });

  it('hold 256 random bits', () => {
    const tokens = tokenSecrets(resolvedParca(), ['read', 'symbols', 'metrics']).map(({ stringData }) => stringData?.token);
    tokens.forEach(token => expect(token).toMatch(/^[0-9a-f]{64}$/));
    expect(new Set(tokens).size).toBe(3);
  });

  it('are complete objects', () => {
    expect(secretsOf({}, ['read'])[0]).toMatchObject({
      apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { labels: { 'app.kubernetes.io/name': 'parca' } },
    });
  });
});
