import { App } from 'cdk8s';
import { deployedBy } from './composition';
import { engine } from './load-engine';
import { ProfilingPart } from './profiling-part';

/**
 * A product of a deployment, alone or composed by `HardenedProfiling`. Alone it brings all that it needs: namespaces with their Pod
 * Security levels, NetworkPolicies, and RBAC for tunnels.
 */
export abstract class ProfilingComponent extends ProfilingPart {
  /**
   * The specification as the YAML document that the command line takes: of this construct, or of the `HardenedProfiling` around it.
   * `hardened-profiling secrets` makes the Secrets that its pods wait for.
   */
  public get document(): string {
    return engine().toYaml(deployedBy(this).spec);
  }

  /** Summary to be read before the output is applied, as the command line prints it. Its commands call the `document` profiling.yaml. */
  public get summary(): string {
    const { COMPONENT, formatSummary, resolvePart, summarize, textOf } = engine();
    const { spec, component, parts } = deployedBy(this);
    const manifests = Object.values(parts).flatMap(part => Object.values(part));
    const resolved = resolvePart(spec, { source: this.node.path });
    const { root } = this.node;
    const folder = root instanceof App ? root.outdir : 'dist';
    const summary = summarize(resolved, manifests, 'profiling.yaml', undefined, component && [COMPONENT[component]]);
    return textOf(formatSummary(summary, `kubectl apply --server-side -f ${folder}`));
  }
}
