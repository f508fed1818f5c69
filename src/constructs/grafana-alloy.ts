import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { addSurroundings, deployedAlone } from './alone';
import { composition, deployedBy, takeObjects } from './composition';
import { engine } from './load-engine';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { IPyroscopeStore } from './pyroscope-store';
import type { AgentsSpec } from '../api/agents';
import type { AlloySpec } from '../api/alloy';

/**
 * Props of `GrafanaAlloy`.
 */
export interface GrafanaAlloyProps extends ProfilingComponentProps {
  /** The Pyroscope that it sends to, with its tenants: a `Pyroscope`, or `PyroscopeStore.remote(…)`. */
  readonly store: IPyroscopeStore;

  /**
   * Delivery and pods of Alloy.
   *
   * @default - plain manifests with small resources
   */
  readonly alloy?: AlloySpec;

  /**
   * Namespace, node pools and what profilers on the nodes share. With a `Pyroscope` it is said there, since it lets in this namespace alone.
   *
   * @default - that of the `Pyroscope`; else the namespace `profiling-agents`, and one node pool
   */
  readonly agents?: AgentsSpec;
}

/**
 * Grafana Alloy alone, which profiles the nodes for tenants of a Pyroscope.
 */
export class GrafanaAlloy extends ProfilingComponent {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props Alloy and its Pyroscope; an error names everything that is wrong with them
   */
  constructor(scope: Construct, id: string, props: GrafanaAlloyProps) {
    super(scope, id);
    const composed = composition(props);
    const deployed = composed ?? deployedAlone(this, specOf(this, props), 'alloy');
    if (!composed) { addSurroundings(this, deployed); }
    takeObjects(this, deployed, { alloy: '' });
  }

  /** A DaemonSet for the node pools that are alike, and one for each other pool; empty where its chart is used. */
  public get daemonSets(): ApiObject[] {
    return this._ofKind('DaemonSet');
  }

  /** Its account. */
  public get serviceAccount(): ApiObject {
    return this.apiObject('service-account');
  }

  /** What its account may do. */
  public get clusterRole(): ApiObject {
    return this.apiObject('cluster-role');
  }

  /** Values of its chart, by the name of the chart; empty where the manifests are our own. */
  public get helmValues(): { [chart: string]: any } {
    const { renderHelmValues, resolvePart } = engine();
    const { alloy } = renderHelmValues(resolvePart(deployedBy(this).spec, { source: this.node.path }));
    return alloy ? { alloy } : {};
  }
}

function specOf(construct: Construct, { store, alloy, agents, ...common }: GrafanaAlloyProps): object {
  const { pyroscopeSpec, agentsSpec, parcaSpec } = store;
  if (agents && !pyroscopeSpec.remote && JSON.stringify(agents) !== JSON.stringify(agentsSpec)) {
    throw new Error(`${construct.node.path} has \`agents\` of its own, and its Pyroscope lets in those that it knows. Give \`agents\` to the Pyroscope alone.`);
  }
  return { ...common, agents: agents ?? agentsSpec, parca: parcaSpec, pyroscope: { ...pyroscopeSpec, ...(alloy && { alloy }) } };
}
