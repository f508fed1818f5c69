import { POD_SECURITY_FIELD_MANAGER } from '../access/pod-security';
import { AdmissionAction, AdmissionEngine } from '../api/admission';
import type { ResolvedSpec } from '../config/resolved-spec';

/** Notes on what the policies demand of the cluster, and what they leave alone. */
export function admissionNotes({ admission, namespaces, access: { portForward } }: Pick<ResolvedSpec, 'access' | 'admission' | 'namespaces'>): string[] {
  if (!admission) { return []; }
  const { engine, action, platformGroups, podSecurity } = admission;
  const restricted = podSecurity?.restrictedNamespaces ?? [];
  return [
    ...(engine === AdmissionEngine.KYVERNO ? ['admission.engine kyverno needs Kyverno 1.17 or newer in the cluster.'] : []),
    ...(engine === AdmissionEngine.KYVERNO_CLUSTER_POLICY
      ? ['admission.engine kyvernoClusterPolicy is deprecated by Kyverno since 1.17 and planned to be removed in 1.20.'] : []),
    ...(namespaces.create ? [] : ['namespaces.create is false: policies that judge a whole namespace are left out, and who may create pods there can be what the profilers are.']),
    ...(action === AdmissionAction.AUDIT ? ['admission.action is audit: violations are reported and not refused.'] : []),
    ...(portForward.breakGlassGroups.length === 0
      ? ['access.portForward.breakGlassGroups is empty: with admission.action enforce, not even administrators run commands in the pods.'] : []),
    ...(platformGroups.length === 0
      ? ['admission.platformGroups is empty: Pod Security labels, NetworkPolicies, bindings and ConfigMaps of the namespaces are guarded by RBAC alone.'] : []),
    ...(restricted.length > 0 ? [`admission.podSecurity labels ${restricted.join(', ')}: write files with --out, and then `
      + `kubectl apply --server-side --field-manager=${POD_SECURITY_FIELD_MANAGER} -f pod-security/namespaces.yaml in that folder.`] : []),
  ];
}
