import { capabilities } from './capabilities';
import { CONFINEMENT } from './confinement';
import { describeExemption, exemptionVariables } from './exemptions';
import { HOST_NAMESPACES, HOST_PORTS } from './host-namespaces';
import type { Rule } from './rule';
import { hostPaths, NODE_VOLUMES } from './volumes';
import type { AdmissionExemptionSpec } from '../../../api/exemptions';
import { EXCLUDED_NAMESPACES } from '../../../config/defaults';
import { cel } from '../../cel';
import { POLICY } from '../../names';
import type { Deployment, Policy } from '../../policy';
import { CONTAINERS, POD_METADATA, POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../../workloads';

/**
 * Policy by which the profiling agents, and whoever is exempt, alone have the privileges that make a pod root on its node or let it look
 * into others. Whoever has any of them can have what the profilers have, among it their tokens.
 */
export function restrictPrivileges({ agents, ownsNamespaces }: Deployment, exemptions: readonly AdmissionExemptionSpec[]): Policy {
  const hasExemptions = exemptions.length > 0;
  const rules: readonly Rule[] = [
    ...HOST_NAMESPACES, HOST_PORTS, ...CONFINEMENT, capabilities(hasExemptions), hostPaths(hasExemptions), NODE_VOLUMES,
  ];
  const isExempt = ({ privilege }: Rule): string => (privilege && hasExemptions ? `${cel(privilege)} in variables.exempt ? [] : ` : '');
  return {
    name: POLICY.restrictPrivileges,
    description: 'Keeps from pods what makes them root on their node, or lets them look into others.',
    annotations: Object.fromEntries(exemptions.map((exemption, index) => [`exemption-${index + 1}`, describeExemption(exemption)])),
    rules: WORKLOADS,
    // The agents' own namespace has a policy of its own.
    namespaces: { allBut: [...EXCLUDED_NAMESPACES, ...(ownsNamespaces ? [agents.namespace] : [])].sort() },
    conditions: [TEMPLATE_IS_NEW],
    variables: [
      POD_SPEC,
      POD_METADATA,
      CONTAINERS,
      {
        name: 'confined',
        expression: 'variables.containers.filter(c, !(has(c.securityContext) && has(c.securityContext.privileged) && c.securityContext.privileged))',
      },
      ...(hasExemptions ? exemptionVariables(exemptions) : []),
      ...rules.map(rule => ({ name: rule.name, expression: `${isExempt(rule)}${rule.found}` })),
      { name: 'found', expression: rules.map(({ name }) => `variables.${name}`).join(' + ') },
    ],
    validations: [{
      expression: 'size(variables.found) == 0',
      messageExpression: '"this reaches the node, or other workloads on it: " + variables.found.join("; ")'
        + ' + ". Remove it, or ask the platform team for an exemption (admission.exemptions of the profiling document)."',
    }],
    // Also for what is exempt, or only audited: who shares the node's process table stays visible.
    auditAnnotations: [{
      key: 'host-pid',
      valueExpression: 'has(variables.podSpec.hostPID) && variables.podSpec.hostPID ? object.kind + " uses hostPID" : ""',
    }],
    usesUserInfo: false,
  };
}
