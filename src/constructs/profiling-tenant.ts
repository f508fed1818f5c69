import type { IConstruct } from 'constructs';
import { Workload } from './workload';
import { PUSH_LABEL, SECRETS } from '../pyroscope/names';

/**
 * Options for a workload that pushes profiles.
 */
export interface GrantPushOptions {
  /**
   * Emit an egress rule in the workload's namespace. For namespaces that deny egress by default; see `PodPeerSpec.egressPolicy`.
   *
   * @default false
   */
  readonly egressPolicy?: boolean;
}

/**
 * A tenant of Pyroscope. Made by `HardenedProfiling.tenant`.
 */
export class ProfilingTenant {
  /** @internal */
  public static _of(name: string, namespaces: readonly string[], serverAddress: string, openEgress: (namespace: string) => void): ProfilingTenant {
    return new ProfilingTenant(name, namespaces, serverAddress, openEgress);
  }

  /** Its id in Pyroscope. */
  public readonly name: string;

  private readonly namespaces: readonly string[];
  private readonly serverAddress: string;
  private readonly openEgress: (namespace: string) => void;

  private constructor(name: string, namespaces: readonly string[], serverAddress: string, openEgress: (namespace: string) => void) {
    this.name = name;
    this.namespaces = namespaces;
    this.serverAddress = serverAddress;
    this.openEgress = openEgress;
  }

  /**
   * Lets a workload push profiles as this tenant, with an SDK of Pyroscope: its pods get the label that the gateway's
   * NetworkPolicy admits, and its containers `PYROSCOPE_SERVER_ADDRESS` and, from the Secret that `hardened-profiling secrets` makes, `PYROSCOPE_AUTH_TOKEN`.
   *
   * The SDK must trust the gateway's certificate authority, which depends on the language.
   *
   * @see https://grafana.com/docs/pyroscope/latest/configure-client/language-sdks/
   * @param workload a workload of any cdk8s-plus or an `ApiObject` with a pod template, in one of the tenant's namespaces
   * @param options its network path
   */
  public grantPush(workload: IConstruct, options: GrantPushOptions = {}): void {
    const pods = Workload.of(workload);
    const { namespace, path } = pods;
    if (namespace === undefined || !this.namespaces.includes(namespace)) {
      throw new Error(`${path} is in ${namespace === undefined ? 'no known namespace' : `the namespace \`${namespace}\``}, `
        + `and tenant \`${this.name}\` has: ${this.namespaces.join(', ')}. Set one of them on the chart, or add it to the tenant.`);
    }
    pods.add({
      labels: { [PUSH_LABEL.key]: PUSH_LABEL.value },
      env: [
        { name: 'PYROSCOPE_SERVER_ADDRESS', value: this.serverAddress },
        { name: 'PYROSCOPE_AUTH_TOKEN', valueFrom: { secretKeyRef: { name: SECRETS.push, key: 'token' } } },
      ],
    });
    if (options.egressPolicy) { this.openEgress(namespace); }
  }
}
