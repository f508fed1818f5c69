import { admissionChecks } from './admission/checks/checks';
import { alloyFor } from './alloy/component';
import type { Component, Contribution } from './component';
import type { Rules } from './config/cross-checks';
import type { ResolvedSpec } from './config/resolved-spec';
import { nodes } from './nodes/component';
import { parca } from './parca/component';
import { pyroscope } from './pyroscope/component';
import { collectorDestination } from './pyroscope/destination';

/** Every component, in the order of the output. */
export const COMPONENTS: readonly Component[] = [parca, pyroscope, alloyFor(collectorDestination), nodes];

/** Contributions of the components that the specification asks for. */
export function contributionsTo(spec: ResolvedSpec): Contribution[] {
  return COMPONENTS.flatMap(({ contribution }) => contribution(spec) ?? []);
}

/** Validation rules of the components, and of the admission policies around them. */
export const RULES: Rules = {
  checks: [...admissionChecks, ...COMPONENTS.flatMap(({ checks }) => checks)],
  images: Object.assign({}, ...COMPONENTS.map(({ images }) => images)) as Rules['images'],
};
