import type { ClusterNode } from './node-list';
import { PerfEventParanoidMode } from '../api/nodes';
import type { ResolvedNodePool, ResolvedSpec } from '../config/resolved-spec';
import { compareVersions } from '../kube/version';
import { PARANOID_THRESHOLDS } from '../parca/preflight';
import { LOWEST_KERNEL, LOWEST_RUNTIMES } from '../versions';

/** Whether a node can be profiled as its pool says. */
export enum NodeVerdict {
  /** It can. */
  FITS = 'fits',
  /** It gets no agent, as the document says, or because nothing of it was said. */
  NO_AGENT = 'no agent',
  /** It depends on what the API server does not tell. */
  CHECK = 'check',
  /** It cannot: its agents will not start. */
  CANNOT = 'cannot',
}

/** Verdict on one node, with reasons and fixes. */
export interface NodeFit {
  readonly node: string;
  /** Name of the pool; undefined if no pool takes it. */
  readonly pool?: string;
  readonly kernel: string;
  readonly verdict: NodeVerdict;
  /** Why, in a sentence each; empty if it fits. */
  readonly reasons: readonly string[];
  /** Fixes, in a sentence each. */
  readonly fixes: readonly string[];
}

interface Finding {
  readonly verdict: NodeVerdict;
  readonly reason: string;
  readonly fix?: string;
}

const WORST_FIRST: readonly NodeVerdict[] = [NodeVerdict.CANNOT, NodeVerdict.NO_AGENT, NodeVerdict.CHECK];

/** Judges each node by the pool it falls into. The preflight check of the agents decides: it looks at the node itself. */
export function nodeFits(spec: ResolvedSpec, nodes: readonly ClusterNode[]): NodeFit[] {
  return nodes.map(node => {
    const pool = poolOf(spec.agents.nodePools, node);
    const findings = findingsOf(spec, pool, node);
    return {
      node: node.name,
      ...(pool && { pool: pool.name }),
      kernel: node.kernel,
      verdict: WORST_FIRST.find(verdict => findings.some(finding => finding.verdict === verdict)) ?? NodeVerdict.FITS,
      reasons: findings.map(({ reason }) => reason),
      fixes: findings.flatMap(({ fix }) => fix ?? []),
    };
  });
}

/** The pool that selects a node, as the scheduler would decide. */
function poolOf(pools: readonly ResolvedNodePool[], { labels }: ClusterNode): ResolvedNodePool | undefined {
  const has = ([key, value]: readonly [string, string]): boolean => Object.hasOwn(labels, key) && labels[key] === value;
  return pools.find(({ nodeSelector }) => nodeSelector && Object.entries(nodeSelector).every(has))
    ?? pools.find(({ nodeSelector }) => !nodeSelector);
}

function findingsOf(spec: ResolvedSpec, pool: ResolvedNodePool | undefined, node: ClusterNode): Finding[] {
  if (node.operatingSystem !== 'linux') { return [{ verdict: NodeVerdict.NO_AGENT, reason: `it runs ${node.operatingSystem}` }]; }
  if (!pool) {
    return [{
      verdict: NodeVerdict.NO_AGENT, reason: 'no node pool selects it', fix: 'Add a pool without nodeSelector to agents.nodePools, or one that selects its labels.',
    }];
  }
  const taint = node.taints.find(({ key, value, effect }) => effect !== 'PreferNoSchedule' && !isPassing(key)
    && !(pool.pod.tolerations ?? []).some(toleration => (toleration.key === undefined || toleration.key === key)
      && (toleration.operator === 'Exists' || (toleration.value ?? '') === (value ?? '')) && (toleration.effect === undefined || toleration.effect === effect)));
  if (taint) {
    return [{
      verdict: NodeVerdict.NO_AGENT,
      reason: `its pool does not tolerate the taint ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`,
      fix: `To profile it, add to pool ${pool.name}: tolerations: [{ key: ${taint.key} }]`,
    }];
  }
  return [
    ...kernelFindings(pool, node),
    ...(pool.mode === 'leastPrivilege' ? [...runtimeFindings(node), ...paranoidFindings(spec, node)] : []),
    ...(pool.mode === 'none' ? [] : architectureFindings(node)),
  ];
}

/**
 * Taints that DaemonSets tolerate by themselves, or that are about to go, with the node or without it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
 */
