/**
 * A bucket; exactly one of `s3`, `gcs` and `azure`.
 *
 * Access is by workload identity. Static keys cannot be given.
 */
export interface ObjectStorageSpec {
  /**
   * Amazon S3, with IAM roles for service accounts.
   *
   * @default - another kind of bucket
   */
  readonly s3?: S3Spec;

  /**
   * Google Cloud Storage, with workload identity federation for GKE.
   *
   * @default - another kind of bucket
   */
  readonly gcs?: GcsSpec;

  /**
   * Azure Blob Storage, with Microsoft Entra workload ID.
   *
   * @default - another kind of bucket
   */
  readonly azure?: AzureSpec;

  /**
   * Addresses of the storage and of its token service, for the egress rule (TCP 443).
   *
   * @default - no rule: where NetworkPolicies are enforced the server cannot reach the bucket; the summary says so
   * @format cidr
   */
  readonly egressCidrs?: string[];
}

/**
 * An S3 bucket.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
 */
export interface S3Spec {
  /**
   * Name of the bucket.
   *
   * @format bucket
   */
  readonly bucket: string;

  /**
   * AWS region.
   *
   * @format dns-label
   */
  readonly region: string;

  /**
   * Host of the S3 endpoint; always reached over TLS.
   *
   * @default - `s3.<region>.amazonaws.com`
   * @format dns-subdomain
   */
  readonly endpoint?: string;

  /**
   * The IAM role the server assumes.
   *
   * @format role-arn
   */
  readonly roleArn: string;
}

/**
 * A Google Cloud Storage bucket.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity
 */
export interface GcsSpec {
  /**
   * Name of the bucket.
   *
   * @format bucket
   */
  readonly bucket: string;

  /**
   * E-mail address of the Google service account the server acts as.
   *
   * @format gcp-service-account
   */
  readonly serviceAccount: string;
}

/**
 * An Azure Blob Storage container.
 *
 * @see https://azure.github.io/azure-workload-identity/docs/
 */
export interface AzureSpec {
  /**
   * Name of the storage account.
   *
   * @format azure-account
   */
  readonly storageAccount: string;

  /**
   * Name of the container.
   *
   * @format bucket
   */
  readonly container: string;

  /**
   * Client id of the managed identity the server acts as.
   *
   * @format uuid
   */
  readonly clientId: string;
}
