import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Secret } from 'kubernetes-types/core/v1';
import type { Certificate } from './certificates';
import { digestOf } from './deployment';
import { Pod } from './pod';
import type { Recorder } from './recorder';
import type { Address } from './wire';
import type { ResolvedSpec } from '../../../src/config/resolved-spec';
import { pyroscopeSecrets } from '../../../src/pyroscope/secrets';
import { pyroscopeTokens } from '../../../src/pyroscope/tokens';
import { renderManifests } from '../../../src/render';
import { find } from '../../support';

export const TENANTS_NAMESPACE = 'pyroscope';
export const TENANTS_HOST = `pyroscope-gateway.${TENANTS_NAMESPACE}.svc`;
/** Where the single binary listens, and where what it must not show. */
export const PYROSCOPE: Address = { host: '127.0.0.2', port: 4040 };
export const PYROSCOPE_ADMIN: Address = { host: '127.0.0.2', port: 4042 };

/** Two tenants, one that leaves, and a reader of both. */
export const TENANTS = {
  tenants: [
    { name: 'team-a', namespaces: ['team-a'] },
    { name: 'team-b', namespaces: ['team-b', 'team-b-jobs'] },
    { name: 'gone', namespaces: ['gone'], offboarding: true },
  ],
  readers: [{ name: 'platform', tenants: ['team-a', 'team-b'] }],
} as const;

/** A credential's name is that of the key which holds its digest. */
export type Keys = Readonly<Record<string, string>>;

/** A token of 64 hex digits for every credential, the same in every run. */
export function tenantTokens(spec: ResolvedSpec): Keys {
  return Object.fromEntries(pyroscopeTokens({ ...spec, pyroscope: spec.pyroscope! }).map(({ credential }) => [credential.digests, digestOf(`token of ${credential.digests}`)]));
}

/** The gateway's Secret, as the command line makes it. */
export function gatewayKeys(spec: ResolvedSpec): Keys {
  const tokens = Object.values(tenantTokens(spec));
  const [secret] = pyroscopeSecrets({ ...spec, pyroscope: spec.pyroscope! }, () => tokens.shift()!) as Secret[];
  return Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** The pod of the native single binary; nothing of it runs yet. */
export class TenantsPod {
  private readonly pod: Pod;

  constructor(private spec: ResolvedSpec, private readonly certificate: Certificate, private keys: Keys = gatewayKeys(spec)) {
    const { spec: template } = find<StatefulSet>(renderManifests(spec), 'StatefulSet', 'pyroscope', TENANTS_NAMESPACE).spec!.template;
    this.pod = new Pod(template!, this.objects());
  }

  public start(): ReturnType<Pod['start']> {
    return this.pod.start('gateway');
  }

  public stop(): Promise<void> {
    return this.pod.stop();
  }

  /** Brings other digests, or another document, into the volumes of the running pod. */
  public change({ keys = this.keys, spec = this.spec }: { keys?: Keys; spec?: ResolvedSpec }): void {
    [this.keys, this.spec] = [keys, spec];
    this.pod.sync(this.objects());
  }

  private objects(): ConstructorParameters<typeof Pod>[1] {
    const manifests = renderManifests(this.spec);
    const names = ['pyroscope', 'pyroscope-gateway', 'pyroscope-overrides'];
    return {
      configMaps: Object.fromEntries(names.map(name => [name, find<ConfigMap>(manifests, 'ConfigMap', name, TENANTS_NAMESPACE).data ?? {}])),
      secrets: {
        'pyroscope-tls': { 'tls.crt': this.certificate.certificate, 'tls.key': this.certificate.key },
        'pyroscope-gateway-tokens': this.keys,
      },
    };
  }
}

/** In place of Pyroscope's administrative port: answers 200 to everything over HTTP/1.1, and remembers all but its health. */
export async function startAdmin(): Promise<Recorder> {
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    if (request.url !== '/ready') { requests.push({ ...request.headers, ':path': request.url }); }
    response.end('recorded\n');
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(PYROSCOPE_ADMIN.port, PYROSCOPE_ADMIN.host, done);
  });
  return {
    requests,
    close: () => new Promise(done => {
      server.closeAllConnections();
      server.close(() => done());
    }),
  };
}
