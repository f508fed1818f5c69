import type { AgentsSpec } from '../api/agents';
import type { ParcaSpec } from '../api/parca';
import type { PyroscopeSpec } from '../api/pyroscope';
import type { RemotePyroscopeSpec } from '../api/remote-pyroscope';
import type { PyroscopeTenantSpec } from '../api/tenant';

/**
 * A Pyroscope that Alloy sends to: a `Pyroscope`, or one elsewhere.
 */
export interface IPyroscopeStore {
  /** The section `pyroscope` of a specification with it. */
  readonly pyroscopeSpec: PyroscopeSpec;

  /** The section `agents` of those that it lets in; undefined where it says nothing of them. */
  readonly agentsSpec?: AgentsSpec;

  /** The section `parca` beside it, whose certificate it has; undefined where it has its own. */
  readonly parcaSpec?: ParcaSpec;
}

/**
 * Pyroscopes elsewhere.
 */
export class PyroscopeStore implements IPyroscopeStore {
  /**
   * A hosted Pyroscope, or that of another cluster.
   *
   * @param remote its URL, tokens and authority
   * @param tenants the tenants whose namespaces are profiled; at least one
   */
  public static remote(remote: RemotePyroscopeSpec, tenants: PyroscopeTenantSpec[]): IPyroscopeStore {
    return new PyroscopeStore({ remote, tenants });
  }

  /** The section `pyroscope` of a specification with it. */
  public readonly pyroscopeSpec: PyroscopeSpec;

  private constructor(pyroscopeSpec: PyroscopeSpec) {
    this.pyroscopeSpec = pyroscopeSpec;
  }
}
