import type { ResolvedSpec } from '../config/resolved-spec';

/** The namespaces of this deployment, sorted. */
export function ownNamespaces({ parca, pyroscope }: ResolvedSpec): string[] {
  return [parca.namespace, parca.agentNamespace, ...(pyroscope ? [pyroscope.namespace] : [])].sort();
}
