import { admissionExemptions, expired } from './exemptions';
import { podSecurity } from './pod-security';
import { AdmissionEngine } from '../../api/admission';
import { DEFAULTS, EXCLUDED_NAMESPACES } from '../../config/defaults';
import { groupsOf } from '../../config/group-checks';
import type { PartialSpec } from '../../config/partial-spec';
import { isInvalid } from '../../config/partial-spec';
import type { Problem } from '../../config/problem';
import { show } from '../../config/problem';
import { compareVersions } from '../../kube/version';
import { LOWEST_KUBERNETES_OF_ENGINE } from '../../versions';
import { KINDS } from '../kinds';
import { OWN_POLICIES } from '../names';

/** Rules of the section `admission`. */
export const admissionChecks: ReadonlyArray<(spec: PartialSpec) => Problem[]> = [
  engineIsServed, admissionExemptions, podSecurity, extraPolicies, clusterPolicies,
];

function engineIsServed(spec: PartialSpec): Problem[] {
  const { admission } = spec;
  if (!admission || isInvalid(admission, 'engine') || isInvalid(spec, 'cluster') || isInvalid(spec.cluster, 'kubernetesVersion')) { return []; }
  const version = spec.cluster?.kubernetesVersion ?? DEFAULTS.kubernetesVersion;
  const engine = admission.engine ?? AdmissionEngine.VALIDATING_ADMISSION_POLICY;
  const lowest = LOWEST_KUBERNETES_OF_ENGINE[engine];
  return compareVersions(version, lowest) >= 0 ? [] : [{
    path: ['admission', 'engine'],
    message: engine === AdmissionEngine.VALIDATING_ADMISSION_POLICY
      ? 'is a beta feature before Kubernetes 1.30, which API servers do not serve unless somebody has switched it on'
      : 'needs Kyverno 1.17 or newer, which does not run on clusters this old',
    found: `${engine} with kubernetesVersion ${version}`,
    allowed: `${engine} with Kubernetes ${lowest} or newer`,
    fix: 'write `engine: kyvernoClusterPolicy`, for a Kyverno that supports this cluster, or remove `admission` until the cluster is upgraded',
  }];
}

function extraPolicies(spec: PartialSpec): Problem[] {
  const taken = new Set<string>(OWN_POLICIES);
  return (spec.admission?.extraPolicies ?? []).flatMap((policy, i) => {
    const path = ['admission', 'extraPolicies', i];
    const problems: Problem[] = expired(policy?.expires, [...path, 'expires']);
    if (policy?.name !== undefined && taken.has(policy.name)) {
      problems.push({
        path: [...path, 'name'], message: 'names two policies', found: policy.name, allowed: `a name of its own, other than ${OWN_POLICIES.join(', ')}`, fix: 'rename it',
      });
    }
    if (policy?.name !== undefined) { taken.add(policy.name); }
    (policy?.namespaces ?? []).forEach((namespace, n) => {
      if (namespace !== undefined && EXCLUDED_NAMESPACES.includes(namespace)) {
        problems.push({
          path: [...path, 'namespaces', n],
          message: 'is a namespace that no policy looks at',
          found: namespace,
          allowed: `namespaces other than ${EXCLUDED_NAMESPACES.join(', ')}`,
          fix: 'remove it: a mistake in a policy there can stop the cluster',
        });
      }
    });
    return problems;
  });
}

/** Problems with Kyverno's ClusterPolicy: what it cannot express, or takes for something of its own. */
function clusterPolicies(spec: PartialSpec): Problem[] {
  const { admission } = spec;
  if (admission?.engine !== AdmissionEngine.KYVERNO_CLUSTER_POLICY) { return []; }
  const extras = admission.extraPolicies ?? [];
  const texts: Array<readonly [Problem['path'], string | undefined]> = [
    ...groupsOf(spec),
    ...extras.flatMap((policy, i) => (['expression', 'message'] as const).map(key => [['admission', 'extraPolicies', i, key], policy?.[key]] as const)),
  ];
  const replaced = texts.filter(([, text]) => text !== undefined && /\{\{|\$\(/.test(text)).map(([path, text]): Problem => ({
    path,
    message: 'contains `{{` or `$(`, which Kyverno replaces in a ClusterPolicy by something else',
    found: show(text),
    allowed: 'a text without them',
    fix: 'write it without them, or use another engine',
  }));
  const unknown = extras.flatMap((policy, i) => listed(['admission', 'extraPolicies', i, 'resources'], policy?.resources))
    .filter(([, resource]) => resource !== undefined && !Object.hasOwn(KINDS, resource.split('/')[0])).map(([path, resource]): Problem => ({
      path,
      message: 'is a resource whose kind is not known here, and a ClusterPolicy names kinds',
      found: resource,
      allowed: `${Object.keys(KINDS).join(', ')}, and their subresources`,
      fix: 'use another engine, or write this policy by hand',
    }));
  return [...replaced, ...unknown];
}

function listed(path: Problem['path'], values: ReadonlyArray<string | undefined> = []): Array<readonly [Problem['path'], string | undefined]> {
  return values.map((value, i) => [[...path, i], value] as const);
}
