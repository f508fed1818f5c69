import { kyvernoClusterPolicy } from './engines/kyverno-cluster-policy';
import { kyvernoValidatingPolicy } from './engines/kyverno-validating-policy';
import { validatingAdmissionPolicy } from './engines/validating-admission-policy';
import { agentCreators, agentNamespace } from './intents/agent-namespace';
import { connect, portForward } from './intents/connect';
import { extra } from './intents/extra';
import { podSecurityLabels, walls } from './intents/guards';
import { kernelObservability } from './intents/kernel-observability';
import { optInLabel } from './intents/opt-in-label';
import type { Policy } from './policy';
import type { Part } from '../kube/manifest';
import type { AdmissionAction } from '../spec/admission-spec';
import type { ResolvedAdmission, ResolvedSpec } from '../spec/resolved-spec';

/** What an engine makes of a policy; the name is unique in the cluster. */
export type Engine = (name: string, policy: Policy, action: AdmissionAction) => Part;

const ENGINES: Readonly<Record<ResolvedAdmission['engine'], Engine>> = {
  validatingAdmissionPolicy,
  kyverno: kyvernoValidatingPolicy,
  kyvernoClusterPolicy,
};

/** The policies around profiling, in the form of the chosen engine; none unless the specification asks for them. */
export function admission(spec: ResolvedSpec): Part {
  if (!spec.admission) { return {}; }
  const { engine, action } = spec.admission;
  return Object.assign({}, ...policies(spec, spec.admission)
    .map(policy => ENGINES[engine](`${spec.parca.agentNamespace}-${policy.name}`, policy, action))) as Part;
}

/** Every policy, whatever the engine. */
export function policies(spec: ResolvedSpec, { platformGroups, exemptions, extraPolicies }: ResolvedAdmission): Policy[] {
  return [
    kernelObservability(spec, exemptions),
    agentNamespace(spec),
    agentCreators(spec),
    optInLabel(spec),
    portForward(spec),
    connect(spec),
    ...(platformGroups.length > 0 ? [podSecurityLabels(spec, platformGroups), walls(spec, platformGroups)] : []),
    ...extraPolicies.map(extra),
  ];
}
