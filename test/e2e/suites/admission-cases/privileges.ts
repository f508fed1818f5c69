import type { Container, PodSpec, SecurityContext, Volume } from 'kubernetes-types/core/v1';
import type { AdmissionCase, AnyObject } from './rows';
import { adding, BAD, controller, create, debug, ELSEWHERE, GOOD, KINDS, pod, PRIVILEGED, update, withContainer, withMetadata } from './rows';
import { SPELLINGS } from './spellings';
import { POD_SECURITY_BASELINE } from '../../../../src/versions';
import { TOOLS_IMAGE } from '../../cluster/images';

export const reserved = (what: string): AdmissionCase['refusedBy'] =>
  ['restrict-privileges', new RegExp(`this reaches the node.*${what.replace(/[().]/g, '\\$&')}.*ask the platform team`)];

const as = (securityContext: SecurityContext, more: Partial<Container> = {}): Container => ({ ...GOOD, ...more, securityContext });
const pods = (spec: Partial<PodSpec>): AnyObject => pod('shop', spec);
const inContainer = (securityContext: SecurityContext): AnyObject => pods({ containers: [as(securityContext)] });
const mounting = (...volumes: Volume[]): AnyObject => pods({ volumes });

/** Every capability of Linux 6.12 that is not in Pod Security baseline. */
const CAPABILITIES = [
  'ALL', 'AUDIT_CONTROL', 'AUDIT_READ', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'IPC_OWNER', 'LEASE', 'LINUX_IMMUTABLE',
  'MAC_ADMIN', 'MAC_OVERRIDE', 'NET_ADMIN', 'NET_BROADCAST', 'NET_RAW', 'PERFMON', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE',
  'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'SYSLOG', 'WAKE_ALARM',
];

/** Paths that make root of whoever mounts them, or show what others have. */
const PATHS = [
  '/', '/proc', '/dev', '/dev/mem', '/etc', '/etc/kubernetes', '/etc/cni/net.d', '/root', '/run/containerd/containerd.sock', '/var/run/docker.sock', '/var/run/crio/crio.sock',
  '/sys', '/sys/kernel/tracing', '/sys/fs/bpf', '/sys/fs/cgroup', '/var/lib/kubelet', '/var/lib/kubelet/pods', '/var/lib/hardened-profiling/ebpf-inventory', '/var/log', '/tmp', '/srv/data',
];

