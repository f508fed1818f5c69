import type { AdmissionAction, AdmissionEngine, AdmissionExemptionSpec, ExtraPolicySpec } from './admission-spec';
import type { TolerationSpec } from './agent-spec';
import type { ImagePinning } from './images-spec';
import type { ObjectStorageSpec } from './object-storage-spec';
import type { CertManagerSpec } from './parca-spec';
import type { GatewayRole } from '../gateway/routes';

/**
 * The specification with every default filled in and every check passed: all that the parts read.
 *
 * Lists without an order of their own are sorted and free of duplicates.
 */
export interface ResolvedSpec {
  readonly cluster: ResolvedCluster;
  readonly images: ResolvedImages;
  readonly scope: ResolvedScope;
  readonly parca: ResolvedParca;
  readonly access: ResolvedAccess;
  /** Undefined means no policies. */
  readonly admission?: ResolvedAdmission;
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
  };
}

export interface ResolvedImages {
  readonly pinning: ImagePinning;
  readonly parca: string;
  readonly agent: string;
  readonly gateway: string;
  readonly preflight: string;
}

export interface ResolvedScope {
  readonly optInLabel: { readonly key: string; readonly value: string };
  /** Never empty: `kube-system` and our own namespaces are always in it. */
  readonly sensitiveNamespaces: readonly string[];
  /** Undefined means every namespace that is not sensitive. */
  readonly namespaces?: readonly string[];
}

export interface ResolvedParca {
  readonly namespace: string;
  readonly agentNamespace: string;
  readonly server: {
    readonly activeMemoryBytes: number;
    readonly persistence: { readonly size: string; readonly storageClassName?: string };
    readonly objectStorage?: ObjectStorageSpec;
  };
  readonly agent: {
    readonly nodePools: readonly ResolvedNodePool[];
    readonly resources: { readonly cpuRequest: string; readonly memoryRequest: string; readonly memoryLimit: string };
  };
  readonly tls: {
    readonly secretName: string;
    readonly certManager?: CertManagerSpec;
    readonly caConfigMap: { readonly name: string; readonly key: string };
  };
  /** Name of each role's Secret. */
  readonly tokens: Readonly<Record<GatewayRole, string>>;
}

export interface ResolvedNodePool {
  readonly name: string;
  readonly kernel: string;
  readonly nodeSelector?: Labels;
  readonly tolerations: readonly TolerationSpec[];
  readonly memlockUnlimited: boolean;
  readonly appArmorProfile?: string;
  /** How the pool is profiled; `none` for an old kernel without a fallback. */
  readonly mode: 'leastPrivilege' | 'fallback' | 'none';
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
}

export type Labels = Readonly<Record<string, string>>;
