import type { AlloySpec } from './alloy';
import type { PyroscopeGatewaySpec } from './gateway';
import type { PyroscopeGrafanaSpec } from './grafana';
import type { ObjectStorageSpec } from './object-storage';
import type { PersistenceSpec, TlsSpec } from './parca';
import type { WorkloadPodSpec } from './pod';
import type { RemotePyroscopeSpec } from './remote-pyroscope';
import type { PyroscopeReaderSpec, PyroscopeTenantSpec } from './tenant';

/** Deployment mode of Pyroscope: how it is split into processes. */
export enum PyroscopeMode {
  /** One process does everything, in one pod. */
  SINGLE_BINARY = 'singleBinary',
  /** A workload for each component; needs object storage. */
  MICROSERVICES = 'microservices',
}

/** Delivery of Pyroscope's own manifests: by this library, or by its Helm chart. */
export enum PyroscopeDelivery {
  /**
   * This library. Pyroscope listens on an address that only its own pod reaches, with the gateway beside it: neither a tunnel
   * nor a missing NetworkPolicy opens it. The chart cannot express that. Single binary only.
   */
  NATIVE = 'native',
  /**
   * The Helm chart, with values made here. The gateway is a Deployment before it, and NetworkPolicies alone keep others from
   * Pyroscope's ports, which have no authentication.
   */
  CHART = 'chart',
}

/**
 * Limits of a tenant: what it may send and how long it is kept.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-server/reference-configuration-parameters/#limits
 */
export interface PyroscopeLimitsSpec {
  /**
   * Retention of profiles, in hours (`h`), days (`d`) or weeks (`w`). Queries look back as far.
   *
   * Objects are deleted some hours later: by partition, after a grace period of 6 hours.
   *
   * @default - for all tenants "7d", for one what holds for all
   * @format retention
   */
  readonly retention?: string;

  /**
   * Profiles a tenant may send, in MiB a second as they are after decompression. More is answered with 429.
   *
   * @default - for all tenants 4, for one what holds for all
   * @range 1 1024
   */
  readonly ingestionRateMb?: number;

  /**
   * The largest single push, in MiB after decompression; at least `ingestionRateMb` and `maxProfileSize`: what is larger is
   * answered with 429 for ever, and clients try again.
   *
   * @default - twice `ingestionRateMb`, or `maxProfileSize` if that is more
   * @range 1 2048
   */
  readonly ingestionBurstMb?: number;

  /**
   * The largest single profile after decompression, up to 96Mi: Pyroscope's components hand it on in one message of at most 100 MiB.
   *
   * @default "4Mi"
   * @format profile-size
   */
  readonly maxProfileSize?: string;

  /**
   * Labels a series may have. Alloy sends six or more, and what is above is refused.
   *
   * @default 30
   * @range 10 100
   */
  readonly maxLabelNamesPerSeries?: number;

  /**
   * Frames a stack trace may have; deeper ones are cut.
   *
   * @default 1000
   * @range 1 10000
   */
  readonly maxStacktraceDepth?: number;

  /**
   * Samples a profile may have.
   *
   * @default 16000
   * @range 1 1000000
   */
  readonly maxStacktraceSamples?: number;

  /**
   * The longest range of one query; at most `retention`.
   *
   * @default - one day, or `retention` if that is shorter
   * @format retention
   */
  readonly maxQueryLength?: string;
}

/**
 * Grafana Pyroscope for many tenants: server, gateway, tokens, data sources and Alloy.
 *
 * Pyroscope trusts whatever tenant a request names, so nobody but the gateway may talk to it. Tenancy is logical: profiles
 * of all tenants share objects in the bucket.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-server/about-tenant-ids/
 */
export interface PyroscopeSpec extends PyroscopeLimitsSpec {
  /**
   * Namespace of Pyroscope and its gateway; Pod Security `restricted`.
   *
   * @default "pyroscope"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * Deployment mode: how Pyroscope is split into processes.
   *
   * @default PyroscopeMode.SINGLE_BINARY
   */
  readonly mode?: PyroscopeMode;

  /**
   * Delivery of Pyroscope's manifests: by this library, or by Pyroscope's Helm chart.
   *
   * @default - PyroscopeDelivery.NATIVE for a single binary, PyroscopeDelivery.CHART for microservices
   */
  readonly delivery?: PyroscopeDelivery;

  /**
   * The bucket, reached by workload identity.
   *
   * @default - the volume of the single binary; microservices need a bucket
   */
  readonly storage?: ObjectStorageSpec;

  /**
   * The volume: of the single binary, or of each metastore among microservices.
   *
   * @default - 10Gi of the cluster's default storage class
   */
  readonly persistence?: PersistenceSpec;

  /**
   * The gateway's certificate, valid for `pyroscope-gateway.<namespace>.svc`, and what Alloy trusts.
   *
   * @default - like `parca.tls`: the same issuer of cert-manager, or else a Secret `pyroscope-tls`; the same CA; required without `parca`
   */
  readonly tls?: TlsSpec;

  /**
   * Replicas of the gateway, where it is a Deployment: with `delivery: chart`.
   *
   * @default 2
   * @range 2 20
   */
  readonly gatewayReplicas?: number;

  /**
   * The gateway; where it is a Deployment, each replica is sized so that it can serve all clients alone.
   *
   * @default - sized for 4000 clients
   */
  readonly gateway?: PyroscopeGatewaySpec;

  /**
   * The tenants; at least one.
   *
   * @minItems 1
   */
  readonly tenants: PyroscopeTenantSpec[];

  /**
   * Readers with a token of their own, which shows several tenants at once.
   *
   * @default - none: nobody reads across tenants
   */
  readonly readers?: PyroscopeReaderSpec[];

  /**
   * Grafana, and with it a data source for each tenant and reader.
   *
   * @default - no data sources
   */
  readonly grafana?: PyroscopeGrafanaSpec;

  /**
   * Grafana Alloy, which profiles the nodes for those tenants that want it.
   *
   * @default - plain manifests with small resources
   */
  readonly alloy?: AlloySpec;

  /**
   * A Pyroscope elsewhere that Alloy sends to, instead of one here. Limits, readers and data sources are its own affair.
   *
   * @default - a Pyroscope here
   */
  readonly remote?: RemotePyroscopeSpec;

  /**
   * Settings of the pods of Pyroscope. Resources are those of the single binary, or of each component of microservices.
   *
   * @default - resources of the single binary, or those of the chart for each component; on any Linux node
   */
  readonly pod?: WorkloadPodSpec;
}
