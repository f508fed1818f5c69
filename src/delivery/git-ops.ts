import type { Chart } from '../component';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { CHARTS } from '../versions';

/** The charts of both products are in one repository. */
const REPOSITORY = 'pyroscope';

type Custom = Manifest & { readonly spec: unknown };

/** Objects by which Argo CD or Flux installs the charts with our values; none unless the specification asks for it. */
export function gitOps({ argoCd, flux }: NonNullable<ResolvedPyroscope['gitOps']>, charts: readonly Chart[]): Part {
  return {
    ...(argoCd && merge(charts.map(chart => ({ [`${chart.name}-application`]: application(argoCd, chart) })))),
    ...(flux && { 'helm-repository': helmRepository(flux.namespace) }),
    ...(flux && merge(charts.map(chart => ({ [`${chart.name}-helm-release`]: helmRelease(flux.namespace, chart) })))),
  };
}

/** @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values */
function application({ namespace, project }: { namespace: string; project: string }, { name: chart, namespace: target, values }: Chart): Custom {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: chart, namespace, labels: labels(chart) },
    spec: {
      project,
      source: {
        repoURL: CHARTS.repository,
        chart: CHARTS[chart].name,
        targetRevision: CHARTS[chart].version,
        helm: { releaseName: chart, valuesObject: values },
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
    metadata: { name: REPOSITORY, namespace, labels: labels(REPOSITORY) },
    spec: { interval: '1h', url: CHARTS.repository },
  };
}

/** @see https://fluxcd.io/flux/components/helm/helmreleases/ */
function helmRelease(namespace: string, { name: chart, namespace: target, values }: Chart): Custom {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: chart, namespace, labels: labels(chart) },
    spec: {
      interval: '1h',
      releaseName: chart,
      targetNamespace: target,
      storageNamespace: target,
      chart: { spec: { chart: CHARTS[chart].name, version: CHARTS[chart].version, sourceRef: { kind: 'HelmRepository', name: REPOSITORY } } },
      values,
    },
  };
}
