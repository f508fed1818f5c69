import { EXCLUDED_NAMESPACES } from './defaults';
import { alwaysSensitive } from './partial-spec';
import { sorted } from './resolve-values';
import type { ResolvedAdmission } from './resolved-spec';
import { AdmissionAction, AdmissionEngine } from '../api/admission';
import type { AdmissionSpec } from '../api/admission';
import { PodSecurityLevel } from '../api/pod-security';
import type { ProfilingSpec } from '../api/profiling';

/** The section `admission` with its defaults, some of which follow from the rest of the specification. */
export function resolveAdmission(admission: AdmissionSpec, spec: ProfilingSpec): ResolvedAdmission {
  const { podSecurity, exemptions = [] } = admission;
  const withLevel = [...EXCLUDED_NAMESPACES, ...alwaysSensitive(spec)];
  const exempt = [...podSecurity?.exemptNamespaces ?? [], ...exemptions.map(({ namespace, reason }) => ({ namespace, reason }))];
  return {
    engine: admission.engine ?? AdmissionEngine.VALIDATING_ADMISSION_POLICY,
    action: admission.action ?? AdmissionAction.AUDIT,
    platformGroups: sorted(admission.platformGroups),
    exemptions,
    extraPolicies: admission.extraPolicies ?? [],
    ...(podSecurity && {
      podSecurity: {
        restrictedNamespaces: sorted(podSecurity.restrictedNamespaces ?? spec.scope?.sensitiveNamespaces).filter(name => !withLevel.includes(name)),
        lowestLevel: podSecurity.lowestLevel ?? PodSecurityLevel.BASELINE,
        exemptNamespaces: exempt.filter(({ namespace }, i) => exempt.findIndex(other => other.namespace === namespace) === i),
      },
    }),
  };
}
