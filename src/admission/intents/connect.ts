import { tunnelNamespaces } from '../../foundation/port-forward';
import type { ResolvedSpec } from '../../spec/resolved-spec';
import { cel, inGroups } from '../cel';
import { POLICY } from '../names';
import { ownNamespaces } from '../namespaces';
import type { Policy } from '../policy';

/**
 * Into our pods go the groups of the document, whatever RBAC gives to others: a tunnel to the server's namespace for those of
 * `access.portForward`. That holds for administrators, too.
 *
 * The API server tells a policy neither the port of a tunnel nor the labels of the pod.
 */
export function portForward(spec: ResolvedSpec): Policy {
  const { groups, breakGlassGroups } = spec.access.portForward;
  const open = tunnelNamespaces(spec);
  const closed = ownNamespaces(spec).filter(namespace => !open.includes(namespace));
  return {
    name: POLICY.portForward,
    description: 'Lets the groups of the profiling document open tunnels into its namespaces, and nobody else.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: ['pods/portforward'], operations: ['CONNECT'] }],
    namespaces: { only: ownNamespaces(spec) },
    conditions: [],
    variables: [],
    validations: [{
      expression: `(${inGroups(breakGlassGroups)}) || (request.namespace in ${cel(open)} && ${inGroups(groups)})`,
      messageExpression: `request.userInfo.username + ${cel(
        ` may not open a tunnel here: port-forward into ${open.join(' and ')} is for ${who(groups)}, into ${closed.join(' and ')} for the break-glass groups: ${who(breakGlassGroups)}.`,
      )}`,
    }],
    asksWho: true,
  };
}

/** Every other way into our pods is for the break-glass groups alone; a debug container is one. */
export function connect(spec: ResolvedSpec): Policy {
  const { breakGlassGroups } = spec.access.portForward;
  return {
    name: POLICY.connect,
    description: 'Lets the break-glass groups of the profiling document into its pods, and nobody else.',
    rules: [
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/attach', 'pods/exec', 'pods/proxy', 'services/proxy'], operations: ['CONNECT'] },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ],
    namespaces: { only: ownNamespaces(spec) },
    conditions: [],
    variables: [],
    validations: [{
      expression: inGroups(breakGlassGroups),
      messageExpression: `request.userInfo.username + ${cel(
        ` may not exec, attach, proxy or debug here: that is for the break-glass groups: ${who(breakGlassGroups)}.`,
      )}`,
    }],
    asksWho: true,
  };
}

function who(groups: readonly string[]): string {
  return groups.length > 0 ? groups.join(', ') : 'nobody';
}
