import type { Node } from 'kubernetes-types/core/v1';

/** What is needed of a node to tell whether it can be profiled. */
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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { kind, items } = (value ?? {}) as { kind?: string; items?: unknown };
  const nodes = kind === 'Node' ? [value] : items;
  if (!Array.isArray(nodes) || nodes.length === 0 || !nodes.every(isNode)) { return undefined; }
  return nodes.map(({ metadata, spec, status }) => {
    const { operatingSystem, architecture, kernelVersion, osImage, containerRuntimeVersion } = status!.nodeInfo!;
    return {
      name: metadata!.name!,
      labels: metadata!.labels ?? {},
      taints: spec?.taints ?? [],
      operatingSystem,
      architecture,
      kernel: kernelVersion,
      osImage,
      containerRuntime: containerRuntimeVersion,
    };
  }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isNode(value: unknown): value is Node {
  const { kind, metadata, status } = (value ?? {}) as Node;
  return kind === 'Node' && typeof metadata?.name === 'string' && typeof status?.nodeInfo?.kernelVersion === 'string';
}
