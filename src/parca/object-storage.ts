import type { ObjectStorageSpec } from '../spec/object-storage-spec';

/** How the server reaches its bucket: configuration, and what ties its service account to a cloud identity. */
export interface BucketAccess {
  /** The `bucket` section of Parca's configuration. */
  readonly bucket: { readonly type: string; readonly config: Readonly<Record<string, unknown>> };
  readonly serviceAccountAnnotations: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
}

/** The directory that stands for a bucket when profiles are kept on the volume. */
export function volumeBucket(directory: string): BucketAccess {
  return { bucket: { type: 'FILESYSTEM', config: { directory } }, serviceAccountAnnotations: {}, podLabels: {} };
}

/**
 * A bucket by workload identity. No configuration below has room for a static key.
 *
 * @see https://thanos.io/tip/thanos/storage.md/
 */
export function bucketAccess({ s3, gcs, azure }: ObjectStorageSpec): BucketAccess {
  if (s3) {
    return {
      // aws_sdk_auth: credentials from the environment that EKS injects for the annotated service account.
      bucket: {
        type: 'S3',
        config: { bucket: s3.bucket, region: s3.region, endpoint: s3.endpoint ?? `s3.${s3.region}.amazonaws.com`, aws_sdk_auth: true },
      },
      serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': s3.roleArn },
      podLabels: {},
    };
  }
  if (gcs) {
    return {
      bucket: { type: 'GCS', config: { bucket: gcs.bucket } },
      serviceAccountAnnotations: { 'iam.gke.io/gcp-service-account': gcs.serviceAccount },
      podLabels: {},
    };
  }
  if (azure) {
    return {
      bucket: { type: 'AZURE', config: { storage_account: azure.storageAccount, container: azure.container } },
      serviceAccountAnnotations: { 'azure.workload.identity/client-id': azure.clientId },
      podLabels: { 'azure.workload.identity/use': 'true' },
    };
  }
  throw new Error('objectStorage names no bucket');
}
