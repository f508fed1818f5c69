import type { AdmissionExemptionSpec } from '../../spec/admission-spec';
import { ReservedPrivilege } from '../../spec/admission-spec';
import type { ResolvedSpec } from '../../spec/resolved-spec';
import { cel, createdBefore } from '../cel';
import { POLICY, UNTOUCHED_NAMESPACES } from '../names';
import type { Policy } from '../policy';
import { CONTAINERS, NOT_BEING_DELETED, POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../workloads';

const CAPABILITIES = Object.values(ReservedPrivilege).filter(name => name !== ReservedPrivilege.HOST_PID && name !== ReservedPrivilege.PRIVILEGED);

/** As runtimes read them: CRI-O takes the prefix, containerd any case. */
const NORMALISED = 'k.upperAscii().replace("CAP_", "")';

/**
 * What lets a pod look into others is for the profiling agents alone: reserved capabilities, privileged containers, hostPID.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/internal/cri/opts/spec_opts.go
 */
export function kernelObservability({ parca }: ResolvedSpec, exemptions: readonly AdmissionExemptionSpec[]): Policy {
  const isReserved = `${NORMALISED} in ${cel(CAPABILITIES)}${exemptions.length > 0 ? ` && !(${NORMALISED} in variables.exempt)` : ''}`;
  const unless = (privilege: ReservedPrivilege): string => exemptions.length > 0 ? ` && !(${cel(privilege)} in variables.exempt)` : '';
  return {
    name: POLICY.kernelObservability,
    description: 'Reserves capabilities for eBPF and tracing, privileged containers and hostPID for the profiling agents.',
    annotations: Object.fromEntries(exemptions.map((exemption, index) => [`exemption-${index + 1}`, describe(exemption)])),
    rules: WORKLOADS,
    namespaces: { allBut: [...UNTOUCHED_NAMESPACES, parca.agentNamespace].sort() },
    conditions: [NOT_BEING_DELETED, TEMPLATE_IS_NEW],
    variables: [
      POD_SPEC,
      CONTAINERS,
      ...(exemptions.length > 0 ? [{ name: 'exempt', expression: exemptions.map(exemptPrivileges).join(' + ') }] : []),
      {
        name: 'capabilities',
        expression: 'variables.containers.filter(c, has(c.securityContext) && has(c.securityContext.capabilities) && has(c.securityContext.capabilities.add)'
          + ` && c.securityContext.capabilities.add.exists(k, ${isReserved}))`
          + `.map(c, "container " + c.name + " adds " + c.securityContext.capabilities.add.filter(k, ${isReserved}).join(", "))`,
      },
      {
        name: 'privileged',
        expression: 'variables.containers.filter(c, has(c.securityContext) && has(c.securityContext.privileged) && c.securityContext.privileged'
          + `${unless(ReservedPrivilege.PRIVILEGED)}).map(c, "container " + c.name + " is privileged")`,
      },
      {
        name: 'hostPID',
        expression: `has(variables.podSpec.hostPID) && variables.podSpec.hostPID${unless(ReservedPrivilege.HOST_PID)} ? ["the pod uses hostPID"] : []`,
      },
      { name: 'reserved', expression: 'variables.capabilities + variables.privileged + variables.hostPID' },
    ],
    validations: [{
      expression: 'size(variables.reserved) == 0',
      messageExpression: `"reserved for the profiling agents in namespace ${parca.agentNamespace}: " + variables.reserved.join("; ")`
        + ' + ". Remove it, or ask the platform team for an exemption (admission.exemptions of the profiling document)."',
    }],
    // Also for what is exempt, or only audited: who shares the node's process table stays visible.
    auditAnnotations: [{
      key: 'host-pid',
      valueExpression: 'has(variables.podSpec.hostPID) && variables.podSpec.hostPID ? object.kind + " uses hostPID" : ""',
    }],
    asksWho: false,
  };
}

/** The privileges that an exemption gives an object; none where it does not apply. */
function exemptPrivileges({ namespace, serviceAccounts, privileges, expires }: AdmissionExemptionSpec): string {
  const account = 'has(variables.podSpec.serviceAccountName) ? variables.podSpec.serviceAccountName : "default"';
  const applies = [
    `object.metadata.namespace == ${cel(namespace)}`,
    ...(serviceAccounts ? [`(${account}) in ${cel([...serviceAccounts].sort())}`] : []),
    ...(expires === undefined ? [] : [createdBefore(expires)]),
  ];
  return `(${applies.join(' && ')} ? ${cel([...privileges].sort())} : [])`;
}

function describe({ namespace, serviceAccounts, privileges, reason, expires }: AdmissionExemptionSpec): string {
  const who = serviceAccounts ? `${namespace} (${[...serviceAccounts].sort().join(', ')})` : namespace;
  return `${who} may use ${[...privileges].sort().join(', ')}${expires === undefined ? '' : ` until ${expires}`}: ${reason}`;
}
