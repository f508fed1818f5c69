import { RULES } from './components';
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
