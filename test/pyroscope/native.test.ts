import type { StatefulSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Container, PersistentVolumeClaim, PodSpec, Probe, ServiceAccount } from 'kubernetes-types/core/v1';
import { parse } from 'yaml';
import { AZURE, CHART, pyroscope, resolvedPyroscope, S3, TENANTS } from './tenants';
import type { Manifest } from '../../src/kube/manifest';
import { pyroscopeConfig, tenantOverrides } from '../../src/pyroscope/config';
import { pyroscopeArgs } from '../../src/pyroscope/native';
import { find, render } from '../support';

const statefulSet = (manifests: readonly Manifest[]): StatefulSet => find<StatefulSet>(manifests, 'StatefulSet', 'pyroscope', 'pyroscope');
const podOf = (keys: object = {}): PodSpec => statefulSet(render(pyroscope(keys))).spec!.template.spec!;
const server = (keys: object = {}): Container => podOf(keys).containers.find(({ name }) => name === 'pyroscope')!;
const annotations = (keys: object = {}): unknown => statefulSet(render(pyroscope(keys))).spec!.template.metadata!.annotations;

describe('Flags of Pyroscope', () => {
  const args = new Map(pyroscopeArgs().map(arg => /^-([^=]+)=(.*)$/.exec(arg)!.slice(1) as [string, string]));

  it('listen on the address of the pod\'s own, everywhere', () => {
    const addresses = [...args].filter(([flag]) => /address|addr$/.test(flag));
    expect(Object.fromEntries(addresses)).toEqual({
      'server.http-listen-address': '127.0.0.2',
      'server.grpc-listen-address': '127.0.0.2',
      'memberlist.bind-addr': '127.0.0.2',
      'metastore.raft.bind-address': '127.0.0.2:9099',
      'metastore.address': '127.0.0.2:9095',
      'query-backend.address': '127.0.0.2:9095',
      'segment-writer.lifecycler.addr': '127.0.0.2',
      'admin-server.http-listen-address': '127.0.0.2',
    });
  });

  it('look for no others', () => {
    expect([...args.keys()].filter(flag => /join|peers/.test(flag))).toEqual([]);
  });

  it('move what shows all tenants off the port that the gateway opens', () => {
    expect(args.get('admin-server.mode')).toBe('exclusive');
  });

  it('are each given once, and are those of the container', () => {
    expect(args.size).toBe(pyroscopeArgs().length);
    expect(server().args).toEqual(pyroscopeArgs());
  });

  it('store with the second architecture, on the volume', () => {
    expect(Object.fromEntries(args)).toMatchObject({
      'target': 'all',
      'architecture.storage': 'v2',
      'server.http-listen-port': '4040',
      'metastore.data-dir': '/data-metastore/data',
      'metastore.raft.dir': '/data-metastore/raft',
      'metastore.raft.snapshots-dir': '/data-metastore/raft',
    });
  });

  it('name files that are there', () => {
    const { volumes } = podOf();
    const mounts = server().volumeMounts!;
    const manifests = render(pyroscope());
    ['config.file', 'runtime-config.file'].forEach(flag => {
      const [, directory, file] = /^(.*)\/([^/]+)$/.exec(args.get(flag)!)!;
      const { name } = mounts.find(({ mountPath }) => mountPath === directory)!;
      const volume = volumes!.find(candidate => candidate.name === name)!;
      expect(Object.keys(find<ConfigMap>(manifests, 'ConfigMap', volume.configMap!.name!, 'pyroscope').data!)).toEqual([file]);
    });
  });

  it('send no profiles of its own', () => {
    expect(args.get('self-profiling.disable-push')).toBe('true');
  });
});

