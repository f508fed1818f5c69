import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec, SecurityContext } from 'kubernetes-types/core/v1';
import type { AdmissionExemptionSpec } from '../api/exemptions';
import { ReservedPrivilege } from '../api/exemptions';
import type { Complete } from '../kube/manifest';
import { POD_SECURITY_BASELINE } from '../versions';

/**
 * The privileges that the profilers have, as an exemption for their service accounts: for a namespace of others, where no policy
 * compares each pod with what is emitted.
 */
export function emittedExemption(daemonSets: ReadonlyArray<Complete<DaemonSet>>, namespace: string): AdmissionExemptionSpec[] {
  const pods = daemonSets.flatMap(({ spec }) => spec?.template.spec ?? []);
  if (pods.length === 0) { return []; }
  return [{
    namespace,
    serviceAccounts: [...new Set(pods.map(({ serviceAccountName }) => serviceAccountName ?? 'default'))].sort(),
    privileges: [...new Set(pods.flatMap(privilegesOf))].sort(),
    hostPaths: hostPathsOf(pods),
    reason: 'the profilers of this deployment',
  }];
}

function privilegesOf(pod: PodSpec): ReservedPrivilege[] {
  const contexts = [...pod.initContainers ?? [], ...pod.containers].flatMap(({ securityContext }) => securityContext ?? []);
  const isUnconfined = ({ appArmorProfile }: SecurityContext & { appArmorProfile?: { type: string } }): boolean => appArmorProfile?.type === 'Unconfined';
  const capabilities = contexts.flatMap(({ capabilities: { add = [] } = {} }) => add).filter(name => !(POD_SECURITY_BASELINE.capabilities as readonly string[]).includes(name));
  return [
    ...capabilities as ReservedPrivilege[],
    ...(pod.hostPID ? [ReservedPrivilege.HOST_PID] : []),
    ...(contexts.some(isUnconfined) ? [ReservedPrivilege.APP_ARMOR_UNCONFINED] : []),
    ...(contexts.some(({ seLinuxOptions }) => seLinuxOptions) ? [ReservedPrivilege.SE_LINUX_OPTIONS] : []),
  ];
}

function hostPathsOf(pods: readonly PodSpec[]): Array<{ path: string; writable: boolean }> {
  const writable = new Map<string, boolean>();
  for (const { volumes = [], containers, initContainers = [] } of pods) {
    for (const { name, hostPath } of volumes) {
      if (!hostPath) { continue; }
      const isWritten = [...containers, ...initContainers].some(({ volumeMounts = [] }) => volumeMounts.some(mount => mount.name === name && !mount.readOnly));
      writable.set(hostPath.path, (writable.get(hostPath.path) ?? false) || isWritten);
    }
  }
  return [...writable].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, isWritten]) => ({ path, writable: isWritten }));
}
