import type { ResolvedScope } from '../config/resolved-spec';
import { CORE_SCHEMA, loadAll } from '../kube/js-yaml';
import { toYaml } from '../kube/yaml';

/**
 * A rule in Prometheus' relabelling language; regular expressions match the whole value.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
export interface RelabelRule {
  readonly action: 'drop' | 'keep' | 'labelkeep' | 'replace';
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** Names of the labels that an agent gives to the metadata of a pod. */
interface AgentLabels {
  readonly namespace: string;
  readonly podLabel: (key: string) => string;
}

const CURRENT: AgentLabels = {
  namespace: '__meta_kubernetes_namespace',
  podLabel: key => `__meta_kubernetes_pod_label_${sanitize(key)}`,
};

/** Agents up to v0.31 put pod labels among the profile's labels as they are. */
const FALLBACK: AgentLabels = { namespace: 'namespace', podLabel: sanitize };

/**
 * The configuration file of the current agent: what may leave the node, and under which labels.
 *
 * Only what a rule copies is exported; labels that start with `__` are dropped by the agent afterwards.
 *
 * @see https://github.com/parca-dev/parca-agent/blob/v0.49.0/reporter/metadata/containermetadata.go
 */
export function agentConfig(scope: ResolvedScope, cluster: string): string {
  return write([
    ...scopeRules(scope, CURRENT),
    { source_labels: [CURRENT.namespace], target_label: 'namespace', action: 'replace' },
    { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod', action: 'replace' },
    { source_labels: ['__meta_kubernetes_pod_container_name'], target_label: 'container', action: 'replace' },
    clusterRule(cluster),
  ]);
}

/**
 * The same for the previous generation, whose labels carry command lines and all pod labels unless they are removed.
 *
 * @see https://github.com/parca-dev/parca-agent/blob/v0.30.0/pkg/discovery/kubernetes.go
 */
export function fallbackAgentConfig(scope: ResolvedScope, cluster: string): string {
  return write([
    ...scopeRules(scope, FALLBACK),
    { regex: 'comm|container|namespace|node|pod', action: 'labelkeep' },
    clusterRule(cluster),
  ]);
}

/** The name of the cluster in every profile. The last rule, so that no label of a workload stands in its place. */
function clusterRule(cluster: string): RelabelRule {
  return { target_label: 'cluster', replacement: cluster, action: 'replace' };
}

/** Sensitive namespaces first, then the opt-in: both end the matter for whatever they drop. */
function scopeRules({ sensitiveNamespaces, namespaces, optInLabel }: ResolvedScope, agent: AgentLabels): RelabelRule[] {
  return [
    { source_labels: [agent.namespace], regex: sensitiveNamespaces.map(quote).join('|'), action: 'drop' },
    ...(namespaces ? [{ source_labels: [agent.namespace], regex: namespaces.map(quote).join('|'), action: 'keep' as const }] : []),
    // Host processes, and pods without the label, have the empty value here and are dropped.
    { source_labels: [agent.podLabel(optInLabel.key)], regex: quote(optInLabel.value), action: 'keep' },
  ];
}

/**
 * Writes the file and reads it back. An agent ignores keys it does not know and then profiles everything, and so it
 * does with an empty file: what we emit must hold the rules under exactly the right key, or not be emitted at all.
 */
function write(rules: readonly RelabelRule[]): string {
  const text = toYaml({ relabel_configs: rules });
  assertScoped(text, rules);
  return text;
}

/** @throws Error if the text is not exactly the given rules, or if these do not restrict anything */
export function assertScoped(text: string, rules: readonly RelabelRule[]): void {
  const [parsed] = loadAll(text, { schema: CORE_SCHEMA }) as Array<{ relabel_configs?: unknown } | undefined>;
  const isSame = JSON.stringify(parsed) === JSON.stringify({ relabel_configs: rules });
  const drops = rules[0]?.action === 'drop' && Boolean(rules[0].regex);
  const keeps = rules.some(rule => rule.action === 'keep' && Boolean(rule.regex) && rule.source_labels?.length === 1);
  if (!isSame || !drops || !keeps) {
    throw new Error('The configuration of the agents does not restrict what they profile. Nothing is emitted; please report this.');
  }
}

/** As the agent makes label names: everything but letters, digits and underscores becomes an underscore. */
function sanitize(key: string): string {
  return key.replace(/[^a-zA-Z0-9_]/g, '_');
}

function quote(literal: string): string {
  return literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
