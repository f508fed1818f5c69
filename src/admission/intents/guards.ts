import type { ResolvedSpec } from '../../spec/resolved-spec';
import { cel, inGroups } from '../cel';
import { POLICY } from '../names';
import { ownNamespaces } from '../namespaces';
import type { Policy } from '../policy';
import { NOT_BEING_DELETED } from '../workloads';

/** The group that RBAC cannot bind, for whoever set the cluster up. */
const MASTERS = 'system:masters';

const LABELS: readonly string[] = ['enforce', 'audit', 'warn'].flatMap(mode => [
  `pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`,
]);

/** With the subresources through which labels can be changed as well. */
const NAMESPACES: readonly string[] = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

/** The labels that keep our namespaces to their Pod Security level are changed by the platform groups alone. */
export function podSecurityLabels(spec: ResolvedSpec, platformGroups: readonly string[]): Policy {
  const namespaces = ownNamespaces(spec);
  const value = (object: string): string => `(has(${object}.metadata.labels) && l in ${object}.metadata.labels ? ${object}.metadata.labels[l] : "")`;
  return {
    name: POLICY.podSecurityLabels,
    description: 'Pod Security labels of the profiling namespaces are changed by the platform groups alone.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'], resourceNames: namespaces }],
    // Also by name, since Kyverno would ask itself about every namespace otherwise.
    conditions: [{ name: 'ours', expression: `object.metadata.name in ${cel(namespaces)}` }, NOT_BEING_DELETED],
    variables: [],
    validations: [{
      expression: `(${inGroups([...platformGroups, MASTERS])}) || ${cel(LABELS)}.all(l, ${value('object')} == ${value('oldObject')})`,
      messageExpression: `request.userInfo.username + ${cel(` may not change the Pod Security labels of this namespace: that is for ${platformGroups.join(', ')}.`)}`,
    }],
    asksWho: true,
  };
}

/** NetworkPolicies and the bindings of RBAC in our namespaces are written by the platform groups alone. */
export function walls(spec: ResolvedSpec, platformGroups: readonly string[]): Policy {
  return {
    name: POLICY.walls,
    description: 'NetworkPolicies, Roles and RoleBindings of the profiling namespaces are written by the platform groups alone.',
    rules: [
      { apiGroup: 'networking.k8s.io', apiVersion: 'v1', resources: ['networkpolicies'], operations: ['CREATE', 'UPDATE'] },
      { apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1', resources: ['rolebindings', 'roles'], operations: ['CREATE', 'UPDATE'] },
    ],
    namespaces: { only: ownNamespaces(spec) },
    conditions: [NOT_BEING_DELETED],
    variables: [],
    validations: [{
      expression: inGroups([...platformGroups, MASTERS]),
      messageExpression: `request.userInfo.username + " may not write objects of kind " + object.kind + ${cel(` here: that is for ${platformGroups.join(', ')}.`)}`,
    }],
    asksWho: true,
  };
}
