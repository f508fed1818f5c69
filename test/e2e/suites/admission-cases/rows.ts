import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import type { User } from '../../cluster/api';
import { TOOLS_IMAGE } from '../../cluster/images';
import type { KubeObject } from '../../cluster/kubectl';

/** One row of the table: a request, who makes it, and what is to become of it. */
export interface AdmissionCase {
  readonly name: string;
  readonly operation: 'create' | 'update' | 'delete' | 'debug' | 'connect' | 'token';
  /** What is created or deleted, or what something else is done to. */
  readonly object: AnyObject;
  /** What an update, or a debug container, makes of the object. */
  readonly change?: (object: AnyObject) => AnyObject;
  /** Of `connect`, such as `exec`; of `update`, such as `status`. */
  readonly subresource?: string;
  /** @default - the administrator */
  readonly user?: User;
  /** The policy that refuses it and a part of what it says; nothing where it is admitted. */
  readonly refusedBy?: readonly [policy: string, message: RegExp];
  /** Whether the API server may call it invalid before it asks any policy. @default false */
  readonly mayBeInvalid?: boolean;
  /** Whether it is one of hundreds that differ in little. @default false */
  readonly isGenerated?: boolean;
}

/** An object with whatever its kind has. */
export type AnyObject = KubeObject & { readonly metadata: { readonly finalizers?: readonly string[] }; readonly spec?: object };

export const GOOD: Container = { name: 'app', image: TOOLS_IMAGE, command: ['sleep', '600'] };
export const adding = (...add: string[]): Container => ({ ...GOOD, securityContext: { capabilities: { add } } });
export const BAD = adding('BPF');
/** On no node, so that nothing runs. */
export const ELSEWHERE: Partial<PodSpec> = { nodeSelector: { nowhere: 'true' } };

export const PRIVILEGED: Container = { ...GOOD, securityContext: { privileged: true } };

let names = 0;

/** A name that no other object of the table has. */
export function nextName(): string {
  return `case-${++names}`;
}

/** Begins with the names again, so that they do not depend on who made rows before. */
export function restartNames(): void {
  names = 0;
}

export function podSpec(spec: Partial<PodSpec> = {}): PodSpec {
  return { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [GOOD], ...spec };
}

export type Metadata = Partial<AnyObject['metadata']>;

export function pod(namespace: string, spec: Partial<PodSpec> = {}, metadata: Metadata = {}): AnyObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: nextName(), namespace, ...metadata }, spec: podSpec(spec) };
}

/** Kinds that make pods, with the version of their group. */
const CONTROLLERS = {
  ReplicationController: 'v1', Deployment: 'apps/v1', StatefulSet: 'apps/v1', DaemonSet: 'apps/v1', ReplicaSet: 'apps/v1', Job: 'batch/v1', CronJob: 'batch/v1',
} as const;
type ControllerKind = keyof typeof CONTROLLERS;
export const KINDS = Object.keys(CONTROLLERS) as ControllerKind[];

/** An object of a kind that makes pods from this spec; none come of it, as far as the kind can be told so. */
export function controller(
  kind: ControllerKind, namespace: string, spec: Partial<PodSpec> = {}, podMetadata: Metadata = {}, metadata: Metadata = {},
): AnyObject {
  const name = nextName();
  const isJob = kind === 'Job' || kind === 'CronJob';
  const labels = { app: name, ...podMetadata.labels };
  const template = {
    metadata: { ...podMetadata, labels: isJob ? podMetadata.labels ?? {} : labels },
    spec: podSpec({ ...ELSEWHERE, ...(isJob && { restartPolicy: 'Never' }), ...spec }),
  };
  const selector = kind === 'ReplicationController' ? { app: name } : { matchLabels: { app: name } };
  const specs: Record<ControllerKind, object> = {
    ReplicationController: { replicas: 0, selector, template },
    Deployment: { replicas: 0, selector, template },
    StatefulSet: { replicas: 0, serviceName: name, selector, template },
    DaemonSet: { selector, template },
    ReplicaSet: { replicas: 0, selector, template },
    Job: { suspend: true, template },
    CronJob: { suspend: true, schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } },
  };
  return { apiVersion: CONTROLLERS[kind], kind, metadata: { name, namespace, ...metadata }, spec: specs[kind] };
}

export function create(name: string, object: AnyObject, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  return { name, operation: 'create', object, refusedBy, user };
}

/** An object that is there already, and what it is changed to. */
export function update(name: string, old: AnyObject, change: (object: AnyObject) => AnyObject, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  return { name, operation: 'update', object: old, change, refusedBy, user };
}

export function withMetadata(metadata: Metadata): (object: AnyObject) => AnyObject {
  return object => ({ ...object, metadata: { ...object.metadata, ...metadata } });
}

/** Another container in the place of the first, in an object that is no CronJob. */
export function withContainer(container: Container): (object: AnyObject) => AnyObject {
  return object => {
    const copy = structuredClone(object) as { spec: { containers?: Container[]; template?: { spec: PodSpec } } };
    const spec = copy.spec.template?.spec ?? copy.spec as PodSpec;
    spec.containers[0] = container;
    return copy as unknown as AnyObject;
  };
}

/** A debug container in a pod that is there. */
export function debug(name: string, object: AnyObject, container: Container, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  const change = (live: AnyObject): AnyObject => ({ ...live, spec: { ...live.spec, ephemeralContainers: [{ ...container, name: 'debug' }] } });
  return { name, operation: 'debug', object, change, refusedBy, user };
}

