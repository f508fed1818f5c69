import { PART_RULES, RULES } from './components';
import type { SpecSource } from './config/resolve';
import { resolveWith } from './config/resolve';
import type { ResolvedSpec } from './config/resolved-spec';

/**
 * Checks a specification by the rules of all components and fills in the defaults.
 *
 * @throws SpecError with every problem at once
 */
export function resolve(value: unknown, origin?: SpecSource): ResolvedSpec {
  return resolveWith(RULES, value, origin);
}

/** The same for a part of a deployment, such as the settings of nodes alone. */
export function resolvePart(value: unknown, origin?: SpecSource): ResolvedSpec {
  return resolveWith(PART_RULES, value, origin);
}