/** Kinds of volumes that the node mounts, or runs a program for. */
const NODE_VOLUMES: Volume[] = [
  { name: 'v', nfs: { server: '10.0.0.1', path: '/' } },
  { name: 'v', iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.com.example:storage', lun: 0 } },
  { name: 'v', flexVolume: { driver: 'example.com/any' } },
  { name: 'v', fc: { targetWWNs: ['500a0982991b8dc5'], lun: 0 } },
  { name: 'v', cephfs: { monitors: ['10.0.0.1'] } },
  { name: 'v', rbd: { monitors: ['10.0.0.1'], image: 'image' } },
  { name: 'v', glusterfs: { endpoints: 'e', path: 'p' } },
  { name: 'v', gitRepo: { repository: 'https://example.com/any.git' } },
  { name: 'v', azureFile: { secretName: 's', shareName: 'share' } },
];

const HARMLESS_VOLUMES: Volume[] = [
  { name: 'v', emptyDir: {} },
  { name: 'v', configMap: { name: 'any' } },
  { name: 'v', secret: { secretName: 'any' } },
  { name: 'v', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
  { name: 'v', downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
  { name: 'v', persistentVolumeClaim: { claimName: 'any' } },
  { name: 'v', csi: { driver: 'secrets-store.csi.k8s.io' } },
];

function ofCapabilities(): AdmissionCase[] {
  return [
    ...CAPABILITIES.map(name => create(`pod adds ${name}`, pods({ containers: [adding(name)] }), reserved(`container app adds ${name}`))),
    ...SPELLINGS.map(name => create(`pod adds ${JSON.stringify(name)}`, pods({ containers: [adding(name)] }), reserved('container app adds '))),
    ...POD_SECURITY_BASELINE.capabilities.map(name => create(`pod adds ${name}`, pods({ containers: [adding(name)] }))),
    create('pod adds a reserved capability among harmless ones', pods({ containers: [adding('CHOWN', 'KILL', 'PERFMON')] }), reserved('adds PERFMON')),
    create('pod adds two reserved capabilities', pods({ containers: [adding('BPF', 'CHOWN', 'PERFMON')] }), reserved('adds BPF, PERFMON')),
    create('pod drops ALL', inContainer({ capabilities: { drop: ['ALL'] } })),
    create('pod drops what only looks like a capability', inContainer({ capabilities: { drop: ['ſYS_ADMIN'] } })),
    create('pod adds nothing', inContainer({ capabilities: { add: [] } })),
    create('pod with an empty security context', inContainer({})),
    create('pod without a security context', pods({})),
  ];
}

function ofHost(): AdmissionCase[] {
  return [
    create('privileged pod', pods({ containers: [PRIVILEGED] }), reserved('container app is privileged')),
    create('pod that is not privileged, and says so', inContainer({ privileged: false })),
    ...(['hostPID', 'hostNetwork', 'hostIPC'] as const).flatMap(field => [
      create(`pod with ${field}`, pods({ [field]: true }), reserved(`the pod uses ${field}`)),
      create(`pod without ${field}, and says so`, pods({ [field]: false })),
    ]),
    create('pod with a port of the node', pods({ containers: [{ ...GOOD, ports: [{ containerPort: 80, hostPort: 80 }] }] }), reserved('container app takes a port of the node')),
    create('init container with a port of the node',
      pods({ initContainers: [{ ...GOOD, name: 'init', ports: [{ containerPort: 80, hostPort: 8080 }] }] }), reserved('container init takes a port of the node')),
    create('pod with a port of its own', pods({ containers: [{ ...GOOD, ports: [{ containerPort: 80 }] }] })),
    ...PATHS.map(path => create(`pod with the path ${path}`, mounting({ name: 'v', hostPath: { path } }), reserved(`volume v mounts ${path} of the node`))),
    create('pod that only reads a path', pods({
      volumes: [{ name: 'v', hostPath: { path: '/var/log' } }], containers: [{ ...GOOD, volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }] }],
    }), reserved('volume v mounts /var/log')),
    ...NODE_VOLUMES.map(volume => create(`pod with a volume of kind ${Object.keys(volume)[1]}`, mounting(volume), reserved('volume v is of a kind that the node'))),
    ...HARMLESS_VOLUMES.map(volume => create(`pod with a volume of kind ${Object.keys(volume)[1]}`, mounting(volume))),
  ];
}

function ofConfinement(): AdmissionCase[] {
  const unconfined = { type: 'Unconfined' };
  const annotated = (value: string): AnyObject => pod('shop', {}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': value } });
  return [
    create('pod without seccomp', pods({ securityContext: { seccompProfile: unconfined } }), reserved('the pod runs without a seccomp profile')),
    create('container without seccomp', inContainer({ seccompProfile: unconfined }), reserved('container app runs without a seccomp profile')),
    create('container with the seccomp profile of the runtime', inContainer({ seccompProfile: { type: 'RuntimeDefault' } })),
    create('container with a seccomp profile of the node', inContainer({ seccompProfile: { type: 'Localhost', localhostProfile: 'p.json' } })),
    create('pod without AppArmor', pods({ securityContext: { appArmorProfile: unconfined } as PodSpec['securityContext'] }), reserved('the pod runs without an AppArmor profile')),
    create('container without AppArmor', inContainer({ appArmorProfile: unconfined } as SecurityContext), reserved('container app runs without an AppArmor profile')),
    create('container with the AppArmor profile of the runtime', inContainer({ appArmorProfile: { type: 'RuntimeDefault' } } as SecurityContext)),
    create('pod without AppArmor by its annotation', annotated('unconfined'), reserved('app switches AppArmor off')),
    create('Deployment of pods without AppArmor by their annotation',
      controller('Deployment', 'shop', {}, { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'unconfined' } }), reserved('app switches AppArmor off')),
    create('pod with the AppArmor profile of the runtime by its annotation', annotated('runtime/default')),
    ...['spc_t', 'unconfined_t', 'super_t', 'container_runtime_t', 'Container_t'].map(type =>
      create(`container of the SELinux type ${type}`, inContainer({ seLinuxOptions: { type } }), reserved('SELinux'))),
    create('pod of the SELinux type spc_t', pods({ securityContext: { seLinuxOptions: { type: 'spc_t' } } }), reserved('the pod chooses SELinux')),
    create('container of an SELinux user', inContainer({ seLinuxOptions: { user: 'system_u' } }), reserved('SELinux')),
    create('container of an SELinux role', inContainer({ seLinuxOptions: { role: 'sysadm_r' } }), reserved('SELinux')),
    create('container of an SELinux level', inContainer({ seLinuxOptions: { level: 's0:c1,c2' } })),
    create('container of the SELinux type container_t', inContainer({ seLinuxOptions: { type: 'container_t' } })),
    create('pod that unmasks /proc', pods({ hostUsers: false, containers: [as({ procMount: 'Unmasked' })] } as Partial<PodSpec>), reserved('unmasks /proc')),
    create('pod whose /proc is masked, and says so', inContainer({ procMount: 'Default' })),
    ...['kernel.msgmax', 'net.core.somaxconn', 'net.ipv4.ip_forward', 'kernel/shm_rmid_forced'].map(name =>
      create(`pod that sets ${name}`, pods({ securityContext: { sysctls: [{ name, value: '1' }] } }), reserved(`the pod sets ${name}`))),
    ...POD_SECURITY_BASELINE.sysctls.map(name => create(`pod that sets ${name}`, pods({ securityContext: { sysctls: [{ name, value: '1' }] } }))),
    create('process of a Windows node', pods({
      hostNetwork: true, os: { name: 'windows' }, securityContext: { windowsOptions: { hostProcess: true } },
    }), reserved('is a process of the node')),
  ];
}

function byContainersAndKinds(): AdmissionCase[] {
  return [
    create('pod with an init container that adds BPF', pods({ initContainers: [{ ...BAD, name: 'init' }] }), reserved('container init adds BPF')),
    create('pod with a sidecar that adds BPF', pods({ initContainers: [{ ...BAD, name: 'sidecar', restartPolicy: 'Always' } as Container] }), reserved('container sidecar adds BPF')),
    create('pod with a privileged init container', pods({ initContainers: [{ ...PRIVILEGED, name: 'init' }] }), reserved('container init is privileged')),
    create('pod whose second container adds BPF', pods({ containers: [GOOD, { ...BAD, name: 'second' }] }), reserved('container second adds BPF')),
    create('pod in the namespace default', pod('default', { containers: [BAD] }), reserved('BPF')),
    ...KINDS.flatMap(kind => [
      create(`${kind} of innocent pods`, controller(kind, 'shop')),
      create(`${kind} of pods with hostPID`, controller(kind, 'shop', { hostPID: true }), reserved('hostPID')),
      create(`${kind} of pods that add BPF`, controller(kind, 'shop', { containers: [BAD] }), reserved('BPF')),
      create(`${kind} of pods that add a letter which becomes another`, controller(kind, 'shop', { containers: [adding('ſYS_ADMIN')] }), reserved('container app adds')),
      create(`${kind} of pods with a privileged init container`, controller(kind, 'shop', { initContainers: [{ ...PRIVILEGED, name: 'i' }] }), reserved('privileged')),
      create(`${kind} of pods with the path /`, controller(kind, 'shop', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }), reserved('volume v mounts /')),
    ]),
    debug('debug container that adds SYS_PTRACE', pod('shop', ELSEWHERE), adding('SYS_PTRACE'), reserved('SYS_PTRACE')),
    debug('privileged debug container', pod('shop', ELSEWHERE), PRIVILEGED, reserved('privileged')),
    debug('innocent debug container', pod('shop', ELSEWHERE), GOOD),
    create('a pod of sixty containers with twenty capabilities each', pods({
      containers: Array.from({ length: 60 }, (_, index) => ({ ...adding(...Array.from({ length: 20 }, (__, n) => ['CHOWN', 'KILL', 'SETUID'][n % 3])), name: `c${index}` })),
    })),
    create('a pod of sixty containers with twenty mounts each, and twenty volumes', pods({
      volumes: Array.from({ length: 20 }, (_, n) => ({ name: `v${n}`, emptyDir: {} })),
      containers: Array.from({ length: 60 }, (_, index) => ({
        ...GOOD, name: `c${index}`, volumeMounts: Array.from({ length: 20 }, (__, n) => ({ name: `v${n}`, mountPath: `/v${n}`, readOnly: true })),
      })),
    })),
    create('a pod of the platform with sixty containers that read twenty exempt paths', pod('storage', {
      serviceAccountName: 'reader',
      volumes: Array.from({ length: 20 }, (_, n) => ({ name: `v${n}`, hostPath: { path: `/srv/data/${n}` } })),
      containers: Array.from({ length: 60 }, (_, index) => ({
        ...GOOD, name: `c${index}`, volumeMounts: Array.from({ length: 20 }, (__, n) => ({ name: `v${n}`, mountPath: `/v${n}`, readOnly: true })),
      })),
    })),
  ];
}

