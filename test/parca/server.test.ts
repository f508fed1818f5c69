import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, PersistentVolumeClaim, PodSpec, ServiceAccount } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import type { Manifest } from '../../src/kube/manifest';
import { find, render } from '../support';

const parca = (server: unknown): { parca: unknown } => ({ parca: { tls: { secretName: 'parca-tls' }, server } });
const pod = (manifests: readonly Manifest[]): PodSpec => find<StatefulSet>(manifests, 'StatefulSet', 'parca').spec!.template.spec!;
const bucket = (manifests: readonly Manifest[]): unknown =>
  (parse(find<ConfigMap>(manifests, 'ConfigMap', 'parca').data!['parca.yaml']) as { object_storage: { bucket: unknown } }).object_storage.bucket;

describe('Parca server', () => {
  it('fits Pod Security restricted', () => {
    const { securityContext, containers, volumes, hostPID, hostNetwork } = pod(render());
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } });
    containers.forEach(container => {
      expect(container.securityContext).toMatchObject({
        allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] },
      });
      expect(container.securityContext!.capabilities!.add).toBeUndefined();
    });
    const kinds = volumes!.flatMap(volume => Object.keys(volume).filter(key => key !== 'name'));
    expect(kinds.every(kind => ['configMap', 'emptyDir', 'persistentVolumeClaim', 'projected', 'secret'].includes(kind))).toBe(true);
    expect([hostPID, hostNetwork]).toEqual([undefined, undefined]);
  });

  it('has no service account token', () => {
    const manifests = render();
    expect(pod(manifests).automountServiceAccountToken).toBe(false);
    expect(find<ServiceAccount>(manifests, 'ServiceAccount', 'parca').automountServiceAccountToken).toBe(false);
  });

  it('listens where only its own pod can connect', () => {
    const args = pod(render()).containers.find(({ name }) => name === 'parca')!.args!;
    expect(args.filter(arg => arg.startsWith('--http-address'))).toEqual(['--http-address=127.0.0.2:7070']);
    expect(args.some(arg => arg.startsWith('--port'))).toBe(false);
  });

  it('asks no public service for anything', () => {
    const args = pod(render()).containers.find(({ name }) => name === 'parca')!.args!;
    expect(args).toContain('--debuginfod-upstream-servers=');
    expect(args).toContain('--profile-share-server=127.0.0.1:1');
  });

  it('uses only flags that the supported version has', () => {
    const known = readFileSync(join(__dirname, '..', 'fixtures', 'parca-v0.28.0.flags'), 'utf8').split('\n');
    pod(render()).containers.find(({ name }) => name === 'parca')!.args!.forEach(arg => expect(known).toContain(arg.split('=')[0]));
  });

  it('is never exposed by a container port; only the gateway is', () => {
    expect(pod(render()).containers.flatMap(({ ports }) => ports ?? [])).toEqual([
      { name: 'https', containerPort: 7443, protocol: 'TCP' }, { name: 'probes', containerPort: 7444, protocol: 'TCP' },
    ]);
  });

  it('keeps profiles through restarts: a write-ahead log on a volume, and time to flush', () => {
    const manifests = render();
    expect(pod(manifests).containers[0].args).toEqual(expect.arrayContaining(['--enable-persistence', '--storage-enable-wal']));
    expect(pod(manifests).volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'parca' } });
    expect(pod(manifests).terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
    expect(find<StatefulSet>(manifests, 'StatefulSet', 'parca').spec!.replicas).toBe(1);
  });

  it('sizes memory by active memory', () => {
    const container = pod(render(parca({ activeMemory: '2Gi' }))).containers[0];
    expect(container.args).toContain(`--storage-active-memory=${2 * 2 ** 30}`);
    expect(container.resources!.limits!.memory).toBe('5Gi');
    expect(container.resources!.requests!.memory).toBe('2304Mi');
    expect(Number(container.env!.find(({ name }) => name === 'GOMEMLIMIT')!.value)).toBeLessThan(5 * 2 ** 30);
  });

  it('asks for the volume as specified', () => {
    const claim = (server: unknown): unknown => find<PersistentVolumeClaim>(render(parca(server)), 'PersistentVolumeClaim', 'parca').spec;
    expect(claim({})).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } });
    expect(claim({ persistence: { size: '50Gi', storageClassName: 'gp3' } }))
      .toEqual({ accessModes: ['ReadWriteOnce'], storageClassName: 'gp3', resources: { requests: { storage: '50Gi' } } });
  });

  it('rolls when its configuration changes', () => {
    const annotations = (server: unknown): unknown =>
      find<StatefulSet>(render(parca(server)), 'StatefulSet', 'parca').spec!.template.metadata!.annotations;
    const s3 = { bucket: 'profiles', region: 'us-east-1', roleArn: 'arn:aws:iam::111122223333:role/parca' };
    expect(annotations({ objectStorage: { s3 } })).not.toEqual(annotations({}));
    expect(annotations({ persistence: { size: '20Gi' } })).toEqual(annotations({}));
  });

  it('reaches a bucket by workload identity, without any static key', () => {
    const s3 = render(parca({ objectStorage: { s3: { bucket: 'profiles', region: 'us-east-1', roleArn: 'arn:aws:iam::111122223333:role/parca' } } }));
    expect(bucket(s3)).toEqual({
      type: 'S3', config: { bucket: 'profiles', region: 'us-east-1', endpoint: 's3.us-east-1.amazonaws.com', aws_sdk_auth: true },
    });
    expect(find(s3, 'ServiceAccount', 'parca').metadata.annotations).toEqual({ 'eks.amazonaws.com/role-arn': 'arn:aws:iam::111122223333:role/parca' });

    const serviceAccount = 'parca-server@my-project.iam.gserviceaccount.com';
    const gcs = render(parca({ objectStorage: { gcs: { bucket: 'profiles', serviceAccount } } }));
    expect(bucket(gcs)).toEqual({ type: 'GCS', config: { bucket: 'profiles' } });
    expect(find(gcs, 'ServiceAccount', 'parca').metadata.annotations).toEqual({ 'iam.gke.io/gcp-service-account': serviceAccount });

    const clientId = '01234567-89ab-cdef-0123-456789abcdef';
    const azure = render(parca({ objectStorage: { azure: { storageAccount: 'corpprofiles', container: 'parca', clientId } } }));
    expect(bucket(azure)).toEqual({ type: 'AZURE', config: { storage_account: 'corpprofiles', container: 'parca' } });
    expect(find<StatefulSet>(azure, 'StatefulSet', 'parca').spec!.template.metadata!.labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
    expect(find<StatefulSet>(azure, 'StatefulSet', 'parca').spec!.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'parca' });
  });
});
