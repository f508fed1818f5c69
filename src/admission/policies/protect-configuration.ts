import { cel, inGroups, isUser } from '../cel';
import { MASTERS, POLICY } from '../names';
import type { Deployment, Operation, Policy } from '../policy';
import { MORE_THAN_FINALIZERS } from '../workloads';

/** Protected resources, as messages name them. */
const PROTECTED = {
  configmaps: 'ConfigMaps that the pods here read or execute',
  networkpolicies: 'NetworkPolicies',
  rolebindings: 'RoleBindings',
  roles: 'Roles',
  secrets: 'Secrets with tokens of service accounts',
  serviceaccounts: 'tokens of service accounts',
} as const;

/**
 * Controllers that clean up: the one of namespaces deletes all that is in one, the garbage collector what lost its owner. The last name is
 * theirs where they have no accounts of their own, and that of the controller that fills in Secrets with tokens.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles
 */
const CONTROLLERS: readonly string[] = [
  'system:serviceaccount:kube-system:generic-garbage-collector', 'system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager',
];

/** Kubelets ask for the tokens of the pods on their node; the API server sees to it that they ask for no other. */
const KUBELETS = 'system:nodes';

const ALL: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE'];

/**
 * Policy by which the platform groups alone create, change and delete what decides who reaches our pods and what these do: NetworkPolicies,
 * RBAC, ConfigMaps and tokens of service accounts. The ConfigMaps are given as `namespace/name`; others are not restricted.
 */
export function protectConfiguration(deployment: Deployment, platformGroups: readonly string[], configMaps: readonly string[]): Policy {
  const resource = 'request.resource.resource';
  const configMap = 'request.namespace + "/" + (request.operation == "DELETE" ? oldObject.metadata.name : has(object.metadata.name) ? object.metadata.name : "")';
  const ofTokens = (object: string): string => `(has(${object}.type) && ${object}.type == "kubernetes.io/service-account-token")`;
  return {
    name: POLICY.protectConfiguration,
    description: 'What decides who reaches the profiling pods and what these do is written by the platform groups alone.',
    rules: [
      { apiGroup: '', apiVersion: 'v1', resources: ['configmaps', 'secrets'], operations: ALL },
      { apiGroup: '', apiVersion: 'v1', resources: ['serviceaccounts/token'], operations: ['CREATE'] },
      { apiGroup: 'networking.k8s.io', apiVersion: 'v1', resources: ['networkpolicies'], operations: ALL },
      { apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1', resources: ['rolebindings', 'roles'], operations: ALL },
    ],
    namespaces: { only: deployment.namespaces },
    conditions: [
      { name: 'config-map-of-ours', expression: `${resource} != "configmaps" || ${configMap} in ${cel([...configMaps].sort())}` },
      {
        name: 'secret-with-token',
        expression: `${resource} != "secrets" || (request.operation == "DELETE" ? ${ofTokens('oldObject')} : ${ofTokens('object')})`,
      },
      MORE_THAN_FINALIZERS,
    ],
    variables: [],
    validations: [{
      expression: `(${inGroups([...platformGroups, MASTERS])}) || ${isUser(CONTROLLERS)} || (${resource} == "serviceaccounts" && ${inGroups([KUBELETS])})`,
      messageExpression: `request.userInfo.username + " may not write or delete " + ${cel(PROTECTED)}[${resource}]`
        + ` + ${cel(`: that is for ${platformGroups.join(', ')} (admission.platformGroups of the profiling document).`)}`,
    }],
    usesUserInfo: true,
  };
}