/** What was there before the policies, and what is being deleted. */
function whatIsThere(): AdmissionCase[] {
  const existing = (): AnyObject => controller('Deployment', 'shop', { hostPID: true });
  const ending = (spec: Partial<PodSpec>): AnyObject => controller('Deployment', 'shop', spec, {}, { finalizers: ['example.com/hold'] });
  return [
    update('an annotation of a violator', existing(), withMetadata({ annotations: { note: 'x' } })),
    update('something else of a violator', existing(), object => ({ ...object, spec: { ...object.spec, paused: true } })),
    update('another image of a violator', existing(), withContainer({ ...GOOD, image: `${TOOLS_IMAGE}-2` }), reserved('hostPID')),
    update('a violator is mended', controller('Deployment', 'shop', { containers: [BAD] }), withContainer(GOOD)),
    update('an innocent Deployment becomes a violator', controller('Deployment', 'shop'), withContainer(BAD), reserved('BPF')),
    update('an innocent DaemonSet becomes a violator', controller('DaemonSet', 'shop'), withContainer(PRIVILEGED), reserved('privileged')),
    update('a label of a pod that violates', pod('shop', { containers: [BAD], ...ELSEWHERE }), withMetadata({ labels: { note: 'x' } })),
    update('the finalizer of a violator that is being deleted', ending({ hostPID: true }), withMetadata({ finalizers: [] })),
    update('an innocent Deployment that is being deleted becomes a violator', ending({}), withContainer(PRIVILEGED), reserved('privileged')),
    { name: 'a violator is deleted', operation: 'delete', object: existing() },
    { name: 'a pod that violates is deleted', operation: 'delete', object: pod('shop', { hostPID: true, ...ELSEWHERE }) },
  ];
}

