import { DEFAULTS, SYSTEM_NAMESPACES } from './defaults';
import { exactlyOneBucket, exactlyOneCertificate } from './exactly-one';
import { groupsOfAccounts } from './group-checks';
import type { Partially, PartialSpec } from './partial-spec';
import { alwaysSensitive, isWrong, ownNamespaces } from './partial-spec';
import type { Problem } from './problem';
import { looksSecret, SECRET_ADVICE } from './problem';
import { admissionEngine, clusterPolicies, extraPolicies } from '../admission/checks/checks';
import { admissionExemptions } from '../admission/checks/exemptions';
import { podSecurity } from '../admission/checks/pod-security';
import { overlap, remainder, MAX_EXCLUSIONS } from '../agents/node-pools';
import type { NodePoolSpec } from '../api/agent';
import { ImagePinning } from '../api/images';
import { imageVersion, parseImage } from '../kube/image';
import { parseBytes } from '../kube/quantity';
import { compareVersions } from '../kube/version';
import { holdsSettings, listsPrograms, nodesChecks } from '../nodes/checks';
import { pyroscopeChecks } from '../pyroscope/checks';
import { FALLBACK_AGENT_VERSIONS, LOWEST_KERNEL, LOWEST_VERSIONS } from '../versions';

/** Rules between values, each on its own; the shape of every single value has been checked before. */
const CHECKS: ReadonlyArray<(spec: PartialSpec) => Problem[]> = [
  pinnedImages,
  supportedImages,
  separateNamespaces,
  sensitiveOptIns,
  fewPools,
  uniquePools,
  disjointPools,
  fallbacks,
  agentMemory,
  oneCertificate,
  oneBucket,
  separateSecrets,
  gatewayLimits,
  admissionEngine,
  admissionExemptions,
  podSecurity,
  groupsOfAccounts,
  extraPolicies,
  clusterPolicies,
  nodesChecks,
  pyroscopeChecks,
];

/** Every contradiction between the values of a specification. */
export function crossCheck(spec: PartialSpec): Problem[] {
  return CHECKS.flatMap(check => check(spec));
}

/** Every credential, be it a value or the key of a label. */
export function literalSecrets(spec: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  const check = (text: string, path: Problem['path']): void => {
    if (looksSecret(text)) {
      problems.push({ path, message: 'looks like a credential', allowed: 'names of Secrets, never their content', fix: SECRET_ADVICE });
    }
  };
  const walk = (value: unknown, path: Problem['path']): void => {
    if (typeof value === 'string') {
      check(value, path);
    } else if (Array.isArray(value)) {
      value.forEach((child, i) => walk(child, [...path, i]));
    } else if (typeof value === 'object' && value !== null) {
      Object.entries(value).forEach(([key, child]) => {
        check(key, [...path, key]);
        walk(child, [...path, key]);
      });
    }
  };
  walk(spec, []);
  return problems;
}

/** Every image that will be emitted, with the path where it is or would be given. */
function usedImages(spec: PartialSpec): Array<{ path: Problem['path']; image: string }> {
  const images = (Object.keys(DEFAULTS.images) as Array<keyof typeof DEFAULTS.images>)
    .filter(key => isUsed(key, spec))
    .map(key => ({ path: ['images', key], image: spec.images?.[key] ?? DEFAULTS.images[key] }));
  const fallbackImages = pools(spec).flatMap(({ pool, path }) => pool.fallback?.image
    ? [{ path: [...path, 'fallback', 'image'], image: pool.fallback.image }] : []);
  return [...images, ...fallbackImages];
}

/** What only some specifications emit. */
function isUsed(key: keyof typeof DEFAULTS.images, spec: PartialSpec): boolean {
  switch (key) {
    case 'pyroscope':
    case 'alloy': return 'pyroscope' in spec;
    case 'nodeSettings': return holdsSettings(spec);
    case 'ebpfInventory': return listsPrograms(spec);
    default: return true;
  }
}

function pinnedImages(spec: PartialSpec): Problem[] {
  if (spec.images?.pinning === ImagePinning.TAGS_ALLOWED || isWrong(spec, 'images') || isWrong(spec.images, 'pinning')) { return []; }
  return usedImages(spec).filter(({ image }) => !parseImage(image)?.digest).map(({ path, image }) => ({
    path,
    message: 'has no digest, and `images.pinning` is `required`',
    found: image,
    allowed: 'an image reference that ends in @sha256: and 64 hex digits',
    fix: `look the digest up (docker buildx imagetools inspect ${image}) and write\n`
      + `${path[path.length - 1]}: ${image}@sha256:<digest>\nor accept tags with \`images: { pinning: tagsAllowed }\``,
  }));
}

function supportedImages(spec: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  for (const { path, image } of usedImages(spec)) {
    const key = path[path.length - 1] as string;
    const version = imageVersion(image);
    const lowest = path[0] === 'images' && key in LOWEST_VERSIONS ? LOWEST_VERSIONS[key as keyof typeof LOWEST_VERSIONS] : undefined;
    if (parseImage(image)?.tag === 'latest') {
      problems.push({ path, message: 'uses the tag `latest`', found: image, allowed: 'a tag that names a version', fix: 'name the version you tested' });
    } else if (lowest && version && compareVersions(version, lowest) < 0) {
      problems.push({
        path,
        message: 'is older than the flags and the protocol used here',
        found: image,
        allowed: `v${lowest} or newer`,
        fix: `use v${lowest}`,
      });
    }
  }
  return problems;
}

