import { PYROSCOPE_NAME, SECRETS } from './names';
import type { PyroscopeSlice, Token, TokenUser } from './tokens';
import { pyroscopeTokens } from './tokens';
import { externalSecret, fromStore } from '../delivery/external-secrets';
import type { Part } from '../kube/manifest';

/** The Secrets of all tokens as objects of the External Secrets Operator; none unless the specification names a store. */
export function externalSecrets(spec: PyroscopeSlice): Part {
  const { pyroscope: { namespace: server }, externalSecrets: settings } = spec;
  if (!settings) { return {}; }
  const tokens = pyroscopeTokens(spec);
  return {
    'external-secret-gateway': externalSecret(settings, {
      namespace: server,
      name: SECRETS.gateway,
      app: PYROSCOPE_NAME,
      entries: tokens.map(({ credential, storeKey }) => ({ key: credential.digests, storeKey, template: fromStore(storeKey, 'sha256sum') })),
    }),
    ...Object.fromEntries([...secretsOf(tokens)].map(([id, users]) => {
      const { namespace, secretName, app, labels } = users[0].user;
      return [`external-secret-${id}`, externalSecret(settings, {
        namespace,
        name: secretName,
        app,
        labels,
        entries: users.map(({ token: { storeKey }, user }) => (
          { key: user.key, storeKey, template: user.value(fromStore(storeKey, user.doublesDollars ? 'replace "$" "$$"' : undefined)) })),
      })];
    })),
  };
}

/** Tokens and users of each Secret, by namespace and name. */
export function secretsOf(tokens: readonly Token[]): Map<string, Array<{ token: Token; user: TokenUser }>> {
  const secrets = new Map<string, Array<{ token: Token; user: TokenUser }>>();
  for (const token of tokens) {
    for (const user of token.users) {
      const id = `${user.namespace}.${user.secretName}`;
      secrets.set(id, [...secrets.get(id) ?? [], { token, user }]);
    }
  }
  return secrets;
}
