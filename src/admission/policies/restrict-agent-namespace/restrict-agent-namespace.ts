import type { DaemonSet } from 'kubernetes-types/apps/v1';
import { emittedPods, FREE_ANNOTATIONS } from './emitted-pods';
import type { Complete } from '../../../kube/manifest';
import { cel } from '../../cel';
import { POLICY } from '../../names';
import type { Deployment, Policy, Variable } from '../../policy';
import { POD_SPEC, TEMPLATE_IS_NEW, WORKLOADS } from '../../workloads';

/**
 * Fields of a pod that may differ from the template of its DaemonSet: the controller of DaemonSets and admission plugins of the API server fill
 * them in, and they grant nothing.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/controller/daemon/util/daemonset_util.go
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
 */
const FREE_IN_PODS: readonly string[] = ['affinity', 'imagePullSecrets', 'nodeName', 'preemptionPolicy', 'priority', 'tolerations'];

/** Annotation that `kubectl rollout restart` adds to a template. */
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/**
 * The agents' namespace admits the DaemonSets that are emitted for it, and their pods, each as it is emitted, and nothing else: it is the
 * one place that may look into everything on a node.
 */
export function restrictAgentNamespace({ agents }: Deployment, daemonSets: ReadonlyArray<Complete<DaemonSet>>): Policy {
  const { namespace } = agents;
  const names = daemonSets.map(({ metadata }) => metadata.name).sort();
  const only = `namespace ${namespace} is for the profiling agents alone`;
  return {
    name: POLICY.restrictAgentNamespace,
    description: 'Admits the profiling agents to their namespace as they are emitted, and nothing else.',
    rules: WORKLOADS,
    namespaces: { only: [namespace] },
    conditions: [TEMPLATE_IS_NEW],
    variables: [OWNER, ...(names.length > 0 ? comparison(daemonSets, names) : [])],
    validations: [
      {
        expression: `object.kind in ["DaemonSet", "Pod"] && variables.owner in ${cel(names)}`,
        messageExpression: cel(`${only}: the DaemonSets ${names.join(', ') || '(none)'} and their pods. Deploy this elsewhere.`),
      },
      ...(names.length > 0 ? [{
        expression: 'size(variables.differences) == 0',
        messageExpression: `${cel(`${only}, as the profiling document gives them. `)} + variables.owner + " differs in: " + variables.differences.join("; ")`
          + ` + ${cel('. Change the document, and apply its policies and its DaemonSets together.')}`,
      }] : []),
    ],
    usesUserInfo: false,
  };
}

/** The DaemonSet, or the one that controls the pod; empty for all else. */
const OWNER: Variable = {
  name: 'owner',
  expression: 'object.kind == "DaemonSet" ? object.metadata.name : !has(object.metadata.ownerReferences) ? ""'
    + ' : object.metadata.ownerReferences.filter(o, o.kind == "DaemonSet" && has(o.controller) && o.controller).map(o, o.name).join("")',
};

/** Finds out in which fields an object differs from what is emitted. */
function comparison(daemonSets: ReadonlyArray<Complete<DaemonSet>>, names: readonly string[]): Variable[] {
  const { podFields, containerFields, containerNames, initContainerNames, labels, annotations } = emittedPods(daemonSets);
  const initContainers = '(has(variables.podSpec.initContainers) ? variables.podSpec.initContainers : [])';
  const isFreeInPods = `k in ["containers", "initContainers"] || (object.kind == "Pod" && k in ${cel(FREE_IN_PODS)})`;
  // VerticalPodAutoscaler and LimitRange change them; only a claim reaches a device.
  const isFreeInContainers = 'k == "resources" && !("claims" in dyn(c).resources)';
  const isFreeInAnnotations = `k == ${cel(RESTARTED_AT)} || ${FREE_ANNOTATIONS.map(prefix => `k.startsWith(${cel(prefix)})`).join(' || ')}`;
  const ofTemplate = (field: string): string => `(has(object.spec.template.metadata.${field}) ? dyn(object.spec.template.metadata.${field}) : dyn({}))`;
  return [
    POD_SPEC,
    // The first one stands for those that are unknown, which are refused whatever they are like.
    { name: 'daemonSet', expression: `variables.owner in ${cel(names)} ? variables.owner : ${cel(names[0])}` },
    { name: 'podFields', expression: podFields },
    { name: 'containerFields', expression: containerFields },
    { name: 'inPod', expression: differences('dyn(variables.podSpec)', 'variables.podFields', isFreeInPods) },
    {
      name: 'inContainers',
      expression: `(variables.podSpec.containers + ${initContainers}).map(c, [c.name] + (c.name in variables.containerFields`
        + ` ? ${differences('dyn(c)', 'variables.containerFields[c.name]', isFreeInContainers)} : ["which is not emitted"]))`
        + '.filter(d, size(d) > 1).map(d, "container " + d.join(" "))',
    },
    {
      name: 'inNames',
      expression: `variables.podSpec.containers.map(c, c.name) == ${containerNames} && ${initContainers}.map(c, c.name) == ${initContainerNames}`
        + ' ? [] : ["the list of containers"]',
    },
    { name: 'labels', expression: labels },
    { name: 'annotations', expression: annotations },
    {
      name: 'inMetadata',
      expression: `object.kind != "DaemonSet" ? [] : ${differences(ofTemplate('labels'), 'variables.labels', 'k == "app.kubernetes.io/instance"')}.map(k, "label " + k)`
        + ` + ${differences(ofTemplate('annotations'), 'variables.annotations', isFreeInAnnotations)}.map(k, "annotation " + k)`,
    },
    { name: 'differences', expression: 'variables.inPod + variables.inNames + variables.inContainers + variables.inMetadata' },
  ];
}

/** The keys under which a map is not what it may be, and those that it should not have. */
function differences(map: string, expected: string, isFree: string): string {
  return `(${expected}.filter(k, !(${isFree}) && !((k in ${map} ? [${map}[k]] : []) in ${expected}[k]))`
    + ` + ${map}.filter(k, !(k in ${expected} || ${isFree})))`;
}
