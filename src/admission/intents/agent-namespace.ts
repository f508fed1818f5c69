import type { AgentWorkload } from '../../parca/agent-workloads';
import { agentWorkloads } from '../../parca/agent-workloads';
import type { ResolvedSpec } from '../../spec/resolved-spec';
import type { CelValue } from '../cel';
import { cel } from '../cel';
import { POLICY } from '../names';
import type { Policy } from '../policy';
import { CONTAINERS, NOT_BEING_DELETED, POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../workloads';

/** The agents' namespace admits what is emitted for it, and nothing else: it is the one place that may do everything. */
export function agentNamespace(spec: ResolvedSpec): Policy {
  const { agentNamespace: namespace } = spec.parca;
  const workloads = agentWorkloads(spec);
  const accounts = Object.keys(workloads);
  // Each account may do what its own workload needs, and nothing that another's does.
  const ofAccount = (pick: (workload: AgentWorkload) => CelValue): string =>
    `${cel(Object.fromEntries(Object.entries(workloads).map(([account, workload]) => [account, pick(workload)])))}[variables.account]`;
  const names = Object.values(workloads).flatMap(({ daemonSets }) => daemonSets).sort();
  const hostPaths = [...new Set(Object.values(workloads).flatMap(workload => workload.hostPaths))].sort();
  const only = (what: string): string => `${cel(`namespace ${namespace} is for the profiling agents alone, ${what}`)}`;
  return {
    name: POLICY.agentNamespace,
    description: 'Admits the profiling agents to their namespace, and nothing else.',
    rules: WORKLOADS,
    namespaces: { only: [namespace] },
    conditions: [NOT_BEING_DELETED, TEMPLATE_IS_NEW],
    variables: [
      POD_SPEC,
      CONTAINERS,
      {
        // The first one stands for all others, which are refused below whatever they may do.
        name: 'account',
        expression: `has(variables.podSpec.serviceAccountName) && variables.podSpec.serviceAccountName in ${cel(accounts)}`
          + ` ? variables.podSpec.serviceAccountName : ${cel(accounts[0])}`,
      },
      { name: 'images', expression: ofAccount(({ capabilitiesOfImage }) => capabilitiesOfImage) },
      {
        name: 'foreign',
        expression: 'variables.containers.filter(c, !(c.image in variables.images)).map(c, c.name + " (" + c.image + ")")',
      },
    ],
    validations: [
      {
        expression: `object.kind == "Pod" || (object.kind == "DaemonSet" && object.metadata.name in ${cel(names)})`,
        messageExpression: only(`and their DaemonSets are ${names.join(', ') || 'none'}. Deploy this elsewhere.`),
      },
      {
        expression: `has(variables.podSpec.serviceAccountName) && variables.podSpec.serviceAccountName in ${cel(accounts)}`,
        messageExpression: only(`which run as ${accounts.join(', ')}.`),
      },
      {
        expression: `object.kind == "Pod" || object.metadata.name in ${ofAccount(({ daemonSets }) => daemonSets)}`,
        messageExpression: only('each of whose DaemonSets runs as its own account.'),
      },
      {
        expression: 'size(variables.foreign) == 0',
        messageExpression: `${only('with exactly the images of the profiling document. Not among them: ')} + variables.foreign.join(", ")`
          + ' + ". Change images in the document and apply what it gives."',
      },
      {
        expression: '!has(variables.podSpec.ephemeralContainers) || size(variables.podSpec.ephemeralContainers) == 0',
        messageExpression: only('and a debug container in one would be root on the node. Debug a copy of the pod elsewhere.'),
      },
      {
        expression: 'variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)',
        messageExpression: only('which are never privileged.'),
      },
      {
        expression: 'variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.capabilities) || !has(c.securityContext.capabilities.add)'
          + ' || c.securityContext.capabilities.add.all(k, c.image in variables.images && k in variables.images[c.image]))',
        messageExpression: only('with the capabilities of their node pool and no others.'),
      },
      {
        expression: '(!has(variables.podSpec.hostNetwork) || !variables.podSpec.hostNetwork) && (!has(variables.podSpec.hostIPC) || !variables.podSpec.hostIPC)',
        messageExpression: only('which use neither the network nor the IPC of the host.'),
      },
      {
        expression: `!has(variables.podSpec.hostPID) || !variables.podSpec.hostPID || variables.account in ${cel(accounts.filter(account => workloads[account].hasHostPid))}`,
        messageExpression: only('of which only profilers see the processes of the host.'),
      },
      {
        expression: `!has(variables.podSpec.volumes) || variables.podSpec.volumes.all(v, !has(v.hostPath) || v.hostPath.path in ${ofAccount(workload => workload.hostPaths)})`,
        messageExpression: only(`which mount nothing of the host but ${hostPaths.join(', ')}, each what it needs.`),
      },
    ],
    asksWho: false,
  };
}

/** The accounts under which the controllers of DaemonSets work, with and without credentials of their own. */
const DAEMON_SET_CONTROLLERS: readonly string[] = ['system:kube-controller-manager', 'system:serviceaccount:kube-system:daemon-set-controller'];

/** Pods there come from a DaemonSet, which the policy above has seen. */
export function agentCreators({ parca }: ResolvedSpec): Policy {
  const { agentNamespace: namespace } = parca;
  return {
    name: POLICY.agentCreators,
    description: 'In the namespace of the profiling agents, only the controller of DaemonSets creates pods.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: ['pods'], operations: ['CREATE'] }],
    namespaces: { only: [namespace] },
    conditions: [],
    variables: [],
    validations: [{
      expression: `request.userInfo.username in ${cel(DAEMON_SET_CONTROLLERS)}`,
      messageExpression: `request.userInfo.username + ${cel(` may not create pods in namespace ${namespace}: those of the profiling agents come from their DaemonSets.`)}`,
    }],
    asksWho: true,
  };
}
