import { DEFAULTS } from './defaults';
import type { PartialSpec } from './partial-spec';
import { isInvalid, pools } from './partial-spec';
import type { Problem } from './problem';

/** Prefixes of keys that mean something to Kubernetes, to a tool that we speak to, or to this library. */
const RESERVED = /^([a-z0-9.-]+\.)?(kubernetes\.io|k8s\.io)\/|^(hardened-profiling|argocd\.argoproj\.io|kustomize\.toolkit\.fluxcd\.io)\/|^azure\.workload\.identity\/|^grafana_datasource$/;

/** Labels and annotations in a document whose keys are ours: what looks for them would find the wrong pods, or none. */
export function reservedKeys(spec: PartialSpec): Problem[] {
  const optIn = optInKey(spec);
  return metadataOf(spec).flatMap(([path, given]) => (['labels', 'annotations'] as const).flatMap(kind => Object.keys(given?.[kind] ?? {})
    .filter(key => RESERVED.test(key) || key === optIn || /^profiles\.grafana\.com\//.test(key))
    .map((key): Problem => ({
      path: [...path, kind, key],
      message: key === optIn ? 'is the label that opts pods in, and profilers are not profiled' : 'is a key that means something to Kubernetes or to this library',
      found: key,
      allowed: 'keys of your own, such as cost-center or example.com/owner',
      fix: 'remove it, or choose another key',
    }))));
}

/** The key of the opt-in label; undefined where it is wrong, since its default must not be compared in its place. */
function optInKey(spec: PartialSpec): string | undefined {
  const { scope } = spec;
  const isWrong = isInvalid(spec, 'scope') || isInvalid(scope, 'optInLabel') || isInvalid(scope?.optInLabel, 'key');
  return isWrong ? undefined : scope?.optInLabel?.key ?? DEFAULTS.optInLabel.key;
}

interface Metadata {
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly annotations?: Readonly<Record<string, string | undefined>>;
}

/** Every place in a document where labels and annotations are given. */
function metadataOf(spec: PartialSpec): Array<readonly [Problem['path'], Metadata | undefined]> {
  const { metadata, namespaces, agents, nodes, parca, pyroscope } = spec;
  return [
    [['metadata'], metadata],
    [['namespaces'], namespaces],
    [['agents', 'pod'], agents?.pod],
    ...pools(spec).map(({ pool, path }) => [path, pool] as const),
    [['parca', 'server', 'pod'], parca?.server?.pod],
    [['nodes', 'pod'], nodes?.pod],
    [['pyroscope', 'pod'], pyroscope?.pod],
    [['pyroscope', 'gateway', 'pod'], pyroscope?.gateway?.pod],
    [['pyroscope', 'alloy', 'pod'], pyroscope?.alloy?.pod],
  ];
}