describe('Pyroscope in our own manifests', () => {
  it('fits Pod Security restricted', () => {
    const { securityContext, containers, volumes, hostPID, hostNetwork } = podOf();
    expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, fsGroup: 10001, seccompProfile: { type: 'RuntimeDefault' } });
    containers.forEach(container => {
      expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
      expect(container.securityContext!.capabilities).not.toHaveProperty('add');
    });
    const kinds = volumes!.flatMap(volume => Object.keys(volume).filter(key => key !== 'name'));
    expect(kinds.filter(kind => !['configMap', 'emptyDir', 'persistentVolumeClaim', 'secret'].includes(kind))).toEqual([]);
    expect([hostPID, hostNetwork]).toEqual([undefined, undefined]);
  });

  it('writes to its data, its metastore and /tmp alone', () => {
    const writable = server().volumeMounts!.filter(({ readOnly }) => !readOnly);
    expect(writable.map(({ mountPath, name, subPath }) => [mountPath, name, subPath])).toEqual([
      ['/data', 'data', 'data'], ['/data-metastore', 'data', 'metastore'], ['/tmp', 'tmp', undefined],
    ]);
    const { volumes } = podOf();
    expect(volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'pyroscope' } });
    expect(volumes).toContainEqual({ name: 'tmp', emptyDir: { sizeLimit: '4Gi' } });
  });

  it('is asked whether it is ready from inside, where its address is', () => {
    const { startupProbe, readinessProbe, livenessProbe, ports } = server();
    [startupProbe, readinessProbe].forEach(probe => {
      expect(probe!.exec!.command).toEqual(['/usr/bin/profilecli', 'ready', '--url=http://127.0.0.2:4042']);
      expect(probe).not.toHaveProperty('httpGet');
    });
    expect([livenessProbe, ports]).toEqual([undefined, undefined]);
  });

  it('has time to start and to stop', () => {
    const { periodSeconds, failureThreshold } = server().startupProbe as Required<Probe>;
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(90);
    expect(podOf().terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
  });

  it('keeps its heap below the limit of the container', () => {
    const heap = Number(server().env!.find(({ name }) => name === 'GOMEMLIMIT')!.value);
    expect(server().resources!.limits!.memory).toBe('4Gi');
    expect(heap).toBeGreaterThan(2 * 2 ** 30);
    expect(heap).toBeLessThan(4 * 2 ** 30);
  });

  it('has the gateway beside it, and no other port than its', () => {
    expect(podOf().containers.flatMap(({ ports = [] }) => ports)).toEqual([
      { name: 'https', containerPort: 7443, protocol: 'TCP' }, { name: 'probes', containerPort: 7444, protocol: 'TCP' },
    ]);
  });

  it('has no token of the API server', () => {
    expect(podOf().automountServiceAccountToken).toBe(false);
    expect(find<ServiceAccount>(render(pyroscope()), 'ServiceAccount', 'pyroscope', 'pyroscope').automountServiceAccountToken).toBe(false);
  });

  it('is one process, with the image of the document', () => {
    expect(statefulSet(render(pyroscope())).spec!.replicas).toBe(1);
    expect(server().image).toBe('docker.io/grafana/pyroscope:2.2.1');
  });

  it('reads what the document says', () => {
    const manifests = render(pyroscope({ retention: '14d' }));
    const spec = resolvedPyroscope({ retention: '14d' }).pyroscope;
    const file = (name: string, key: string): unknown => parse(find<ConfigMap>(manifests, 'ConfigMap', name, 'pyroscope').data![key]);
    expect(file('pyroscope', 'config.yaml')).toEqual(pyroscopeConfig(spec));
    expect(file('pyroscope-overrides', 'overrides.yaml')).toEqual({ overrides: tenantOverrides(spec) });
  });

  it('does not restart for a tenant, whose limits it reads while it runs', () => {
    expect(annotations({ tenants: [...TENANTS, { name: 'new', namespaces: ['new'], retention: '14d', ingestionRateMb: 8 }] })).toEqual(annotations());
    expect(annotations({ readers: [{ name: 'all', tenants: ['checkout'] }] })).toEqual(annotations());
  });

  it('restarts for a limit of all, which it reads at start', () => {
    expect(annotations({ retention: '14d' })).not.toEqual(annotations());
    expect(annotations({ storage: S3 })).not.toEqual(annotations());
  });

  it('asks for the volume as specified', () => {
    const claim = (keys: object): unknown => find<PersistentVolumeClaim>(render(pyroscope(keys)), 'PersistentVolumeClaim', 'pyroscope', 'pyroscope').spec;
    expect(claim({})).toEqual({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } });
    expect(claim({ persistence: { size: '50Gi', storageClassName: 'gp3' } }))
      .toEqual({ accessModes: ['ReadWriteOnce'], storageClassName: 'gp3', resources: { requests: { storage: '50Gi' } } });
  });

  it('reaches its bucket under an identity, and is found by the same labels as before', () => {
    const manifests = render(pyroscope({ storage: AZURE }));
    expect(find(manifests, 'ServiceAccount', 'pyroscope', 'pyroscope').metadata.annotations).toEqual({ 'azure.workload.identity/client-id': AZURE.azure.clientId });
    const { selector, template } = statefulSet(manifests).spec!;
    expect(template.metadata!.labels).toMatchObject({ ...selector.matchLabels, 'azure.workload.identity/use': 'true' });
    expect(selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'pyroscope' });
    expect(find(render(pyroscope()), 'ServiceAccount', 'pyroscope', 'pyroscope').metadata).not.toHaveProperty('annotations');
  });

  it('is not there where the chart is', () => {
    expect(render(pyroscope(CHART)).filter(({ kind, metadata }) => kind === 'StatefulSet' && metadata.namespace === 'pyroscope')).toEqual([]);
  });
});
