import type { Node, NodeSystemInfo } from 'kubernetes-types/core/v1';
import { parseJson } from '../config/parse-json';

/** A Node object, cut down to the fields that tell whether it can be profiled. */
export interface ClusterNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: ReadonlyArray<{ readonly key: string; readonly value?: string; readonly effect: string }>;
  readonly operatingSystem: string;
  readonly architecture: string;
  /** As `uname -r` prints it. */
  readonly kernel: string;
  readonly osImage: string;
  /** Such as `containerd://1.7.13`. */
  readonly containerRuntime: string;
}

/** The nodes in what `kubectl get nodes -o json` prints; undefined if it is something else. */
export function readNodes(text: string): ClusterNode[] | undefined {
  const value = parseJson(text);
  const { kind, items } = (value ?? {}) as { kind?: string; items?: unknown };
  const nodes = kind === 'Node' ? [value] : items;
  // The API server itself leaves out the kind of what is in a NodeList.
  const isItem = (item: unknown): item is Node => isNode(item, kind === 'NodeList');
  if (!Array.isArray(nodes) || nodes.length === 0 || !nodes.every(isItem)) { return undefined; }
  return nodes.map(readNode).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readNode({ metadata, spec, status }: Node): ClusterNode {
  // Whatever is missing is unknown, and no reason to end.
  const { operatingSystem, architecture, kernelVersion, osImage, containerRuntimeVersion }: Partial<NodeSystemInfo> = status!.nodeInfo!;
  const labels = metadata!.labels ?? {};
  return {
    name: metadata!.name!,
    labels,
    taints: Array.isArray(spec?.taints) ? spec.taints : [],
    operatingSystem: operatingSystem || labels['kubernetes.io/os'] || 'linux',
    architecture: architecture || labels['kubernetes.io/arch'] || '',
    kernel: kernelVersion!,
    osImage: osImage ?? '',
    containerRuntime: containerRuntimeVersion ?? '',
  };
}

function isNode(value: unknown, hasNoKind: boolean): value is Node {
  const { kind, metadata, status } = (value ?? {}) as Node;
  const isKind = kind === 'Node' || (kind === undefined && hasNoKind);
  return isKind && typeof metadata?.name === 'string' && typeof status?.nodeInfo?.kernelVersion === 'string';
}
