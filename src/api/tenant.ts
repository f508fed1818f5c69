import type { PodPeerSpec } from './access';
import type { GrafanaDatasourceSpec } from './grafana';
import type { PyroscopeLimitsSpec } from './pyroscope';

/**
 * A tenant: keeps the profiles of its namespaces apart from those of others.
 */
export interface PyroscopeTenantSpec extends PyroscopeLimitsSpec {
  /**
   * Name of the tenant here, and its id in Pyroscope.
   *
   * @format tenant
   */
  readonly name: string;

  /**
   * Its id in Pyroscope, where that differs from the name: at most 150 letters, digits and `!-_.*'()`.
   *
   * @default - its name
   * @format tenant-id
   * @see https://grafana.com/docs/pyroscope/latest/configure-server/about-tenant-ids/
   */
  readonly tenantId?: string;

  /**
   * Its user at a Pyroscope elsewhere that asks for user and password, such as Grafana Cloud; with `pyroscope.remote` only.
   *
   * @default - none: it is named by the header `X-Scope-OrgID`
   * @format user-name
   */
  readonly user?: string;

  /**
   * Its namespaces; at least one, and none of another tenant.
   *
   * @format dns-label
   * @minItems 1
   */
  readonly namespaces: string[];

  /**
   * Profiling by the node's eBPF programs. Must be off for a tenant with a sensitive namespace, which can only push.
   *
   * @default - opted-in pods of its namespaces are profiled
   */
  readonly ebpf?: EbpfProfilingSpec;

  /**
   * Profiling of Java by async-profiler, which Alloy loads into each opted-in JVM.
   *
   * @default - off
   */
  readonly java?: JavaProfilingSpec;

  /**
   * Its data source in Grafana.
   *
   * @default - in the main organisation
   */
  readonly grafana?: GrafanaDatasourceSpec;

  /**
   * The tenant leaves: its tokens are worth nothing from now on, it is no longer profiled, and what is stored of it expires.
   *
   * @default false
   */
  readonly offboarding?: boolean;
}

/**
 * Profiling by eBPF.
 */
export interface EbpfProfilingSpec {
  /**
   * Whether opted-in pods are profiled.
   *
   * @default true
   */
  readonly enabled?: boolean;
}

/**
 * Profiling of Java. It needs more than eBPF does: Alloy gets SETUID and SETGID on every node, and writes a library into the `/tmp`
 * of each JVM, which must be writable and executable.
 *
 * The CPU is sampled only where `ebpf` is off; both would count it twice.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/pyroscope/pyroscope.java/
 */
export interface JavaProfilingSpec {
  /**
   * Whether opted-in JVMs are profiled.
   *
   * @default false
   */
  readonly enabled?: boolean;

  /**
   * Sample allocations, once every so many bytes.
   *
   * @default - off; "512k" beside eBPF if `lock` is not set either, since there would be nothing left to sample
   * @format alloc-interval
   */
  readonly alloc?: string;

  /**
   * Sample contended locks that took at least so long.
   *
   * @default - off
   * @format lock-threshold
   */
  readonly lock?: string;
}

/**
 * A reader of several tenants.
 */
export interface PyroscopeReaderSpec {
  /**
   * Name of the reader.
   *
   * @format tenant
   */
  readonly name: string;

  /**
   * The tenants it sees; at least one. `anonymous` is the tenant of what was stored before tenancy was switched on.
   *
   * @format dns-label
   * @minItems 1
   */
  readonly tenants: string[];

  /**
   * Pods that read with it, besides Grafana.
   *
   * @default - none
   */
  readonly pods?: PodPeerSpec[];

  /**
   * Its data source in Grafana.
   *
   * @default - none
   */
  readonly grafana?: GrafanaDatasourceSpec;
}
