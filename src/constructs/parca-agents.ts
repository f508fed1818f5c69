import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { addSurroundings, deployedAlone } from './alone';
import { composition, takeObjects } from './composition';
import type { IParcaStore } from './parca-store';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { AgentsSpec } from '../api/agents';

/**
 * Props of `ParcaAgents`.
 */
export interface ParcaAgentsProps extends ProfilingComponentProps {
  /** The store that they send to: a `ParcaServer`, or `ParcaStore.remote(…)`. */
  readonly store: IParcaStore;

  /**
   * Namespace, node pools and what profilers on the nodes share. With a `ParcaServer` it is said there, since the server lets in its namespace alone and
   * knows the tokens of its pools.
   *
   * @default - that of the `ParcaServer`; else the namespace `profiling-agents`, and one node pool
   */
  readonly agents?: AgentsSpec;
}

/**
 * The Parca Agents alone: a DaemonSet for each node pool, with the least capabilities that work.
 */
export class ParcaAgents extends ProfilingComponent {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the agents and their store; an error names everything that is wrong with them
   */
  constructor(scope: Construct, id: string, props: ParcaAgentsProps) {
    super(scope, id);
    const composed = composition(props);
    const deployed = composed ?? deployedAlone(this, specOf(this, props), 'parcaAgents');
    if (!composed) { addSurroundings(this, deployed); }
    takeObjects(this, deployed, { agent: '' });
  }

  /** A DaemonSet for each node pool that gets agents. */
  public get daemonSets(): ApiObject[] {
    return this._ofKind('DaemonSet');
  }

  /** The configuration of the agents. */
  public get config(): ApiObject {
    return this.apiObject('config');
  }

  /** Their account. */
  public get serviceAccount(): ApiObject {
    return this.apiObject('service-account');
  }

  /** What their account may do. */
  public get clusterRole(): ApiObject {
    return this.apiObject('cluster-role');
  }
}

function specOf(construct: Construct, { store, agents, ...common }: ParcaAgentsProps): object {
  const { parcaSpec, agentsSpec } = store;
  if (agents && !parcaSpec.remoteStore && JSON.stringify(agents) !== JSON.stringify(agentsSpec)) {
    throw new Error(`${construct.node.path} has \`agents\` of its own, and its ParcaServer lets in those that it knows. Give \`agents\` to the ParcaServer alone.`);
  }
  return { ...common, agents: agents ?? agentsSpec, parca: parcaSpec };
}
