import { alloyValues } from '../../src/alloy/chart';
import type { Manifest } from '../../src/kube/manifest';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { summarize } from '../../src/render';
import { CHARTS } from '../../src/versions';
import { alloySlice, CHART, MICROSERVICES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { find, render, resolved } from '../support';

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
    const repository = find<Custom>(manifests, 'HelmRepository', 'grafana-charts');
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
      ['HelmRepository', 'grafana-charts'], ['HelmRelease', 'pyroscope'], ['HelmRelease', 'alloy'],
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

describe('The repository of the charts', () => {
  const images = (chartRepository: string) => ({ images: { pinning: 'tagsAllowed', chartRepository } });
  const of = (chartRepository: string, gitOps: object): Custom[] =>
    render({ ...images(chartRepository), ...pyroscope(CHART), gitOps }).filter(({ apiVersion }) => /argoproj|fluxcd/.test(apiVersion)) as Custom[];
  const command = (chartRepository: string) => summarize(resolved({ ...images(chartRepository), ...pyroscope(CHART) }), [], 'profiling.yaml').missing
    .map(missing => missing.command).find(text => text.startsWith('helm'));
  const { version } = CHARTS.pyroscope;

  it('is one of the company where it has one', () => {
    expect(of('https://charts.example.com', { argoCd: {} })[0].spec).toMatchObject({ source: { repoURL: 'https://charts.example.com', chart: 'pyroscope' } });
    expect(of('https://charts.example.com', { flux: {} })[0].spec).toEqual({ interval: '1h', url: 'https://charts.example.com' });
    expect(command('https://charts.example.com')).toContain(`pyroscope pyroscope --repo https://charts.example.com --version ${version} `);
  });

  // Each tool has its own way to say that it is a registry of images.
  it('may be a registry of images', () => {
    expect(of('oci://mirror.example.com/charts', { argoCd: {} })[0].spec).toMatchObject({ source: { repoURL: 'mirror.example.com/charts', chart: 'pyroscope' } });
    expect(of('oci://mirror.example.com/charts', { flux: {} })[0].spec).toEqual({ interval: '1h', type: 'oci', url: 'oci://mirror.example.com/charts' });
    expect(command('oci://mirror.example.com/charts')).toContain(`pyroscope oci://mirror.example.com/charts/pyroscope --version ${version} `);
  });
});

describe('The cluster of Argo CD', () => {
  it('is the one that the document names', () => {
    interface Application extends Manifest { readonly spec: { readonly destination: object } }
    const destination = (keys: object) => (emitted(CHART, { argoCd: { destination: keys } })[0] as Application).spec.destination;
    expect(destination({ name: 'prod' })).toEqual({ name: 'prod', namespace: 'pyroscope' });
    expect(destination({ server: 'https://10.0.0.10:6443' })).toEqual({ server: 'https://10.0.0.10:6443', namespace: 'pyroscope' });
  });
});

describe('Annotations for a GitOps tool', () => {
  const EVERYTHING = {
    ...pyroscope({ ...CHART, alloy: CHART }),
    admission: { platformGroups: ['a'] },
    access: { portForward: { groups: ['a'] } },
    externalSecrets: { storeRef: { name: 'vault' } },
    parca: { tls: { certManager: { issuerRef: { name: 'a' } } } },
  };
  const annotations = (gitOps: object | undefined, sections: object = EVERYTHING): Map<string, object> =>
    new Map(render({ ...sections, gitOps }).map(({ kind, metadata }) => [`${kind} ${metadata.name}`, metadata.annotations ?? {}]));
  const waves = (sections?: object): Record<string, string[]> => {
    const byWave: Record<string, Set<string>> = {};
    annotations({ argoCd: {} }, sections).forEach((own, name) => {
      (byWave[(own as Record<string, string>)['argocd.argoproj.io/sync-wave']] ??= new Set()).add(name.split(' ')[0]);
    });
    return Object.fromEntries(Object.entries(byWave).map(([wave, kinds]) => [wave, [...kinds].sort()]));
  };

  it('apply everything in an order that works, and every kind has its place', () => {
    expect(waves()).toEqual({
      '-2': ['ClusterRole', 'ClusterRoleBinding', 'Namespace', 'NetworkPolicy', 'PriorityClass', 'Role', 'RoleBinding', 'ServiceAccount'],
      '-1': ['Certificate', 'ConfigMap', 'ExternalSecret', 'PersistentVolumeClaim', 'PodDisruptionBudget', 'Service'],
      '0': ['DaemonSet', 'Deployment', 'StatefulSet'],
      '1': ['Application', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    });
    expect(waves({ admission: { engine: 'kyverno' } })['1']).toEqual(['ValidatingPolicy']);
    expect(waves({ admission: { engine: 'kyvernoClusterPolicy' } })['1']).toEqual(['ClusterPolicy']);
  });

  it('keep what cannot be made again', () => {
    const kept = (tool: object, key: string) => [...annotations(tool)].flatMap(([name, own]) => (key in own ? [`${name}: ${(own as Record<string, string>)[key]}`] : []));
    expect(kept({ argoCd: {} }, 'argocd.argoproj.io/sync-options')).toEqual(
      ['Namespace profiling', 'Namespace profiling-agents', 'Namespace pyroscope', 'PersistentVolumeClaim parca'].map(name => `${name}: Prune=false,Delete=false`));
    expect(kept({ flux: {} }, 'kustomize.toolkit.fluxcd.io/prune')).toEqual(
      ['Namespace profiling', 'Namespace profiling-agents', 'Namespace pyroscope', 'PersistentVolumeClaim parca'].map(name => `${name}: disabled`));
  });

  it('have no waves where Argo CD is not to have them, and keep the rest', () => {
    const own = annotations({ argoCd: { syncWaves: false } }).get('Namespace profiling');
    expect(own).toEqual({ 'hardened-profiling/cluster': 'dev', 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' });
    expect(annotations({ argoCd: { syncWaves: false } }).get('Service parca')).toEqual({});
  });

  it('say nothing to a tool that is not there', () => {
    const text = (gitOps?: object) => JSON.stringify([...annotations(gitOps)]);
    expect(text()).not.toMatch(/argocd|fluxcd/);
    expect(text({ flux: {} })).not.toContain('argocd');
    expect(text({ argoCd: {} })).not.toContain('fluxcd');
  });

  it('are on no pod, which they would restart', () => {
    const { template } = find<Manifest & { spec: { template: { metadata: object } } }>(render({ ...EVERYTHING, gitOps: { argoCd: {} } }), 'StatefulSet', 'parca').spec;
    expect(JSON.stringify(template.metadata)).not.toContain('argocd');
  });
});
