import { pyroscopeValues } from './chart';
import { PYROSCOPE_NAME } from './names';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';
import type { ResolvedSpec } from '../spec/resolved-spec';
import { CHARTS } from '../versions';

/** What lets Argo CD or Flux install the chart with our values; nothing unless the specification asks for it. */
export function gitOps(spec: ResolvedSpec): Part {
  const { pyroscope } = spec;
  const values = pyroscopeValues(spec);
  if (!pyroscope?.gitOps || !values) { return {}; }
  const { argoCd, flux } = pyroscope.gitOps;
  return {
    ...(argoCd && { application: application(argoCd, pyroscope.namespace, values) }),
    ...(flux && { 'helm-repository': helmRepository(flux.namespace), 'helm-release': helmRelease(flux.namespace, pyroscope.namespace, values) }),
  };
}

type Custom = Manifest & { readonly spec: unknown };

/** @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values */
function application({ namespace, project }: { namespace: string; project: string }, target: string, valuesObject: object): Custom {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: PYROSCOPE_NAME, namespace, labels: labels(PYROSCOPE_NAME) },
    spec: {
      project,
      source: {
        repoURL: CHARTS.repository,
        chart: CHARTS.pyroscope.name,
        targetRevision: CHARTS.pyroscope.version,
        helm: { releaseName: PYROSCOPE_NAME, valuesObject },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: target },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  };
}

/** @see https://fluxcd.io/flux/components/source/helmrepositories/ */
function helmRepository(namespace: string): Custom {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: PYROSCOPE_NAME, namespace, labels: labels(PYROSCOPE_NAME) },
    spec: { interval: '1h', url: CHARTS.repository },
  };
}

/** @see https://fluxcd.io/flux/components/helm/helmreleases/ */
function helmRelease(namespace: string, targetNamespace: string, values: object): Custom {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: PYROSCOPE_NAME, namespace, labels: labels(PYROSCOPE_NAME) },
    spec: {
      interval: '1h',
      releaseName: PYROSCOPE_NAME,
      targetNamespace,
      storageNamespace: targetNamespace,
      chart: {
        spec: {
          chart: CHARTS.pyroscope.name,
          version: CHARTS.pyroscope.version,
          sourceRef: { kind: 'HelmRepository', name: PYROSCOPE_NAME },
        },
      },
      values,
    },
  };
}
