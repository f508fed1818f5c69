import { inventory } from './inventory';
import { loadRules } from './load-rules';
import { settings } from './settings';
import type { ResolvedSpec } from '../config/resolved-spec';
import type { Part } from '../kube/manifest';
import { merge } from '../kube/manifest';

/** Everything of the section `nodes`, but the files of those who bake images. */
export function nodes(spec: ResolvedSpec): Part {
  return merge([settings(spec), inventory(spec), loadRules(spec)]);
}
