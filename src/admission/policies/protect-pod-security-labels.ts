import { cel, inGroups } from '../cel';
import { MASTERS, POLICY } from '../names';
import type { Deployment, Policy } from '../policy';
import { NAMESPACES } from '../workloads';

const LABELS: readonly string[] = ['enforce', 'audit', 'warn'].flatMap(mode => [
  `pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`,
]);

/** The labels that keep our namespaces to their Pod Security level are changed by the platform groups alone. */
export function protectPodSecurityLabels(deployment: Deployment, platformGroups: readonly string[]): Policy {
  const namespaces = deployment.namespaces;
  const value = (object: string): string => `(has(${object}.metadata.labels) && l in ${object}.metadata.labels ? ${object}.metadata.labels[l] : "")`;
  return {
    name: POLICY.protectPodSecurityLabels,
    description: 'Pod Security labels of the profiling namespaces are changed by the platform groups alone.',
    rules: [{ apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'], resourceNames: namespaces }],
    // Also by name, since Kyverno would ask itself about every namespace otherwise.
    conditions: [{ name: 'ours', expression: `object.metadata.name in ${cel(namespaces)}` }],
    variables: [],
    validations: [{
      expression: `(${inGroups([...platformGroups, MASTERS])}) || ${cel(LABELS)}.all(l, ${value('object')} == ${value('oldObject')})`,
      messageExpression: `request.userInfo.username + ${cel(` may not change the Pod Security labels of this namespace: that is for ${platformGroups.join(', ')}.`)}`,
    }],
    usesUserInfo: true,
  };
}
