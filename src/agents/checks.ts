import { MAX_EXCLUSIONS, overlap, remainder } from './node-pools';
import type { NodePoolSpec } from '../api/agents';
import type { ResourcesSpec } from '../api/pod';
import { DEFAULTS } from '../config/defaults';
import type { Partially, PartialSpec } from '../config/partial-spec';
import { isInvalid, pools, runsOnNodes } from '../config/partial-spec';
import { podChecks } from '../config/pod-checks';
import type { Problem } from '../config/problem';
import { resourcesOf } from '../config/resolve-pod';
import { imageVersion } from '../kube/image';
import { compareVersions } from '../kube/version';
import { FALLBACK_AGENT_VERSIONS, LOWEST_KERNEL } from '../versions';

/** Rules of node pools and of what runs on them. */
export function agentsChecks(spec: PartialSpec): Problem[] {
  return [nobodyRuns, fewPools, uniquePools, disjointPools, fallbacks, podSettings].flatMap(check => check(spec));
}

/** Each is a DaemonSet, and is compared with each other one, label by label. */
const MOST_POOLS = 1000;

const MOST_LABELS = 32;

function fewPools(spec: PartialSpec): Problem[] {
  const count = pools(spec).length;
  return [
    ...(count <= MOST_POOLS ? [] : [{
      path: ['agents', 'nodePools'],
      message: 'has too many pools',
      found: `${count}`,
      allowed: `at most ${MOST_POOLS}`,
      fix: 'let pools select more nodes',
    }]),
    ...pools(spec).filter(({ pool }) => hasManyLabels(pool)).map(({ pool, path }) => ({
      path: [...path, 'nodeSelector'],
      message: 'has too many labels',
      found: `${Object.keys(pool.nodeSelector!).length}`,
      allowed: `at most ${MOST_LABELS}`,
      fix: 'select the pool by one label that its nodes have for that',
    })),
  ];
}

function hasManyLabels({ nodeSelector }: Partially<NodePoolSpec>): boolean {
  return Object.keys(nodeSelector ?? {}).length > MOST_LABELS;
}

function uniquePools(spec: PartialSpec): Problem[] {
  const seen = new Set<string>();
  return pools(spec).flatMap(({ pool, path }) => {
    if (pool.name === undefined) { return []; }
    const isDuplicate = seen.has(pool.name);
    seen.add(pool.name);
    return isDuplicate ? [{
      path: [...path, 'name'], message: 'names two node pools', found: pool.name, allowed: 'a different name for each pool', fix: 'rename one of the two',
    }] : [];
  });
}

function disjointPools(spec: PartialSpec): Problem[] {
  if (fewPools(spec).length > 0) { return []; }
  const named = pools(spec)
    .filter(({ pool }) => !isInvalid(pool, 'nodeSelector') && Object.values(pool.nodeSelector ?? {}).every(value => value !== undefined))
    .map(({ pool, path }) => ({
      path: [...path, 'nodeSelector'],
      name: pool.name ?? `number ${Number(path[path.length - 1]) + 1}`,
      nodeSelector: pool.nodeSelector as Record<string, string> | undefined,
    }));
  const problems: Problem[] = [];
  named.forEach((pool, i) => {
    const rival = named.slice(0, i).find(other => overlap(pool, other));
    if (rival) {
      problems.push({
        path: pool.path,
        message: `selects the same nodes as pool \`${rival.name}\``,
        found: pool.nodeSelector ? `labels ${Object.entries(pool.nodeSelector).map(([k, v]) => `${k}=${v}`).sort().join(', ')}` : 'no nodeSelector',
        allowed: 'pools that differ in the value of one label; one pool may have no nodeSelector and takes the other nodes',
        fix: `give both pools the same label with different values, such as nodeSelector: { pool: ${pool.name} }`,
      });
    }
  });
  if (problems.length === 0 && named.some(pool => !pool.nodeSelector) && remainder(named) === undefined) {
    problems.push({
      path: ['agents', 'nodePools'],
      message: 'has selectors of several labels that leave too many kinds of nodes for the pool without a nodeSelector',
      allowed: `selectors whose labels multiply to at most ${MAX_EXCLUSIONS}`,
      fix: 'select each pool by one label, or give every pool a nodeSelector',
    });
  }
  return problems;
}

function fallbacks(spec: PartialSpec): Problem[] {
  return pools(spec).flatMap(({ pool, path }) => {
    if (!pool.fallback) { return []; }
    const problems: Problem[] = [];
    const kernel = pool.kernel ?? DEFAULTS.kernel;
    if (!isInvalid(pool, 'kernel') && compareVersions(kernel, LOWEST_KERNEL) >= 0) {
      problems.push({
        path: [...path, 'fallback'],
        message: 'is for kernels below 5.10 only',
        found: `kernel ${kernel}`,
        allowed: `no fallback with kernel ${LOWEST_KERNEL} or newer: the least-capability agent works there`,
        fix: 'remove `fallback`',
      });
    }
    const { image } = pool.fallback;
    const version = image && imageVersion(image);
    if (image && !(FALLBACK_AGENT_VERSIONS as readonly string[]).includes(version ?? '')) {
      problems.push({
        path: [...path, 'fallback', 'image'],
        message: 'is no agent of the generation for old kernels',
        found: image,
        allowed: `Parca Agent with one of the tags ${FALLBACK_AGENT_VERSIONS.map(v => `v${v}`).join(', ')}`,
        fix: `use ghcr.io/parca-dev/parca-agent:v${FALLBACK_AGENT_VERSIONS[FALLBACK_AGENT_VERSIONS.length - 1]}; with a digest, keep the tag before it`,
      });
    }
    return problems;
  });
}

/** An option without effect is a misunderstanding. */
function nobodyRuns(spec: PartialSpec): Problem[] {
  return spec.agents === undefined || runsOnNodes(spec) || isInvalid(spec, 'parca') || isInvalid(spec, 'pyroscope') || isInvalid(spec, 'nodes') ? [] : [{
    path: ['agents'],
    message: 'has no effect: nothing runs on the nodes',
    allowed: 'settings of Parca agents, Alloy or `nodes`',
    fix: 'remove it, or let agents run: `parca.agent.enabled` is false',
  }];
}

function podSettings(spec: PartialSpec): Problem[] {
  const shared = spec.agents?.pod?.resources as ResourcesSpec | undefined;
  const defaults = resourcesOf(DEFAULTS.resources, shared);
  return podChecks([
    { path: ['agents', 'pod'], pod: spec.agents?.pod, defaults: DEFAULTS.resources },
    ...pools(spec).map(({ pool, path }) => ({ path, pod: pool, defaults })),
    { path: ['pyroscope', 'alloy', 'pod'], pod: spec.pyroscope?.alloy?.pod, defaults },
  ]);
}
