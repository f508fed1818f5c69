import type { ObjectStorageSpec } from '../api/object-storage';

/** Annotations and labels that tie a service account to an identity of the bucket's cloud. There is no field for a static key. */
export interface WorkloadIdentity {
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
}

/**
 * The identity that a bucket is reached with.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
 * @see https://azure.github.io/azure-workload-identity/docs/
 */
export function workloadIdentity({ s3, gcs, azure }: ObjectStorageSpec): WorkloadIdentity {
  if (s3) { return { serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': s3.roleArn }, podLabels: {} }; }
  if (gcs) { return { serviceAccountAnnotations: { 'iam.gke.io/gcp-service-account': gcs.serviceAccount }, podLabels: {} }; }
  if (azure) {
    return {
      serviceAccountAnnotations: { 'azure.workload.identity/client-id': azure.clientId },
      podLabels: { 'azure.workload.identity/use': 'true' },
    };
  }
  throw new Error('the storage names no bucket');
}