function isPassing(key: string): boolean {
  return /^node\.(cloudprovider\.)?kubernetes\.io\/|^(DeletionCandidateOf|ToBeDeletedBy)ClusterAutoscaler$|^karpenter\.sh\/|^node\.cilium\.io\//.test(key);
}

function kernelFindings({ name, mode, kernel: declared }: ResolvedNodePool, { kernel }: ClusterNode): Finding[] {
  const version = /^\d+\.\d+/.exec(kernel)?.[0];
  if (version === undefined) { return [{ verdict: NodeVerdict.CHECK, reason: `its kernel ${kernel} is no version` }]; }
  const isOld = compareVersions(version, LOWEST_KERNEL) < 0;
  if (mode === 'leastPrivilege') {
    return isOld ? [{
      verdict: NodeVerdict.CANNOT,
      reason: `its kernel is older than ${LOWEST_KERNEL}, and pool ${name} runs with the least capabilities`,
      fix: 'Upgrade it, or label such nodes and give them a pool with `kernel` and `fallback`.',
    }] : [];
  }
  if (!isOld) {
    return [{
      verdict: mode === 'none' ? NodeVerdict.NO_AGENT : NodeVerdict.CHECK,
      reason: `pool ${name} is for kernels before ${LOWEST_KERNEL}, and this one needs no SYS_ADMIN`,
      fix: 'Let another pool select it.',
    }];
  }
  if (mode === 'none') { return [{ verdict: NodeVerdict.NO_AGENT, reason: `pool ${name} has an old kernel and no fallback` }]; }
  return compareVersions(version, declared) < 0 ? [{
    verdict: NodeVerdict.CHECK,
    reason: `its kernel is older than the ${declared} that pool ${name} is said to have`,
    fix: 'See whether the fallback starts there.',
  }] : [];
}

/** Seccomp profiles of older runtimes allow eBPF to SYS_ADMIN alone. */
function runtimeFindings({ containerRuntime }: ClusterNode): Finding[] {
  const [, runtime, version] = /^([a-z-]+):\/\/v?(\d+\.\d+(?:\.\d+)?)/.exec(containerRuntime) ?? [];
  const lowest = Object.entries(LOWEST_RUNTIMES).find(([name]) => name === runtime)?.[1];
  if (lowest && compareVersions(version, lowest.version) < 0) {
    return [{
      verdict: NodeVerdict.CANNOT,
      reason: `the seccomp profile of ${runtime} ${version} allows eBPF to SYS_ADMIN alone`,
      fix: `Upgrade ${runtime} to ${lowest.version} or newer.`,
    }];
  }
  return lowest?.isCertain ? [] : [{
    verdict: NodeVerdict.CHECK,
    reason: `what the seccomp profile of ${containerRuntime || 'its container runtime'} allows to BPF and PERFMON is not known here`,
    fix: 'See whether the agent starts there.',
  }];
}

/** Names of kernels that Ubuntu, Debian and others build, whatever runs on them. */
const BUILDERS: ReadonlyArray<readonly [name: RegExp, builder: string]> = [
  [/-(generic|lowlatency|aws|azure|gcp|gke|oracle|ibm)(-|$)/, 'Ubuntu'],
  [/-(amd64|arm64|cloud-amd64|cloud-arm64)$|hardened/, 'Debian'],
];

/** The API server does not tell the setting, but who made the kernel. */
function paranoidFindings({ nodes }: ResolvedSpec, { kernel, osImage }: ClusterNode): Finding[] {
  const builder = BUILDERS.find(([name]) => name.test(kernel))?.[1];
  const distribution = PARANOID_THRESHOLDS.find(({ name }) => (builder ? name === builder : osImage.startsWith(name)));
  const isLowered = nodes?.perfEventParanoid?.mode === PerfEventParanoidMode.EXACT && nodes.perfEventParanoid.value <= (distribution?.threshold ?? 0);
  return distribution === undefined || isLowered ? [] : [{
    verdict: NodeVerdict.CHECK,
    reason: `kernels such as ${distribution.name}'s demand SYS_ADMIN where kernel.perf_event_paranoid is more than ${distribution.threshold}, `
      + 'and some are installed with that',
    fix: 'Set it to 2 on the node, or everywhere with nodes.perfEventParanoid: { mode: exact }.',
  }];
}

function architectureFindings({ architecture }: ClusterNode): Finding[] {
  // Empty where a node does not tell.
  return ['amd64', 'arm64', ''].includes(architecture) ? [] : [{ verdict: NodeVerdict.CANNOT, reason: `there is no agent for ${architecture}` }];
}
