import type { ObjectStorageSpec } from '../api/object-storage';
import type { WorkloadIdentity } from '../storage/workload-identity';
import { workloadIdentity } from '../storage/workload-identity';

/** Access of the server to its bucket: the `bucket` section of its configuration, and its identity. */
export interface BucketAccess extends WorkloadIdentity {
  readonly bucket: { readonly type: string; readonly config: Readonly<Record<string, unknown>> };
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
export function bucketAccess(storage: ObjectStorageSpec): BucketAccess {
  return { bucket: bucket(storage), ...workloadIdentity(storage) };
}

function bucket({ s3, gcs, azure }: ObjectStorageSpec): BucketAccess['bucket'] {
  if (s3) {
    // aws_sdk_auth: credentials from the environment that EKS injects for the annotated service account.
    return {
      type: 'S3',
      config: { bucket: s3.bucket, region: s3.region, endpoint: s3.endpoint ?? `s3.${s3.region}.amazonaws.com`, aws_sdk_auth: true },
    };
  }
  if (gcs) { return { type: 'GCS', config: { bucket: gcs.bucket } }; }
  if (azure) { return { type: 'AZURE', config: { storage_account: azure.storageAccount, container: azure.container } }; }
  throw new Error('objectStorage names no bucket');
}
