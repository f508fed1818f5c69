import type { ReservedPrivilege } from '../../../api/exemptions';

/** A privilege, and how one sees in a pod that it is used. */
export interface Rule {
  /** Its name in exemptions; undefined where exemptions have a form of their own. */
  readonly privilege?: ReservedPrivilege;
  /** Name of the variable that has what was found. */
  readonly name: string;
  /**
   * A list of texts in CEL: what was found, empty for a pod without it. It may use `podSpec`, `podMetadata`, `containers`, and `confined`,
   * the containers that are not privileged.
   */
  readonly found: string;
}

/** CEL for a finding in the security context of the pod, where it has one. */
export function inPodContext(condition: string, finding: string): string {
  return `(has(variables.podSpec.securityContext) && ${condition.replaceAll('$', 'variables.podSpec.securityContext')} ? [${JSON.stringify(`the pod ${finding}`)}] : [])`;
}

/** The containers whose security context says something; those that are privileged have everything anyway. */
export function inContainerContexts(condition: string, finding: string): string {
  return `variables.confined.filter(c, has(c.securityContext) && ${condition.replaceAll('$', 'c.securityContext')})`
    + `.map(c, "container " + c.name + ${JSON.stringify(` ${finding}`)})`;
}