function separateNamespaces(spec: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  const own = ownNamespaces(spec);
  for (const [key, namespace] of Object.entries(own)) {
    if (SYSTEM_NAMESPACES.includes(namespace)) {
      problems.push({
        path: ['parca', key],
        message: 'is a namespace of Kubernetes itself',
        found: namespace,
        allowed: 'a namespace of its own, which gets Pod Security labels and a default deny',
        fix: 'choose another name, or remove the key to get its default',
      });
    }
  }
  if (own.namespace === own.agentNamespace) {
    problems.push({
      path: ['parca', 'agentNamespace'],
      message: 'is also the namespace of the server',
      found: own.agentNamespace,
      allowed: 'two namespaces: agents need Pod Security `privileged`, the server runs under `restricted`',
      fix: 'choose another name for one of the two',
    });
  }
  return problems;
}

function sensitiveOptIns(spec: PartialSpec): Problem[] {
  const sensitive = new Set([...spec.scope?.sensitiveNamespaces ?? [], ...alwaysSensitive(spec)]);
  return (spec.scope?.namespaces ?? []).flatMap((namespace, i) => namespace !== undefined && sensitive.has(namespace) ? [{
    path: ['scope', 'namespaces', i],
    message: 'is a sensitive namespace, which is never profiled',
    found: namespace,
    allowed: 'namespaces that are not sensitive',
    fix: 'remove it here, or from `scope.sensitiveNamespaces` if it stands there',
  }] : []);
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
    .filter(({ pool }) => !isWrong(pool, 'nodeSelector') && Object.values(pool.nodeSelector ?? {}).every(value => value !== undefined))
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
    if (!isWrong(pool, 'kernel') && compareVersions(kernel, LOWEST_KERNEL) >= 0) {
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

function oneCertificate(spec: PartialSpec): Problem[] {
  return exactlyOneCertificate(['parca', 'tls'], spec.parca?.tls,
    'write\ntls: { secretName: parca-tls }\nor\ntls: { certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } } }');
}

function oneBucket(spec: PartialSpec): Problem[] {
  return exactlyOneBucket(['parca', 'server', 'objectStorage'], spec.parca?.server?.objectStorage,
    'add the bucket, or remove the key to keep profiles on the volume');
}

/** One Secret for two roles would hold one token for both, which the gateway then accepts for neither. */
function separateSecrets(spec: PartialSpec): Problem[] {
  const owners = new Map<string, string>();
  const { tls, tokens } = spec.parca ?? {};
  const uses: Array<readonly [Problem['path'], string | undefined]> = [
    [['parca', 'tls', 'secretName'], tls?.secretName ?? (tls?.certManager && DEFAULTS.certificateSecret)],
    ...(Object.keys(DEFAULTS.tokens) as Array<keyof typeof DEFAULTS.tokens>)
      .map(role => [['parca', 'tokens', role, 'secretName'], tokens?.[role]?.secretName ?? DEFAULTS.tokens[role]] as const),
    ...pools(spec).map(({ pool, path }) => [[...path, 'pushToken', 'secretName'], pool.pushToken?.secretName] as const),
  ];
  return uses.flatMap(([path, name]) => {
    if (name === undefined) { return []; }
    const owner = owners.get(name);
    owners.set(name, owner ?? path.slice(1, -1).join('.'));
    return owner ? [{
      path,
      message: `is also the Secret of \`parca.${owner}\``,
      found: name,
      allowed: 'a Secret of its own for the certificate, for each role, and for each pool that has a token of its own',
      fix: 'rename one of the two',
    }] : [];
  });
}

/** Numbers of HAProxy's tables end at 4 GiB, and what they count is that of ten seconds. */
const MOST_PUSHED_PER_MINUTE = 20 * 2 ** 30;

function gatewayLimits({ parca }: PartialSpec): Problem[] {
  const gateway = parca?.gateway;
  if (!gateway) { return []; }
  const perDay = gateway.uploadsPerDay ?? DEFAULTS.gateway.uploadsPerDay;
  const size = gateway.uploadSize ?? DEFAULTS.gateway.uploadSize;
  const isKnown = !isWrong(gateway, 'uploadSize') && !isWrong(gateway, 'uploadsPerDay');
  return [
    ...(isKnown && (parseBytes(size) ?? 0) > (parseBytes(perDay) ?? Infinity) ? [{
      path: ['parca', 'gateway', gateway.uploadsPerDay === undefined ? 'uploadSize' : 'uploadsPerDay'],
      message: 'makes the largest upload larger than what may be uploaded in a day',
      found: `uploadSize ${size}, uploadsPerDay ${perDay}`,
      allowed: 'an `uploadSize` of at most `uploadsPerDay`',
      fix: 'lower `uploadSize` or raise `uploadsPerDay`',
    }] : []),
    ...(gateway.pushPerMinute !== undefined && (parseBytes(gateway.pushPerMinute) ?? 0) > MOST_PUSHED_PER_MINUTE ? [{
      path: ['parca', 'gateway', 'pushPerMinute'],
      message: 'is more than the gateway can count',
      found: gateway.pushPerMinute,
      allowed: 'at most 20Gi',
      fix: 'lower it; node pools with a `pushToken` of their own are counted each for itself',
    }] : []),
  ];
}

function pools(spec: PartialSpec): Array<{ pool: Partially<NodePoolSpec>; path: Problem['path'] }> {
  return (spec.parca?.agent?.nodePools ?? []).flatMap((pool, i) => pool ? [{ pool, path: ['parca', 'agent', 'nodePools', i] }] : []);
}
