import { policyBody, policyMeta, validationActions } from './validating-admission-policy';
import type { AdmissionAction } from '../../api/admission';
import type { Manifest, Part } from '../../kube/manifest';
import type { Policy } from '../policy';

/**
 * The same as a policy of Kyverno 1.17 or newer, which also reports on objects that are there already.
 *
 * @see https://kyverno.io/docs/policy-types/validating-policy/
 */
export function kyvernoValidatingPolicy(name: string, policy: Policy, action: AdmissionAction): Part {
  const manifest: Manifest & { spec: unknown } = {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ValidatingPolicy',
    metadata: policyMeta(name, policy),
    spec: {
      failurePolicy: 'Fail',
      validationActions: validationActions(action),
      // Every kind is named already, and Kyverno's own rewriting of texts would change what they mean.
      autogen: { podControllers: { controllers: [] } },
      // There is nobody to ask about for an object that is there already.
      evaluation: { background: { enabled: !policy.usesUserInfo } },
      webhookConfiguration: { timeoutSeconds: 10 },
      ...policyBody(policy),
    },
  };
  return { [policy.name]: manifest };
}
