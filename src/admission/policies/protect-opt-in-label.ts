import { EXCLUDED_NAMESPACES } from '../../config/defaults';
import { cel } from '../cel';
import { POLICY } from '../names';
import type { Deployment, Policy, Variable } from '../policy';
import { IS_NEW, POD_METADATA, WORKLOADS } from '../workloads';

/** Values that say no. Everything else counts as yes, whatever an agent of today makes of it. */
const OFF: readonly string[] = ['disabled', 'false', 'off'];

function differs(field: 'annotations' | 'labels'): string {
  const [now, before] = [`object.metadata.${field}`, `oldObject.metadata.${field}`];
  return `has(${now}) != has(${before}) || (has(${now}) && ${now} != ${before})`;
}

/** Labels and pods that did not change are not judged again: a controller may be at work on something else. */
const LABELS_ARE_NEW: Variable = { name: 'labelsAreNew', expression: `${IS_NEW} || ${differs('labels')}` };
const PODS_ARE_NEW: Variable = {
  name: 'podsAreNew',
  expression: `${IS_NEW} || (object.kind == "Pod" ? ${differs('labels')} || ${differs('annotations')}`
    + ' : object.kind == "CronJob" ? object.spec.jobTemplate != oldObject.spec.jobTemplate'
    + ' : object.spec.template != oldObject.spec.template)',
};

/**
 * Policy against opting in within sensitive namespaces, by the label of the agents or by an annotation that
 * asks other collectors to scrape profiles. The agents drop these namespaces whatever the labels say; this tells people.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-client/grafana-alloy/go_pull/
 */
export function protectOptInLabel({ scope }: Deployment): Policy {
  const { key, value } = scope.optInLabel;
  // A label such as no-profiling may well opt in with what says no elsewhere.
  const off = OFF.filter(word => word !== value);
  const says = (metadata: string): string => `!has(${metadata}.labels) || !(${cel(key)} in ${metadata}.labels) || ${metadata}.labels[${cel(key)}] in ${cel(off)}`;
  const advice = `this namespace is sensitive and never profiled. Remove it, or set it to ${off.join(', ')}.`;
  return {
    name: POLICY.protectOptInLabel,
    description: 'Keeps the opt-in label, and annotations that ask for profiles, out of sensitive namespaces.',
    rules: WORKLOADS,
    namespaces: { only: scope.sensitiveNamespaces.filter(name => !EXCLUDED_NAMESPACES.includes(name)) },
    conditions: [],
    variables: [POD_METADATA, LABELS_ARE_NEW, PODS_ARE_NEW],
    validations: [
      {
        expression: `!variables.labelsAreNew || ${says('object.metadata')}`,
        messageExpression: cel(`the label ${key} may not switch profiling on: ${advice}`),
      },
      {
        expression: `!variables.podsAreNew || ${says('variables.podMetadata')}`,
        messageExpression: cel(`the label ${key} of the pod template may not switch profiling on: ${advice}`),
      },
      {
        expression: '!variables.podsAreNew || !has(variables.podMetadata.annotations) || variables.podMetadata.annotations.all(a,'
          + ` !(a.startsWith("profiles.grafana.com/") && a.endsWith(".scrape")) || variables.podMetadata.annotations[a] in ${cel(OFF)})`,
        messageExpression: cel(`annotations profiles.grafana.com/*.scrape may not ask for profiles: ${advice}`),
      },
    ],
    usesUserInfo: false,
  };
}
