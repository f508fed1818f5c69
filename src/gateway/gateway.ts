import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { Credential } from './credentials';
import type { Proxy } from './haproxy';
import { PARCA_ROUTES } from './parca-routes';
import { TOKEN_KEYS } from './paths';
import { proxyCertificate, proxyChecksum, proxyConfig, proxyContainer, proxyHost, proxyService, proxyVolumes } from './proxy';
import { GATEWAY_PORT, GATEWAY_ROLES } from './routes';
import type { Part } from '../kube/manifest';
import { SERVER_NAME } from '../parca/names';
import type { ResolvedSpec } from '../spec/resolved-spec';

const CONFIG_NAME = `${SERVER_NAME}-gateway`;

/**
 * Where Parca listens. `kubectl port-forward` and the runtimes behind it dial `localhost`, which is 127.0.0.1 or ::1,
 * and the network reaches no loopback address: only containers of the same pod can connect here.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/server/sandbox_portforward_linux.go
 */
export const BACKEND_ADDRESS = '127.0.0.2:7070';

const PROXY: Proxy = { backends: [{ name: SERVER_NAME, address: BACKEND_ADDRESS }], routes: PARCA_ROUTES, maxConnections: 1024 };

/** Each role's files: all keys that its Secret may have. */
const CREDENTIALS: readonly Credential[] = GATEWAY_ROLES.map(role => ({
  role, digests: `${role}/${TOKEN_KEYS.digests}`, tokens: TOKEN_KEYS.raw.map(key => `${role}/${key}`),
}));

/** The name the certificate must be valid for, and the port behind it. */
export function gatewayAddress({ parca }: ResolvedSpec): string {
  return `${proxyHost(SERVER_NAME, parca.namespace)}:${GATEWAY_PORT}`;
}

/** The gateway's configuration, Service and, with cert-manager, certificate. Its container runs in the server's pod. */
export function gateway({ cluster, parca }: ResolvedSpec): Part {
  const { namespace, tls } = parca;
  return {
    config: proxyConfig(CONFIG_NAME, namespace, SERVER_NAME, PROXY, CREDENTIALS),
    service: proxyService(SERVER_NAME, namespace, SERVER_NAME),
    ...proxyCertificate(SERVER_NAME, namespace, cluster.dns.domain, tls),
  };
}

/** Changes with the configuration; the proxy reads it at start only. */
export function gatewayChecksum(): string {
  return proxyChecksum(PROXY);
}

/** The gateway's container, for the pod of the server. */
export function gatewayContainer({ images }: ResolvedSpec): Container {
  return proxyContainer(images.gateway, { request: '32Mi', limit: '128Mi' });
}

/** The volumes of the gateway's container. */
export function gatewayVolumes({ parca }: ResolvedSpec): Volume[] {
  return proxyVolumes(CONFIG_NAME, {
    projected: {
      defaultMode: 0o440,
      sources: GATEWAY_ROLES.flatMap(role => [...TOKEN_KEYS.raw, TOKEN_KEYS.digests].map(key => ({
        // A source of its own for each key: one that is missing then does not hide the others. Nor does it stop the
        // pod, which would take everybody's access away; it only lets nobody in under this role.
        secret: { name: parca.tokens[role], optional: true, items: [{ key, path: `${role}/${key}` }] },
      }))),
    },
  }, parca.tls);
}
