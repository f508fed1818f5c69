import type { Affinity, Container, NodeSelectorRequirement, PodSpec, PodTemplateSpec, Toleration, TopologySpreadConstraint } from 'kubernetes-types/core/v1';
import type { Labels } from './labels';

/** Settings of a workload's pods that its user may choose; what is undefined stays as the workload has it. */
export interface PodSettings {
  readonly nodeSelector?: Labels;
  /** All that the pods tolerate: they replace those of the workload. */
  readonly tolerations?: readonly Toleration[];
  readonly nodeAffinity?: readonly NodeSelectorRequirement[];
  readonly topologySpread?: ReadonlyArray<Omit<TopologySpreadConstraint, 'labelSelector'>>;
  readonly priorityClassName?: string;
  readonly resources?: Resources;
  readonly imagePullPolicy?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

/** Requests and limits as quantities. */
export interface Resources {
  readonly cpuRequest?: string;
  readonly cpuLimit?: string;
  readonly memoryRequest?: string;
  readonly memoryLimit?: string;
}

/**
 * A pod template with the settings applied. Labels and annotations of the workload win, since its selector and its policies look for
 * them; resources are those of the first container, which is what the workload is about.
 *
 * @param selector labels by which the pods are spread
 */
export function withSettings({ metadata, spec }: PodTemplateSpec, settings: PodSettings, selector: Labels): PodTemplateSpec {
  const { tolerations, topologySpread, priorityClassName, imagePullPolicy } = settings;
  const { nodeSelector, affinity, containers, initContainers } = spec!;
  const allTolerations = tolerations ?? spec!.tolerations ?? [];
  const allAnnotations = { ...metadata?.annotations, ...settings.annotations, ...metadata?.annotations };
  const allNodes = { ...nodeSelector, ...settings.nodeSelector, ...nodeSelector };
  const allAffinity = withNodeAffinity(affinity, settings.nodeAffinity);
  const pulled = (container: Container): Container => (imagePullPolicy === undefined ? container : { ...container, imagePullPolicy });
  const [main, ...others] = containers;
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata?.labels, ...settings.labels, ...metadata?.labels },
      ...(Object.keys(allAnnotations).length > 0 && { annotations: allAnnotations }),
    },
    // Keys that were there stay where they were: the order is that of the output.
    spec: {
      ...(allTolerations.length > 0 ? spec! : withoutTolerations(spec!)),
      ...(priorityClassName !== undefined && { priorityClassName }),
      ...(Object.keys(allNodes).length > 0 && { nodeSelector: allNodes }),
      ...(allAffinity && { affinity: allAffinity }),
      ...(allTolerations.length > 0 && { tolerations: [...allTolerations] }),
      ...(topologySpread && {
        topologySpreadConstraints: topologySpread.map(constraint => ({ ...constraint, labelSelector: { matchLabels: { ...selector } } })),
      }),
      ...(initContainers && { initContainers: initContainers.map(pulled) }),
      containers: [pulled({ ...main, resources: withResources(main.resources, settings.resources) }), ...others.map(pulled)],
    },
  };
}

/** The API server does not store an empty list, and takes each for a change. */
function withoutTolerations({ tolerations: _, ...spec }: PodSpec): PodSpec {
  return spec;
}

/** An affinity whose every alternative has the conditions as well: alternatives are joined by "or", conditions by "and". */
export function withNodeAffinity(affinity: Affinity | undefined, conditions: readonly NodeSelectorRequirement[] = []): Affinity | undefined {
  if (conditions.length === 0) { return affinity; }
  const { nodeSelectorTerms } = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? { nodeSelectorTerms: [{}] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: nodeSelectorTerms.map(term => ({ ...term, matchExpressions: [...term.matchExpressions ?? [], ...conditions] })),
      },
    },
  };
}

/** Requirements of a container with those that the settings name in place of its own. */
export function withResources(
  own: Container['resources'], { cpuRequest, cpuLimit, memoryRequest, memoryLimit }: Resources = {},
): Container['resources'] {
  const given = (cpu?: string, memory?: string): Record<string, string> => (
    { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) });
  const requests = { ...own?.requests, ...given(cpuRequest, memoryRequest) };
  const limits = { ...own?.limits, ...given(cpuLimit, memoryLimit) };
  return { ...(Object.keys(requests).length > 0 && { requests }), ...(Object.keys(limits).length > 0 && { limits }) };
}
