import { EXCLUDED_NAMESPACES } from '../../config/defaults';
import type { PartialSpec } from '../../config/partial-spec';
import { alwaysSensitive } from '../../config/partial-spec';
import type { Problem } from '../../config/problem';

/** Namespaces that cannot be labelled by `admission.podSecurity`, and exemptions that contradict it. */
export function podSecurity(spec: PartialSpec): Problem[] {
  const { restrictedNamespaces = [], exemptNamespaces = [] } = spec.admission?.podSecurity ?? {};
  const own = [...EXCLUDED_NAMESPACES, ...alwaysSensitive(spec)];
  const exempt = new Map<string | undefined, string>([
    ...exemptNamespaces.map((exemption, i) => [exemption?.namespace, `admission.podSecurity.exemptNamespaces[${i}]`] as const),
    ...(spec.admission?.exemptions ?? []).map((exemption, i) => [exemption?.namespace, `admission.exemptions[${i}]`] as const),
  ]);
  const at = (i: number): Problem['path'] => ['admission', 'podSecurity', 'restrictedNamespaces', i];
  return [
    ...restrictedNamespaces.flatMap((namespace, i) => {
      if (namespace === undefined) { return []; }
      if (own.includes(namespace)) {
        return [{
          path: at(i),
          message: 'is a namespace of Kubernetes or of this deployment, which has a level of its own',
          found: namespace,
          allowed: `namespaces other than ${[...new Set(own)].sort().join(', ')}`,
          fix: 'remove it here',
        }];
      }
      return exempt.has(namespace) ? [{
        path: at(i),
        message: `is exempt by \`${exempt.get(namespace)}\``,
        found: namespace,
        allowed: 'namespaces whose pods need no exemption: under `restricted` they would not start',
        fix: 'remove it here or there',
      }] : [];
    }),
    ...exemptNamespaces.flatMap((exemption, i) => (exemption?.namespace !== undefined && own.includes(exemption.namespace) ? [{
      path: ['admission', 'podSecurity', 'exemptNamespaces', i, 'namespace'],
      message: 'is a namespace of Kubernetes or of this deployment, which is exempt anyway',
      found: exemption.namespace,
      allowed: 'other namespaces',
      fix: 'remove the exemption',
    }] : [])),
  ];
}
