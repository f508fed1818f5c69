import { PYROSCOPE_NAME, SECRETS } from './names';
import type { Token, TokenUser } from './tokens';
import { pyroscopeTokens } from './tokens';
import type { Slice } from '../component';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';

/** Entry of a Secret: its key, the token and, around it, the text that a template makes of it. */
interface Entry {
  readonly token: Token;
  readonly key: string;
  readonly template: string;
}

/**
 * The Secrets of all tokens as objects of the External Secrets Operator; none unless the specification names a store.
 *
 * @see https://external-secrets.io/latest/guides/templating/
 */
export function externalSecrets(spec: Slice<'pyroscope'>): Part {
  const { pyroscope } = spec;
  if (!pyroscope.externalSecrets) { return {}; }
  const tokens = pyroscopeTokens(spec);
  const digests = tokens.map((token): Entry => (
    { token, key: token.credential.digests, template: `{{ index . "${secretKey(token)}" | sha256sum }}` }));
  return {
    'external-secret-gateway': externalSecret(spec, pyroscope.namespace, SECRETS.gateway, PYROSCOPE_NAME, {}, digests),
    ...Object.fromEntries([...secretsOf(tokens)].map(([id, users]) => {
      const { namespace, secretName, app, labels: extra = {} } = users[0].user;
      const entries = users.map(({ token, user }): Entry => ({ token, key: user.key, template: user.value(placeholder(token, user)) }));
      return [`external-secret-${id}`, externalSecret(spec, namespace, secretName, app, extra, entries)];
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

/** The name of a token in templates, which may have no slash. */
function secretKey({ credential }: Token): string {
  return credential.digests;
}

function placeholder(token: Token, { doublesDollars }: TokenUser): string {
  return `{{ index . "${secretKey(token)}"${doublesDollars ? ' | replace "$" "$$"' : ''} }}`;
}

/** @see https://external-secrets.io/latest/api/externalsecret/ */
function externalSecret(
  { pyroscope }: Slice<'pyroscope'>, namespace: string, name: string, app: string, extraLabels: object, entries: readonly Entry[],
): Manifest & { spec: unknown } {
  const { storeRef, keyPrefix } = pyroscope.externalSecrets!;
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace, labels: labels(app) },
    spec: {
      refreshInterval: '1h0m0s',
      secretStoreRef: storeRef,
      target: {
        name,
        template: {
          engineVersion: 'v2',
          metadata: { labels: { ...labels(app), ...extraLabels } },
          data: Object.fromEntries(entries.map(({ key, template }) => [key, template])),
        },
      },
      data: entries.map(({ token }) => ({
        secretKey: secretKey(token), remoteRef: { key: `${keyPrefix}/${token.storeKey}` },
      })),
    },
  };
}
