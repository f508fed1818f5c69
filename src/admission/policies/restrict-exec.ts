import { cel, inGroups, nameGroups } from '../cel';
import { POLICY } from '../names';
import type { Deployment, Policy } from '../policy';

/** Every way into our pods but tunnels is for the break-glass groups alone; a debug container is one. That holds for administrators, too. */
export function restrictExec(deployment: Deployment): Policy {
  const { breakGlassGroups } = deployment.access.portForward;
  return {
    name: POLICY.restrictExec,
    description: 'Lets the break-glass groups of the profiling document into its pods, and nobody else.',
    rules: [
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/attach', 'pods/exec', 'pods/proxy', 'services/proxy'], operations: ['CONNECT'] },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ],
    namespaces: { only: deployment.namespaces },
    conditions: [],
    variables: [],
    validations: [{
      expression: inGroups(breakGlassGroups),
      messageExpression: `request.userInfo.username + ${cel(
        ` may not exec, attach, proxy or debug here: that is for the break-glass groups: ${nameGroups(breakGlassGroups)}.`,
      )}`,
    }],
    usesUserInfo: true,
  };
}
