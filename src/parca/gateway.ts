import type { Container, Volume } from 'kubernetes-types/core/v1';
import { SERVER_NAME } from './names';
import type { ServerSlice } from './push-tokens';
import { pushSecrets } from './push-tokens';
import { PARCA_ROUTES, UPLOADS_BACKEND } from './routes';
import type { Slice } from '../component';
import { PARCA_ROLES } from '../config/defaults';
import type { ParcaRole } from '../config/defaults';
import { capacity } from '../gateway/capacity';
import type { Credential } from '../gateway/credentials';
import type { Proxy } from '../gateway/haproxy';
import { TOKEN_KEYS } from '../gateway/paths';
import { proxyCertificate, proxyChecksum, proxyConfig, proxyContainer, proxyHost, proxyService, proxyVolumes } from '../gateway/proxy';
import { GATEWAY_PORT } from '../gateway/routes';
import { script } from '../gateway/scripts';
import type { Part } from '../kube/manifest';

const CONFIG_NAME = `${SERVER_NAME}-gateway`;

/**
 * Listen address of Parca. `kubectl port-forward` and the runtimes behind it dial `localhost`, which is 127.0.0.1 or ::1,
 * and the network reaches no loopback address: only containers of the same pod can connect here.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/server/sandbox_portforward_linux.go
 */
export const BACKEND_ADDRESS = '127.0.0.2:7070';

/** Profiles of ten seconds of a node are some hundred kilobytes. Parca itself would take 64 MiB, and hold them in memory. */
const LARGEST_PUSH = 16 * 2 ** 20;

/** The proxy, with limits on what Parca may be asked for at once. Agents share a token, and each has a request open now and then; queries and uploads are few. */
function proxy({ parca }: Slice<'parca'>): Proxy {
  const { clients, uploadBytes, uploadBytesPerDay, pushBytesPerMinute } = parca.gateway;
  const size = capacity(clients);
  return {
    backends: [
      { name: SERVER_NAME, address: BACKEND_ADDRESS },
      { name: UPLOADS_BACKEND, address: BACKEND_ADDRESS, sameServerAs: SERVER_NAME, isBounded: true },
    ],
    routes: PARCA_ROUTES,
    capacity: size,
    limits: {
      metrics: { bodyBytes: 0, requests: 4 },
      push: { bodyBytes: LARGEST_PUSH, requests: Math.ceil(size.requests / 2), perMinute: { bytes: pushBytesPerMinute, requests: 30 * clients } },
      read: { bodyBytes: 2 ** 20, requests: 64 },
      symbols: { bodyBytes: uploadBytes, requests: 16, bytesPerDay: uploadBytesPerDay },
    },
    scripts: [script('parca/uploads.lua')],
  };
}

/** Token Secret of a role, and the directory of its files below that of all credentials. */
interface Key {
  readonly role: ParcaRole;
  readonly secretName: string;
  readonly directory: string;
}

/** Each role's Secret, and those of node pools that have one of their own. */
function keys(spec: ServerSlice): Key[] {
  return [
    ...PARCA_ROLES.map(role => ({ role, secretName: spec.parca.tokens[role], directory: role })),
    ...pushSecrets(spec).map(({ pool, secretName }) => ({ role: 'push' as const, secretName, directory: `push-of-${pool}` })),
  ];
}

/** All keys that a Secret may have are files of the credential. */
function credentials(spec: ServerSlice): Credential[] {
  return keys(spec).map(({ role, directory }) => ({
    role, digests: `${directory}/${TOKEN_KEYS.digests}`, tokens: TOKEN_KEYS.raw.map(key => `${directory}/${key}`),
  }));
}

/** The name the certificate must be valid for. */
export function gatewayHost(namespace: string): string {
  return proxyHost(SERVER_NAME, namespace);
}

/** The gateway's name, and the port behind it. */
export function gatewayAddress({ parca }: Slice<'parca'>): string {
  return `${gatewayHost(parca.namespace)}:${GATEWAY_PORT}`;
}

/** The gateway's configuration, Service and, with cert-manager, certificate. Its container runs in the server's pod. */
export function gateway(spec: ServerSlice): Part {
  const { namespace, tls } = spec.parca;
  return {
    config: proxyConfig(CONFIG_NAME, namespace, SERVER_NAME, proxy(spec), credentials(spec)),
    service: proxyService(SERVER_NAME, namespace, SERVER_NAME),
    ...proxyCertificate(SERVER_NAME, namespace, spec.cluster.dns.domain, tls),
  };
}

/** Changes with the configuration; the proxy reads it at start only. */
export function gatewayChecksum(spec: Slice<'parca'>): string {
  return proxyChecksum(proxy(spec));
}

/** The gateway's container, for the pod of the server. */
export function gatewayContainer(spec: Slice<'parca'>): Container {
  return proxyContainer(spec.images.gateway, proxy(spec).capacity);
}

/** The volumes of the gateway's container. */
export function gatewayVolumes(spec: ServerSlice): Volume[] {
  return proxyVolumes(CONFIG_NAME, {
    projected: {
      defaultMode: 0o440,
      sources: keys(spec).flatMap(({ secretName, directory }) => [...TOKEN_KEYS.raw, TOKEN_KEYS.digests].map(key => ({
        // A source of its own for each key: one that is missing then does not hide the others. Nor does it stop the
        // pod, which would take everybody's access away; it only lets nobody in under this role.
        secret: { name: secretName, optional: true, items: [{ key, path: `${directory}/${key}` }] },
      }))),
    },
  }, spec.parca.tls);
}
