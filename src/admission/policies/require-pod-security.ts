import { EXCLUDED_NAMESPACES } from '../../config/defaults';
import type { ResolvedPodSecurity } from '../../config/resolved-spec';
import { cel } from '../cel';
import { POLICY } from '../names';
import type { Deployment, Policy } from '../policy';
import { IS_NEW, NAMESPACES } from '../workloads';

const LEVELS = { baseline: ['baseline', 'restricted'], restricted: ['restricted'] } as const;

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const VERSION = `${ENFORCE}-version`;

/**
 * Versions of the standards that lack nothing of what later ones demand: `restricted` has been what it is since 1.25.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
const VERSIONS = '^(latest|v1\\.(2[5-9]|[3-9][0-9]))$';

/**
 * Every namespace that is not exempt enforces at least a Pod Security level. It is judged when it is made, and when that label changes, so
 * that namespaces which were there before can be worked on.
 */
export function requirePodSecurity(deployment: Deployment, { lowestLevel, exemptNamespaces }: ResolvedPodSecurity): Policy {
  const levels = LEVELS[lowestLevel];
  const exempt = [...new Set([...EXCLUDED_NAMESPACES, ...deployment.namespaces, ...exemptNamespaces.map(({ namespace }) => namespace)])].sort();
  const label = (object: string, key: string, otherwise: string): string =>
    `(has(${object}.metadata.labels) && ${cel(key)} in ${object}.metadata.labels ? ${object}.metadata.labels[${cel(key)}] : ${cel(otherwise)})`;
  const differs = (key: string): string => `${label('object', key, '')} != ${label('oldObject', key, '')}`;
  return {
    name: POLICY.requirePodSecurity,
    description: `Namespaces enforce at least Pod Security ${lowestLevel}.`,
    annotations: Object.fromEntries(exemptNamespaces.map(({ namespace, reason }, i) => [`exemption-${i + 1}`, `${namespace}: ${reason}`])),
    rules: [
      { apiGroup: '', apiVersion: 'v1', resources: ['namespaces'], operations: ['CREATE'] },
      { apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'] },
    ],
    conditions: [
      { name: 'not-exempt', expression: `!has(object.metadata.name) || !(object.metadata.name in ${cel(exempt)})` },
      { name: 'level-is-new', expression: `${IS_NEW} || ${differs(ENFORCE)} || ${differs(VERSION)}` },
    ],
    variables: [],
    validations: [{
      expression: `${label('object', ENFORCE, '')} in ${cel(levels)} && ${label('object', VERSION, 'latest')}.matches(${cel(VERSIONS)})`,
      messageExpression: cel(`a namespace needs the label ${ENFORCE} with ${levels.join(' or ')}, and of its versions none before v1.25. `
        + 'Label it, or ask the platform team for an exemption (admission.podSecurity.exemptNamespaces of the profiling document).'),
    }],
    usesUserInfo: false,
  };
}
