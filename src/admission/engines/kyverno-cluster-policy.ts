import { FALLBACK_MESSAGE, policyMeta } from './validating-admission-policy';
import { AdmissionAction } from '../../api/admission';
import type { Manifest, Part } from '../../kube/manifest';
import { KINDS } from '../kinds';
import type { Policy, ResourceRule } from '../policy';

/**
 * The same as a ClusterPolicy, for a Kyverno that has nothing newer. A policy of one rule: warnings of a rule that audits get lost
 * beside one that enforces. Audit annotations are left out, since it discards them.
 *
 * @see https://kyverno.io/docs/policy-types/cluster-policy/validate/#common-expression-language-cel
 */
export function kyvernoClusterPolicy(name: string, policy: Policy, action: AdmissionAction): Part {
  const { conditions, variables, validations, namespaces, usesUserInfo } = policy;
  const isEnforced = action === AdmissionAction.ENFORCE;
  const meta = policyMeta(name, policy);
  const manifest: Manifest & { spec: unknown } = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: {
      ...meta,
      annotations: {
        ...meta.annotations,
        // Every kind is named already, and Kyverno's own rewriting of texts would change what they mean.
        'pod-policies.kyverno.io/autogen-controllers': 'none',
      },
    },
    spec: {
      admission: true,
      background: !usesUserInfo,
      emitWarning: !isEnforced,
      webhookConfiguration: { failurePolicy: 'Fail', timeoutSeconds: 10 },
      rules: [{
        name: policy.name,
        match: { any: policy.rules.map(rule => ({ resources: resources(rule, namespaces && 'only' in namespaces ? namespaces.only : undefined) })) },
        ...(namespaces && 'allBut' in namespaces && { exclude: { any: [{ resources: { namespaces: [...namespaces.allBut] } }] } }),
        ...(conditions.length > 0 && { celPreconditions: conditions.map(({ name: id, expression }) => ({ name: id, expression })) }),
        validate: {
          failureAction: isEnforced ? 'Enforce' : 'Audit',
          message: FALLBACK_MESSAGE,
          cel: {
            ...(variables.length > 0 && { variables: variables.map(({ name: id, expression }) => ({ name: id, expression })) }),
            expressions: validations.map(({ expression, messageExpression }) => ({ expression, messageExpression })),
          },
        },
      }],
    },
  };
  return { [policy.name]: manifest };
}

function resources(rule: ResourceRule, namespaces: readonly string[] | undefined): object {
  return {
    kinds: kindsOf(rule),
    operations: [...rule.operations],
    ...(namespaces && { namespaces: [...namespaces] }),
    ...(rule.resourceNames && { names: [...rule.resourceNames] }),
  };
}

/** Kinds in the place of resources. `Pod` covers debug containers as well, and Kyverno refuses to scan for a subresource. */
function kindsOf({ apiGroup, apiVersion, resources: names }: ResourceRule): string[] {
  return names.filter(name => name !== 'pods/ephemeralcontainers' || !names.includes('pods')).map(name => {
    const [resource, subresource] = name.split('/');
    const kind = KINDS[resource];
    return subresource ? `${kind}/${subresource}` : `${apiGroup && `${apiGroup}/`}${apiVersion}/${kind}`;
  });
}
