import type { ResolvedSpec } from '../config/resolved-spec';
import type { Manifest } from '../kube/manifest';

/** The deployment that policies are about. */
export interface Deployment extends Pick<ResolvedSpec, 'access' | 'agents' | 'scope'> {
  /** Whether its namespaces are its own; in those of others a policy must not judge the pods of others. */
  readonly ownsNamespaces: boolean;
  /** Its namespaces, sorted. */
  readonly namespaces: readonly string[];
  /** Those in which a tunnel finds a gateway and nothing else. */
  readonly tunnels: readonly string[];
  /** Its objects besides policies, and what charts make in the agents' namespace. */
  readonly emitted: readonly Manifest[];
}

/**
 * Admission policy: the requests it matches and what it demands of them, in CEL. Engines only wrap it, so that it means the same in each.
 *
 * Texts see `object`, `oldObject`, `request` and, in validations, `variables`. What engines do not agree on is not used:
 * whether `oldObject` is null for what is new, `object` of what is deleted or of a connection, `request.subResource` and `request.name`. Verdicts
 * are booleans by their type. Optional fields are reached by `has()`, since the shorter forms are newer than the oldest API server.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export interface Policy {
  /** Without the prefix that makes it unique in the cluster. */
  readonly name: string;
  /** One sentence for whoever lists the policies. */
  readonly description: string;
  /** Reasons of exemptions and the like, for whoever reviews it. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly rules: readonly ResourceRule[];
  /** Undefined for objects that are in no namespace. */
  readonly namespaces?: NamespaceChoice;
  /** All must be true for an object to be judged. */
  readonly conditions: readonly Condition[];
  /** Later ones may use earlier ones. */
  readonly variables: readonly Variable[];
  /** All must be true for an object to be admitted. */
  readonly validations: readonly Validation[];
  /** Audit annotations, written to the audit log whatever the verdict; nothing for an empty text. */
  readonly auditAnnotations?: ReadonlyArray<{ readonly key: string; readonly valueExpression: string }>;
  /** Whether it asks who does something: then it says nothing about objects that are there already. */
  readonly usesUserInfo: boolean;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-v1/ */
export interface ResourceRule {
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resources: readonly string[];
  readonly operations: readonly Operation[];
  /** Only objects with these names. */
  readonly resourceNames?: readonly string[];
}

/** Namespaces by name, by the label that the API server sets and nobody can forge. */
export type NamespaceChoice = { readonly only: readonly string[] } | { readonly allBut: readonly string[] };

export interface Condition {
  readonly name: string;
  readonly expression: string;
}

export interface Variable {
  readonly name: string;
  readonly expression: string;
}

export interface Validation {
  readonly expression: string;
  /** An expression in CEL. A fixed text is one as well: see `cel`. */
  readonly messageExpression: string;
}
