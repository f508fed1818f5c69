import { accessChecks } from './access/checks';
import { admissionChecks } from './admission/checks/checks';
import { alloyFor } from './alloy/component';
import type { Component, Contribution } from './component';
import type { Rules } from './config/cross-checks';
import { reservedKeys } from './config/metadata-checks';
import type { PartialSpec } from './config/partial-spec';
import type { Problem } from './config/problem';
import type { ResolvedSpec } from './config/resolved-spec';
import { deliveryChecks } from './delivery/checks';
import { nodes } from './nodes/component';
import { parcaAgents } from './parca/agent-component';
import { parcaServer } from './parca/server-component';
import { pyroscope } from './pyroscope/component';
import { collectorDestination } from './pyroscope/destination';

/** Every component by its name, in the order of the output. */
export const COMPONENT = { parcaServer, parcaAgents, pyroscope, alloy: alloyFor(collectorDestination), nodes } as const;

export const COMPONENTS: readonly Component[] = Object.values(COMPONENT);

/** Contributions of the components that the specification asks for. */
export function contributionsTo(spec: ResolvedSpec, components: readonly Component[] = COMPONENTS): Contribution[] {
  return components.flatMap(({ contribution }) => contribution(spec) ?? []);
}

/** Keys of images, of which several components may run the same. */
function imageKeys(): Array<keyof Component['images']> {
  return [...new Set(COMPONENTS.flatMap(({ images }) => Object.keys(images) as Array<keyof Component['images']>))];
}

/** Validation rules of a part of a deployment alone: of the components, and of what is around them. */
export const PART_RULES: Rules = {
  checks: [reservedKeys, accessChecks, deliveryChecks, ...admissionChecks, ...COMPONENTS.flatMap(({ checks }) => checks)],
  images: Object.fromEntries(imageKeys().map(key => [key, (spec: PartialSpec) => COMPONENTS.some(({ images }) => images[key]?.(spec))])),
};

/** Validation rules of a whole deployment. */
export const RULES: Rules = { ...PART_RULES, checks: [asksForSomething, ...PART_RULES.checks] };

function asksForSomething(spec: PartialSpec): Problem[] {
  return 'parca' in spec || 'pyroscope' in spec ? [] : [{
    path: [],
    message: 'asks for nothing: neither Parca nor Pyroscope',
    allowed: '`parca`, `pyroscope` or both',
    fix: 'write\nparca: { tls: { secretName: parca-tls } }\nor start from the output of `hardened-profiling init`',
  }];
}
