import { inventory } from './inventory';
import { loadRules } from './load-rules';
import { settings } from './settings';
import type { Slice } from '../component';
import type { Part } from '../kube/manifest';
import { merge } from '../kube/manifest';

/** Everything of the section `nodes`, but the files of those who bake images. */
export function nodes(spec: Slice<'nodes'>): Part {
  return merge([settings(spec), inventory(spec), loadRules(spec)]);
}
