import { parse } from 'yaml';
import { toYaml } from '../../src/kube/yaml';
import type { RelabelRule } from '../../src/parca/agent-scope';
import { agentConfig, assertScoped, fallbackAgentConfig } from '../../src/parca/agent-scope';
import { resolved } from '../support';

/** Relabels as Prometheus does: regular expressions match the whole value, a missing label is empty. */
function relabel(text: string, labels: Record<string, string>): Record<string, string> | undefined {
  const { relabel_configs: rules } = parse(text) as { relabel_configs: RelabelRule[] };
  const result = { ...labels };
  for (const { action, source_labels: sources = [], regex = '(.*)', target_label: target, replacement } of rules) {
    const value = sources.map(name => result[name] ?? '').join(';');
    const isMatch = new RegExp(`^(?:${regex})$`).test(value);
    if (action === 'drop' && isMatch) { return undefined; }
    if (action === 'keep' && !isMatch) { return undefined; }
    if (action === 'replace' && isMatch) { result[target!] = replacement ?? value; }
    if (action === 'labelkeep') {
      Object.keys(result).filter(name => !new RegExp(`^(?:${regex})$`).test(name)).forEach(name => delete result[name]);
    }
  }
  // What the agent does afterwards.
  return Object.fromEntries(Object.entries(result).filter(([name, value]) => !name.startsWith('__') && value !== ''));
}

const pod = (namespace: string, labels: Record<string, string> = {}): Record<string, string> => ({
  __meta_kubernetes_namespace: namespace,
  __meta_kubernetes_pod_name: 'checkout-1',
  __meta_kubernetes_pod_container_name: 'main',
  __meta_process_cmdline: 'java -Dpassword=hunter2',
  node: 'node-1',
  comm: 'java',
  ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`__meta_kubernetes_pod_label_${key}`, value])),
});

const configOf = (scope: object): string => agentConfig(resolved({ scope }).scope, 'prod');
const config = configOf({ sensitiveNamespaces: ['payments', 'auth'] });

describe('Scope of the agent', () => {
  it('keeps an opted-in pod under its names, and nothing about its command line', () => {
    expect(relabel(config, pod('shop', { profiling: 'enabled' })))
      .toEqual({ namespace: 'shop', pod: 'checkout-1', container: 'main', node: 'node-1', comm: 'java', cluster: 'prod' });
  });

  it('names the cluster, whatever a profile says of it', () => {
    expect(relabel(config, { ...pod('shop', { profiling: 'enabled' }), cluster: 'elsewhere' })).toMatchObject({ cluster: 'prod' });
  });

  it.each<[string, Record<string, string>]>([
    ['a pod without the label', pod('shop')],
    ['a pod with the label in another case', pod('shop', { profiling: 'Enabled' })],
    ['a pod with another value', pod('shop', { profiling: 'true' })],
    ['a pod with more than the value', pod('shop', { profiling: 'enabled-not' })],
    ['a pod with an empty value', pod('shop', { profiling: '' })],
    ['a process of the host', { node: 'node-1', comm: 'kubelet' }],
    ['an opted-in pod of a sensitive namespace', pod('payments', { profiling: 'enabled' })],
    ['an opted-in pod of kube-system', pod('kube-system', { profiling: 'enabled' })],
    ['an opted-in pod beside the server', pod('profiling', { profiling: 'enabled' })],
    ['an opted-in pod beside the agents', pod('profiling-agents', { profiling: 'enabled' })],
  ])('drops %s', (_, labels) => {
    expect(relabel(config, labels)).toBeUndefined();
  });

  it('does not take a namespace for sensitive because its name begins like one', () => {
    expect(relabel(config, pod('payments-demo', { profiling: 'enabled' }))).toBeDefined();
  });

  it('keeps only the listed namespaces when there is a list', () => {
    const listed = configOf({ namespaces: ['shop'] });
    expect(relabel(listed, pod('shop', { profiling: 'enabled' }))).toBeDefined();
    expect(relabel(listed, pod('search', { profiling: 'enabled' }))).toBeUndefined();
    expect(relabel(listed, pod('shop'))).toBeUndefined();
  });

  it('matches a label with a prefix under the name the agent gives it, and its value literally', () => {
    const custom = configOf({ optInLabel: { key: 'example.com/profile-me', value: 'v1.0' } });
    expect(relabel(custom, pod('shop', { example_com_profile_me: 'v1.0' }))).toBeDefined();
    expect(relabel(custom, pod('shop', { example_com_profile_me: 'v1x0' }))).toBeUndefined();
  });

  it('is never weakened by an empty list', () => {
    expect(configOf({ sensitiveNamespaces: [] })).toContain('kube-system|profiling|profiling-agents');
  });

  it('is emitted under the one key the agent reads', () => {
    expect(Object.keys(parse(config) as object)).toEqual(['relabel_configs']);
  });

  describe('for the previous generation', () => {
    const fallback = fallbackAgentConfig(resolved({ scope: { sensitiveNamespaces: ['payments'] } }).scope, 'prod');
    const oldPod = (namespace: string, labels: Record<string, string> = {}): Record<string, string> => ({
      namespace, pod: 'checkout-1', container: 'main', node: 'node-1', comm: 'java', executable: '/bin/java', ppid: '1', ...labels,
    });

    it('keeps an opted-in pod and strips every other label', () => {
      expect(relabel(fallback, oldPod('shop', { profiling: 'enabled', customer: 'acme' })))
        .toEqual({ namespace: 'shop', pod: 'checkout-1', container: 'main', node: 'node-1', comm: 'java', cluster: 'prod' });
    });

    it('names the cluster, whatever a pod calls itself', () => {
      expect(relabel(fallback, oldPod('shop', { profiling: 'enabled', cluster: 'elsewhere' }))).toMatchObject({ cluster: 'prod' });
    });

    it('drops what is not opted in or is sensitive', () => {
      expect(relabel(fallback, oldPod('shop'))).toBeUndefined();
      expect(relabel(fallback, oldPod('payments', { profiling: 'enabled' }))).toBeUndefined();
    });
  });
});

describe('assertScoped', () => {
  const rules: RelabelRule[] = [
    { source_labels: ['__meta_kubernetes_namespace'], regex: 'kube-system', action: 'drop' },
    { source_labels: ['__meta_kubernetes_pod_label_profiling'], regex: 'enabled', action: 'keep' },
  ];

  it('accepts exactly the rules', () => {
    expect(() => assertScoped(toYaml({ relabel_configs: rules }), rules)).not.toThrow();
  });

  it.each<[string, string, RelabelRule[]]>([
    ['an empty text', '', rules],
    ['a comment alone', '# relabel_configs:', rules],
    ['a misspelt key', toYaml({ relabel_config: rules }), rules],
    ['a misspelt rule', toYaml({ relabel_configs: rules }).replace('regex: enabled', 'regexx: enabled'), rules],
    ['no rules', toYaml({ relabel_configs: [] }), []],
    ['no keep rule', toYaml({ relabel_configs: rules.slice(0, 1) }), rules.slice(0, 1)],
    ['no drop rule first', toYaml({ relabel_configs: rules.slice(1) }), rules.slice(1)],
    ['a keep rule without regex', toYaml({ relabel_configs: [rules[0], { ...rules[1], regex: '' }] }), [rules[0], { ...rules[1], regex: '' }]],
  ])('refuses %s', (_, text, expected) => {
    expect(() => assertScoped(text, expected)).toThrow('does not restrict what they profile');
  });
});
