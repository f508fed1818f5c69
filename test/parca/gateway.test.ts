import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Service } from 'kubernetes-types/core/v1';
import type { Manifest } from '../../src/kube/manifest';
import { parseBytes } from '../../src/kube/quantity';
import { gatewayContainer, gatewayVolumes } from '../../src/parca/gateway';
import { find, render, resolvedParca } from '../support';

const certManager = { issuerRef: { name: 'corp-ca', kind: 'ClusterIssuer' } };

describe('Gateway', () => {
  it('is reached by one TLS port, and the Service names no other', () => {
    const service = find<Service>(render(), 'Service', 'parca', 'profiling');
    expect(service.spec!.ports).toEqual([{ name: 'https', port: 7443, targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }]);
    expect(service.spec!.selector).toEqual({ 'app.kubernetes.io/name': 'parca' });
  });

  it('asks cert-manager for a certificate with the name the agents connect to', () => {
    const manifests = render({ parca: { namespace: 'prof', tls: { certManager } } });
    const certificate = find<Manifest & { spec: Record<string, unknown> }>(manifests, 'Certificate', 'parca', 'prof');
    expect(certificate.spec).toMatchObject({
      secretName: 'parca-tls',
      dnsNames: ['parca.prof.svc', 'parca.prof.svc.cluster.local'],
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'corp-ca' },
      privateKey: { rotationPolicy: 'Always' },
    });
  });

  it('asks for the name in the domain of the cluster as well', () => {
    const manifests = render({ cluster: { name: 'dev', dns: { domain: 'corp.example' } }, parca: { tls: { certManager } } });
    const { spec } = find<Manifest & { spec: unknown }>(manifests, 'Certificate', 'parca', 'profiling');
    expect(spec).toMatchObject({ dnsNames: ['parca.profiling.svc', 'parca.profiling.svc.corp.example'] });
  });

  it('emits no certificate for an existing Secret', () => {
    expect(render().some(({ kind }) => kind === 'Certificate')).toBe(false);
  });

  it('starts without any token Secret, so that a missing one closes its role and not the gateway', () => {
    const auth = gatewayVolumes(resolvedParca()).find(({ name }) => name === 'gateway-auth')!;
    const sources = auth.projected!.sources!.map(({ secret }) => secret!);
    expect(sources.every(({ optional }) => optional)).toBe(true);
    expect(sources.map(({ name, items }) => `${name}: ${items![0].key} -> ${items![0].path}`)).toEqual([
      'parca-metrics-token: token -> metrics/token',
      'parca-metrics-token: token-previous -> metrics/token-previous',
      'parca-metrics-token: sha256 -> metrics/sha256',
      'parca-push-token: token -> push/token',
      'parca-push-token: token-previous -> push/token-previous',
      'parca-push-token: sha256 -> push/sha256',
      'parca-read-token: token -> read/token',
      'parca-read-token: token-previous -> read/token-previous',
      'parca-read-token: sha256 -> read/sha256',
      'parca-symbols-token: token -> symbols/token',
      'parca-symbols-token: token-previous -> symbols/token-previous',
      'parca-symbols-token: sha256 -> symbols/sha256',
    ]);
  });

  it('knows the push token of a node pool apart from that of all, and its agents mount that one', () => {
    const nodePools = [{ name: 'gpu', nodeSelector: { pool: 'gpu' }, pushToken: { secretName: 'push-gpu' } }, { name: 'rest' }];
    const manifests = render({ agents: { nodePools } });
    const { credentials } = find<ConfigMap>(manifests, 'ConfigMap', 'parca-gateway').data!;
    expect(credentials.split('\n').filter(line => line.startsWith('push '))).toEqual([
      'push - push/sha256 push/token push/token-previous', 'push - push-of-gpu/sha256 push-of-gpu/token push-of-gpu/token-previous',
    ]);
    const secretOf = (pool: string): string | undefined => find<DaemonSet>(manifests, 'DaemonSet', `parca-agent-${pool}`)
      .spec!.template.spec!.volumes!.find(({ name }) => name === 'token')!.secret!.secretName;
    expect([secretOf('gpu'), secretOf('rest')]).toEqual(['push-gpu', 'parca-push-token']);
  });

  it('is sized by the number of clients', () => {
    const sized = (clients: number) => gatewayContainer(resolvedParca({ parca: { tls: { secretName: 'parca-tls' }, gateway: { clients } } })).resources!;
    expect(sized(1000)).toEqual(gatewayContainer(resolvedParca()).resources);
    expect(parseBytes(sized(10_000).limits!.memory)!).toBeGreaterThan(3 * parseBytes(sized(1000).limits!.memory)!);
    expect([sized(1000).requests!.cpu, sized(10_000).requests!.cpu]).toEqual(['50m', '250m']);
  });

  it('has its probes on a port of their own, which the Service does not name', () => {
    const { ports, livenessProbe, readinessProbe, startupProbe } = gatewayContainer(resolvedParca());
    expect(ports!.map(({ name, containerPort }) => `${name} ${containerPort}`)).toEqual(['https 7443', 'probes 7444']);
    expect([livenessProbe, readinessProbe, startupProbe].map(probe => probe!.httpGet)).toEqual([
      { port: 'probes', path: '/proxy-healthz' }, { port: 'probes', path: '/proxy-readyz' }, { port: 'probes', path: '/proxy-healthz' },
    ]);
  });

  it('runs unprivileged on a read-only root', () => {
    expect(gatewayContainer(resolvedParca()).securityContext).toEqual({
      runAsUser: 99, runAsGroup: 99, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] },
    });
  });

  it('mounts its configuration, tokens and certificate read-only', () => {
    expect(gatewayContainer(resolvedParca()).volumeMounts!.map(({ mountPath, readOnly }) => [mountPath, readOnly]))
      .toEqual([['/etc/proxy', true], ['/run/auth', true], ['/run/tls', true]]);
  });

  it('has no secret in its configuration', () => {
    const { data } = find<ConfigMap>(render(), 'ConfigMap', 'parca-gateway', 'profiling');
    expect(Object.keys(data!).sort()).toEqual(['authn.lua', 'credentials', 'haproxy.cfg', 'limits.lua', 'uploads.lua']);
    const digests = Object.values(data!).join('\n').match(/\b[0-9a-f]{64}\b/g);
    expect(digests).toEqual(['e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']); // of nothing
  });
});
