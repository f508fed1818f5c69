import { isOci } from './charts';
import type { Chart } from '../component';
import type { ResolvedGitOps } from '../config/resolved-spec';
import { labels } from '../kube/labels';
import type { Manifest, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { CHARTS } from '../versions';

/** Name of the repository of the charts, which is one for both. */
const REPOSITORY = 'grafana-charts';

type Custom = Manifest & { readonly spec: unknown };

/** Objects by which Argo CD or Flux installs the charts with our values. */
export function gitOps({ argoCd, flux }: ResolvedGitOps, charts: readonly Chart[], repository: string): Part {
  return {
    ...(argoCd && merge(charts.map(chart => ({ [`${chart.name}-application`]: application(argoCd, chart, repository) })))),
    ...(flux && charts.length > 0 && { 'helm-repository': helmRepository(flux.namespace, repository) }),
    ...(flux && merge(charts.map(chart => ({ [`${chart.name}-helm-release`]: helmRelease(flux.namespace, chart) })))),
  };
}

/** Kinds that hold what cannot be made again: claims, and namespaces with all that is in them. */
const KEPT: readonly string[] = ['Namespace', 'PersistentVolumeClaim'];

const FIRST: readonly string[] = [
  'ClusterRole', 'ClusterRoleBinding', 'Namespace', 'NetworkPolicy', 'PriorityClass', 'Role', 'RoleBinding', 'ServiceAccount',
];
const WORKLOADS: readonly string[] = ['DaemonSet', 'Deployment', 'StatefulSet'];
/** What the workloads have to be there for: policies that judge them, and charts beside them. */
const LAST: readonly string[] = ['Application', 'ClusterPolicy', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'ValidatingPolicy'];

/**
 * Annotations by which a GitOps tool keeps what must not be deleted, and applies in an order that works.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#no-prune-resources
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
export function gitOpsAnnotations({ argoCd, flux }: ResolvedGitOps, kind: string): Readonly<Record<string, string>> {
  const isKept = KEPT.includes(kind);
  return {
    ...(argoCd?.syncWaves && { 'argocd.argoproj.io/sync-wave': waveOf(kind) }),
    ...(argoCd && isKept && { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' }),
    ...(flux && isKept && { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }),
  };
}

function waveOf(kind: string): string {
  if (FIRST.includes(kind)) { return '-2'; }
  if (WORKLOADS.includes(kind)) { return '0'; }
  return LAST.includes(kind) ? '1' : '-1';
}

/** @see https://argo-cd.readthedocs.io/en/stable/user-guide/helm/#values */
function application(
  { namespace, project, destination }: NonNullable<ResolvedGitOps['argoCd']>, { name: chart, namespace: target, values }: Chart, repository: string,
): Custom {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: chart, namespace, labels: labels(chart) },
    spec: {
      project,
      source: {
        // A registry of images stands here without its scheme.
        repoURL: repository.replace(/^oci:\/\//, ''),
        chart: CHARTS[chart].name,
        targetRevision: CHARTS[chart].version,
        helm: { releaseName: chart, valuesObject: values },
      },
      destination: { ...destination, namespace: target },
      syncPolicy: { automated: { prune: true, selfHeal: true } },
    },
  };
}

/** @see https://fluxcd.io/flux/components/source/helmrepositories/ */
function helmRepository(namespace: string, repository: string): Custom {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: REPOSITORY, namespace, labels: labels(REPOSITORY) },
    spec: { interval: '1h', ...(isOci(repository) && { type: 'oci' }), url: repository },
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
