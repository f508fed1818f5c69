import type { PodSpec } from 'kubernetes-types/core/v1';
import type { AdmissionCase, AnyObject } from './rows';
import { withDefaults } from '../../../../src/admission/policies/restrict-agent-namespace/pod-defaults';
import type { Manifest } from '../../../../src/kube/manifest';
import { resourceOf } from '../../cluster/api';

interface Kind { readonly group: string; readonly version: string; readonly kind: string }

/** What a webhook is asked, and the kind of the object without its subresource. */
export interface AdmissionRequest {
  readonly topLevelKind: Kind;
  readonly request: {
    readonly uid: string;
    readonly kind: Kind;
    readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
    readonly subResource?: string;
    readonly name: string;
    readonly namespace?: string;
    readonly operation: string;
    readonly userInfo: { readonly username: string; readonly groups: readonly string[] };
    readonly object?: object;
    readonly oldObject?: object;
  };
}

/** An object with what the API server adds before it asks. */
export function asStored(object: AnyObject): AnyObject {
  const isBeingDeleted = (object.metadata.finalizers?.length ?? 0) > 0;
  const now = new Date().toISOString().replace(/\.\d+/, '');
  return {
    ...withPodDefaults(object),
    metadata: { ...object.metadata, creationTimestamp: now, ...(isBeingDeleted && { deletionTimestamp: now }) } as AnyObject['metadata'],
  };
}

/** What has no containers never comes as far as a policy. */
function withPodDefaults(object: AnyObject): AnyObject {
  const { spec } = object as AnyObject & { readonly spec?: Partial<PodSpec> & { readonly template?: { readonly spec: PodSpec } } };
  if (spec?.containers) { return { ...object, spec: withDefaults(spec as PodSpec) }; }
  if (!spec?.template?.spec.containers) { return object; }
  return { ...object, spec: { ...spec, template: { ...spec.template, spec: withDefaults(spec.template.spec) } } } as AnyObject;
}

/** A row as the API server would ask a webhook, where `manifests` are in the cluster already. */
export function admissionRequest({ operation, object, change, subresource, user }: AdmissionCase, manifests: readonly Manifest[]): AdmissionRequest {
  const { name, namespace } = object.metadata;
  const emitted = manifests.find(({ kind, metadata }) => kind === object.kind && metadata.name === name && metadata.namespace === namespace);
  const live = asStored((operation === 'update' && emitted as AnyObject) || object);
  const [group, version, resource] = resourceOf(object.kind);
  const topLevelKind = { group, version, kind: object.kind };
  const subjects = {
    create: { operation: 'CREATE', object: live },
    update: { operation: 'UPDATE', object: change && withPodDefaults(change(live)), oldObject: live, subResource: subresource },
    debug: { operation: 'UPDATE', object: change?.(live), oldObject: live, subResource: 'ephemeralcontainers' },
    delete: { operation: 'DELETE', oldObject: live },
    token: {
      operation: 'CREATE',
      object: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name, namespace }, spec: { audiences: [] } },
      subResource: 'token',
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
    },
    connect: {
      operation: 'CONNECT',
      object: { apiVersion: 'v1', kind: optionsOf(object.kind, subresource) },
      subResource: subresource,
      kind: { group: '', version: 'v1', kind: optionsOf(object.kind, subresource) },
    },
  }[operation];
  return {
    topLevelKind,
    request: {
      uid: '1',
      kind: topLevelKind,
      resource: { group, version, resource },
      name,
      namespace: object.kind === 'Namespace' ? name : namespace,
      userInfo: { username: user?.name ?? 'root', groups: user?.groups ?? ['system:masters'] },
      ...subjects,
    },
  };
}

/** The kind of object that stands for a connection. */
function optionsOf(kind: string, subresource = ''): string {
  const names: Readonly<Record<string, string>> = { attach: 'Attach', exec: 'Exec', portforward: 'PortForward', proxy: 'Proxy' };
  return `${kind}${names[subresource]}Options`;
}
