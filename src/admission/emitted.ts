import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import type { Complete, Manifest } from '../kube/manifest';

/** The DaemonSets among objects that are for a namespace, in the order of their names. */
export function daemonSetsOf(manifests: readonly Manifest[], namespace: string): Array<Complete<DaemonSet>> {
  return manifests.filter((manifest): manifest is Complete<DaemonSet> => manifest.kind === 'DaemonSet' && manifest.metadata.namespace === namespace)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** The ConfigMaps that these objects are or that their pods mount, as `namespace/name`, sorted. */
export function configMapsOf(manifests: readonly Manifest[], namespaces: readonly string[]): string[] {
  const names = manifests.filter(({ metadata }) => namespaces.includes(metadata.namespace ?? '')).flatMap(manifest => {
    const { kind, metadata: { namespace, name } } = manifest;
    return [...(kind === 'ConfigMap' ? [name] : []), ...mounted(manifest)].map(configMap => `${namespace}/${configMap}`);
  });
  return [...new Set(names)].sort();
}

/** In our namespaces, by the API server itself: it is the same in every namespace. */
const ROOT_CA = 'kube-root-ca.crt';

function mounted(manifest: Manifest): string[] {
  const { template } = (manifest as Manifest & { readonly spec?: { readonly template?: PodTemplateSpec } }).spec ?? {};
  const { volumes = [], containers = [], initContainers = [] } = template?.spec ?? {};
  const variables = [...containers, ...initContainers].flatMap(({ env = [], envFrom = [] }) => [
    ...env.map(({ valueFrom }) => valueFrom?.configMapKeyRef?.name), ...envFrom.map(({ configMapRef }) => configMapRef?.name),
  ]);
  const files = volumes.flatMap(({ configMap, projected }) => [configMap?.name, ...projected?.sources?.map(source => source.configMap?.name) ?? []]);
  return [...variables, ...files].filter((name): name is string => name !== undefined && name !== ROOT_CA);
}
