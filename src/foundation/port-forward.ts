import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import { labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import type { ResolvedSpec } from '../spec/resolved-spec';

const NAME = 'parca-port-forward';

/**
 * Lets the named groups, and nobody by default, open a tunnel to pods in the server's namespace.
 *
 * A tunnel ends at the gateway, which asks for a token: the server itself listens on an address that no tunnel reaches.
 */
export function portForward({ access, parca }: ResolvedSpec): Part {
  const { groups, breakGlassGroups } = access.portForward;
  if (groups.length + breakGlassGroups.length === 0) { return {}; }
  return {
    role: role(parca.namespace),
    ...(groups.length > 0 && { binding: binding(parca.namespace, NAME, groups) }),
    ...(breakGlassGroups.length > 0 && { 'break-glass-binding': binding(parca.namespace, `${NAME}-break-glass`, breakGlassGroups) }),
  };
}

/**
 * What kubectl needs: it looks the pod up, directly or through a Service, and opens the tunnel. Up to 1.34 the API
 * server wants `get` for the WebSocket protocol, kubectl's default, and `create` for SPDY; from 1.35 `create` for both.
 *
 * @see https://github.com/kubernetes/kubectl/blob/v0.36.3/pkg/cmd/portforward/portforward.go
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */
function role(namespace: string): Complete<Role> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: NAME, namespace, labels: labels(NAME) },
    rules: [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
    ],
  };
}

function binding(namespace: string, name: string, groups: readonly string[]): Complete<RoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace, labels: labels(name) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME },
    subjects: groups.map(group => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
  };
}
