import type { Condition, Operation, ResourceRule, Variable } from './policy';

const WRITES: readonly Operation[] = ['CREATE', 'UPDATE'];

/** Pods, and every kind that makes pods from a template. */
export const WORKLOADS: readonly ResourceRule[] = [
  { apiGroup: '', apiVersion: 'v1', resources: ['pods', 'pods/ephemeralcontainers', 'replicationcontrollers'], operations: WRITES },
  { apiGroup: 'apps', apiVersion: 'v1', resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'], operations: WRITES },
  { apiGroup: 'batch', apiVersion: 'v1', resources: ['cronjobs', 'jobs'], operations: WRITES },
];

/** Namespaces, with the subresources through which labels can be changed as well. */
export const NAMESPACES: readonly string[] = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

/** Whether there was nothing before. To compare with null would be an error in Kyverno, which gives an empty object. */
export const IS_NEW = 'request.operation != "UPDATE"';

/**
 * Lets controllers and people change something else of objects that were there before the policy, and remove finalizers of what is being
 * deleted. That something is being deleted is no reason to let anything else change: it can stay for as long as it has a finalizer.
 */
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

/** Metadata of pods: their own labels and annotations, or those of the template. */
export const POD_METADATA: Variable = {
  name: 'podMetadata',
  expression: 'object.kind == "Pod" ? object.metadata'
    + ' : object.kind == "CronJob" ? (has(object.spec.jobTemplate.spec.template.metadata) ? object.spec.jobTemplate.spec.template.metadata : object.metadata)'
    + ' : (has(object.spec.template.metadata) ? object.spec.template.metadata : object.metadata)',
};

/** Containers of every kind; a debug container is one. */
export const CONTAINERS: Variable = {
  name: 'containers',
  expression: 'variables.podSpec.containers'
    + ' + (has(variables.podSpec.initContainers) ? variables.podSpec.initContainers : [])'
    + ' + (has(variables.podSpec.ephemeralContainers) ? variables.podSpec.ephemeralContainers : [])',
};

/**
 * Whether an update of what is being deleted does more than to remove finalizers, and every request that is about anything else.
 *
 * A finalizer can keep an object for ever, so being deleted is no reason to let it be changed.
 */
export const MORE_THAN_FINALIZERS: Condition = {
  name: 'more-than-finalizers',
  expression: 'request.operation != "UPDATE" || !has(object.metadata.deletionTimestamp)'
    + ` || ${differ('dyn(object)', 'dyn(oldObject)', ['metadata'])}`
    // What the API server itself changes with every update.
    + ` || ${differ('dyn(object.metadata)', 'dyn(oldObject.metadata)', ['finalizers', 'generation', 'managedFields', 'resourceVersion'])}`,
};

/** Whether two maps differ in any key but these. */
function differ(a: string, b: string, but: readonly string[]): string {
  const isLeftOut = `k in ${JSON.stringify(but).replaceAll(',', ', ')}`;
  return `${a}.exists(k, !(${isLeftOut}) && !(k in ${b} && ${a}[k] == ${b}[k])) || ${b}.exists(k, !(${isLeftOut}) && !(k in ${a}))`;
}
