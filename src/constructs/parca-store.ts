import type { AgentsSpec } from '../api/agents';
import type { ParcaSpec } from '../api/parca';
import type { RemoteStoreSpec } from '../api/remote-store';

/**
 * A store that Parca agents send to: a `ParcaServer`, or one elsewhere.
 */
export interface IParcaStore {
  /** The section `parca` of a specification with this store. */
  readonly parcaSpec: ParcaSpec;

  /** The section `agents` of those that it lets in; undefined where it says nothing of them. */
  readonly agentsSpec?: AgentsSpec;
}

/**
 * Stores of profiles elsewhere.
 */
export class ParcaStore implements IParcaStore {
  /**
   * A store that speaks Parca's protocol: hosted, or the gateway of another cluster.
   *
   * @param remoteStore address, token and authority
   */
  public static remote(remoteStore: RemoteStoreSpec): IParcaStore {
    return new ParcaStore({ remoteStore });
  }

  /** The section `parca` of a specification with this store. */
  public readonly parcaSpec: ParcaSpec;

  private constructor(parcaSpec: ParcaSpec) {
    this.parcaSpec = parcaSpec;
  }
}
