import type { ConfigMap, Container, Service, Volume } from 'kubernetes-types/core/v1';
import { authnLua } from './authn-lua';
import { haproxyConfig } from './haproxy';
import { AUTH_DIRECTORY, PROXY_DIRECTORY, TLS_DIRECTORY, TOKEN_KEYS } from './paths';
import { GATEWAY_PORT, GATEWAY_ROLES, PARCA_ROUTES } from './routes';
import { checksum } from '../kube/checksum';
import { labels, selectorLabels } from '../kube/labels';
import type { Complete, Manifest, Part } from '../kube/manifest';
import { SERVER_NAME } from '../parca/names';
import type { ResolvedSpec } from '../spec/resolved-spec';

/** uid and gid of `haproxy` in the official image. */
const HAPROXY_UID = 99;

const CONFIG_NAME = `${SERVER_NAME}-gateway`;

/**
 * Where Parca listens. `kubectl port-forward` and the runtimes behind it dial `localhost`, which is 127.0.0.1 or ::1,
 * and the network reaches no loopback address: only containers of the same pod can connect here.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/server/sandbox_portforward_linux.go
 */
export const BACKEND_ADDRESS = '127.0.0.2:7070';

/** The name the certificate must be valid for, and the port behind it. */
export function gatewayAddress({ parca }: ResolvedSpec): string {
  return `${gatewayHost(parca.namespace)}:${GATEWAY_PORT}`;
}

/** Without the cluster's domain, so that it resolves in every cluster. */
function gatewayHost(namespace: string): string {
  return `${SERVER_NAME}.${namespace}.svc`;
}

/** The gateway's configuration, Service and, with cert-manager, certificate. Its container runs in the server's pod. */
export function gateway(spec: ResolvedSpec): Part {
  const { namespace, tls } = spec.parca;
  return {
    config: configMap(namespace),
    service: service(namespace),
    ...(tls.certManager && { certificate: certificate(spec) }),
  };
}

function configData(): Record<string, string> {
  return {
    'haproxy.cfg': haproxyConfig({ name: SERVER_NAME, address: BACKEND_ADDRESS, routes: PARCA_ROUTES }),
    'authn.lua': authnLua(GATEWAY_ROLES),
  };
}

/** Changes with the configuration; the proxy reads it at start only. */
export function gatewayChecksum(): string {
  return checksum(JSON.stringify(configData()));
}

function configMap(namespace: string): Complete<ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: CONFIG_NAME, namespace, labels: labels(SERVER_NAME) },
    data: configData(),
  };
}

function service(namespace: string): Complete<Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: SERVER_NAME, namespace, labels: labels(SERVER_NAME) },
    spec: {
      selector: selectorLabels(SERVER_NAME),
      ports: [{ name: 'https', port: GATEWAY_PORT, targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }],
    },
  };
}

/** @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
function certificate({ parca }: ResolvedSpec): Manifest & { spec: unknown } {
  const { secretName, certManager } = parca.tls;
  const host = gatewayHost(parca.namespace);
  return {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: SERVER_NAME, namespace: parca.namespace, labels: labels(SERVER_NAME) },
    spec: {
      secretName,
      dnsNames: [host, `${host}.cluster.local`],
      issuerRef: { group: 'cert-manager.io', kind: 'Issuer', ...certManager!.issuerRef },
      duration: '2160h0m0s',
      // Issuers before cert-manager 1.18 reuse the key unless told otherwise.
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      usages: ['digital signature', 'server auth'],
    },
  };
}

/** The gateway's container, for the pod of the server. */
export function gatewayContainer({ images }: ResolvedSpec): Container {
  return {
    name: 'gateway',
    image: images.gateway,
    imagePullPolicy: 'IfNotPresent',
    command: ['haproxy'],
    args: ['-W', '-db', '-f', `${PROXY_DIRECTORY}/haproxy.cfg`],
    ports: [{ name: 'https', containerPort: GATEWAY_PORT, protocol: 'TCP' }],
    securityContext: {
      runAsUser: HAPROXY_UID,
      runAsGroup: HAPROXY_UID,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: {
      requests: { 'cpu': '20m', 'memory': '32Mi', 'ephemeral-storage': '16Mi' },
      limits: { 'memory': '128Mi', 'ephemeral-storage': '64Mi' },
    },
    startupProbe: { ...httpsProbe('/proxy-healthz'), periodSeconds: 2, failureThreshold: 30 },
    // Ready means that the server behind it answers; alive means that the proxy does.
    readinessProbe: { ...httpsProbe('/proxy-readyz'), periodSeconds: 5 },
    livenessProbe: { ...httpsProbe('/proxy-healthz'), periodSeconds: 10 },
    volumeMounts: [
      { name: 'gateway-config', mountPath: PROXY_DIRECTORY, readOnly: true },
      { name: 'gateway-auth', mountPath: AUTH_DIRECTORY, readOnly: true },
      { name: 'gateway-tls', mountPath: TLS_DIRECTORY, readOnly: true },
    ],
  };
}

function httpsProbe(path: string): { httpGet: { scheme: string; port: string; path: string }; timeoutSeconds: number } {
  return { httpGet: { scheme: 'HTTPS', port: 'https', path }, timeoutSeconds: 2 };
}

/** The volumes of the gateway's container. */
export function gatewayVolumes({ parca }: ResolvedSpec): Volume[] {
  return [
    { name: 'gateway-config', configMap: { name: CONFIG_NAME } },
    {
      name: 'gateway-auth',
      projected: {
        defaultMode: 0o440,
        sources: GATEWAY_ROLES.flatMap(role => [...TOKEN_KEYS.raw, TOKEN_KEYS.digests].map(key => ({
          // A source of its own for each key: one that is missing then does not hide the others. Nor does it stop the
          // pod, which would take everybody's access away; it only lets nobody in under this role.
          secret: { name: parca.tokens[role], optional: true, items: [{ key, path: `${role}/${key}` }] },
        }))),
      },
    },
    { name: 'gateway-tls', secret: { secretName: parca.tls.secretName, defaultMode: 0o440 } },
  ];
}
