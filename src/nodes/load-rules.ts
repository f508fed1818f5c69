import type { ConfigMap } from 'kubernetes-types/core/v1';
import { INVENTORY_NAME } from './inventory';
import { EbpfInventoryEngine } from '../api/ebpf-inventory';
import type { Slice } from '../component';
import type { ResolvedEbpfInventory } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Complete, Manifest, Part } from '../kube/manifest';
import { toYaml } from '../kube/yaml';

/** Rules for Tetragon or Falco to report loads of eBPF programs. */
export function loadRules(spec: Slice<'nodes'>): Part {
  const wanted = spec.nodes.ebpfInventory;
  switch (wanted?.engine) {
    case EbpfInventoryEngine.TETRAGON: return { 'tracing-policy': tracingPolicy(loadRulesName(spec), wanted) };
    case EbpfInventoryEngine.FALCO: return { 'falco-rules': falcoRules(loadRulesName(spec), wanted) };
    default: return {};
  }
}

/** Name of the object, which stands where the objects of other deployments stand, too. */
export function loadRulesName({ agents }: Slice<'nodes'>): string {
  return `${agents.namespace}-ebpf-program-load`;
}

interface TracingPolicy extends Manifest {
  readonly spec: {
    readonly kprobes: ReadonlyArray<{
      readonly call: string;
      readonly return: boolean;
      readonly syscall: boolean;
      readonly args: ReadonlyArray<{
        readonly index: number; readonly type: string; readonly maxData: boolean; readonly resolve: string; readonly returnCopy: boolean;
      }>;
      readonly selectors?: ReadonlyArray<{
        readonly matchBinaries: ReadonlyArray<{ readonly followChildren: boolean; readonly operator: string; readonly values: readonly string[] }>;
      }>;
    }>;
  };
}

/**
 * An event for every program that reaches the kernel's verifier. Defaults of Tetragon's definition are written out: the API server adds
 * them to the entries of lists, where GitOps tools would take each for a change.
 *
 * @see https://tetragon.io/docs/reference/tracing-policy/
 * @see https://github.com/cilium/tetragon/blob/main/examples/tracingpolicy/bpf.yaml
 */
function tracingPolicy(name: string, { loaders }: ResolvedEbpfInventory): TracingPolicy {
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name, labels: labels(INVENTORY_NAME) },
    spec: {
      kprobes: [{
        call: 'bpf_check',
        return: false,
        syscall: false,
        args: [{ index: 1, type: 'bpf_attr', maxData: false, resolve: '', returnCopy: false }],
        ...(loaders.length > 0 && { selectors: [{ matchBinaries: [{ followChildren: false, operator: 'NotIn', values: loaders }] }] }),
      }],
    },
  };
}

/**
 * A rule for every load, in a ConfigMap for Falco to mount below `/etc/falco/rules.d`.
 *
 * @see https://falco.org/docs/reference/rules/supported-fields/
 * @see https://github.com/falcosecurity/rules/blob/main/rules/falco-incubating_rules.yaml
 */
function falcoRules(name: string, { loaders, falcoNamespace }: ResolvedEbpfInventory): Complete<ConfigMap> {
  const hasLoaders = loaders.length > 0;
  const rules = [
    ...(hasLoaders ? [{ list: 'hardened_profiling_ebpf_loaders', items: [...loaders] }] : []),
    {
      rule: 'Unexpected eBPF program load',
      desc: 'A process that is not among the known loaders of eBPF programs has loaded one.',
      condition: `evt.type = bpf and (evt.arg.cmd = 5 or evt.arg.cmd = BPF_PROG_LOAD)${hasLoaders ? ' and not proc.exepath in (hardened_profiling_ebpf_loaders)' : ''}`,
      output: 'eBPF program loaded (executable=%proc.exepath process=%proc.name parent=%proc.pname user=%user.name container=%container.id image=%container.image.repository)',
      priority: 'WARNING',
      tags: ['host', 'container', 'ebpf', 'mitre_persistence'],
    },
  ];
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: falcoNamespace, labels: labels(INVENTORY_NAME) },
    data: { 'ebpf_rules.yaml': toYaml(rules) },
  };
}
