import type { Rules } from './cross-checks';
import { crossCheck, literalSecrets } from './cross-checks';
import { DEFAULTS } from './defaults';
import type { PartialSpec } from './partial-spec';
import { alwaysSensitive } from './partial-spec';
import type { Position, Problem, Source } from './problem';
import { MOST_PROBLEMS, SpecError } from './problem';
import { resolveAdmission } from './resolve-admission';
import { resolveAgents } from './resolve-agents';
import { imagesAt, resolveImages } from './resolve-images';
import { resolveNodes } from './resolve-nodes';
import { resolveParca, resolveParcaAgent } from './resolve-parca';
import { resolveAlloy, resolvePyroscope } from './resolve-pyroscope';
import { resolvePeer, sorted } from './resolve-values';
import type { ResolvedCa, ResolvedGitOps, ResolvedSpec } from './resolved-spec';
import { checkShape } from './shape';
import { SecretStoreKind } from '../api/external-secrets';
import type { GitOpsSpec } from '../api/git-ops';
import type { ProfilingSpec } from '../api/profiling';

/** Source of a specification, for its errors. */
export interface SpecSource {
  readonly source: Source;
  readonly locate?: (problem: Problem) => Position | undefined;
}

/**
 * Checks a specification and fills in the defaults.
 *
 * @throws SpecError with every problem at once
 */
export function resolveWith(rules: Rules, value: unknown, origin: SpecSource = { source: 'specification' }): ResolvedSpec {
  const plain = toPlainData(value, origin);
  const problems = problemsOf(plain, rules);
  if (problems.length > 0) { throw new SpecError(problems, origin.source, origin.locate); }
  return withDefaults(plain as ProfilingSpec);
}

/** Problems of a specification. A wrong value is left out of the checks that follow: they neither repeat it nor print a credential. */
function problemsOf(plain: unknown, rules: Rules): Problem[] {
  const shapeProblems = checkShape(plain);
  if (shapeProblems.length >= MOST_PROBLEMS) { return shapeProblems; }
  if (typeof plain !== 'object' || plain === null || Array.isArray(plain)) { return shapeProblems; }
  const secretProblems = unreported(literalSecrets(without(plain, shapeProblems)), shapeProblems);
  const valueProblems = [...shapeProblems, ...secretProblems];
  return [...valueProblems, ...unreported(crossCheck(without(plain, valueProblems), rules), valueProblems)];
}

/** Drops what is no data, such as functions and undefined values, so that a typed and a written specification are the same. */
function toPlainData(value: unknown, { source }: SpecSource): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null');
  } catch {
    throw new SpecError([{ path: [], message: 'is no plain data', allowed: 'strings, numbers, booleans, lists and mappings', fix: 'remove cycles' }], source);
  }
}

/** The value, or a copy in which the values that are known to be wrong are undefined; their keys stay, since they were given. */
function without(value: object, problems: readonly Problem[]): PartialSpec {
  if (problems.length === 0) { return value as PartialSpec; }
  const copy = JSON.parse(JSON.stringify(value)) as PartialSpec;
  for (const { path } of problems) {
    let parent: unknown = copy;
    for (const segment of path.slice(0, -1)) {
      parent = (parent as Record<string | number, unknown> | undefined)?.[segment];
    }
    const last = path[path.length - 1];
    if (typeof parent === 'object' && parent !== null) { (parent as Record<string | number, unknown>)[last] = undefined; }
  }
  return copy;
}

/** A wrong value is reported once, and not again for what its default would contradict. */
function unreported(problems: readonly Problem[], earlier: readonly Problem[]): Problem[] {
  const reported = new Set(earlier.map(({ path }) => JSON.stringify(path)));
  return problems.filter(({ path }) => !reported.has(JSON.stringify(path)));
}

function withDefaults(spec: ProfilingSpec): ResolvedSpec {
  const { cluster, metadata, namespaces, images, scope, parca, access, admission, nodes, pyroscope, externalSecrets, gitOps } = spec;
  const agents = resolveAgents(spec.agents, imagesAt(images?.registry));
  const ca = (name: string): ResolvedCa => ({ kind: externalSecrets ? 'Secret' : 'ConfigMap', name, key: DEFAULTS.caConfigMap.key });
  const resolvedParca = parca && resolveParca(parca, ca(DEFAULTS.caConfigMap.name));
  const parcaAgent = parca && resolveParcaAgent(parca);
  const resolvedPyroscope = pyroscope && resolvePyroscope(pyroscope, resolvedParca?.tls, ca(DEFAULTS.pyroscope.caConfigMap.name));
  const alloy = pyroscope && resolveAlloy(pyroscope, agents);
  return {
    cluster: {
      name: cluster.name,
      kubernetesVersion: cluster.kubernetesVersion ?? DEFAULTS.kubernetesVersion,
      apiServerCidrs: sorted(cluster.apiServerCidrs),
      apiServerPorts: [...new Set(cluster.apiServerPorts ?? DEFAULTS.apiServerPorts)].sort((a, b) => a - b),
      dns: { ...DEFAULTS.dns, ...cluster.dns, cidrs: sorted(cluster.dns?.cidrs) },
    },
    metadata: { labels: metadata?.labels ?? {}, annotations: metadata?.annotations ?? {} },
    namespaces: { create: namespaces?.create ?? true, labels: namespaces?.labels ?? {}, annotations: namespaces?.annotations ?? {} },
    images: resolveImages(images),
    scope: {
      optInLabel: scope?.optInLabel ?? DEFAULTS.optInLabel,
      sensitiveNamespaces: sorted([...scope?.sensitiveNamespaces ?? [], ...alwaysSensitive(spec)]),
      namespaces: scope?.namespaces && sorted(scope.namespaces),
    },
    agents,
    access: {
      portForward: {
        groups: sorted(access?.portForward?.groups),
        breakGlassGroups: sorted(access?.portForward?.breakGlassGroups),
      },
      readers: (access?.readers ?? []).map(resolvePeer),
      scrapers: (access?.scrapers ?? []).map(resolvePeer),
      symbolUploaders: (access?.symbolUploaders ?? []).map(resolvePeer),
    },
    ...(resolvedParca && { parca: resolvedParca }),
    ...(parcaAgent && { parcaAgent }),
    ...(admission && { admission: resolveAdmission(admission, spec) }),
    ...(nodes && { nodes: resolveNodes(nodes) }),
    ...(resolvedPyroscope && { pyroscope: resolvedPyroscope }),
    ...(alloy && { alloy }),
    ...(externalSecrets && {
      externalSecrets: {
        storeRef: { kind: SecretStoreKind.CLUSTER_SECRET_STORE, ...externalSecrets.storeRef },
        keyPrefix: externalSecrets.keyPrefix ?? DEFAULTS.keyPrefix,
        ...(externalSecrets.property !== undefined && { property: externalSecrets.property }),
      },
    }),
    ...(gitOps && { gitOps: resolveGitOps(gitOps) }),
  };
}

function resolveGitOps({ argoCd, flux }: GitOpsSpec): ResolvedGitOps {
  return {
    ...(argoCd && { argoCd: { ...DEFAULTS.argoCd, ...argoCd, destination: (argoCd.destination ?? DEFAULTS.argoCd.destination) as NonNullable<ResolvedGitOps['argoCd']>['destination'] } }),
    ...(flux && { flux: { ...DEFAULTS.flux, ...flux } }),
  };
}
