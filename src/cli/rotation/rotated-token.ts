import { GATEWAY_ROLES } from '../../gateway/routes';
import type { GatewayRole } from '../../gateway/routes';
import { SECRETS } from '../../pyroscope/names';
import { pyroscopeTokens } from '../../pyroscope/tokens';
import { SpecError } from '../../spec/problem';
import type { ResolvedSpec } from '../../spec/resolved-spec';
import { tokenSecrets } from '../secrets';

/** A token that is rotated: where the gateway finds its digests, and which Secrets hold it for those who use it. */
export interface RotatedToken {
  readonly gateway: SecretName & {
    /** The key with the digests, one a line. */
    readonly digests: string;
    /** Keys with raw tokens that the gateway takes as well, the newest last. */
    readonly rawTokens: readonly string[];
  };
  readonly holders: readonly RotatedHolder[];
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

export interface RotatedHolder extends SecretName {
  readonly key: string;
  /** What stands at the key for a token, such as a header or a file. */
  readonly value: (token: string) => string;
}

const PYROSCOPE_METRICS = 'pyroscope-metrics';
const METRICS_KEYS: Readonly<Record<string, string>> = { [PYROSCOPE_METRICS]: 'metrics' };

/** What `--rotate` takes: roles of Parca or, with a tenant, of that tenant; `agent` is Alloy's. */
export const ROTATED_ROLES: readonly string[] = [...GATEWAY_ROLES, 'agent', PYROSCOPE_METRICS].sort();

/**
 * The token of a role.
 *
 * @throws SpecError if the document has no such token
 */
export function rotatedToken(spec: ResolvedSpec, role: string, tenant: string | undefined, document: string): RotatedToken {
  if (tenant === undefined && isParcaRole(role)) { return parcaToken(spec, role); }
  const { pyroscope } = spec;
  const tokens = pyroscope?.externalSecrets ? [] : pyroscopeTokens(spec);
  const token = tokens.find(({ storeKey }) => storeKey === (tenant === undefined ? METRICS_KEYS[role] : `${tenant}/${role}`));
  if (!pyroscope || !token) {
    const roles = tenant === undefined
      ? [...GATEWAY_ROLES, ...tokens.some(({ storeKey }) => storeKey === METRICS_KEYS[PYROSCOPE_METRICS]) ? [PYROSCOPE_METRICS] : []]
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
    holders: token.holders.map(({ namespace, secretName, key, value }) => ({ namespace, name: secretName, key, value })),
  };
}

function isParcaRole(role: string): role is GatewayRole {
  return (GATEWAY_ROLES as readonly string[]).includes(role);
}

/** Read from what `secrets` makes: the first Secret is the gateway's, and those with a raw token are there for who uses it. */
function parcaToken(spec: ResolvedSpec, role: GatewayRole): RotatedToken {
  const secrets = tokenSecrets(spec, [role]);
  const [{ metadata: { namespace, name } }] = secrets;
  const holders = secrets.filter(({ stringData }) => stringData?.token !== undefined)
    .map(({ metadata }) => ({ namespace: metadata.namespace!, name: metadata.name, key: 'token', value: (token: string) => token }));
  return { gateway: { namespace: namespace!, name, digests: 'sha256', rawTokens: ['token-previous', 'token'] }, holders };
}
