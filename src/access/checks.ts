import { DEFAULTS, SYSTEM_NAMESPACES } from '../config/defaults';
import type { DeploymentNamespace, PartialSpec } from '../config/partial-spec';
import { deploymentNamespaces, isInvalid } from '../config/partial-spec';
import type { Problem } from '../config/problem';

/** Rules of the deployment's namespaces and of who lives in them. */
export function accessChecks(spec: PartialSpec): Problem[] {
  return [metadataOfOthers, systemNamespaces, separateNamespaces, closedPeers].flatMap(check => check(spec));
}

/** The namespaces of the deployment, without those whose names are wrong: their defaults must not be compared in their place. */
function knownNamespaces(spec: PartialSpec): DeploymentNamespace[] {
  return deploymentNamespaces(spec).filter(({ path: [section] }) => {
    const key = section as 'agents' | 'parca' | 'pyroscope';
    return !isInvalid(spec, key) && !isInvalid(spec[key] as { readonly namespace?: string } | undefined, 'namespace');
  });
}

/** Nobody's Namespace is touched, so that there is nothing to label. */
function metadataOfOthers({ namespaces }: PartialSpec): Problem[] {
  if (namespaces?.create !== false) { return []; }
  return (['labels', 'annotations'] as const).filter(key => key in namespaces).map(key => ({
    path: ['namespaces', key],
    message: 'are of namespaces that are made here, and with `create: false` none is',
    allowed: 'one of the two',
    fix: 'remove it, and let the owners of the namespaces label them',
  }));
}

function systemNamespaces(spec: PartialSpec): Problem[] {
  return knownNamespaces(spec).filter(({ name }) => SYSTEM_NAMESPACES.includes(name)).map(({ name, path }) => ({
    path,
    message: 'is a namespace of Kubernetes itself',
    found: name,
    allowed: 'a namespace of its own, which gets Pod Security labels and a default deny',
    fix: 'choose another name, or remove the key to get its default',
  }));
}

function separateNamespaces(spec: PartialSpec): Problem[] {
  const seen = new Map<string, string>();
  return knownNamespaces(spec).flatMap(({ name, owner, path }) => {
    const other = seen.get(name);
    seen.set(name, other ?? owner);
    return other === undefined ? [] : [{
      path,
      message: `is also the namespace of ${other}`,
      found: name,
      allowed: 'a namespace for each: agents need Pod Security `privileged`, servers run under `restricted`, and each is closed to the others',
      fix: 'choose another name for one of the two',
    }];
  });
}

/** Whoever lives in a namespace that is made here is cut off by its default deny, and held to its Pod Security level. */
function closedPeers(spec: PartialSpec): Problem[] {
  if (spec.namespaces?.create === false || isInvalid(spec, 'namespaces') || isInvalid(spec.namespaces, 'create')) { return []; }
  const ours = new Map(knownNamespaces(spec).map(({ name, owner, path }) => [name, { owner, key: path.join('.') }]));
  return residents(spec).flatMap(([path, namespace, who]) => {
    const owner = namespace === undefined ? undefined : ours.get(namespace);
    return owner === undefined ? [] : [{
      path,
      message: `is the namespace of ${owner.owner}, which is closed: a default deny and Pod Security would cut off ${who}`,
      found: namespace,
      allowed: 'another namespace for one of the two; or namespaces that others own',
      fix: `choose another name for \`${owner.key}\`, or write\nnamespaces: { create: false }\nto leave the namespace and its other pods as they are`,
    }];
  });
}

type Resident = readonly [path: Problem['path'], namespace: string | undefined, who: string];

/** Everybody of whom a document says where they live. */
function residents({ access, cluster, gitOps, nodes, pyroscope }: PartialSpec): Resident[] {
  const lists = (['readers', 'scrapers', 'symbolUploaders'] as const).flatMap(list => (access?.[list] ?? []).map((peer, i): Resident => (
    [['access', list, i, 'namespace'], peer?.namespace, 'its pods'])));
  const readers = (pyroscope?.readers ?? []).flatMap((reader, i) => (reader?.pods ?? []).map((peer, n): Resident => (
    [['pyroscope', 'readers', i, 'pods', n, 'namespace'], peer?.namespace, 'its pods'])));
  return [
    ...lists,
    ...readers,
    [['pyroscope', 'grafana', 'namespace'], pyroscope?.grafana?.namespace, 'Grafana'],
    [['cluster', 'dns', 'namespace'], cluster?.dns?.namespace, 'the DNS server'],
    [['gitOps', 'argoCd', 'namespace'], gitOps?.argoCd && (gitOps.argoCd.namespace ?? DEFAULTS.argoCd.namespace), 'Argo CD'],
    [['gitOps', 'flux', 'namespace'], gitOps?.flux && (gitOps.flux.namespace ?? DEFAULTS.flux.namespace), 'Flux'],
    [['nodes', 'ebpfInventory', 'falcoNamespace'], nodes?.ebpfInventory?.falcoNamespace, 'Falco'],
  ];
}
