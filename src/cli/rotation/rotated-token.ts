import { PARCA_ROLES } from '../../config/defaults';
import type { ParcaRole } from '../../config/defaults';
import { SpecError } from '../../config/problem';
import type { ResolvedSpec } from '../../config/resolved-spec';
import { pushSecrets } from '../../parca/push-tokens';
import { tokenSecrets } from '../../parca/secrets';
import { SECRETS } from '../../pyroscope/names';
import { pyroscopeTokens } from '../../pyroscope/tokens';

/** A token that is rotated: where the gateway finds its digests, and which Secrets hold it for those who use it. */
export interface RotatedToken {
  readonly gateway: SecretName & {
    /** The key with the digests, one a line. */
    readonly digests: string;
    /** Keys with raw tokens that the gateway takes as well, the newest last. */
    readonly rawTokens: readonly string[];
  };
  readonly users: readonly RotatedUser[];
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

export interface RotatedUser extends SecretName {
  readonly key: string;
  /** What stands at the key for a token, such as a header or a file. */
  readonly value: (token: string) => string;
}

const PYROSCOPE_METRICS = 'pyroscope-metrics';
const METRICS_KEYS: Readonly<Record<string, string>> = { [PYROSCOPE_METRICS]: 'metrics' };

/** What `--rotate` takes: roles of Parca or, with a tenant, of that tenant; `agent` is Alloy's. */
export const ROTATED_ROLES: readonly string[] = [...PARCA_ROLES, 'agent', PYROSCOPE_METRICS].sort();

/** Whose token of a role it is, where there are several. */
export interface TokenOwner {
  readonly tenant?: string;
  /** The node pool that has a push token of its own. */
  readonly pool?: string;
}

/**
 * The token of a role.
 *
 * @throws SpecError if the document has no such token
 */
export function rotatedToken(spec: ResolvedSpec, role: string, { tenant, pool }: TokenOwner, document: string): RotatedToken {
  if (pool !== undefined) { return parcaToken(spec, 'push', poolSecret(spec, role, pool, document)); }
  if (tenant === undefined && isParcaRole(role)) { return parcaToken(spec, role, spec.parca.tokens[role]); }
  const { pyroscope } = spec;
  const tokens = !pyroscope || pyroscope.externalSecrets ? [] : pyroscopeTokens({ ...spec, pyroscope });
  const token = tokens.find(({ storeKey }) => storeKey === (tenant === undefined ? METRICS_KEYS[role] : `${tenant}/${role}`));
  if (!pyroscope || !token) {
    const roles = tenant === undefined
      ? [...PARCA_ROLES, ...tokens.some(({ storeKey }) => storeKey === METRICS_KEYS[PYROSCOPE_METRICS]) ? [PYROSCOPE_METRICS] : []]
      : tokens.filter(({ storeKey }) => storeKey.startsWith(`${tenant}/`)).map(({ storeKey }) => storeKey.slice(tenant.length + 1));
    throw new SpecError([{
      path: [],
      message: `--rotate names no token ${tenant === undefined ? 'without --tenant' : 'of this tenant'}`,
      found: role,
      allowed: roles.join(', '),
      fix: tenant === undefined ? 'correct the role, or name its tenant or reader with --tenant' : 'correct the role',
    }], document);
  }
  return {
    gateway: { namespace: pyroscope.namespace, name: SECRETS.gateway, digests: token.credential.digests, rawTokens: [] },
    users: token.users.map(({ namespace, secretName, key, value }) => ({ namespace, name: secretName, key, value })),
  };
}

function isParcaRole(role: string): role is ParcaRole {
  return (PARCA_ROLES as readonly string[]).includes(role);
}

/** The Secret with the push token of a node pool. */
function poolSecret({ agents }: ResolvedSpec, role: string, pool: string, document: string): string {
  const pools = pushSecrets(agents);
  const found = pools.find(candidate => candidate.pool === pool);
  if (role !== 'push' || !found) {
    throw new SpecError([{
      path: [],
      message: role === 'push' ? '--pool names no node pool with a push token of its own' : '--pool is for the role push alone',
      found: role === 'push' ? pool : role,
      allowed: role === 'push' ? pools.map(candidate => candidate.pool).join(', ') || 'none: no pool of the document has a `pushToken`' : '--rotate push',
      fix: role === 'push' ? 'correct the name, or leave --pool out to rotate the token of all other pools' : 'leave --pool out',
    }], document);
  }
  return found.secretName;
}

/**
 * Read from what `secrets` makes of this name: the first Secret is the gateway's, and those with a raw token are there for who uses
 * it. Node pools with tokens of their own have Secrets of other names.
 */
function parcaToken(spec: ResolvedSpec, role: ParcaRole, secretName: string): RotatedToken {
  const secrets = tokenSecrets(spec, [role]).filter(({ metadata }) => metadata.name === secretName);
  const [{ metadata: { namespace, name } }] = secrets;
  const users = secrets.filter(({ stringData }) => stringData?.token !== undefined)
    .map(({ metadata }) => ({ namespace: metadata.namespace!, name: metadata.name, key: 'token', value: (token: string) => token }));
  return { gateway: { namespace: namespace!, name, digests: 'sha256', rawTokens: ['token-previous', 'token'] }, users };
}
