import { MAX_EXCLUSIONS, overlap, remainder } from './node-pools';
import type { NodePoolSpec } from '../api/agent';
import { DEFAULTS } from '../config/defaults';
import type { Partially, PartialSpec } from '../config/partial-spec';
import { isInvalid, pools } from '../config/partial-spec';
import type { Problem } from '../config/problem';
import { imageVersion } from '../kube/image';
import { parseBytes } from '../kube/quantity';
import { compareVersions } from '../kube/version';
import { FALLBACK_AGENT_VERSIONS, LOWEST_KERNEL } from '../versions';

/** Rules of node pools and of what runs on them. */
export function agentsChecks(spec: PartialSpec): Problem[] {
  return [fewPools, uniquePools, disjointPools, fallbacks, agentMemory].flatMap(check => check(spec));
}

/** Each is a DaemonSet, and is compared with each other one, label by label. */
const MOST_POOLS = 1000;

const MOST_LABELS = 32;

function fewPools(spec: PartialSpec): Problem[] {
  const count = pools(spec).length;
  return [
    ...(count <= MOST_POOLS ? [] : [{
      path: ['parca', 'agent', 'nodePools'],
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
      path: ['parca', 'agent', 'nodePools'],
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

function agentMemory(spec: PartialSpec): Problem[] {
  const { memoryRequest, memoryLimit } = { ...DEFAULTS.resources, ...spec.parca?.agent?.resources };
  const [request, limit] = [parseBytes(memoryRequest ?? ''), parseBytes(memoryLimit ?? '')];
  if (request === undefined || limit === undefined || request <= limit) { return []; }
  const resources = spec.parca?.agent?.resources;
  return [{
    path: ['parca', 'agent', 'resources', resources?.memoryLimit ? 'memoryLimit' : 'memoryRequest'],
    message: 'makes the memory request larger than the limit',
    found: `request ${memoryRequest}, limit ${memoryLimit}`,
    allowed: 'a request that is at most the limit',
    fix: 'raise the limit or lower the request',
  }];
}
