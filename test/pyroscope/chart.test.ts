import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1';
import { validPyroscope } from './arbitraries';
import { AZURE, CHART, GCS, MICROSERVICES, pyroscope, resolvedPyroscope, resolvedSection, S3 } from './tenants';
import { CHART_VALUES, unknownKeys } from './upstream';
import { readDocument } from '../../src/config/document';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { renderHelmValues } from '../../src/render';
import { resolve } from '../../src/resolve';
import { runs } from '../property-runs';
import { find, render, resolved } from '../support';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** The part of the values that these tests look at. */
interface Values {
  readonly architecture: { readonly storage: object; readonly microservices: object };
  readonly pyroscope: Readonly<Record<string, unknown>> & {
    readonly extraArgs: Readonly<Record<string, unknown>>;
    readonly structuredConfig: { readonly analytics: object };
    readonly serviceAccount: object;
    readonly podAnnotations?: Readonly<Record<string, string>>;
  };
  readonly alloy: object;
  readonly agent: object;
  readonly minio: object;
}

const values = (keys: object = CHART, sections: object = {}): Values => pyroscopeValues(resolvedPyroscope(keys, sections)) as unknown as Values;

describe('Values of Pyroscope\'s chart', () => {
  it.each(readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml')))('of %s have no path that the chart does not know', file => {
    const document = readDocument(join(EXAMPLES, file));
    const { pyroscope: ours } = renderHelmValues(resolve(document.value, document));
    expect(ours === undefined ? [] : unknownKeys(ours, CHART_VALUES)).toEqual([]);
  });

  it('have no path and no key that nobody reads, and no kind of value that is not wanted', () => {
    fc.assert(fc.property(validPyroscope, section => {
      const ours = pyroscopeValues(resolvedSection(section));
      fc.pre(ours !== undefined);
      expect(unknownKeys(ours, CHART_VALUES)).toEqual([]);
    }), runs(150));
  });

  it('are none where the manifests are our own, and without Pyroscope', () => {
    expect(pyroscopeValues(resolvedPyroscope())).toBeUndefined();
    expect(renderHelmValues(resolved())).toEqual({});
  });

  it('keep every object\'s name, for the gateway and the NetworkPolicies', () => {
    expect(values().pyroscope).toMatchObject({ fullnameOverride: 'pyroscope', serviceAccount: { create: true, name: 'pyroscope' } });
  });

  it('switch off everything that comes along', () => {
    const { alloy, agent, minio } = values();
    expect([alloy, agent, minio]).toEqual([{ enabled: false }, { enabled: false }, { enabled: false }]);
  });

  it('report nothing to anybody, and send no profiles of itself', () => {
    expect(values().pyroscope.structuredConfig.analytics).toEqual({ reporting_enabled: false });
    expect(values().pyroscope.disableSelfProfile).toBe(true);
  });

  // Its namespace is sensitive: the policy of the opt-in label would refuse pods that ask for profiles.
  it('take back the annotations with which the chart asks to be profiled', () => {
    ['cpu', 'goroutine', 'memory'].forEach(kind => {
      expect(values().pyroscope.podAnnotations).toMatchObject({ [`profiles.grafana.com/${kind}.scrape`]: 'false' });
    });
  });

  it('store with the second architecture alone', () => {
    expect(values().architecture).toEqual({ storage: { v1: false, v2: true }, microservices: { enabled: false } });
    expect(values(MICROSERVICES).architecture).toEqual({ storage: { v1: false, v2: true }, microservices: { enabled: true } });
  });

  it('do not run what shows every tenant, or what the gateway lets nobody use', () => {
    const { components } = values(MICROSERVICES).pyroscope;
    expect(components).toMatchObject({ 'admin': { replicaCount: 0 }, 'ad-hoc-profiles': { replicaCount: 0 } });
    expect(Object.keys(components as object).sort()).toEqual(['ad-hoc-profiles', 'admin', 'metastore']);
  });

  it('give the metastore a volume that stays, and nothing else one that nobody makes', () => {
    const volume = { enabled: true, size: '10Gi' };
    expect(values(CHART).pyroscope).toMatchObject({ persistence: volume });
    expect(values(CHART).pyroscope).not.toHaveProperty('components');
    expect(values(MICROSERVICES).pyroscope).toMatchObject({ components: { metastore: { persistence: volume } } });
    expect(values(MICROSERVICES).pyroscope).not.toHaveProperty('persistence');
    const persistence = { size: '50Gi', storageClassName: 'gp3' };
    expect(values({ ...CHART, persistence }).pyroscope.persistence).toEqual({ enabled: true, ...persistence });
  });

  it('leave each component its own resources', () => {
    expect(values(CHART).pyroscope).toHaveProperty('resources.limits.memory');
    expect(values(MICROSERVICES).pyroscope).not.toHaveProperty('resources');
  });

  it.each<[string, object]>([['single binary', CHART], ['microservices', MICROSERVICES]])('fit Pod Security restricted: %s', (_, keys) => {
    const ours = values(keys).pyroscope;
    expect(ours.podSecurityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } });
    expect(ours.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(ours.extraVolumes).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '4Gi' } }]);
    expect(ours.extraVolumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  it('leave time to hand over what is in memory', () => {
    expect(values().pyroscope.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
  });

  it('take the image of the document, digest and all', () => {
    const digest = `sha256:${'1'.repeat(64)}`;
    const images = { pinning: 'tagsAllowed', pyroscope: `registry.example.com/mirror/pyroscope:2.2.1@${digest}` };
    expect(values(CHART, { images }).pyroscope.image)
      .toEqual({ registry: 'registry.example.com', repository: 'mirror/pyroscope', tag: `2.2.1@${digest}` });
  });

  it.each<[string, object, object, object | undefined]>([
    ['Amazon', S3, { 'eks.amazonaws.com/role-arn': S3.s3.roleArn }, undefined],
    ['Google', GCS, { 'iam.gke.io/gcp-service-account': GCS.gcs.serviceAccount }, undefined],
    ['Microsoft', AZURE, { 'azure.workload.identity/client-id': AZURE.azure.clientId }, { 'azure.workload.identity/use': 'true' }],
  ])('name the identity at %s', (_, storage, annotations, extraLabels) => {
    const ours = values({ ...CHART, storage }).pyroscope;
    expect(ours.serviceAccount).toMatchObject({ annotations });
    expect(ours.extraLabels).toEqual(extraLabels);
  });

  it('are the same as what the construct and the command line hand out', () => {
    expect(renderHelmValues(resolvedPyroscope(CHART)).pyroscope).toEqual(values());
    expect(Object.keys(renderHelmValues(resolvedPyroscope()))).toEqual([]);
  });
});

describe('The role of Pyroscope\'s pods', () => {
  it('takes the place of that of the chart, in the right namespace', () => {
    expect(values().pyroscope.rbac).toEqual({ create: false });
    const manifests = render(pyroscope({ ...MICROSERVICES, namespace: 'prof-db' }));
    const { rules } = find<Role>(manifests, 'Role', 'pyroscope-endpoints', 'prof-db');
    expect(rules).toEqual([
      { apiGroups: [''], resources: ['endpoints'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
    ]);
    const { roleRef, subjects } = find<RoleBinding>(manifests, 'RoleBinding', 'pyroscope-endpoints', 'prof-db');
    expect(roleRef).toMatchObject({ kind: 'Role', name: 'pyroscope-endpoints' });
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'pyroscope', namespace: 'prof-db' }]);
  });

  it('is not there where one process needs to find nobody', () => {
    expect(render(pyroscope()).filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'pyroscope')).toEqual([]);
  });
});
