import type { SecurityContext, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { Context } from '../component';
import type { ResolvedCa } from '../config/resolved-spec';
import { podField } from '../kube/objects';
import { rootWithCapabilities } from '../kube/restricted';
import { compareVersions } from '../kube/version';

/**
 * Root, because capabilities reach only root without file capabilities; and nothing that root usually has.
 *
 * The runtimes' default AppArmor profile and SELinux type forbid to trace other processes, and the agent then silently
 * loses their frames. `spc_t` means something on SELinux nodes alone.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/contrib/apparmor/template.go
 */
export function profilerSecurityContext(spec: Context, capabilities: readonly string[], appArmorProfile?: string): SecurityContext {
  return {
    ...rootWithCapabilities(capabilities),
    ...(hasAppArmorField(spec) && {
      appArmorProfile: appArmorProfile ? { type: 'Localhost', localhostProfile: appArmorProfile } : { type: 'Unconfined' },
    }),
  };
}

/** Whether the API server knows the field; those before 1.30 drop it. */
export function hasAppArmorField({ cluster }: Context): boolean {
  return compareVersions(cluster.kubernetesVersion, '1.30') >= 0;
}

/** The CA certificates that a profiler trusts, as the file `ca.crt`. */
export function caVolume({ kind, name, key }: ResolvedCa): Volume {
  const items = [{ key, path: 'ca.crt' }];
  return kind === 'Secret' ? { name: 'ca', secret: { secretName: name, items } } : { name: 'ca', configMap: { name, items } };
}

/** The directory of the kernel that profilers read, the only one of the host. */
export const TRACEFS = '/sys/kernel/tracing';

export const TRACEFS_VOLUME: Volume = { name: 'tracefs', hostPath: { path: TRACEFS, type: 'Directory' } };
export const TRACEFS_MOUNT: VolumeMount = { name: 'tracefs', mountPath: TRACEFS, readOnly: true };

/** Service account token, CA and namespace as automounting would give them, but for one container alone and not for those beside it. */
export const API_ACCESS_VOLUME: Volume = {
  name: 'kube-api-access',
  projected: {
    defaultMode: 0o400,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', ...podField('metadata.namespace') }] } },
    ],
  },
};
export const API_ACCESS_MOUNT: VolumeMount = {
  name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true,
};
