/**
 * Every fact that changes with upstream releases: one place to look, with the day it was checked and where.
 *
 * Digests are not listed: they can only be taken from a registry one trusts, at the moment one pins.
 */

/**
 * Default images, checked 2026-11-23. HAProxy 3.2 is a long-term line; 3.2.26 is its newest release in Debian testing. The image of
 * the inventory is built by its users; a name that no registry serves cannot be taken by somebody else.
 *
 * @see https://github.com/parca-dev/parca/releases
 * @see https://github.com/parca-dev/parca-agent/releases
 * @see https://hub.docker.com/_/haproxy
 * @see https://hub.docker.com/_/busybox
 * @see https://github.com/grafana/pyroscope/releases
 * @see https://github.com/grafana/alloy/releases
 */
export const DEFAULT_IMAGES = {
  parca: 'ghcr.io/parca-dev/parca:v0.28.0',
  agent: 'ghcr.io/parca-dev/parca-agent:v0.49.0',
  gateway: 'docker.io/library/haproxy:3.2.26',
  preflight: 'docker.io/library/busybox:1.37.0',
  nodeSettings: 'docker.io/library/busybox:1.37.0',
  ebpfInventory: 'localhost/hardened-profiling/ebpf-inventory:1',
  pyroscope: 'docker.io/grafana/pyroscope:2.2.1',
  alloy: 'docker.io/grafana/alloy:v1.18.1',
} as const;

/**
 * The lowest tags whose flags the manifests use. Agents from v0.48 write a schema that servers before v0.28 refuse,
 * and `--instrument-cuda-launch` is on by default since v0.49. Pyroscope before 2.2.0 let requests without a tenant pass on
 * one of its ports and never deleted what had expired. Alloy's set of capabilities is published since v1.16.3.
 *
 * @see https://github.com/parca-dev/parca/blob/v0.28.0/pkg/parca/parca.go
 * @see https://github.com/parca-dev/parca-agent/blob/v0.49.0/flags/flags.go
 * @see https://github.com/grafana/pyroscope/pull/5251
 * @see https://github.com/grafana/alloy/pull/6002
 */
export const LOWEST_VERSIONS = { parca: '0.28.0', agent: '0.49.0', pyroscope: '2.2.0', alloy: '1.16.3' } as const;

/**
 * The Helm charts that values are made for, checked 2026-11-23.
 *
 * @see https://github.com/grafana/helm-charts/releases/tag/pyroscope-2.2.1
 * @see https://github.com/grafana/alloy/tree/main/operations/helm/charts/alloy
 */
export const CHARTS = {
  repository: 'https://grafana.github.io/helm-charts',
  pyroscope: { name: 'pyroscope', version: '2.2.1' },
  alloy: { name: 'alloy', version: '1.11.1' },
} as const;

/**
 * The generation of the agent that still loads on kernels below 5.10. All four releases have the flags used.
 *
 * @see https://github.com/parca-dev/parca-agent/blob/v0.30.0/cmd/parca-agent/main.go
 */
export const FALLBACK_AGENT_VERSIONS = ['0.28.0', '0.29.0', '0.30.0', '0.31.0', '0.31.1'] as const;

/**
 * The oldest kernel for the current agent: its programs use ring buffers and its README asks for 5.10.
 *
 * @see https://github.com/parca-dev/opentelemetry-ebpf-profiler#supported-linux-kernel-version
 */
export const LOWEST_KERNEL = '5.10';

/**
 * The oldest container runtimes whose default seccomp profile allows `bpf` to the capability BPF, checked 2026-11-23. That of CRI-O
 * allows `perf_event_open` to PERFMON only since a change of 2025-10-29; in which release that is was not found out.
 *
 * @see https://github.com/containerd/containerd/pull/7301
 * @see https://github.com/containers/common/pull/2534
 */
export const LOWEST_RUNTIMES = {
  'containerd': { version: '1.6.9', isCertain: true },
  'cri-o': { version: '1.31.0', isCertain: false },
} as const;

/** The oldest API server supported, and the one assumed where the specification names none. */
export const KUBERNETES = { lowest: '1.28', assumed: '1.30' } as const;

/**
 * The oldest API server for each engine of admission policies, checked 2026-11-23. ValidatingAdmissionPolicy v1 is served from
 * 1.30. Kyverno's ValidatingPolicy v1 came with 1.17, which was tested on 1.32 to 1.35; ClusterPolicy is older than all.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 * @see https://kyverno.io/docs/installation/releases/
 */
export const LOWEST_KUBERNETES_OF_ENGINE = {
  validatingAdmissionPolicy: '1.30', kyverno: '1.30', kyvernoClusterPolicy: '1.28',
} as const;

/**
 * Capabilities, SELinux types and sysctls that Pod Security `baseline` lets every pod have, checked 2026-11-27 in 1.34. Sysctls were added in 1.27, 1.29 and 1.32, the last type of
 * SELinux in 1.31: what is missing here is refused, so that a later version can only ask for more.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
 * @see https://github.com/kubernetes/kubernetes/tree/v1.34.4/staging/src/k8s.io/pod-security-admission/policy
 */
export const POD_SECURITY_BASELINE = {
  capabilities: [
    'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
  ],
  seLinuxTypes: ['', 'container_engine_t', 'container_init_t', 'container_kvm_t', 'container_t'],
  sysctls: [
    'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.ip_unprivileged_port_start',
    'net.ipv4.ping_group_range', 'net.ipv4.tcp_fin_timeout', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
    'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_syncookies', 'net.ipv4.tcp_wmem',
  ],
} as const;

/**
 * Kinds of volumes that stay with the pod: those of Pod Security `restricted`, and images, which are mounted read-only. Checked 2026-11-27.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export const HARMLESS_VOLUMES = [
  'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret',
] as const;
