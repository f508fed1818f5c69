import { createHash } from 'node:crypto';
import type { Secret } from 'kubernetes-types/core/v1';
import { SERVER_NAME } from './names';
import type { ServerSlice } from './push-tokens';
import { pushSecrets, sharesPushToken } from './push-tokens';
import { PARCA_ROLES } from '../config/defaults';
import type { ParcaRole } from '../config/defaults';
import { TOKEN_KEYS } from '../gateway/paths';
import type { Token } from '../gateway/token';
import { labels } from '../kube/labels';
import type { Complete } from '../kube/manifest';
import { freshToken } from '../kube/token';

/**
 * Secrets with a fresh token for each of Parca's roles, and for each node pool that has one of its own; none where they come from a
 * secret store.
 *
 * The raw token goes to the namespaces that use it, and the gateway gets its digest alone. The gateway's namespace keeps
 * the raw token where it is used there, or by nobody in the document: otherwise nobody could ever read it.
 *
 * @param newToken for tests
 */
export function tokenSecrets(
  spec: ServerSlice,
  roles: readonly string[] = PARCA_ROLES,
  newToken: () => string = freshToken,
): Array<Complete<Secret>> {
  if (spec.externalSecrets) { return []; }
  const pools = pushSecrets(spec).map(({ secretName }) => ['push', secretName] as const);
  const secrets = PARCA_ROLES.filter(role => roles.includes(role)).flatMap(role => [[role, spec.parca.tokens[role]] as const, ...role === 'push' ? pools : []]);
  return secrets.flatMap(([role, name]) => {
    const token = newToken();
    const users = namespacesUsing(spec, role, name);
    const others = users.filter(namespace => namespace !== spec.parca.namespace);
    const needsToken = others.length === 0 || others.length < users.length;
    const gatewayData: Record<string, string> = needsToken ? { token } : { sha256: createHash('sha256').update(token).digest('hex') };
    return [
      secret(name, spec.parca.namespace, gatewayData),
      ...others.map(namespace => secret(name, namespace, { token })),
    ];
  });
}

/** The namespaces in which somebody uses the token of a role that is in the Secret of this name, sorted. */
export function namespacesUsing(spec: ServerSlice, role: ParcaRole, secretName: string): string[] {
  const { agents, access, parca } = spec;
  if (role === 'push') { return secretName !== parca.tokens.push || sharesPushToken(spec) ? [agents.namespace] : []; }
  const peers = { read: access.readers, symbols: access.symbolUploaders, metrics: access.scrapers }[role];
  return [...new Set(peers.map(peer => peer.namespace))].sort();
}

function secret(name: string, namespace: string, stringData: Record<string, string>): Complete<Secret> {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: labels(SERVER_NAME) }, type: 'Opaque', stringData };
}

/** Every token of the gateway, those of single node pools last; those of a secret store are changed there. */
export function parcaTokens(spec: ServerSlice): Token[] {
  return spec.externalSecrets ? [] : [
    ...PARCA_ROLES.map(role => tokenIn(spec, role, spec.parca.tokens[role])),
    ...pushSecrets(spec).map(({ pool, secretName }) => ({ ...tokenIn(spec, 'push', secretName), pool })),
  ];
}

/**
 * Read from what `secrets` makes of this name: the first Secret is the gateway's, and those with a raw token are there for who uses
 * it. Node pools with tokens of their own have Secrets of other names.
 */
function tokenIn(spec: ServerSlice, role: ParcaRole, secretName: string): Token {
  const secrets = tokenSecrets(spec, [role], () => '').filter(({ metadata }) => metadata.name === secretName);
  const [{ metadata: { namespace, name } }] = secrets;
  const users = secrets.filter(({ stringData }) => stringData?.token !== undefined)
    .map(({ metadata }) => ({ namespace: metadata.namespace!, name: metadata.name, key: TOKEN_KEYS.raw[0], value: (token: string) => token }));
  return { role, gateway: { namespace: namespace!, name, digests: TOKEN_KEYS.digests, rawTokens: [...TOKEN_KEYS.raw].reverse() }, users };
}
