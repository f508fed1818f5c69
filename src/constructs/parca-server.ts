import type { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { addSurroundings, deployedAlone } from './alone';
import { composition, deployedBy, takeObjects } from './composition';
import type { IParcaStore } from './parca-store';
import { ProfilingComponent } from './profiling-component';
import type { ProfilingComponentProps } from './profiling-props';
import type { AgentsSpec } from '../api/agents';
import type { ParcaGatewaySpec } from '../api/gateway';
import type { ParcaAgentSpec, ParcaServerSpec, ParcaSpec, TlsSpec, TokensSpec } from '../api/parca';
import type { ProfilingSpec } from '../api/profiling';

/**
 * Props of `ParcaServer`.
 */
export interface ParcaServerProps extends ProfilingComponentProps {
  /** The gateway's certificate and what agents trust. */
  readonly tls: TlsSpec;

  /**
   * Namespace of server and gateway; Pod Security `restricted`.
   *
   * @default "profiling"
   */
  readonly namespace?: string;

  /**
   * The server.
   *
   * @default - hardened defaults
   */
  readonly server?: ParcaServerSpec;

  /**
   * The Secrets that hold the tokens.
   *
   * @default - the default name of each role's Secret
   */
  readonly tokens?: TokensSpec;

  /**
   * The gateway before the server.
   *
   * @default - sized for 1000 nodes
   */
  readonly gateway?: ParcaGatewaySpec;

  /**
   * Whether agents of this cluster are let in. A `ParcaAgents` makes them.
   *
   * @default - they are let in
   */
  readonly agent?: ParcaAgentSpec;

  /**
   * Namespace and node pools of the agents of this cluster.
   *
   * @default - the namespace `profiling-agents`, and one node pool
   */
  readonly agents?: AgentsSpec;
}

/**
 * The Parca server behind a gateway that asks for TLS and a token, alone: without the agents, which `ParcaAgents` makes.
 */
export class ParcaServer extends ProfilingComponent implements IParcaStore {
  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the server; an error names everything that is wrong with it
   */
  constructor(scope: Construct, id: string, props: ParcaServerProps) {
    super(scope, id);
    const composed = composition(props);
    const deployed = composed ?? deployedAlone(this, specOf(props), 'parcaServer');
    if (!composed) { addSurroundings(this, deployed); }
    takeObjects(this, deployed, { gateway: 'gateway-', server: '' });
  }

  /** The server, with the gateway in its pod. */
  public get statefulSet(): ApiObject {
    return this.apiObject('stateful-set');
  }

  /** The gateway's Service. */
  public get service(): ApiObject {
    return this.apiObject('gateway-service');
  }

  /** The gateway's configuration. */
  public get gatewayConfig(): ApiObject {
    return this.apiObject('gateway-config');
  }

  /** The server's configuration. */
  public get config(): ApiObject {
    return this.apiObject('config');
  }

  /** The volume claim. */
  public get volumeClaim(): ApiObject {
    return this.apiObject('volume-claim');
  }

  /** The server's account. */
  public get serviceAccount(): ApiObject {
    return this.apiObject('service-account');
  }

  /** The section `parca` of its specification. */
  public get parcaSpec(): ParcaSpec {
    return deployedBy(this).spec.parca!;
  }

  /** The section `agents` of its specification. */
  public get agentsSpec(): AgentsSpec | undefined {
    return deployedBy(this).spec.agents;
  }
}

function specOf({ tls, namespace, server, tokens, gateway, agent, ...common }: ParcaServerProps): ProfilingSpec {
  return { ...common, parca: { tls, namespace, server, tokens, gateway, agent } as ParcaSpec };
}
