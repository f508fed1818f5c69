import { serviceAccountNamespace } from './formats';
import type { PartialSpec } from './partial-spec';
import { deploymentNamespaces } from './partial-spec';
import type { Problem } from './problem';

/**
 * Groups of service accounts whose pods somebody else writes: whoever may create a pod there would have what the group has. The accounts
 * of `kube-system` are controllers of the cluster.
 */
export function groupsOfAccounts(spec: PartialSpec): Problem[] {
  const others = new Map<string, string>([
    ['default', 'where pods go that nobody has given a namespace'],
    ...deploymentNamespaces(spec).map(({ name }) => [name, 'of this deployment'] as const),
    ...named(spec.scope?.namespaces, 'which is profiled'),
    ...named(spec.scope?.sensitiveNamespaces, 'which is sensitive'),
    ...(spec.pyroscope?.tenants ?? []).flatMap(tenant => named(tenant?.namespaces, 'of a tenant')),
  ]);
  return groupsOf(spec).flatMap(([path, group]) => {
    const namespace = group === undefined ? undefined : serviceAccountNamespace(group);
    const whose = namespace === undefined ? undefined : others.get(namespace);
    return whose === undefined ? [] : [{
      path,
      message: `holds every service account of the namespace \`${namespace}\`, ${whose}`,
      found: group,
      allowed: 'groups of people, and accounts of namespaces where only the platform team creates pods',
      fix: 'name a group of people; move a controller that needs it into a namespace of its own',
    }];
  });
}

function named(namespaces: ReadonlyArray<string | undefined> = [], whose: string): Array<readonly [string, string]> {
  return namespaces.flatMap(namespace => (namespace === undefined ? [] : [[namespace, whose] as const]));
}

/** Every group that a specification names, with its path. */
export function groupsOf({ access, admission }: PartialSpec): Array<readonly [Problem['path'], string | undefined]> {
  const { groups = [], breakGlassGroups = [] } = access?.portForward ?? {};
  const at = (path: Problem['path'], values: ReadonlyArray<string | undefined>) => values.map((value, i) => [[...path, i], value] as const);
  return [
    ...at(['access', 'portForward', 'groups'], groups),
    ...at(['access', 'portForward', 'breakGlassGroups'], breakGlassGroups),
    ...at(['admission', 'platformGroups'], admission?.platformGroups ?? []),
  ];
}
