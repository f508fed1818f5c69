import { alloyValues } from '../../src/alloy/chart';
import type { Manifest } from '../../src/kube/manifest';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { CHARTS } from '../../src/versions';
import { alloySlice, CHART, MICROSERVICES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { find, render } from '../support';

type Custom = Manifest & { readonly spec: unknown };
const emitted = (keys: object, gitOps?: object): Manifest[] => render({ ...pyroscope(keys), gitOps }).filter(({ apiVersion }) => /argoproj|fluxcd/.test(apiVersion));

describe('The Application of Argo CD', () => {
  const keys = { ...MICROSERVICES, namespace: 'prof' };

  it('installs the chart with our values, under the names that the NetworkPolicies know', () => {
    const application = find<Custom>(emitted(keys, { argoCd: {} }), 'Application', 'pyroscope', 'argocd');
    expect(application.apiVersion).toBe('argoproj.io/v1alpha1');
    expect(application.spec).toEqual({
      project: 'default',
      source: {
        repoURL: 'https://grafana.github.io/helm-charts',
        chart: 'pyroscope',
        targetRevision: CHARTS.pyroscope.version,
        helm: { releaseName: 'pyroscope', valuesObject: pyroscopeValues(resolvedPyroscope(keys)) },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'prof' },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    });
  });

  it('is where the document wants it', () => {
    const argoCd = { namespace: 'gitops', project: 'platform' };
    expect(find<Custom>(emitted(CHART, { argoCd }), 'Application', 'pyroscope', 'gitops').spec).toMatchObject({ project: 'platform' });
  });

  it('comes alone', () => {
    expect(emitted(keys, { argoCd: {} }).map(({ kind }) => kind)).toEqual(['Application']);
  });
});

describe('The release of Flux', () => {
  const keys = { ...CHART, namespace: 'prof' };

  it('installs the chart with our values from a repository of its own', () => {
    const manifests = emitted(keys, { flux: { namespace: 'gitops' } });
    expect(manifests.map(({ apiVersion, kind, metadata }) => [apiVersion, kind, metadata.namespace])).toEqual([
      ['source.toolkit.fluxcd.io/v1', 'HelmRepository', 'gitops'], ['helm.toolkit.fluxcd.io/v2', 'HelmRelease', 'gitops'],
    ]);
    const repository = find<Custom>(manifests, 'HelmRepository', 'pyroscope');
    expect(repository.spec).toMatchObject({ url: 'https://grafana.github.io/helm-charts' });
    const release = find<Custom & { spec: { chart: unknown } }>(manifests, 'HelmRelease', 'pyroscope');
    expect(release.spec).toMatchObject({
      releaseName: 'pyroscope', targetNamespace: 'prof', storageNamespace: 'prof', values: pyroscopeValues(resolvedPyroscope(keys)),
    });
    expect(release.spec.chart).toEqual({
      spec: { chart: 'pyroscope', version: CHARTS.pyroscope.version, sourceRef: { kind: 'HelmRepository', name: repository.metadata.name } },
    });
  });

  it('is in the namespace of Flux by default', () => {
    expect(emitted(CHART, { flux: {} }).map(({ metadata }) => metadata.namespace)).toEqual(['flux-system', 'flux-system']);
  });
});

describe('Both charts', () => {
  const both = { ...CHART, alloy: CHART };

  it('are installed by Argo CD, each in its namespace', () => {
    interface Application extends Manifest { readonly spec: { readonly source: object; readonly destination: object } }
    const applications = emitted(both, { argoCd: {} }) as Application[];
    expect(applications.map(({ metadata, spec }) => [metadata.name, spec.destination])).toEqual([
      ['pyroscope', { server: 'https://kubernetes.default.svc', namespace: 'pyroscope' }],
      ['alloy', { server: 'https://kubernetes.default.svc', namespace: 'profiling-agents' }],
    ]);
    expect(applications[1].spec.source).toMatchObject({
      chart: 'alloy', targetRevision: CHARTS.alloy.version, helm: { releaseName: 'alloy', valuesObject: alloyValues(alloySlice(resolvedPyroscope(both))) },
    });
  });

  it('are installed by Flux from one repository', () => {
    expect(emitted(both, { flux: {} }).map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['HelmRepository', 'pyroscope'], ['HelmRelease', 'pyroscope'], ['HelmRelease', 'alloy'],
    ]);
  });

  it('are not needed together: Alloy comes alone where Pyroscope has no chart', () => {
    expect(emitted({ alloy: CHART }, { argoCd: {} }).map(({ metadata }) => metadata.name)).toEqual(['alloy']);
  });
});

describe('Without a tool for GitOps', () => {
  it('nothing of one is emitted', () => {
    expect([...emitted(CHART), ...emitted({})]).toEqual([]);
  });
});
