import { createHash, randomBytes } from 'node:crypto';
import type { Secret } from 'kubernetes-types/core/v1';
import { SERVER_NAME } from './names';
import { pushSecrets } from './push-tokens';
import type { ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_ROLES } from '../gateway/routes';
import type { GatewayRole } from '../gateway/routes';
import { labels } from '../kube/labels';
import type { Complete } from '../kube/manifest';

/** 256 bits in hex: no character that means something in a header, a URL or a configuration. */
export function freshToken(): string {
  return randomBytes(32).toString('hex');
}

/**
 * Secrets with a fresh token for each of Parca's roles, and for each node pool that has one of its own.
 *
 * The raw token goes to the namespaces that use it, and the gateway gets its digest alone. The gateway's namespace keeps
 * the raw token where it is used there, or by nobody in the document: otherwise nobody could ever read it.
 *
 * @param newToken for tests
 */
export function tokenSecrets(
  spec: ResolvedSpec,
  roles: readonly GatewayRole[] = GATEWAY_ROLES,
  newToken: () => string = freshToken,
): Array<Complete<Secret>> {
  const pools = pushSecrets(spec.parca).map(({ secretName }) => ['push', secretName] as const);
  const secrets = [...new Set(roles)].flatMap(role => [[role, spec.parca.tokens[role]] as const, ...role === 'push' ? pools : []]);
  return secrets.flatMap(([role, name]) => {
    const token = newToken();
    const users = namespacesUsing(spec, role);
    const others = users.filter(namespace => namespace !== spec.parca.namespace);
    const needsToken = others.length === 0 || others.length < users.length;
    const gatewayData: Record<string, string> = needsToken ? { token } : { sha256: createHash('sha256').update(token).digest('hex') };
    return [
      secret(name, spec.parca.namespace, gatewayData),
      ...others.map(namespace => secret(name, namespace, { token })),
    ];
  });
}

function namespacesUsing({ parca, access }: ResolvedSpec, role: GatewayRole): string[] {
  const peers = { push: [], read: access.readers, symbols: access.symbolUploaders, metrics: access.scrapers }[role];
  const namespaces = peers.map(peer => peer.namespace);
  return [...new Set(role === 'push' ? [parca.agentNamespace] : namespaces)].sort();
}

function secret(name: string, namespace: string, stringData: Record<string, string>): Complete<Secret> {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: labels(SERVER_NAME) }, type: 'Opaque', stringData };
}
