import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from 'kubernetes-types/admissionregistration/v1';
import type { LabelSelector } from 'kubernetes-types/meta/v1';
import { AdmissionAction } from '../../api/admission';
import { ANNOTATION_PREFIX, labels } from '../../kube/labels';
import type { Complete, NamedMeta, Part } from '../../kube/manifest';
import type { NamespaceChoice, Policy, ResourceRule } from '../policy';

/** The policy in the API server itself. An error in it refuses the request (failurePolicy: Fail). */
export function validatingAdmissionPolicy(name: string, policy: Policy, action: AdmissionAction): Part {
  const definition: Complete<ValidatingAdmissionPolicy> = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: policyMeta(name, policy),
    spec: { failurePolicy: 'Fail', ...policyBody(policy) },
  };
  const binding: Complete<ValidatingAdmissionPolicyBinding> = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name, labels: labels(policy.name) },
    spec: { policyName: name, validationActions: validationActions(action) },
  };
  // A dot is in no name of a policy, so that no binding takes the place of another policy.
  return { [policy.name]: definition, [`${policy.name}.binding`]: binding };
}

/** Actions on a violation (`validationActions`); it is always in the audit log. */
export function validationActions(action: AdmissionAction): string[] {
  return action === AdmissionAction.ENFORCE ? ['Deny', 'Audit'] : ['Warn', 'Audit'];
}

/** Name, labels, and what a reviewer wants to know. */
export function policyMeta(name: string, { name: shortName, description, annotations = {} }: Policy): NamedMeta {
  return {
    name,
    // The whole name can be longer than the value of a label may be.
    labels: labels(shortName),
    annotations: {
      [`${ANNOTATION_PREFIX}/description`]: description,
      ...Object.fromEntries(Object.entries(annotations).map(([key, text]) => [`${ANNOTATION_PREFIX}/${key}`, text])),
    },
  };
}

/** A rule as it goes over the wire; the published types lack half of its fields. */
interface WireRule {
  readonly apiGroups: string[];
  readonly apiVersions: string[];
  readonly resources: string[];
  readonly operations: string[];
  readonly resourceNames?: string[];
  readonly scope: '*';
}

/** Body of a policy that ValidatingAdmissionPolicy and Kyverno's ValidatingPolicy have in common. */
export function policyBody({ rules, namespaces, conditions, variables, validations, auditAnnotations = [] }: Policy): {
  matchConstraints: { matchPolicy: string; namespaceSelector: LabelSelector; objectSelector: LabelSelector; resourceRules: WireRule[] };
  matchConditions?: Array<{ name: string; expression: string }>;
  variables?: Array<{ name: string; expression: string }>;
  validations: Array<{ expression: string; messageExpression: string; message: string; reason: string }>;
  auditAnnotations?: Array<{ key: string; valueExpression: string }>;
} {
  return {
    // With all that the API server fills in. It takes the constraints for one value: applied without, they would be written anew each
    // time, and GitOps tools would see a change.
    matchConstraints: {
      // Also requests for other versions of the same resources.
      matchPolicy: 'Equivalent',
      namespaceSelector: namespaces ? namespaceSelector(namespaces) : {},
      objectSelector: {},
      resourceRules: rules.map(resourceRule),
    },
    ...(conditions.length > 0 && { matchConditions: conditions.map(({ name, expression }) => ({ name, expression })) }),
    ...(variables.length > 0 && { variables: variables.map(({ name, expression }) => ({ name, expression })) }),
    validations: validations.map(({ expression, messageExpression }) => ({
      expression, messageExpression, message: FALLBACK_MESSAGE, reason: 'Forbidden',
    })),
    ...(auditAnnotations.length > 0 && { auditAnnotations: auditAnnotations.map(({ key, valueExpression }) => ({ key, valueExpression })) }),
  };
}

/** Shown only where the expression of the real one fails. */
export const FALLBACK_MESSAGE = 'refused by a policy of the profiling platform; see its description';

/** By the label that the API server itself sets on every namespace: nobody can take or forge it. */
function namespaceSelector(choice: NamespaceChoice): LabelSelector {
  const [operator, values] = 'only' in choice ? ['In', choice.only] : ['NotIn', choice.allBut];
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: [...values] }] };
}

function resourceRule({ apiGroup, apiVersion, resources, operations, resourceNames }: ResourceRule): WireRule {
  return {
    apiGroups: [apiGroup],
    apiVersions: [apiVersion],
    resources: [...resources],
    operations: [...operations],
    ...(resourceNames && { resourceNames: [...resourceNames] }),
    scope: '*',
  };
}
