import type { Condition, Operation, ResourceRule, Variable } from './policy';

const WRITES: readonly Operation[] = ['CREATE', 'UPDATE'];

/** Pods, and every kind that makes pods from a template. */
export const WORKLOADS: readonly ResourceRule[] = [
  { apiGroup: '', apiVersion: 'v1', resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers'], operations: WRITES },
  { apiGroup: 'apps', apiVersion: 'v1', resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], operations: WRITES },
  { apiGroup: 'batch', apiVersion: 'v1', resources: ['cronjobs', 'jobs'], operations: WRITES },
];

/** Lets finalizers of what is being deleted be removed. */
export const NOT_BEING_DELETED: Condition = { name: 'not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' };

/** Whether there was nothing before. To compare with null would be an error in Kyverno, which gives an empty object. */
export const IS_NEW = 'request.operation != "UPDATE"';

/** Lets controllers and people change something else of objects that were there before the policy. */
export const TEMPLATE_IS_NEW: Condition = {
  name: 'template-is-new',
  expression: `${IS_NEW} || (object.kind == "Pod" ? object.spec != oldObject.spec`
    + ' : object.kind == "CronJob" ? object.spec.jobTemplate != oldObject.spec.jobTemplate'
    + ' : object.spec.template != oldObject.spec.template)',
};

/** The pod, or what pods are made from. */
export const POD_SPEC: Variable = {
  name: 'podSpec',
  expression: 'object.kind == "Pod" ? object.spec'
    + ' : object.kind == "CronJob" ? object.spec.jobTemplate.spec.template.spec'
    + ' : object.spec.template.spec',
};

/** Containers of every kind; a debug container is one. */
export const CONTAINERS: Variable = {
  name: 'containers',
  expression: 'variables.podSpec.containers'
    + ' + (has(variables.podSpec.initContainers) ? variables.podSpec.initContainers : [])'
    + ' + (has(variables.podSpec.ephemeralContainers) ? variables.podSpec.ephemeralContainers : [])',
};
