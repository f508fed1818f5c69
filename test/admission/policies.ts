import type { LabelSelector } from 'kubernetes-types/meta/v1';
import { policies } from '../../src/admission/admission';
import type { Policy } from '../../src/admission/policy';
import type { ProfilingSpec } from '../../src/api/profiling';
import { contributionsTo } from '../../src/components';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import type { Manifest } from '../../src/kube/manifest';
import { deploymentOf, renderParts } from '../../src/render';
import { find, resolved } from '../support';

export type Sections = Partial<Record<keyof ProfilingSpec, unknown>>;

export const SYSTEM_NAMESPACES = ['kube-node-lease', 'kube-public', 'kube-system'];

/** Sections that make every policy there is. */
export const EVERYTHING = {
  scope: { sensitiveNamespaces: ['payments', ...SYSTEM_NAMESPACES] },
  access: { portForward: { groups: ['sre-team'], breakGlassGroups: ['emergency'] } },
  admission: {
    platformGroups: ['platform'],
    podSecurity: {},
    exemptions: [{ namespace: 'monitoring', privileges: ['hostPID'], reason: 'node exporter reads the process table' }],
    extraPolicies: [
      { name: 'everywhere', reason: 'some good reason', resources: ['pods'], expression: 'true', message: 'some good advice' },
      { name: 'in-shop', reason: 'some good reason', namespaces: ['shop'], resources: ['pods'], expression: 'true', message: 'some good advice' },
    ],
  },
};

/** Every policy of a specification, before an engine has it; about what is emitted for it or for another. */
export function policiesOf(spec: ResolvedSpec, emittedFor: ResolvedSpec = spec): Policy[] {
  const { admission: _, namespaces: __, ...parts } = renderParts({ ...emittedFor, admission: undefined });
  const { emitted } = deploymentOf(emittedFor, contributionsTo(emittedFor), parts);
  return spec.admission ? policies({ ...deploymentOf(spec, contributionsTo(spec), {}), emitted }, spec.admission) : [];
}

/** The only policy of this name of the minimal specification with these sections. */
export function policyOf(name: string, sections: Sections = {}): Policy {
  const found = policiesOf(resolved({ admission: {}, ...sections })).filter(policy => policy.name === name);
  if (found.length !== 1) { throw new Error(`${found.length} policies are called ${name}`); }
  return found[0];
}

export function variableOf({ variables }: Policy, name: string): string {
  return variables.find(variable => variable.name === name)!.expression;
}

/** Every text of a policy that is read as CEL. */
export function textsOf({ conditions, variables, validations, auditAnnotations = [] }: Policy): string[] {
  return [
    ...conditions.map(({ expression }) => expression),
    ...variables.map(({ expression }) => expression),
    ...validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression]),
    ...auditAnnotations.map(({ valueExpression }) => valueExpression),
  ];
}

/** What the policies of the API server and of Kyverno have in common. */
export interface WirePolicy {
  readonly spec: {
    readonly failurePolicy: string;
    readonly matchConstraints: {
      readonly matchPolicy: string;
      readonly namespaceSelector: LabelSelector;
      readonly resourceRules: ReadonlyArray<{
        readonly apiGroups: string[];
        readonly apiVersions: string[];
        readonly resources: string[];
        readonly operations: string[];
        readonly resourceNames?: string[];
      }>;
    };
    readonly matchConditions?: Array<{ name: string; expression: string }>;
    readonly variables?: Array<{ name: string; expression: string }>;
    readonly validations: Array<{ expression: string; messageExpression: string; message: string; reason: string }>;
    readonly auditAnnotations?: Array<{ key: string; valueExpression: string }>;
    // Of Kyverno alone.
    readonly validationActions?: string[];
    readonly autogen?: object;
    readonly evaluation?: { readonly background: { readonly enabled: boolean } };
  };
}

/** What an engine makes of the specification with these sections. */
export function manifestsOf(engine: string, sections: Sections = EVERYTHING, keys: object = {}): Manifest[] {
  return Object.values(renderParts(resolved({ ...sections, admission: { ...sections.admission as object, engine, ...keys } })).admission);
}

/** The policies among them, without their bindings. */
export function wirePolicies(manifests: readonly Manifest[]): Array<WirePolicy & Manifest> {
  return manifests.filter(({ kind }) => kind !== 'ValidatingAdmissionPolicyBinding') as Array<WirePolicy & Manifest>;
}

export function wirePolicy(manifests: readonly Manifest[], name: string): WirePolicy & Manifest {
  return find<WirePolicy>(wirePolicies(manifests), manifests[0].kind, `profiling-agents-${name}`);
}

/** Whether a policy is asked about objects of a namespace, or the namespace itself; as the API server reads selectors. */
export function looksAt({ spec: { matchConstraints, matchConditions = [] } }: WirePolicy, namespace: string): boolean {
  const { namespaceSelector, resourceRules } = matchConstraints;
  if (Object.keys(namespaceSelector).length === 0) {
    // Namespaces themselves are told apart by name.
    const exempt = matchConditions.find(({ name }) => name === 'not-exempt')?.expression ?? '[]';
    return resourceRules.some(({ resourceNames }) => resourceNames?.includes(namespace) ?? !exempt.includes(`"${namespace}"`));
  }
  return selects(namespaceSelector, namespace);
}

/** Whether a selector finds a namespace by its name, the only label that is known of it. */
export function selects({ matchExpressions = [], matchLabels = {} }: LabelSelector, namespace: string): boolean {
  const labels: Readonly<Record<string, string>> = { 'kubernetes.io/metadata.name': namespace };
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    && matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In' && operator !== 'NotIn') { throw new Error(`what is ${operator}?`); }
      return values.includes(labels[key]) === (operator === 'In');
    });
}