function exempt(): AdmissionCase[] {
  const reading = (path: string, mount: object = { readOnly: true }): Partial<PodSpec> => ({
    serviceAccountName: 'reader', volumes: [{ name: 'v', hostPath: { path } }], containers: [{ ...GOOD, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }],
  });
  const mounter = (spec: Partial<PodSpec>): AnyObject => controller('DaemonSet', 'storage', { serviceAccountName: 'mounter', ...spec });
  return [
    create('pod of a mounter, exempt for some time', mounter({ containers: [as({ privileged: true, capabilities: { add: ['SYS_ADMIN'] } })] })),
    create('pod of a mounter that adds a capability alone', mounter({ containers: [adding('SYS_ADMIN')] })),
    create('pod of a mounter that spells it otherwise', mounter({ containers: [adding('sys_admin')] }), reserved('sys_admin')),
    create('pod of a mounter that also wants hostPID', mounter({ hostPID: true, containers: [PRIVILEGED] }), reserved('hostPID')),
    create('pod of a mounter that also wants a path', mounter({ containers: [PRIVILEGED], volumes: [{ name: 'v', hostPath: { path: '/srv/data' } }] }), reserved('/srv/data')),
    create('pod of another account beside a mounter', controller('DaemonSet', 'storage', { containers: [PRIVILEGED] }), reserved('privileged')),
    create('pod of an account of that name elsewhere', controller('DaemonSet', 'shop', { serviceAccountName: 'mounter', containers: [PRIVILEGED] }), reserved('privileged')),
    create('pod whose exemption has run out', pod('legacy', { containers: [adding('SYS_ADMIN')] }), reserved('SYS_ADMIN')),
    ...['/srv/data', '/srv/data/', '/srv/data/a/b', '/srv/spool'].map(path => create(`reader of ${path}`, controller('DaemonSet', 'storage', reading(path)))),
    create('reader that writes what it may write', controller('DaemonSet', 'storage', reading('/srv/spool', {}))),
    create('reader that writes what it may read', controller('DaemonSet', 'storage', reading('/srv/data', {})), reserved('/srv/data')),
    create('reader that says it does not only read', controller('DaemonSet', 'storage', reading('/srv/data', { readOnly: false })), reserved('/srv/data')),
    create('reader whose init container writes', controller('DaemonSet', 'storage', {
      ...reading('/srv/data'), initContainers: [{ ...GOOD, name: 'init', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    }), reserved('/srv/data')),
    ...['/srv', '/srv/database', '/srv/data2', '//srv/data', '/', '/Srv/data'].map(path =>
      create(`reader of ${path}`, controller('DaemonSet', 'storage', reading(path)), reserved(`volume v mounts ${path} of the node`))),
  ];
}

/** Of the control plane and of the system. */
function untouched(): AdmissionCase[] {
  return [
    create('network plugin in kube-system', controller('DaemonSet', 'kube-system', { hostPID: true, hostNetwork: true, containers: [PRIVILEGED] })),
    create('pod of the control plane', pod('kube-system', { hostNetwork: true, hostPID: true, containers: [{ ...PRIVILEGED, name: 'kube-proxy' }] })),
    create('pod that a controller makes in kube-system', pod('kube-system', { nodeName: 'e2e-node', hostNetwork: true, containers: [PRIVILEGED] }), undefined,
      { name: 'system:serviceaccount:kube-system:job-controller', groups: ['system:masters'] }),
    create('pod in kube-public', pod('kube-public', { hostPID: true })),
  ];
}

export function privileges(): AdmissionCase[] {
  return [...ofCapabilities(), ...ofHost(), ...ofConfinement(), ...byContainersAndKinds(), ...whatIsThere(), ...exempt(), ...untouched()];
}
