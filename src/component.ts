import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Secret } from 'kubernetes-types/core/v1';
import type { NetworkPolicyEgressRule, NetworkPolicyPeer } from 'kubernetes-types/networking/v1';
import type { DEFAULTS } from './config/defaults';
import type { PartialSpec } from './config/partial-spec';
import type { Problem } from './config/problem';
import type { ResolvedCa, ResolvedSpec } from './config/resolved-spec';
import type { Token } from './gateway/token';
import type { HelmValues } from './kube/helm';
import type { Labels } from './kube/labels';
import type { Complete, Part } from './kube/manifest';
import type { Endpoint } from './kube/network-policy';

/**
 * A part of a deployment, such as a product: a folder of its own and a line in `components.ts`. Whoever needs all of them reads that
 * registry: namespaces, NetworkPolicies, admission policies, Secrets, charts, the summary, constructs.
 */
export interface Component {
  /** The ids of its constructs, which are there also where it is not wanted. */
  readonly parts: readonly string[];
  /** The roles of its tokens, as `secrets --rotate` calls them. */
  readonly tokenRoles: readonly string[];
  /** Its rules between values of a document. */
  readonly checks: ReadonlyArray<(spec: PartialSpec) => Problem[]>;
  /** Its images, by their keys in the section `images`, and whether a document leads to one. */
  readonly images: Partial<Readonly<Record<keyof typeof DEFAULTS.images, (spec: PartialSpec) => boolean>>>;
  /** Its contribution; undefined if the specification does not ask for it. */
  readonly contribution: (spec: ResolvedSpec) => Contribution | undefined;
}

/** Sections of a specification that every component may read besides its own: nothing here belongs to a product. */
export type Context = Pick<ResolvedSpec, 'cluster' | 'metadata' | 'images' | 'scope' | 'agents' | 'access' | 'externalSecrets' | 'gitOps'>;

/** The context and the sections of one component. */
export type Slice<Section extends keyof ResolvedSpec> = Context & { readonly [K in Section]-?: NonNullable<ResolvedSpec[K]> };

/** Contribution of a component to a deployment. Functions are called only for what is asked for. */
export interface Contribution {
  readonly namespaces: readonly NeededNamespace[];
  /** Its objects by the ids of its constructs; DaemonSets in the agents' namespace are what that namespace then admits. */
  readonly objects: () => Readonly<Record<string, Part>>;
  /** Objects of all profilers on the nodes, which other components may bring as well: each id is there once. */
  readonly shared?: () => Part;
  /** Pods that have a NetworkPolicy. */
  readonly pods?: readonly PodGroup[];
  /** Connections inside the deployment, between pods of any component. */
  readonly flows?: readonly Flow[];
  /** NetworkPolicies for those outside whom the specification names, but for scrapers. */
  readonly peers?: Part;
  /** Endpoints at which metrics are scraped. */
  readonly metrics?: readonly Endpoint[];
  /** Pod in which `kubectl port-forward` reaches the gateway and nothing else. */
  readonly portForward?: Tunnel;
  readonly charts?: () => readonly Chart[];
  /** Secrets with fresh tokens, of these roles or for this tenant or reader; all if neither is given. */
  readonly secrets?: (newToken: () => string, choice: SecretChoice) => Array<Complete<Secret>>;
  /** Its tokens and where they are. */
  readonly tokens?: () => readonly Token[];
  /** Notes on what the output leaves closed or out, and why. */
  readonly notes?: () => readonly string[];
  /** Objects that must exist besides the output. */
  readonly missing?: (names: Names) => readonly Missing[];
}

/** Namespace of a component, with the level that its pods need. */
export interface NeededNamespace {
  readonly id: string;
  readonly name: string;
  readonly podSecurity: 'privileged' | 'restricted';
}

/** Way of `kubectl port-forward` into a pod: the id and the name of its RBAC, and the pod. */
export interface Tunnel {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly pod: string;
}

export interface PodGroup {
  /** Of its NetworkPolicy among the constructs; flows name it. */
  readonly id: string;
  /** Of its NetworkPolicy. */
  readonly name: string;
  readonly namespace: string;
  readonly podLabels: Labels;
  /** Ingress from outside the deployment. */
  readonly ingress?: { readonly from: readonly NetworkPolicyPeer[]; readonly ports: readonly number[] };
  /** Egress to outside the deployment. */
  readonly egress?: readonly NetworkPolicyEgressRule[];
}

export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly number[];
}

export interface Chart {
  readonly name: 'alloy' | 'pyroscope';
  readonly namespace: string;
  readonly values: HelmValues;
  /** Every image that the chart runs. */
  readonly images: readonly string[];
  /** DaemonSets that the chart makes in the agents' namespace. */
  readonly daemonSets: ReadonlyArray<Complete<DaemonSet>>;
}

/** Destination of the profiles that collectors on the nodes send: another component, or a store elsewhere. */
export interface Destination {
  readonly url: string;
  readonly port: number;
  /** Undefined means the authorities of the collector's image. */
  readonly ca?: ResolvedCa;
  /** In the agents' namespace, with a key for each tenant. */
  readonly tokenSecret: string;
  /** The pods behind the address by the id of their NetworkPolicy, or its addresses. */
  readonly reachedBy: { readonly pods: string } | { readonly cidrs: readonly string[] };
}

export interface SecretChoice {
  readonly roles?: readonly string[];
  readonly name?: string;
}

/** File names as commands print them. */
export interface Names {
  readonly document: string;
  readonly valuesFile: (chart: string) => string;
}

export interface Missing {
  readonly what: string;
  readonly command: string;
}
