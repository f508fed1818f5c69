import { COMPONENTS, contributionsTo } from '../../components';
import type { Problem, Source } from '../../config/problem';
import { SpecError } from '../../config/problem';
import type { ResolvedSpec } from '../../config/resolved-spec';
import type { Token } from '../../gateway/token';

/** Values of `--rotate`: roles of tokens that there is one of and, with a tenant, of that tenant; `agent` is Alloy's. */
export const ROTATED_ROLES: readonly string[] = [...new Set(COMPONENTS.flatMap(({ tokenRoles }) => tokenRoles))].sort();

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
export function rotatedToken(spec: ResolvedSpec, role: string, { tenant, pool }: TokenOwner, source: Source): Token {
  const tokens = contributionsTo(spec).flatMap(({ tokens: own }) => own?.() ?? []);
  const candidates = tokens.filter(token => token.tenant === tenant && (pool === undefined || token.pool !== undefined));
  const found = candidates.find(token => token.role === role && token.pool === pool);
  if (found) { return found; }
  throw new SpecError([pool === undefined ? unknownRole(role, tenant, candidates) : unknownPool(role, pool, candidates)], source);
}

function unknownRole(role: string, tenant: string | undefined, tokens: readonly Token[]): Problem {
  return {
    path: [],
    message: `--rotate names no token ${tenant === undefined ? 'without --tenant' : 'of this tenant'}`,
    found: role,
    allowed: tokens.filter(token => token.pool === undefined).map(token => token.role).join(', '),
    fix: tenant === undefined ? 'correct the role, or name its tenant or reader with --tenant' : 'correct the role',
  };
}

function unknownPool(role: string, pool: string, tokens: readonly Token[]): Problem {
  return role === 'push' ? {
    path: [],
    message: '--pool names no node pool with a push token of its own',
    found: pool,
    allowed: tokens.map(token => token.pool).join(', ') || 'none: no pool of the document has a `pushToken`',
    fix: 'correct the name, or leave --pool out to rotate the token of all other pools',
  } : {
    path: [], message: '--pool is for the role push alone', found: role, allowed: '--rotate push', fix: 'leave --pool out',
  };
}
