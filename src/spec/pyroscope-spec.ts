import type { PodPeerSpec } from './access-spec';
import type { AgentResourcesSpec } from './agent-spec';
import type { ObjectStorageSpec } from './object-storage-spec';
import type { PersistenceSpec, TlsSpec } from './parca-spec';

/** How Pyroscope is split into processes. */
export enum PyroscopeMode {
  /** One process does everything, in one pod. */
  SINGLE_BINARY = 'singleBinary',
  /** A workload for each component; needs object storage. */
  MICROSERVICES = 'microservices',
}

/** Who makes Pyroscope's own manifests. */
export enum PyroscopeDelivery {
  /**
   * This library. Pyroscope listens on an address that only its own pod reaches, with the gateway beside it: neither a tunnel
   * nor a missing NetworkPolicy opens it. The chart cannot express that. Single binary only.
   */
  NATIVE = 'native',
  /**
   * The Helm chart, with values made here. The gateway is a Deployment before it, and NetworkPolicies alone keep others from
   * Pyroscope's ports, which ask nobody who they are.
   */
  CHART = 'chart',
}

/**
 * What a tenant may send and how long it is kept.
 *
 * @see https://grafana.com/docs/pyroscope/latest/configure-server/reference-configuration-parameters/#limits
 */
export interface PyroscopeLimitsSpec {
  /**
   * How long profiles are kept, in hours (`h`), days (`d`) or weeks (`w`). Queries look back as far.
   *
   * Objects are deleted some hours later: by partition, after a grace period of 6 hours.
   *
   * @default - for all tenants "7d", for one what holds for all
   * @format retention
   */
  readonly retention?: string;

  /**
   * Compressed profiles a tenant may send, in MB a second. More is answered with 429.
   *
   * @default - for all tenants 4, for one what holds for all
   * @range 1 1024
   */
  readonly ingestionRateMb?: number;

  /**
   * The largest single push, in MB; at least `ingestionRateMb`, since the bucket that holds the rate must hold the push.
   *
   * @default - twice `ingestionRateMb`
   * @range 1 2048
   */
  readonly ingestionBurstMb?: number;

  /**
   * The largest single profile, uncompressed.
   *
   * @default "4Mi"
   * @format profile-size
   */
  readonly maxProfileSize?: string;

  /**
   * Labels a series may have.
   *
   * @default 30
   * @range 1 100
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
   * How Pyroscope is split into processes.
   *
   * @default PyroscopeMode.SINGLE_BINARY
   */
  readonly mode?: PyroscopeMode;

  /**
   * Who makes Pyroscope's manifests.
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
   * @default - like `parca.tls`: the same issuer of cert-manager, or else a Secret `pyroscope-tls`; the same CA
   */
  readonly tls?: TlsSpec;

  /**
   * Replicas of the gateway, where it is a Deployment.
   *
   * @default 2
   * @range 2 20
   */
  readonly gatewayReplicas?: number;

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
   * Take tokens from a secret store, through the External Secrets Operator.
   *
   * @default - Secrets are made by `hardened-profiling secrets` or by hand
   */
  readonly externalSecrets?: ExternalSecretsSpec;

  /**
   * Let Argo CD or Flux install the charts, of Pyroscope and Alloy, with the values made here.
   *
   * @default - the values are written to files
   */
  readonly gitOps?: GitOpsSpec;
}

/**
 * A tenant: a wall between the profiles of its namespaces and those of others.
 */
export interface PyroscopeTenantSpec extends PyroscopeLimitsSpec {
  /**
   * Its id in Pyroscope.
   *
   * @format tenant
   */
  readonly name: string;

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
 * Profiling of Java. It needs more than eBPF does: Alloy gets SYS_ADMIN on every node, and writes a library into the `/tmp` of
 * each JVM, which must be writable and executable.
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
   * @default - off
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
 * A data source in Grafana.
 */
export interface GrafanaDatasourceSpec {
  /**
   * The organisation that sees it. All members of an organisation see all its data sources, so each tenant wants its own.
   *
   * @default 1
   * @range 1 1000000
   */
  readonly orgId?: number;
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

/**
 * Grafana.
 */
export interface PyroscopeGrafanaSpec {
  /**
   * Namespace of Grafana.
   *
   * @format dns-label
   */
  readonly namespace: string;

