import type { AgentMode } from './agent-mode';
import type { ParcaRole } from './defaults';
import type { AdmissionAction, AdmissionEngine, ExtraPolicySpec } from '../api/admission';
import type { EbpfInventoryEngine } from '../api/ebpf-inventory';
import type { AdmissionExemptionSpec } from '../api/exemptions';
import type { SecretStoreKind } from '../api/external-secrets';
import type { ImagePinning } from '../api/images';
import type { NodesDelivery } from '../api/nodes';
import type { ObjectStorageSpec } from '../api/object-storage';
import type { CertManagerSpec } from '../api/parca';
import type { PodSecurityExemptionSpec, PodSecurityLevel } from '../api/pod-security';
import type { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { Labels } from '../kube/labels';
import type { PodSettings, Resources } from '../kube/pod-settings';

/**
 * The specification with every default filled in and every check passed: all that the parts read.
 *
 * Lists without an order of their own are sorted and free of duplicates.
 */
export interface ResolvedSpec {
  readonly cluster: ResolvedCluster;
  readonly metadata: ResolvedMetadata;
  readonly namespaces: ResolvedNamespaces;
  readonly images: ResolvedImages;
  readonly scope: ResolvedScope;
  readonly agents: ResolvedAgents;
  readonly access: ResolvedAccess;
  /** Undefined means no Parca server. */
  readonly parca?: ResolvedParca;
  /** Undefined means no Parca agents. */
  readonly parcaAgent?: ResolvedParcaAgent;
  /** Undefined means no policies. */
  readonly admission?: ResolvedAdmission;
  /** Undefined means that nodes are left as they are. */
  readonly nodes?: ResolvedNodes;
  /** Undefined means no Pyroscope here. */
  readonly pyroscope?: ResolvedPyroscope;
  /** Undefined means that no tenant of Pyroscope is profiled on its nodes, or that no node can do it. */
  readonly alloy?: ResolvedAlloy;
  /** Undefined means that Secrets are made by somebody else. */
  readonly externalSecrets?: ResolvedExternalSecrets;
  /** Undefined means that charts are installed by hand, and that no tool is spoken to. */
  readonly gitOps?: ResolvedGitOps;
}

/** Labels and annotations of the user's, which stand beside ours. */
export interface ResolvedMetadata {
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface ResolvedNamespaces extends ResolvedMetadata {
  /** Whether they are made here; otherwise they belong to somebody else. */
  readonly create: boolean;
}

export interface ResolvedExternalSecrets {
  readonly storeRef: { readonly kind: SecretStoreKind; readonly name: string };
  readonly keyPrefix: string;
  readonly property?: string;
}

export interface ResolvedGitOps {
  readonly argoCd?: {
    readonly namespace: string;
    readonly project: string;
    readonly destination: { readonly name: string } | { readonly server: string };
    readonly syncWaves: boolean;
  };
  readonly flux?: { readonly namespace: string };
}

export interface ResolvedCluster {
  readonly name: string;
  /** `major.minor` */
  readonly kubernetesVersion: string;
  readonly apiServerCidrs: readonly string[];
  readonly apiServerPorts: readonly number[];
  readonly dns: {
    readonly namespace: string;
    readonly podLabels: Labels;
    readonly port: number;
    readonly cidrs: readonly string[];
    /** The cluster's domain. */
    readonly domain: string;
  };
}

export interface ResolvedImages {
  readonly pinning: ImagePinning;
  /** Names of Secrets, sorted. */
  readonly pullSecrets: readonly string[];
  readonly chartRepository: string;
  readonly parca: string;
  readonly agent: string;
  readonly gateway: string;
  readonly preflight: string;
  readonly nodeSettings: string;
  readonly ebpfInventory: string;
  readonly pyroscope: string;
  readonly alloy: string;
}

export interface ResolvedScope {
  readonly optInLabel: { readonly key: string; readonly value: string };
  /** Never empty: `kube-system` and our own namespaces are always in it. */
  readonly sensitiveNamespaces: readonly string[];
  /** Undefined means every namespace that is not sensitive. */
  readonly namespaces?: readonly string[];
}

/** Settings that all profilers on the nodes have in common. */
export interface ResolvedAgents {
  readonly namespace: string;
  readonly nodePools: readonly ResolvedNodePool[];
  /** Settings of the pods of profilers that have none of their own. */
  readonly pod: ProfilerPodSettings;
}

/** Settings with the resources that profilers always have. */
export type ProfilerPodSettings = PodSettings & { readonly resources: Resources & Required<Pick<Resources, 'cpuRequest' | 'memoryRequest' | 'memoryLimit'>> };

export interface ResolvedParca {
  readonly namespace: string;
  readonly server: {
    readonly activeMemoryBytes: number;
    readonly persistence: ResolvedPersistence;
    readonly objectStorage?: ObjectStorageSpec;
    readonly pod: PodSettings;
  };
  readonly tls: ResolvedTls;
  /** Name of each role's Secret. */
  readonly tokens: Readonly<Record<ParcaRole, string>>;
  readonly gateway: {
    readonly clients: number;
    readonly pushBytesPerMinute: number;
    readonly uploadBytes: number;
    readonly uploadBytesPerDay: number;
  };
}

export interface ResolvedParcaAgent {
  /** Undefined means the server here. */
  readonly remoteStore?: ResolvedRemoteStore;
}

export interface ResolvedRemoteStore {
  readonly host: string;
  readonly port: number;
  /** Name of the Secret in the agents' namespace. */
  readonly tokenSecret: string;
  /** Undefined means the authorities of the agent's image. */
  readonly ca?: ResolvedCa;
  /** Sorted by name. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly egressCidrs: readonly string[];
}

/** Object in the agents' namespace that holds CA certificates under a key. */
export interface ResolvedCa {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly key: string;
}

export interface ResolvedPersistence {
  readonly size: string;
  readonly storageClassName?: string;
}

export interface ResolvedTls {
  readonly secretName: string;
  readonly certManager?: CertManagerSpec;
  /** What those trust who connect to it. */
  readonly ca: ResolvedCa;
}

export interface ResolvedNodePool {
  readonly name: string;
  readonly kernel: string;
  readonly nodeSelector?: Labels;
  /** Settings of the pods of its profilers. */
  readonly pod: ProfilerPodSettings;
  /** Whether they differ from those of other pools in more than what they tolerate. */
  readonly hasOwnPod: boolean;
  readonly memlockUnlimited: boolean;
  readonly appArmorProfile?: string;
  /** Name of the Secret with a push token of its own. */
  readonly pushSecret?: string;
  readonly mode: AgentMode;
  /** Present if and only if the mode is `fallback`. */
  readonly fallback?: ResolvedFallback;
}

export interface ResolvedFallback {
  readonly image: string;
  readonly reason: string;
  readonly remediateBy: string;
  readonly containerRuntimeSocket: string;
}

export interface ResolvedAccess {
  readonly portForward: { readonly groups: readonly string[]; readonly breakGlassGroups: readonly string[] };
  readonly readers: readonly ResolvedPeer[];
  readonly scrapers: readonly ResolvedPeer[];
  readonly symbolUploaders: readonly ResolvedPeer[];
}

export interface ResolvedPeer {
  readonly namespace: string;
  readonly podLabels: Labels;
  readonly egressPolicy: boolean;
}

export interface ResolvedAdmission {
  readonly engine: AdmissionEngine;
  readonly action: AdmissionAction;
  readonly platformGroups: readonly string[];
  readonly exemptions: readonly AdmissionExemptionSpec[];
  readonly extraPolicies: readonly ExtraPolicySpec[];
  /** Undefined means that other namespaces keep the levels they have. */
  readonly podSecurity?: ResolvedPodSecurity;
}

export interface ResolvedPodSecurity {
  readonly restrictedNamespaces: readonly string[];
  readonly lowestLevel: PodSecurityLevel;
  /** Those whose pods are exempt from policies are among them. */
  readonly exemptNamespaces: readonly PodSecurityExemptionSpec[];
}

export interface ResolvedNodes {
  readonly delivery: NodesDelivery;
  /** Undefined means that it is left as it is. */
  readonly perfEventParanoid?: { readonly mode: 'atLeast' | 'exact'; readonly value: number };
  readonly perfEventMaxSampleRate?: number;
  readonly ebpfInventory?: ResolvedEbpfInventory;
  readonly pod: PodSettings;
}

export interface ResolvedEbpfInventory {
  readonly engine: EbpfInventoryEngine;
  readonly intervalSeconds: number;
  readonly learnForSeconds: number;
  /** Undefined means that each node learns its own. */
  readonly baseline?: ReadonlyArray<{ readonly type: string; readonly name: string; readonly tag?: string; readonly uid: number }>;
  readonly loaders: readonly string[];
  readonly falcoNamespace: string;
}

export interface ResolvedPyroscope {
  readonly namespace: string;
  readonly mode: PyroscopeMode;
  readonly delivery: PyroscopeDelivery;
  /** Undefined means the volume of the single binary. */
  readonly storage?: ObjectStorageSpec;
  readonly persistence: ResolvedPersistence;
  readonly limits: ResolvedLimits;
  readonly tls: ResolvedTls;
  readonly gatewayReplicas: number;
  readonly gateway: { readonly clients: number; readonly pod: PodSettings };
  readonly pod: PodSettings;
  /** Sorted by name; never empty. */
  readonly tenants: readonly ResolvedTenant[];
  /** Sorted by name. */
  readonly readers: readonly ResolvedReader[];
  readonly grafana?: {
    readonly namespace: string;
    readonly podLabels: Labels;
    readonly caBundle?: string;
    readonly operator?: { readonly instanceLabels: Labels };
  };
}

export interface ResolvedAlloy {
  readonly delivery: PyroscopeDelivery;
  /** One for each DaemonSet; never empty. From the chart there is one. */
  readonly groups: readonly AlloyGroup[];
  /** Undefined means the Pyroscope here. */
  readonly remote?: ResolvedRemotePyroscope;
  /** The tenants whose namespaces are profiled on the nodes, sorted by name; never empty. */
  readonly tenants: readonly ResolvedTenant[];
}

/** Node pools whose pods of Alloy are alike. */
export interface AlloyGroup {
  /** The pool that has settings of its own; undefined for all that have none. */
  readonly pool?: string;
  readonly pools: readonly ResolvedNodePool[];
  readonly pod: ProfilerPodSettings;
}

export interface ResolvedRemotePyroscope {
  readonly url: string;
  readonly port: number;
  /** Name of the Secret in the agents' namespace, with a key for each tenant. */
  readonly tokenSecret: string;
  /** Undefined means the authorities of Alloy's image. */
  readonly ca?: ResolvedCa;
  readonly egressCidrs: readonly string[];
}

export interface ResolvedLimits {
  readonly retention: string;
  readonly ingestionRateMb: number;
  readonly ingestionBurstMb: number;
  readonly maxProfileSizeBytes: number;
  readonly maxLabelNamesPerSeries: number;
  readonly maxStacktraceDepth: number;
  readonly maxStacktraceSamples: number;
  readonly maxQueryLength: string;
  /** Lookback of queries. That of a tenant that is offboarded is not shortened: the shortest holds for a reader of several tenants. */
  readonly maxQueryLookback: string;
}

export interface ResolvedTenant {
  readonly name: string;
  /** Its id in Pyroscope. */
  readonly id: string;
  /** Its user at a Pyroscope elsewhere that asks for one. */
  readonly user?: string;
  readonly namespaces: readonly string[];
  /** Limits that hold for it, be they set for it or for all tenants. */
  readonly limits: ResolvedLimits;
  readonly ebpf: boolean;
  /** Undefined means no profiling of Java. */
  readonly java?: ResolvedJava;
  readonly orgId: number;
  readonly offboarding: boolean;
}

export interface ResolvedJava {
  /** Off where eBPF samples the CPU already: it would be counted twice. */
  readonly cpu: boolean;
  readonly alloc?: string;
  readonly lock?: string;
}

export interface ResolvedReader {
  readonly name: string;
  readonly tenants: readonly string[];
  readonly pods: readonly ResolvedPeer[];
  /** Organisation of its data source; undefined means none. */
  readonly orgId?: number;
}
