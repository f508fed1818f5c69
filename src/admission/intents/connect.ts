import type { ResolvedSpec } from '../../spec/resolved-spec';
import { cel, inGroups } from '../cel';
import { POLICY } from '../names';
import type { Policy } from '../policy';

/**
 * Into our pods go the groups of the document, whatever RBAC gives to others: a tunnel to the server's namespace for those of
 * `access.portForward`, and everything else for its break-glass groups alone. That holds for administrators, too.
 *
 * The API server tells a policy neither the port of a tunnel nor the labels of the pod.
 */
export function connect({ access, parca }: ResolvedSpec): Policy {
  const { namespace, agentNamespace } = parca;
  const { groups, breakGlassGroups } = access.portForward;
  const tunnel = `request.namespace == ${cel(namespace)} && request.subResource == "portforward" && ${inGroups(groups)}`;
  const who = (names: readonly string[]): string => names.length > 0 ? names.join(', ') : 'nobody';
  return {
    name: POLICY.connect,
    description: 'Lets the groups of the profiling document into its pods, and nobody else.',
    rules: [
      {
        apiGroup: '',
        apiVersion: 'v1',
        resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'],
        operations: ['CONNECT'],
      },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ],
    namespaces: { only: [namespace, agentNamespace].sort() },
    conditions: [],
    variables: [],
    validations: [{
      expression: `(${inGroups(breakGlassGroups)}) || (${tunnel})`,
      messageExpression: 'request.userInfo.username + " may not use " + request.resource.resource + "/" + request.subResource + " in namespace " + request.namespace'
        + ` + ${cel(`: port-forward to ${namespace} is for ${who(groups)}, everything else for the break-glass groups: ${who(breakGlassGroups)}.`)}`,
    }],
    asksWho: true,
  };
}
