import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { addSurroundings, deployedAlone } from './alone';
import { composition, deployedBy, takeObjects } from './composition';
import { engine } from './load-engine';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { AgentsSpec } from '../api/agents';
import type { NodesSpec } from '../api/nodes';

/**
 * Props of `NodeHardening`.
 */
export interface NodeHardeningProps extends ProfilingComponentProps {
  /** Settings of the nodes' kernels, and the watch over their eBPF programs. */
  readonly nodes: NodesSpec;

  /**
   * The namespace of what runs on the nodes.
   *
   * @default - the namespace `profiling-agents`
   */
  readonly agents?: AgentsSpec;
}

/**
 * Kernel settings that are held on the nodes, and the inventory of their eBPF programs, with or without profilers beside them.
 */
export class NodeHardening extends ProfilingComponent {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the settings; an error names everything that is wrong with them
   */
  constructor(scope: Construct, id: string, props: NodeHardeningProps) {
    super(scope, id);
    const composed = composition(props);
    const deployed = composed ?? deployedAlone(this, props, 'nodes');
    if (!composed) { addSurroundings(this, deployed); }
    takeObjects(this, deployed, { nodes: '' });
  }

  /** The DaemonSets that hold settings and list programs. */
  public get daemonSets(): ApiObject[] {
    return this._ofKind('DaemonSet');
  }

  /** Kernel settings as files for those who bake images, by the names of the files; empty unless `delivery` says so. */
  public get nodeConfiguration(): { [file: string]: string } {
    const { renderNodeConfiguration, resolvePart } = engine();
    return { ...renderNodeConfiguration(resolvePart(deployedBy(this).spec, { source: this.node.path })) };
  }
}
