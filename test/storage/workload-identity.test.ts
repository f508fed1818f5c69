import { workloadIdentity } from '../../src/storage/workload-identity';
import { AZURE, GCS, S3 } from '../pyroscope/tenants';

describe('Workload identity', () => {
  it.each<[string, object, object, object]>([
    ['Amazon', S3, { 'eks.amazonaws.com/role-arn': S3.s3.roleArn }, {}],
    ['Google', GCS, { 'iam.gke.io/gcp-service-account': GCS.gcs.serviceAccount }, {}],
    ['Microsoft', AZURE, { 'azure.workload.identity/client-id': AZURE.azure.clientId }, { 'azure.workload.identity/use': 'true' }],
  ])('at %s is an annotation of the account, and where it must be a label of the pods', (_, storage, serviceAccountAnnotations, podLabels) => {
    expect(workloadIdentity(storage)).toEqual({ serviceAccountAnnotations, podLabels });
  });

  it('is not guessed', () => {
    expect(() => workloadIdentity({})).toThrow('the storage names no bucket');
  });
});