  /**
   * Labels of Grafana's pods.
   *
   * @default { app.kubernetes.io/name: grafana }
   * @format labels
   * @minItems 1
   */
  readonly podLabels?: { [key: string]: string };

  /**
   * Certificates in PEM that Grafana verifies the gateway with. Certificates are public, so they may stand here.
   *
   * @default - the certificate authorities of Grafana's container
   * @format certificates
   */
  readonly caBundle?: string;

  /**
   * Emit objects for the Grafana Operator.
   *
   * @default - Secrets for the sidecar of Grafana's chart, made by `hardened-profiling secrets` or `externalSecrets`
   */
  readonly operator?: GrafanaOperatorSpec;
}

/**
 * The Grafana Operator. Its data sources belong to the main organisation: for one organisation a tenant, use the sidecar.
 *
 * @see https://grafana.github.io/grafana-operator/docs/datasources/
 */
export interface GrafanaOperatorSpec {
  /**
   * Labels of the Grafana objects that get the data sources.
   *
   * @format labels
   * @minItems 1
   */
  readonly instanceLabels: { [key: string]: string };
}

/**
 * Grafana Alloy: a DaemonSet in the agents' namespace, on every node of a pool whose kernel needs no fallback.
 *
 * @see https://grafana.com/docs/alloy/latest/
 */
export interface AlloySpec {
  /**
   * Who makes its manifests: this library, or Alloy's Helm chart with values made here.
   *
   * @default PyroscopeDelivery.NATIVE
   */
  readonly delivery?: PyroscopeDelivery;

  /**
   * CPU and memory of each pod.
   *
   * @default - the same as for the Parca agents
   */
  readonly resources?: AgentResourcesSpec;
}

/** Kinds of secret stores. */
export enum SecretStoreKind {
  /** A store for every namespace. */
  CLUSTER_SECRET_STORE = 'ClusterSecretStore',
  /** A store of the same name in each namespace. */
  SECRET_STORE = 'SecretStore',
}

/**
 * Tokens from a secret store. Each is one entry of the store: `<keyPrefix>/<tenant>/agent`, `/push` and `/read`,
 * `<keyPrefix>/<reader>/read`, and `<keyPrefix>/metrics`. Tokens are letters, digits, `-`, `_` and `.`.
 *
 * @see https://external-secrets.io/latest/api/externalsecret/
 */
export interface ExternalSecretsSpec {
  /** The store. */
  readonly storeRef: SecretStoreRefSpec;

  /**
   * What the names of all entries begin with.
   *
   * @default "profiling"
   * @format store-key
   */
  readonly keyPrefix?: string;
}

/**
 * A secret store.
 */
export interface SecretStoreRefSpec {
  /**
   * Kind of the store.
   *
   * @default SecretStoreKind.CLUSTER_SECRET_STORE
   */
  readonly kind?: SecretStoreKind;

  /**
   * Name of the store.
   *
   * @format dns-subdomain
   */
  readonly name: string;
}

/**
 * Who installs the charts; exactly one of `argoCd` and `flux`.
 */
export interface GitOpsSpec {
  /**
   * An Application of Argo CD for each chart.
   *
   * @default - none
   */
  readonly argoCd?: ArgoCdSpec;

  /**
   * A HelmRelease of Flux for each chart, and their repository.
   *
   * @default - none
   */
  readonly flux?: FluxSpec;
}

/**
 * Argo CD.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/
 */
export interface ArgoCdSpec {
  /**
   * Namespace of the Application.
   *
   * @default "argocd"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * Project of the Application.
   *
   * @default "default"
   * @format dns-subdomain
   */
  readonly project?: string;
}

/**
 * Flux.
 *
 * @see https://fluxcd.io/flux/components/helm/helmreleases/
 */
export interface FluxSpec {
  /**
   * Namespace of HelmRelease and HelmRepository.
   *
   * @default "flux-system"
   * @format dns-label
   */
  readonly namespace?: string;
}
