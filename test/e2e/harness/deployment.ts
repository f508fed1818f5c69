import { createHash } from 'node:crypto';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, PodSpec } from 'kubernetes-types/core/v1';
import type { Certificate } from './certificates';
import { Pod } from './pod';
import type { Programs } from './prepare';
import type { Running } from './processes';
import { lastLines, until } from './processes';
import type { Objects } from './volumes';
import type { Address } from './wire';
import { connects } from './wire';
import { find, render } from '../../support';

export const NAMESPACE = 'profiling';
export const HOST = `parca.${NAMESPACE}.svc`;
export const GATEWAY = { host: '127.0.0.1', port: 7443 } as const;
export const BACKEND = { host: '127.0.0.2', port: 7070 } as const;

export type Role = 'metrics' | 'push' | 'read' | 'symbols';
export const ROLES: readonly Role[] = ['metrics', 'push', 'read', 'symbols'];

/** A token of 64 hex digits for each role, of the shape that `openssl rand -hex 32` gives, which is also that of a digest. */
export const TOKENS: Readonly<Record<Role, string>> = {
  metrics: digestOf('token of metrics'), push: digestOf('token of push'), read: digestOf('token of read'), symbols: digestOf('token of symbols'),
};

/** Keys of the Secret of each role. */
export type TokenSecrets = Partial<Readonly<Record<Role, Readonly<Record<string, string>>>>>;
export const TOKEN_SECRETS: TokenSecrets = Object.fromEntries(ROLES.map(role => [role, { token: TOKENS[role] }]));

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Sections of a document that replace those of the smallest one. */
export type Sections = Parameters<typeof render>[0];

/** What the library emits for the server's pod, as it is. */
export function emitted(sections: Sections = {}): { readonly pod: PodSpec; readonly configMaps: Objects['configMaps'] } {
  const manifests = render(sections);
  const data = (name: string): Record<string, string> => find<ConfigMap>(manifests, 'ConfigMap', name, NAMESPACE).data ?? {};
  return {
    pod: find<StatefulSet>(manifests, 'StatefulSet', 'parca', NAMESPACE).spec!.template.spec!,
    configMaps: { 'parca': data('parca'), 'parca-gateway': data('parca-gateway') },
  };
}

/** The Secrets that the emitted manifests leave to the user. */
export function secretsOf(certificate: Certificate, tokens: TokenSecrets): Objects['secrets'] {
  return {
    'parca-tls': { 'tls.crt': certificate.certificate, 'tls.key': certificate.key },
    ...Object.fromEntries(Object.entries(tokens).map(([role, data]) => [`parca-${role}-token`, data])),
  };
}

/** A pod of the emitted server and gateway; nothing of it runs yet. */
export function serverPod(
  certificate: Certificate, tokens: TokenSecrets, programs?: Programs, { pod, configMaps } = emitted(), others: Objects['secrets'] = {},
): Pod {
  return new Pod(pod, { configMaps, secrets: { ...secretsOf(certificate, tokens), ...others } }, programs && {
    parca: { '/parca': programs.parca.path, '/grpc_health_probe': programs['grpc-health-probe'].path },
  });
}

/** What the kubelet's probe of this path gets. */
export async function probe(path: string): Promise<number> {
  return (await fetch(`http://${GATEWAY.host}:7444${path}`, { headers: { connection: 'close' } })).status;
}

/** Starts the gateway and waits until it accepts connections. */
export async function startGateway(pod: Pod, cgroup?: string): Promise<Running> {
  const gateway = await pod.start('gateway', undefined, cgroup);
  await listening(gateway, 'the gateway', GATEWAY);
  return gateway;
}

/** Starts Parca and waits until it accepts connections, be it on an address where it should not. */
export async function startParca(pod: Pod): Promise<Running> {
  const parca = await pod.start('parca');
  await listening(parca, 'parca', BACKEND, { ...BACKEND, host: '127.0.0.1' });
  return parca;
}

/** Waits until a program accepts connections on one of the addresses, and gives up at once when it ends. */
async function listening(program: Running, name: string, ...addresses: readonly Address[]): Promise<void> {
  let isOver = false;
  program.ended.then(() => { isOver = true; }, () => { isOver = true; });
  await until(`${name} accepts connections`, 30, async () => {
    if (isOver) { throw new Error(`${name} has ended:\n${lastLines(program.output)}`); }
    for (const address of addresses) {
      if (await connects(address) === 'connected') { return true; }
    }
    return undefined;
  });
}
