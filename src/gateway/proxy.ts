import type { ConfigMap, Container, Service, Volume } from 'kubernetes-types/core/v1';
import type { Capacity } from './capacity';
import type { Credential } from './credentials';
import { credentialList } from './credentials';
import type { Proxy } from './haproxy';
import { haproxyConfig, proxyScripts } from './haproxy';
import { AUTH_DIRECTORY, PROXY_DIRECTORY, TLS_DIRECTORY } from './paths';
import { GATEWAY_PORT, PROBE_PORT } from './routes';
import { checksum } from '../kube/checksum';
import { labels, selectorLabels } from '../kube/labels';
import type { Complete, Manifest } from '../kube/manifest';
import { configMap } from '../kube/objects';
import { cpus, mebibytes } from '../kube/quantity';
import { restrictedContainer } from '../kube/restricted';

/** The certificate: the Secret it is in, and who makes that if cert-manager does. */
export interface ProxyTls {
  readonly secretName: string;
  readonly certManager?: { readonly issuerRef: { readonly name: string; readonly kind?: string; readonly group?: string } };
}

/** uid and gid of `haproxy` in the official image. */
export const HAPROXY_UID = 99;

/** The files that the proxy reads at start. */
function startFiles(proxy: Proxy): Record<string, string> {
  return { 'haproxy.cfg': haproxyConfig(proxy), ...Object.fromEntries(proxyScripts(proxy).map(({ name, text }) => [name, text])) };
}

/** Changes with what the proxy reads at start only; the list of credentials is not part of it. */
export function proxyChecksum(proxy: Proxy): string {
  return checksum(JSON.stringify(startFiles(proxy)));
}

/** All files of the proxy. */
export function proxyConfig(name: string, namespace: string, app: string, proxy: Proxy, credentials: readonly Credential[]): Complete<ConfigMap> {
  return configMap(name, namespace, app, { ...startFiles(proxy), credentials: credentialList(credentials) });
}

/** The Service in front of the proxy, which runs in the pods of `app`. */
export function proxyService(name: string, namespace: string, app: string): Complete<Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: labels(app) },
    spec: {
      selector: selectorLabels(app),
      ports: [{ name: 'https', port: GATEWAY_PORT, targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }],
    },
  };
}

/** The name in the certificate: without the cluster's domain, so that it resolves in every cluster. */
export function proxyHost(service: string, namespace: string): string {
  return `${service}.${namespace}.svc`;
}

/**
 * The certificate for the Service; only with cert-manager.
 *
 * @see https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate
 */
export function proxyCertificate(
  service: string, namespace: string, domain: string, { secretName, certManager }: ProxyTls,
): Record<string, Manifest & { spec: unknown }> {
  if (!certManager) { return {}; }
  const host = proxyHost(service, namespace);
  return {
    certificate: {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: service, namespace, labels: labels(service) },
      spec: {
        secretName,
        dnsNames: [host, `${host}.${domain}`],
        issuerRef: { group: 'cert-manager.io', kind: 'Issuer', ...certManager.issuerRef },
        duration: '2160h0m0s',
        // Issuers before cert-manager 1.18 reuse the key unless told otherwise.
        privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
        usages: ['digital signature', 'server auth'],
      },
    },
  };
}

/** CPU and memory of the proxy's container. */
export function proxyResources({ memory, cpuMillis }: Capacity): { cpuRequest: string; memoryRequest: string; memoryLimit: string } {
  return { cpuRequest: cpus(cpuMillis), memoryRequest: mebibytes(memory.requestBytes), memoryLimit: mebibytes(memory.limitBytes) };
}

/** The container of the proxy. */
export function proxyContainer(image: string, capacity: Capacity): Container {
  const { cpuRequest, memoryRequest, memoryLimit } = proxyResources(capacity);
  return {
    name: 'gateway',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['haproxy'],
    args: ['-W', '-db', '-f', `${PROXY_DIRECTORY}/haproxy.cfg`],
    ports: [{ name: 'https', containerPort: GATEWAY_PORT, protocol: 'TCP' }, { name: 'probes', containerPort: PROBE_PORT, protocol: 'TCP' }],
    securityContext: { runAsUser: HAPROXY_UID, runAsGroup: HAPROXY_UID, ...restrictedContainer() },
    resources: {
      requests: { 'cpu': cpuRequest, 'memory': memoryRequest, 'ephemeral-storage': '16Mi' },
      limits: { 'memory': memoryLimit, 'ephemeral-storage': '64Mi' },
    },
    startupProbe: { ...probe('/proxy-healthz'), periodSeconds: 2, failureThreshold: 30 },
    // Ready means that the server behind it answers; alive means that the proxy does.
    readinessProbe: { ...probe('/proxy-readyz'), periodSeconds: 5 },
    livenessProbe: { ...probe('/proxy-healthz'), periodSeconds: 10 },
    volumeMounts: [
      { name: 'gateway-config', mountPath: PROXY_DIRECTORY, readOnly: true },
      { name: 'gateway-auth', mountPath: AUTH_DIRECTORY, readOnly: true },
      { name: 'gateway-tls', mountPath: TLS_DIRECTORY, readOnly: true },
    ],
  };
}

function probe(path: string): { httpGet: { port: string; path: string }; timeoutSeconds: number } {
  return { httpGet: { port: 'probes', path }, timeoutSeconds: 2 };
}

/** The volumes of the proxy's container; `auth` is where its credentials come from. */
export function proxyVolumes(configName: string, auth: Omit<Volume, 'name'>, { secretName }: ProxyTls): Volume[] {
  return [
    { name: 'gateway-config', configMap: { name: configName } },
    { name: 'gateway-auth', ...auth },
    { name: 'gateway-tls', secret: { secretName, defaultMode: 0o440 } },
  ];
}
