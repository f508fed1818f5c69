import { configMapsOf, daemonSetsOf } from './emitted';
import { kyvernoClusterPolicy } from './engines/kyverno-cluster-policy';
import { kyvernoValidatingPolicy } from './engines/kyverno-validating-policy';
import { validatingAdmissionPolicy } from './engines/validating-admission-policy';
import { ownNamespaces } from './namespaces';
import { extra } from './policies/extra';
import { protectConfiguration } from './policies/protect-configuration';
import { protectOptInLabel } from './policies/protect-opt-in-label';
import { protectPodSecurityLabels } from './policies/protect-pod-security-labels';
import { requirePodSecurity } from './policies/require-pod-security';
import { restrictAgentNamespace } from './policies/restrict-agent-namespace/restrict-agent-namespace';
import { restrictAgentPodCreation } from './policies/restrict-agent-namespace/restrict-agent-pod-creation';
import { restrictExec } from './policies/restrict-exec';
import { restrictPortForward } from './policies/restrict-port-forward';
import { alloyChartDaemonSet } from '../alloy/chart';
import { restrictPrivileges } from './policies/restrict-privileges/restrict-privileges';
import type { Policy } from './policy';
import type { AdmissionAction } from '../api/admission';
import type { ResolvedAdmission, ResolvedSpec } from '../config/resolved-spec';
import type { Manifest, Part } from '../kube/manifest';

/** What an engine makes of a policy; the name is unique in the cluster. */
export type Engine = (name: string, policy: Policy, action: AdmissionAction) => Part;

const ENGINES: Readonly<Record<ResolvedAdmission['engine'], Engine>> = {
  validatingAdmissionPolicy,
  kyverno: kyvernoValidatingPolicy,
  kyvernoClusterPolicy,
};

/**
 * The policies around profiling, in the form of the chosen engine; none unless the specification asks for them.
 *
 * The one part that reads what the others made: what our namespaces admit is what is emitted for them.
 */
export function admission(spec: ResolvedSpec, emitted: readonly Manifest[]): Part {
  if (!spec.admission) { return {}; }
  const { engine, action } = spec.admission;
  return Object.assign({}, ...policies(spec, spec.admission, emitted)
    .map(policy => ENGINES[engine](`${spec.parca.agentNamespace}-${policy.name}`, policy, action))) as Part;
}

/** Every policy, whatever the engine. */
export function policies(spec: ResolvedSpec, settings: ResolvedAdmission, emitted: readonly Manifest[]): Policy[] {
  const { platformGroups, exemptions, extraPolicies, podSecurity } = settings;
  const charted = alloyChartDaemonSet(spec);
  const workloads = charted ? [...emitted, charted] : emitted;
  return [
    restrictPrivileges(spec, exemptions),
    restrictAgentNamespace(spec, daemonSetsOf(workloads, spec.parca.agentNamespace)),
    restrictAgentPodCreation(spec),
    protectOptInLabel(spec),
    restrictPortForward(spec),
    restrictExec(spec),
    ...(platformGroups.length > 0 ? [
      protectPodSecurityLabels(spec, platformGroups),
      protectConfiguration(spec, platformGroups, configMapsOf(workloads, ownNamespaces(spec))),
    ] : []),
    ...(podSecurity ? [requirePodSecurity(spec, podSecurity)] : []),
    ...extraPolicies.map(extra),
  ];
}
