import { pyroscopeValues } from './chart';
import { PYROSCOPE_NAME } from './names';
import { alloyValues } from '../alloy/chart';
import type { ResolvedSpec } from '../config/resolved-spec';
import type { HelmValues } from '../kube/helm';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { CHARTS } from '../versions';

/** A chart with the values made for it, and the namespace it is installed in. */
interface Release {
  readonly chart: 'alloy' | 'pyroscope';
  readonly namespace: string;
  readonly values: HelmValues;
}

type Custom = Manifest & { readonly spec: unknown };

/** What lets Argo CD or Flux install the charts with our values; nothing unless the specification asks for it. */
export function gitOps(spec: ResolvedSpec): Part {
  const { pyroscope, parca } = spec;
  if (!pyroscope?.gitOps) { return {}; }
  const { argoCd, flux } = pyroscope.gitOps;
  const releases = [
    ...release('pyroscope', pyroscope.namespace, pyroscopeValues(spec)),
    ...release('alloy', parca.agentNamespace, alloyValues(spec)),
  ];
  return {
    ...(argoCd && merge(releases.map(one => ({ [`${one.chart}-application`]: application(argoCd, one) })))),
    ...(flux && { 'helm-repository': helmRepository(flux.namespace) }),
    ...(flux && merge(releases.map(one => ({ [`${one.chart}-helm-release`]: helmRelease(flux.namespace, one) })))),
  };
}

function release(chart: Release['chart'], namespace: string, values: HelmValues | undefined): Release[] {
  return values ? [{ chart, namespace, values }] : [];
}

/** @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values */
function application({ namespace, project }: { namespace: string; project: string }, { chart, namespace: target, values }: Release): Custom {
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
    metadata: { name: PYROSCOPE_NAME, namespace, labels: labels(PYROSCOPE_NAME) },
    spec: { interval: '1h', url: CHARTS.repository },
  };
}

/** @see https://fluxcd.io/flux/components/helm/helmreleases/ */
function helmRelease(namespace: string, { chart, namespace: target, values }: Release): Custom {
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: chart, namespace, labels: labels(chart) },
    spec: {
      interval: '1h',
      releaseName: chart,
      targetNamespace: target,
      storageNamespace: target,
      chart: { spec: { chart: CHARTS[chart].name, version: CHARTS[chart].version, sourceRef: { kind: 'HelmRepository', name: PYROSCOPE_NAME } } },
      values,
    },
  };
}
