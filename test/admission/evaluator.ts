import type { CelInput, CelResult } from '@bufbuild/cel';
import { celEnv, isCelError, isCelList, isCelMap, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Sections, WirePolicy } from './policies';
import { manifestsOf, selects, wirePolicies } from './policies';
import type { Manifest } from '../../src/kube/manifest';
import type { AdmissionRequest } from '../e2e/suites/admission-cases/requests';
import { admissionRequest } from '../e2e/suites/admission-cases/requests';
import type { AdmissionCase } from '../e2e/suites/admission-cases/rows';

type Request = AdmissionRequest['request'];
type Bindings = Readonly<Record<string, CelInput>>;
type Program = (bindings: Bindings) => CelResult;

/** Refusal of a request by one policy. */
export interface Refusal {
  /** Without the agents' namespace before it. */
  readonly policy: string;
  readonly message: string;
  /** Whether an expression could not be evaluated, which refuses as well. */
  readonly isError: boolean;
}

/** Value of an expression, as JSON has it. */
export function evaluate(expression: string, bindings: Readonly<Record<string, unknown>> = {}): unknown {
  const result = compile(expression)(Object.fromEntries(Object.entries(bindings).map(([name, value]) => [name, toCel(value)])));
  if (isCelError(result)) { throw result; }
  return fromCel(result);
}

/** What the policies of a specification with these sections have against a row: `policy: message`. */
export function refusals(sections: Sections, one: AdmissionCase): string[] {
  const key = JSON.stringify(sections);
  const known = evaluators.get(key) ?? evaluator(manifestsOf('validatingAdmissionPolicy', sections));
  evaluators.set(key, known);
  return known(admissionRequest(one, []).request).map(({ policy, message }) => `${policy}: ${message}`);
}

const evaluators = new Map<string, ReturnType<typeof evaluator>>();

/** An expression of CEL that can be evaluated. */
function compile(expression: string): Program {
  return plan(celEnv({ funcs: strings }), parse(expression)) as Program;
}

/** A value of JSON as CEL sees it: whole numbers are integers. */
function toCel(value: unknown): CelInput {
  if (typeof value === 'number' && Number.isInteger(value)) { return BigInt(value); }
  if (Array.isArray(value)) { return value.map(toCel); }
  if (typeof value !== 'object' || value === null) { return (value ?? null) as CelInput; }
  return new Map(Object.entries(value).filter(([, child]) => child !== undefined).map(([key, child]) => [key, toCel(child)]));
}

function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') { return Number(value); }
  if (isCelList(value)) { return [...value].map(fromCel); }
  return isCelMap(value) ? Object.fromEntries([...value].map(([key, child]) => [String(key), fromCel(child)])) : value;
}

/**
 * Evaluator of ValidatingAdmissionPolicies, by an implementation of CEL that is developed against the conformance tests of cel-spec.
 *
 * The API server does more, which only the end-to-end tests see: it checks expressions against the types of what they judge, limits what they may
 * cost, converts other versions of an object (`matchPolicy: Equivalent`), and fills in defaults before it asks; requests have to be complete.
 * `authorizer`, `params` and `namespaceObject` are not there, and of namespaces only the label with their name.
 */
export function evaluator(manifests: readonly Manifest[]): (request: Request) => Refusal[] {
  const policies = wirePolicies(manifests).map(policy => ({ policy, judge: memoized(() => judgeOf(policy)) }));
  return request => {
    const { object, oldObject, ...rest } = request;
    const bindings = { object: toCel(object), oldObject: toCel(oldObject), request: toCel(rest) };
    return policies.filter(({ policy }) => matches(policy, request)).flatMap(({ judge }) => judge()(bindings));
  };
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules */
function matches({ spec: { matchConstraints: { namespaceSelector, resourceRules } } }: WirePolicy, request: Request): boolean {
  const { group, version, resource } = request.resource;
  const path = request.subResource === undefined ? resource : `${resource}/${request.subResource}`;
  return (!namespaceSelector || request.namespace === undefined || selects(namespaceSelector, request.namespace))
    && resourceRules.some(({ apiGroups, apiVersions, resources, operations, resourceNames = [request.name] }) => apiGroups.includes(group)
      && apiVersions.includes(version) && resources.includes(path) && operations.includes(request.operation) && resourceNames.includes(request.name));
}

/** @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#failure-policy */
function judgeOf({ metadata, spec }: WirePolicy & Manifest): (bindings: Bindings) => Refusal[] {
  const { matchConditions = [], variables = [], validations } = spec;
  const refusal = (message: string, isError: boolean): Refusal[] => [{ policy: metadata.name.replace('profiling-agents-', ''), message, isError }];
  const conditions = matchConditions.map(({ expression }) => compile(expression));
  const values = variables.map(({ name, expression }) => [name, compile(expression)] as const);
  const rules = validations.map(({ expression, messageExpression, message }) =>
    ({ holds: compile(expression), says: compile(messageExpression), message }));
  return bindings => {
    const answers = conditions.map(condition => condition(bindings));
    if (answers.includes(false)) { return []; }
    const failed = answers.find(isCelError);
    if (failed) { return refusal(failed.message, true); }

    // One that cannot be evaluated is missing, so that what uses it cannot be either.
    const known = new Map<string, CelInput>();
    const all = { ...bindings, variables: known };
    values.forEach(([name, value]) => {
      const result = value(all);
      if (!isCelError(result)) { known.set(name, result as CelInput); }
    });
    for (const { holds, says, message } of rules) {
      const result = holds(all);
      if (isCelError(result)) { return refusal(result.message, true); }
      if (result !== true) {
        const text = says(all);
        return refusal(typeof text === 'string' ? text : message, false);
      }
    }
    return [];
  };
}

function memoized<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
