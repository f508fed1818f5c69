import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { addSurroundings, deployedAlone } from './alone';
import { composition, deployedBy, takeObjects } from './composition';
import { engine } from './load-engine';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { IPyroscopeStore } from './pyroscope-store';
import type { AgentsSpec } from '../api/agents';
import type { ParcaSpec } from '../api/parca';
import type { PyroscopeSpec } from '../api/pyroscope';

/**
 * Props of `Pyroscope`.
 */
export interface PyroscopeProps extends ProfilingComponentProps {
  /** Pyroscope and its tenants, with `tls` and without `remote`. Its `alloy` is what `GrafanaAlloy` makes. */
  readonly pyroscope: PyroscopeSpec;

  /**
   * Namespace and node pools of Alloy, whose pods are let in where tenants are profiled on the nodes.
   *
   * @default - the namespace `profiling-agents`, and one node pool
   */
  readonly agents?: AgentsSpec;
}

/**
 * Pyroscope for many tenants behind its gateway, alone: without Alloy, which `GrafanaAlloy` makes.
 */
export class Pyroscope extends ProfilingComponent implements IPyroscopeStore {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props Pyroscope; an error names everything that is wrong with it
   */
  constructor(scope: Construct, id: string, props: PyroscopeProps) {
    super(scope, id);
    const composed = composition(props);
    const deployed = composed ?? deployedAlone(this, props, 'pyroscope');
    if (!composed && deployed.spec.pyroscope?.remote) {
      throw new Error(`${this.node.path} has \`pyroscope.remote\`, which is a Pyroscope elsewhere. Give PyroscopeStore.remote(…) to a GrafanaAlloy instead.`);
    }
    if (!composed) { addSurroundings(this, deployed); }
    takeObjects(this, deployed, { 'pyroscope-gateway': 'gateway-', 'pyroscope': '' });
  }

  /** The gateway's Service. */
  public get service(): ApiObject {
    return this.apiObject('gateway-service');
  }

  /** The gateway's configuration. */
  public get gatewayConfig(): ApiObject {
    return this.apiObject('gateway-config');
  }

  /** Pyroscope with the gateway in its pod; undefined where its chart is used. */
  public get statefulSet(): ApiObject | undefined {
    return this._ofKind('StatefulSet')[0];
  }

  /** The gateway before the chart; undefined where it runs in the pod of Pyroscope. */
  public get gatewayDeployment(): ApiObject | undefined {
    return this._ofKind('Deployment')[0];
  }

  /** Values of its chart, by the name of the chart; empty where the manifests are our own. */
  public get helmValues(): { [chart: string]: any } {
    const { renderHelmValues, resolvePart } = engine();
    const { pyroscope } = renderHelmValues(resolvePart(deployedBy(this).spec, { source: this.node.path }));
    return pyroscope ? { pyroscope } : {};
  }

  /** The section `pyroscope` of its specification. */
  public get pyroscopeSpec(): PyroscopeSpec {
    return deployedBy(this).spec.pyroscope!;
  }

  /** The section `agents` of its specification. */
  public get agentsSpec(): AgentsSpec | undefined {
    return deployedBy(this).spec.agents;
  }

  /** The section `parca` beside it, whose certificate it has; undefined where it has its own. */
  public get parcaSpec(): ParcaSpec | undefined {
    return deployedBy(this).spec.parca;
  }
}
