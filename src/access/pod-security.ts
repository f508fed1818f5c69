import type { Namespace } from 'kubernetes-types/core/v1';
import { AdmissionAction } from '../api/admission';
import type { ResolvedCluster, ResolvedSpec } from '../config/resolved-spec';
import type { Complete } from '../kube/manifest';
import { toYamlStream } from '../kube/yaml';

type Mode = 'enforce' | 'audit' | 'warn';

/**
 * The labels that keep a namespace to a level.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export function podSecurityLabels(level: 'privileged' | 'restricted', cluster: ResolvedCluster, modes: readonly Mode[] = ['enforce', 'audit', 'warn']): Record<string, string> {
  // Pinned, so that an upgrade of the API server does not change what is admitted; to the oldest server supported,
  // because a newer one knows all older versions of the standards.
  const version = `v${cluster.kubernetesVersion}`;
  return Object.fromEntries(modes.flatMap(mode => [[`pod-security.kubernetes.io/${mode}`, level], [`pod-security.kubernetes.io/${mode}-version`, version]]));
}

/** Field manager that applies the labels below: with a name of its own it owns them and nothing else of a namespace. */
export const POD_SECURITY_FIELD_MANAGER = 'hardened-profiling-pod-security';

/**
 * Labels of other people's namespaces, as a file; none unless `admission.podSecurity` names some.
 *
 * They have a name and labels and nothing else, so that server-side apply takes over nothing else. They are not among the manifests: who
 * deletes those, or lets a tool prune them, must not delete the namespaces of others.
 */
export function podSecurityFiles({ cluster, admission }: ResolvedSpec): Readonly<Record<string, string>> {
  const names = admission?.podSecurity?.restrictedNamespaces ?? [];
  if (!admission || names.length === 0) { return {}; }
  const modes: readonly Mode[] = admission.action === AdmissionAction.ENFORCE ? ['enforce', 'audit', 'warn'] : ['audit', 'warn'];
  const namespaces = names.map((name): Complete<Namespace> => ({
    apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: podSecurityLabels('restricted', cluster, modes) },
  }));
  return { 'namespaces.yaml': toYamlStream(namespaces) };
}
