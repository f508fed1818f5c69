import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import type { Contribution, Tunnel } from '../component';
import type { ResolvedAccess } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';

/**
 * RBAC for `kubectl port-forward`: lets the named groups, and none by default, open a tunnel to pods in the servers' namespaces.
 *
 * A tunnel ends at the gateway, which asks for a token: the server itself listens on an address that no tunnel reaches.
 */
export function portForward(
  { portForward: { groups, breakGlassGroups } }: ResolvedAccess, contributions: readonly Contribution[], ownsNamespaces: boolean,
): Part {
  if (groups.length + breakGlassGroups.length === 0) { return {}; }
  return merge(tunnels(contributions).map(({ id: prefix, name, namespace, pod }) => ({
    [`${prefix}role`]: role(namespace, name, ownsNamespaces ? undefined : pod),
    ...(groups.length > 0 && { [`${prefix}binding`]: binding(namespace, name, name, groups) }),
    ...(breakGlassGroups.length > 0 && { [`${prefix}break-glass-binding`]: binding(namespace, name, `${name}-break-glass`, breakGlassGroups) }),
  })));
}

/** Pods in which `kubectl port-forward` reaches the gateway and nothing else. */
export function tunnels(contributions: readonly Contribution[]): Tunnel[] {
  return contributions.flatMap(contribution => contribution.portForward ?? []);
}

/**
 * RBAC rules that `kubectl port-forward` needs: it looks the pod up, directly or through a Service, and opens the tunnel. Up to 1.34 the API
 * server wants `get` for the WebSocket protocol, kubectl's default, and `create` for SPDY; from 1.35 `create` for both.
 *
 * @see https://github.com/kubernetes/kubectl/blob/v0.36.3/pkg/cmd/portforward/portforward.go
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/4006-transition-spdy-to-websockets
 */
function role(namespace: string, name: string, onlyPod?: string): Complete<Role> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace, labels: labels(name) },
    // In a namespace of others a pod of theirs must not be reached: one pod, by its name.
    rules: onlyPod !== undefined ? [
      { apiGroups: [''], resources: ['pods'], resourceNames: [onlyPod], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], resourceNames: [onlyPod], verbs: ['create', 'get'] },
    ] : [
      { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
      { apiGroups: [''], resources: ['services'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] },
    ],
  };
}

function binding(namespace: string, roleName: string, name: string, groups: readonly string[]): Complete<RoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name, namespace, labels: labels(name) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: roleName },
    subjects: groups.map(group => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
  };
}
