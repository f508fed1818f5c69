import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec, PodTemplateSpec, SecurityContext } from 'kubernetes-types/core/v1';
import type { AdmissionExemptionSpec } from '../api/exemptions';
import { ReservedPrivilege } from '../api/exemptions';
import type { Complete } from '../kube/manifest';
import { POD_SECURITY_BASELINE } from '../versions';

/**
 * The privileges that the profilers have, as an exemption for their service accounts: for a namespace of others, where no policy
 * compares each pod with what is emitted.
 */
export function emittedExemption(daemonSets: ReadonlyArray<Complete<DaemonSet>>, namespace: string): AdmissionExemptionSpec[] {
  const templates = daemonSets.flatMap(({ spec }) => spec?.template ?? []);
  const pods = templates.flatMap(({ spec }) => spec ?? []);
  if (pods.length === 0) { return []; }
  return [{
    namespace,
    serviceAccounts: [...new Set(pods.map(({ serviceAccountName }) => serviceAccountName ?? 'default'))].sort(),
    privileges: [...new Set(templates.flatMap(privilegesOf))].sort(),
    hostPaths: hostPathsOf(pods),
    reason: 'the profilers of this deployment',
  }];
}

const HARMLESS_CAPABILITIES: readonly string[] = POD_SECURITY_BASELINE.capabilities;

/** AppArmor is told by the field, and before Kubernetes 1.30 by annotations. */
function isUnconfined({ metadata }: PodTemplateSpec, contexts: ReadonlyArray<SecurityContext & { appArmorProfile?: { type: string } }>): boolean {
  return contexts.some(({ appArmorProfile }) => appArmorProfile?.type === 'Unconfined')
    || Object.entries(metadata?.annotations ?? {}).some(([key, value]) => key.startsWith('container.apparmor.security.beta.kubernetes.io/') && value === 'unconfined');
}

function privilegesOf(template: PodTemplateSpec): ReservedPrivilege[] {
  const { initContainers = [], containers, hostPID } = template.spec!;
  const contexts = [...initContainers, ...containers].flatMap(({ securityContext }) => securityContext ?? []);
  return [
    ...contexts.flatMap(({ capabilities: { add = [] } = {} }) => add).filter(name => !HARMLESS_CAPABILITIES.includes(name)) as ReservedPrivilege[],
    ...(hostPID ? [ReservedPrivilege.HOST_PID] : []),
    ...(isUnconfined(template, contexts) ? [ReservedPrivilege.APP_ARMOR_UNCONFINED] : []),
    ...(contexts.some(({ seLinuxOptions }) => seLinuxOptions) ? [ReservedPrivilege.SE_LINUX_OPTIONS] : []),
  ];
}

function hostPathsOf(pods: readonly PodSpec[]): Array<{ path: string; writable: boolean }> {
  const writable = new Map<string, boolean>();
  for (const { volumes = [], containers, initContainers = [] } of pods) {
    for (const { name, hostPath } of volumes) {
      if (!hostPath) { continue; }
      const mounts = [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) => volumeMounts).filter(mount => mount.name === name);
      const isWritten = mounts.some(({ readOnly }) => !readOnly);
      writable.set(hostPath.path, (writable.get(hostPath.path) ?? false) || isWritten);
    }
  }
  return [...writable].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, isWritten]) => ({ path, writable: isWritten }));
}
