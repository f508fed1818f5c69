import { policyMeta } from './validating-admission-policy';
import type { Manifest, Part } from '../../kube/manifest';
import { AdmissionAction } from '../../spec/admission-spec';
import type { Policy } from '../policy';

/** placeholder until the wrapper is proven */
export function kyvernoClusterPolicy(name: string, policy: Policy, action: AdmissionAction): Part {
  const manifest: Manifest & { spec: unknown } = {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: policyMeta(name, policy),
    spec: { action: action === AdmissionAction.ENFORCE },
  };
  return { [policy.name]: manifest };
}
