import type { ConfigMap, ObjectFieldSelector, PersistentVolumeClaim, ServiceAccount } from 'kubernetes-types/core/v1';
import { labels } from './labels';
import type { Complete } from './manifest';
import { canonicalBytes } from './quantity';

/** An account whose token is mounted by the pod template, where it is, and not into every pod that names it. */
export function serviceAccount(name: string, namespace: string, annotations: Readonly<Record<string, string>> = {}): Complete<ServiceAccount> {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace, labels: labels(name), ...(Object.keys(annotations).length > 0 && { annotations: { ...annotations } }) },
    automountServiceAccountToken: false,
  };
}

/** A ConfigMap of an app. */
export function configMap(name: string, namespace: string, app: string, data: Record<string, string>): Complete<ConfigMap> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: labels(app) }, data };
}

/** An object of its own, not a template of the StatefulSet: those cannot be changed, so a volume could never grow. */
export function volumeClaim(
  name: string, namespace: string, { size, storageClassName }: { readonly size: string; readonly storageClassName?: string },
): Complete<PersistentVolumeClaim> {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace, labels: labels(name) },
    spec: { accessModes: ['ReadWriteOnce'], ...(storageClassName && { storageClassName }), resources: { requests: { storage: canonicalBytes(size) } } },
  };
}

/**
 * Reference to a field of the pod itself. The API server would fill in the version, in lists of files too, where GitOps tools take what was
 * added for a change.
 */
export function podField(fieldPath: string): { readonly fieldRef: ObjectFieldSelector } {
  return { fieldRef: { apiVersion: 'v1', fieldPath } };
}
