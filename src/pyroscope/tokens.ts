import { AUTHORIZATION_KEY, datasourceFile, DATASOURCE_LABELS } from './datasources';
import { PYROSCOPE_NAME, SECRETS } from './names';
import { datasourceSecretName, pyroscopeReaders, readSecretName } from './readers';
import type { Slice } from '../component';
import { isProfiledOnNodes } from '../config/resolve-pyroscope';
import { sorted } from '../config/resolve-values';
import type { ResolvedAlloy, ResolvedPeer, ResolvedPyroscope, ResolvedReader } from '../config/resolved-spec';
import type { Credential } from '../gateway/credentials';
import type { Token as GatewayToken } from '../gateway/token';

/** Sections of a specification that Pyroscope reads, and whether Alloy pushes to it. */
export type PyroscopeSlice = Slice<'pyroscope'> & { readonly alloy?: ResolvedAlloy };

/** A token: what it entitles to, and where it is kept. */
export interface Token {
  /** Its name in a secret store, below the prefix. */
  readonly storeKey: string;
  readonly credential: Credential;
  /** The Secrets that hold it; never empty, since nobody could ever read it otherwise. */
  readonly users: readonly TokenUser[];
}

/** A Secret that has a token for somebody who uses it. */
export interface TokenUser {
  readonly namespace: string;
  readonly secretName: string;
  /** `app.kubernetes.io/name` of the Secret. */
  readonly app: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** The key of the Secret, and what stands there for a token. */
  readonly key: string;
  readonly value: (token: string) => string;
  /** Whether a `$` in the token has to stand there twice. */
  readonly doublesDollars?: boolean;
}

/**
 * Every token of Pyroscope. The gateway knows digests alone; a raw token is where it is used, and in Pyroscope's namespace
 * if nothing in the document uses it.
 *
 * Alloy and the applications of a tenant push with different tokens, so that each can be replaced alone.
 */
export function pyroscopeTokens({ pyroscope, access, agents, alloy }: PyroscopeSlice): Token[] {
  const idOf = new Map(pyroscope.tenants.map(({ name, id }) => [name, id]));
  const active = pyroscope.tenants.filter(tenant => !tenant.offboarding);
  return [
    ...active.flatMap((tenant): Token[] => [
      ...(alloy && isProfiledOnNodes(tenant) ? [{
        storeKey: `${tenant.name}/agent`,
        credential: { role: 'push', tenant: tenant.id, digests: `${tenant.name}.agent` } as const,
        users: [{ ...raw(agents.namespace, SECRETS.alloy, tenant.name), app: 'alloy' }],
      }] : []),
      {
        storeKey: `${tenant.name}/push`,
        credential: { role: 'push', tenant: tenant.id, digests: `${tenant.name}.push` },
        users: tenant.namespaces.map(namespace => raw(namespace, SECRETS.push)),
      },
    ]),
    ...pyroscopeReaders(pyroscope).map((reader): Token => ({
      storeKey: `${reader.name}/read`,
      credential: { role: 'read', tenant: reader.tenants.map(name => idOf.get(name) ?? name).sort().join('|'), digests: `${reader.name}.read` },
      users: readTokenUsers(pyroscope, reader),
    })),
    {
      storeKey: 'metrics',
      credential: { role: 'metrics', digests: 'metrics' },
      users: orServerNamespace(pyroscope, SECRETS.metrics, namespacesOf(access.scrapers).map(namespace => raw(namespace, SECRETS.metrics))),
    },
  ];
}

function readTokenUsers(pyroscope: ResolvedPyroscope, { name, orgId, pods }: ResolvedReader): TokenUser[] {
  const { grafana } = pyroscope;
  const users = namespacesOf(pods).map(namespace => raw(namespace, readSecretName(name)));
  if (!grafana || orgId === undefined) { return orServerNamespace(pyroscope, readSecretName(name), users); }
  const secret = { namespace: grafana.namespace, secretName: datasourceSecretName(name), app: PYROSCOPE_NAME };
  return [
    grafana.operator
      // What the object of the operator takes from it becomes the whole header.
      ? { ...secret, key: AUTHORIZATION_KEY, value: token => `Bearer ${token}` }
      // The sidecar of Grafana puts the files of all Secrets into one folder, so the key has to be unique.
      : { ...secret, labels: DATASOURCE_LABELS, doublesDollars: true, key: `pyroscope-${name}.yaml`, value: token => datasourceFile(pyroscope, name, orgId, token) },
    ...users,
  ];
}

function orServerNamespace({ namespace }: ResolvedPyroscope, secretName: string, users: readonly TokenUser[]): TokenUser[] {
  return users.length > 0 ? [...users] : [raw(namespace, secretName)];
}

function raw(namespace: string, secretName: string, key: string = 'token'): TokenUser {
  return { namespace, secretName, app: PYROSCOPE_NAME, key, value: token => token };
}

function namespacesOf(peers: readonly ResolvedPeer[]): string[] {
  return sorted(peers.map(({ namespace }) => namespace));
}

/** The role of the token for metrics, which no tenant has; that of Parca has the shorter name. */
export const METRICS_TOKEN_ROLE = 'pyroscope-metrics';

/** Tokens that are kept in Secrets; those of a secret store are changed there. */
export function rotatableTokens(spec: PyroscopeSlice): GatewayToken[] {
  const { namespace } = spec.pyroscope;
  if (spec.externalSecrets) { return []; }
  return pyroscopeTokens(spec).map(({ storeKey, credential, users }) => {
    const [tenant, role] = storeKey.split('/');
    return {
      ...(role === undefined ? { role: METRICS_TOKEN_ROLE } : { tenant, role }),
      gateway: { namespace, name: SECRETS.gateway, digests: credential.digests, rawTokens: [] },
      users: users.map(({ namespace: userNamespace, secretName, key, value }) => ({ namespace: userNamespace, name: secretName, key, value })),
    };
  });
}
