import { cel, isUser } from '../../cel';
import { POLICY } from '../../names';
import type { Deployment, Policy } from '../../policy';

/** The accounts under which the controller of DaemonSets works, with and without credentials of its own. */
const DAEMON_SET_CONTROLLERS: readonly string[] = ['system:kube-controller-manager', 'system:serviceaccount:kube-system:daemon-set-controller'];

/** Pods there come from a DaemonSet, which another policy has seen. */
export function restrictAgentPodCreation({ agents }: Deployment): Policy {
  const { namespace } = agents;
  return {
    name: POLICY.restrictAgentPodCreation,
    description: 'In the namespace of the profiling agents, only the controller of DaemonSets creates pods.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: ['pods'], operations: ['CREATE'] }],
    namespaces: { only: [namespace] },
    conditions: [],
    variables: [],
    validations: [{
      expression: isUser(DAEMON_SET_CONTROLLERS),
      messageExpression: `request.userInfo.username + ${cel(` may not create pods in namespace ${namespace}: those of the profiling agents come from their DaemonSets.`)}`,
    }],
    usesUserInfo: true,
  };
}
