import { createHash, randomBytes } from 'node:crypto';
import type { Secret } from 'kubernetes-types/core/v1';
import { GATEWAY_ROLES } from '../gateway/routes';
import type { GatewayRole } from '../gateway/routes';
import { labels } from '../kube/labels';
import type { Complete } from '../kube/manifest';
import { SERVER_NAME } from '../parca/names';
import type { ResolvedSpec } from '../spec/resolved-spec';

/**
 * Secrets with a fresh token for each role.
 *
 * The raw token goes to the namespaces that use it, and the gateway gets its digest alone. A role that nobody in the
 * document uses keeps its raw token in the gateway's namespace, or nobody could ever read it.
 *
 * @param newToken for tests
 */
export function tokenSecrets(
  spec: ResolvedSpec,
  roles: readonly GatewayRole[] = GATEWAY_ROLES,
  newToken: () => string = () => randomBytes(32).toString('hex'),
): Array<Complete<Secret>> {
  return roles.flatMap(role => {
    const name = spec.parca.tokens[role];
    const token = newToken();
    const users = namespacesUsing(spec, role).filter(namespace => namespace !== spec.parca.namespace);
    const gatewayData: Record<string, string> = users.length > 0 ? { sha256: createHash('sha256').update(token).digest('hex') } : { token };
    return [
      secret(name, spec.parca.namespace, gatewayData),
      ...users.map(namespace => secret(name, namespace, { token })),
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
