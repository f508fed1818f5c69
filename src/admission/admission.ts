import { configMapsOf, daemonSetsOf } from './emitted';
import { emittedExemption } from './emitted-exemption';
import { kyvernoClusterPolicy } from './engines/kyverno-cluster-policy';
import { kyvernoValidatingPolicy } from './engines/kyverno-validating-policy';
import { validatingAdmissionPolicy } from './engines/validating-admission-policy';
import { extra } from './policies/extra';
import { protectConfiguration } from './policies/protect-configuration';
import { protectOptInLabel } from './policies/protect-opt-in-label';
import { protectPodSecurityLabels } from './policies/protect-pod-security-labels';
import { requirePodSecurity } from './policies/require-pod-security';
import { restrictAgentNamespace } from './policies/restrict-agent-namespace/restrict-agent-namespace';
import { restrictAgentPodCreation } from './policies/restrict-agent-namespace/restrict-agent-pod-creation';
import { restrictExec } from './policies/restrict-exec';
import { restrictPortForward } from './policies/restrict-port-forward';
import { restrictPrivileges } from './policies/restrict-privileges/restrict-privileges';
import type { Deployment, Policy } from './policy';
import type { AdmissionAction } from '../api/admission';
import type { ResolvedAdmission } from '../config/resolved-spec';
import type { Part } from '../kube/manifest';

/** Engine: makes objects of a policy, whose name is unique in the cluster. */
export type Engine = (name: string, policy: Policy, action: AdmissionAction) => Part;

const ENGINES: Readonly<Record<ResolvedAdmission['engine'], Engine>> = {
  validatingAdmissionPolicy,
  kyverno: kyvernoValidatingPolicy,
  kyvernoClusterPolicy,
};

/** The policies around profiling, in the form of the chosen engine. */
export function admission(deployment: Deployment, settings: ResolvedAdmission): Part {
  const { engine, action } = settings;
  return Object.assign({}, ...policies(deployment, settings)
    .map(policy => ENGINES[engine](`${deployment.agents.namespace}-${policy.name}`, policy, action))) as Part;
}

/** Every policy, whatever the engine. */
export function policies(deployment: Deployment, { platformGroups, exemptions, extraPolicies, podSecurity }: ResolvedAdmission): Policy[] {
  const { agents, emitted, namespaces, ownsNamespaces } = deployment;
  const daemonSets = daemonSetsOf(emitted, agents.namespace);
  // They judge every pod of a namespace, and in those of others there are other pods.
  const inOwnNamespaces = (...own: Policy[]): Policy[] => (ownsNamespaces ? own : []);
  return [
    restrictPrivileges(deployment, ownsNamespaces ? exemptions : [...exemptions, ...emittedExemption(daemonSets, agents.namespace)]),
    ...inOwnNamespaces(restrictAgentNamespace(deployment, daemonSets), restrictAgentPodCreation(deployment)),
    protectOptInLabel(deployment),
    ...inOwnNamespaces(restrictPortForward(deployment), restrictExec(deployment)),
    ...(platformGroups.length > 0 ? inOwnNamespaces(
      protectPodSecurityLabels(deployment, platformGroups),
      protectConfiguration(deployment, platformGroups, configMapsOf(emitted, namespaces)),
    ) : []),
    ...(podSecurity ? [requirePodSecurity(deployment, podSecurity)] : []),
    ...extraPolicies.map(extra),
  ];
}
