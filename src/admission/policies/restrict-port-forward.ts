import { cel, inGroups, nameGroups } from '../cel';
import { POLICY } from '../names';
import type { Deployment, Policy } from '../policy';

/**
 * Into our pods go the groups of the document, whatever RBAC gives to others: a tunnel to the server's namespace for those of
 * `access.portForward`. That holds for administrators, too.
 *
 * The API server tells a policy neither the port of a tunnel nor the labels of the pod.
 */
export function restrictPortForward(deployment: Deployment): Policy {
  const { groups, breakGlassGroups } = deployment.access.portForward;
  const open = deployment.tunnels;
  const closed = deployment.namespaces.filter(namespace => !open.includes(namespace));
  return {
    name: POLICY.restrictPortForward,
    description: 'Lets the groups of the profiling document open tunnels into its namespaces, and nobody else.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: ['pods/portforward'], operations: ['CONNECT'] }],
    namespaces: { only: deployment.namespaces },
    conditions: [],
    variables: [],
    validations: [{
      expression: `(${inGroups(breakGlassGroups)}) || (request.namespace in ${cel(open)} && ${inGroups(groups)})`,
      messageExpression: `request.userInfo.username + ${cel(` may not open a tunnel here: port-forward into ${open.join(' and ')} is for ${nameGroups(groups)}, `
        + `into ${closed.join(' and ')} for the break-glass groups: ${nameGroups(breakGlassGroups)}.`)}`,
    }],
    usesUserInfo: true,
  };
}
