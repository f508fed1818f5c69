import { createHash } from 'node:crypto';
import type { Secret } from 'kubernetes-types/core/v1';
import { secretsOf } from './external-secrets';
import { PYROSCOPE_NAME, SECRETS } from './names';
import type { PyroscopeSlice } from './tokens';
import { pyroscopeTokens } from './tokens';
import { labels } from '../kube/labels';
import type { Complete } from '../kube/manifest';

/**
 * Secrets with a fresh token for every credential of Pyroscope, or for those of one tenant or reader.
 *
 * Some hold the keys of many: with a name given they hold only its keys, and are there to be merged by server-side apply,
 * which leaves the other keys alone. For that reason the values are `data`; `stringData` is not merged.
 *
 * None where they come from a secret store.
 *
 * @param newToken a fresh token, at every call
 * @param name a tenant or reader; undefined for all
 */
export function pyroscopeSecrets(spec: PyroscopeSlice, newToken: () => string, name?: string): Array<Complete<Secret>> {
  const { pyroscope } = spec;
  if (spec.externalSecrets) { return []; }
  const tokens = pyroscopeTokens(spec)
    .filter(({ storeKey }) => name === undefined || storeKey.startsWith(`${name}/`))
    .map(token => ({ token, raw: newToken() }));
  const rawOf = new Map(tokens.map(({ token, raw }) => [token, raw]));
  const digests = Object.fromEntries(tokens.map(({ token, raw }) => [token.credential.digests, createHash('sha256').update(raw).digest('hex')]));
  return [
    secret(pyroscope.namespace, SECRETS.gateway, PYROSCOPE_NAME, {}, digests),
    ...[...secretsOf(tokens.map(({ token }) => token)).values()].map(users => {
      const { namespace, secretName, app, labels: extra = {} } = users[0].user;
      return secret(namespace, secretName, app, extra, Object.fromEntries(
        users.map(({ token, user }) => [user.key, user.value(rawOf.get(token)!)])));
    }),
  ];
}

function secret(namespace: string, name: string, app: string, extraLabels: object, values: Readonly<Record<string, string>>): Complete<Secret> {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, labels: { ...labels(app), ...extraLabels } },
    type: 'Opaque',
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  };
}
