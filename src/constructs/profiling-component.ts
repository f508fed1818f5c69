import { App } from 'cdk8s';
import { engine } from './load-engine';
import { ProfilingPart } from './profiling-part';
import type { ProfilingSpec } from '../api/profiling';
import type { Part } from '../kube/manifest';

/** Names of components that can be had alone. */
export type ComponentName = keyof ReturnType<typeof engine>['COMPONENT'];

/** Objects of every part, by its id. */
export type Parts = Readonly<Record<string, Part>>;

/** A deployment that a construct is a part of, or is alone. */
export interface Deployed {
  readonly spec: ProfilingSpec;
  /** The only component that it is; undefined for all that the specification asks for. */
  readonly component?: ComponentName;
  readonly parts: Parts;
}

/** Deployments that `HardenedProfiling` has rendered, by the props with which it makes their constructs. */
const COMPOSED = new WeakMap<object, Deployed>();

/** Props by which a construct takes its objects from a deployment that is rendered already. */
export function composedOf<Props extends object>(deployed: Deployed): Props {
  const props = {} as Props;
  COMPOSED.set(props, deployed);
  return props;
}

/** The deployment behind such props; undefined for props of a user. */
export function composition(props: object): Deployed | undefined {
  return COMPOSED.get(props);
}

/** Parts as one, each with a prefix before the ids of its objects. */
export function joined(parts: Parts, prefixes: Readonly<Record<string, string>>): Part {
  return Object.fromEntries(Object.entries(prefixes)
    .flatMap(([part, prefix]) => Object.entries(parts[part] ?? {}).map(([id, manifest]) => [`${prefix}${id}`, manifest])));
}

/** A specification without keys that are undefined, as the document would have it. */
export function plainSpec(spec: object): ProfilingSpec {
  return JSON.parse(JSON.stringify(spec)) as ProfilingSpec;
}

/**
 * A product of a deployment, alone or composed by `HardenedProfiling`. Alone it brings all that it needs: namespaces with their Pod
 * Security levels, NetworkPolicies, and RBAC for tunnels.
 */
export abstract class ProfilingComponent extends ProfilingPart {
  private _deployed?: Deployed;

  /**
   * The specification as the YAML document that the command line takes: of this construct, or of the `HardenedProfiling` around it.
   * `hardened-profiling secrets` makes the Secrets that its pods wait for.
   */
  public get document(): string {
    return engine().toYaml(this._deployment.spec);
  }

  /** Summary to be read before the output is applied, as the command line prints it. Its commands call the `document` profiling.yaml. */
  public get summary(): string {
    const { COMPONENT, formatSummary, resolvePart, summarize, textOf } = engine();
    const { spec, component, parts } = this._deployment;
    const manifests = Object.values(parts).flatMap(part => Object.values(part));
    const resolved = resolvePart(spec, { source: this.node.path });
    const { root } = this.node;
    const folder = root instanceof App ? root.outdir : 'dist';
    const summary = summarize(resolved, manifests, 'profiling.yaml', undefined, component && [COMPONENT[component]]);
    return textOf(formatSummary(summary, `kubectl apply --server-side -f ${folder}`));
  }

  /**
   * The deployment that this construct is a part of.
   *
   * @internal
   */
  public get _deployment(): Deployed {
    return this._deployed!;
  }

  /**
   * Takes its objects from a deployment.
   *
   * @internal
   */
  protected _take(deployed: Deployed, prefixes: Readonly<Record<string, string>>): void {
    this._deployed = deployed;
    this._add(joined(deployed.parts, prefixes), deployed.spec.cluster.name);
  }
}
