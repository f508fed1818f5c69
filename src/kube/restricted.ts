import type { PodSecurityContext, SecurityContext } from 'kubernetes-types/core/v1';

/**
 * The pod's half of Pod Security `restricted`, with one user for everything and its volumes.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedPod(uid: number): PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** The container's half, and a root file system that nothing writes to. */
export function restrictedContainer(): SecurityContext {
  return { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
}

/**
 * Root with these capabilities and nothing else that root usually has. On SELinux nodes, and on them alone, the type lets it reach what
 * containers are otherwise kept from, whatever they are root for.
 */
export function rootWithCapabilities(capabilities: readonly string[]): SecurityContext {
  return {
    runAsUser: 0,
    runAsGroup: 0,
    runAsNonRoot: false,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(capabilities.length > 0 && { add: [...capabilities] }) },
    seccompProfile: { type: 'RuntimeDefault' },
    seLinuxOptions: { type: 'spc_t' },
  };
}
