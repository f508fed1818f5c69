import type { Container, PodSpec, SecurityContext, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { reserved } from './privileges';
import type { AdmissionCase, AnyObject } from './rows';
import { controller, create, ELSEWHERE, GOOD, pod } from './rows';

/** A workload that many clusters have, with what it asks of the node; what it runs is left out. */
interface StockWorkload {
  readonly name: string;
  readonly namespace: string;
  readonly kind: 'DaemonSet' | 'Deployment' | 'StatefulSet';
  readonly spec: Partial<PodSpec>;
  /** Whether it needs an exemption. */
  readonly reachesNode: boolean;
}

const hostPath = (name: string, path: string): Volume => ({ name, hostPath: { path } });
const mount = (name: string, more: Partial<VolumeMount> = {}): VolumeMount => ({ name, mountPath: `/host/${name}`, ...more });
const read = (name: string): VolumeMount => mount(name, { readOnly: true });
const container = (name: string, securityContext: SecurityContext, volumeMounts: VolumeMount[] = [], more: Partial<Container> = {}): Container =>
  ({ ...GOOD, name, securityContext, volumeMounts, ...more });

/** What Pod Security `restricted` asks for. */
const RESTRICTED: SecurityContext = {
  allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' },
};
const BINDS_PORTS: SecurityContext = { allowPrivilegeEscalation: false, runAsUser: 101, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } };
const PRIVILEGED: SecurityContext = { privileged: true };

/**
 * Made after their manifests.
 *
 * @see https://github.com/projectcalico/calico/blob/v3.31.0/manifests/calico.yaml
 * @see https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/charts/aws-ebs-csi-driver/templates/_node.tpl
 * @see https://github.com/prometheus-community/helm-charts/tree/main/charts/prometheus-node-exporter
 * @see https://github.com/fluent/helm-charts/tree/main/charts/fluent-bit
 * @see https://github.com/falcosecurity/charts/tree/master/charts/falco
 */
export const STOCK_WORKLOADS: readonly StockWorkload[] = [
  {
    name: 'calico-node',
    namespace: 'calico-system',
    kind: 'DaemonSet',
    reachesNode: true,
    spec: {
      serviceAccountName: 'calico-node',
      hostNetwork: true,
      initContainers: [
        container('install-cni', PRIVILEGED, [mount('cni-bin-dir'), mount('cni-net-dir')]),
        container('mount-bpffs', PRIVILEGED, [mount('sys-fs', { mountPropagation: 'Bidirectional' }), mount('var-run-calico', { mountPropagation: 'Bidirectional' }), read('nodeproc')]),
      ],
      containers: [container('calico-node', PRIVILEGED, [
        mount('cni-net-dir'), read('lib-modules'), mount('xtables-lock'), mount('var-run-calico'), mount('var-lib-calico'), mount('policysync'), mount('bpffs'), read('cni-log-dir'),
      ])],
      volumes: [
        hostPath('lib-modules', '/lib/modules'), hostPath('var-run-calico', '/var/run/calico'), hostPath('var-lib-calico', '/var/lib/calico'), hostPath('xtables-lock', '/run/xtables.lock'),
        hostPath('sys-fs', '/sys/fs/'), hostPath('bpffs', '/sys/fs/bpf'), hostPath('nodeproc', '/proc'), hostPath('cni-bin-dir', '/opt/cni/bin'), hostPath('cni-net-dir', '/etc/cni/net.d'),
        hostPath('cni-log-dir', '/var/log/calico/cni'), hostPath('host-local-net-dir', '/var/lib/cni/networks'), hostPath('policysync', '/var/run/nodeagent'),
      ],
    },
  },
  {
    name: 'kube-proxy',
    namespace: 'kube-system',
    kind: 'DaemonSet',
    reachesNode: false,
    spec: {
      hostNetwork: true,
      containers: [container('kube-proxy', PRIVILEGED, [read('lib-modules'), mount('xtables-lock')])],
      volumes: [hostPath('lib-modules', '/lib/modules'), hostPath('xtables-lock', '/run/xtables.lock')],
    },
  },
  {
    name: 'ebs-csi-node',
    namespace: 'storage',
    kind: 'DaemonSet',
    reachesNode: true,
    spec: {
      serviceAccountName: 'ebs-csi-node-sa',
      containers: [
        container('ebs-plugin', PRIVILEGED, [mount('kubelet-dir', { mountPropagation: 'Bidirectional' }), mount('plugin-dir'), mount('device-dir')]),
        container('node-driver-registrar', { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }, [mount('plugin-dir'), mount('registration-dir')]),
        container('liveness-probe', { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }, [mount('plugin-dir')]),
      ],
      volumes: [
        hostPath('kubelet-dir', '/var/lib/kubelet'), hostPath('plugin-dir', '/var/lib/kubelet/plugins/ebs.csi.aws.com/'), hostPath('registration-dir', '/var/lib/kubelet/plugins_registry/'),
        hostPath('device-dir', '/dev'),
      ],
    },
  },
  {
    name: 'node-exporter',
    namespace: 'monitoring',
    kind: 'DaemonSet',
    reachesNode: true,
    spec: {
      serviceAccountName: 'node-exporter',
      hostNetwork: true,
      hostPID: true,
      securityContext: { fsGroup: 65534, runAsGroup: 65534, runAsNonRoot: true, runAsUser: 65534 },
      containers: [container('node-exporter', { readOnlyRootFilesystem: true }, [read('proc'), read('sys')], { ports: [{ containerPort: 9100, name: 'metrics' }] })],
      volumes: [hostPath('proc', '/proc'), hostPath('sys', '/sys')],
    },
  },
  {
    name: 'fluent-bit',
    namespace: 'logging',
    kind: 'DaemonSet',
    reachesNode: true,
    spec: {
      serviceAccountName: 'fluent-bit',
      containers: [container('fluent-bit', {}, [mount('varlog'), read('varlibdockercontainers'), read('etcmachineid')])],
      volumes: [
        hostPath('varlog', '/var/log'), hostPath('varlibdockercontainers', '/var/lib/docker/containers'), { name: 'etcmachineid', hostPath: { path: '/etc/machine-id', type: 'File' } },
      ],
    },
  },
  {
    name: 'falco',
    namespace: 'falco',
    kind: 'DaemonSet',
    reachesNode: true,
    spec: {
      serviceAccountName: 'falco',
      containers: [container('falco', {
        capabilities: { add: ['BPF', 'SYS_RESOURCE', 'PERFMON', 'SYS_PTRACE'] }, appArmorProfile: { type: 'Unconfined' },
      } as SecurityContext, [read('proc-fs'), read('boot-fs'), mount('lib-modules'), read('usr-fs'), read('etc-fs'), read('containerd'), read('crio'), read('docker')])],
      volumes: [
        hostPath('proc-fs', '/proc'), hostPath('boot-fs', '/boot'), hostPath('lib-modules', '/lib/modules'), hostPath('usr-fs', '/usr'), hostPath('etc-fs', '/etc'),
        hostPath('containerd', '/run/containerd/containerd.sock'), hostPath('crio', '/run/crio/crio.sock'), hostPath('docker', '/var/run/docker.sock'),
      ],
    },
  },
  ...['cert-manager', 'cert-manager-webhook', 'cert-manager-cainjector'].map((name): StockWorkload => ({
    name, namespace: 'shop', kind: 'Deployment', reachesNode: false, spec: { securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }, containers: [container(name, RESTRICTED)] },
  })),
  {
    name: 'coredns',
    namespace: 'shop',
    kind: 'Deployment',
    reachesNode: false,
    spec: {
      containers: [container('coredns', { allowPrivilegeEscalation: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] }, readOnlyRootFilesystem: true }, [read('config-volume')])],
      volumes: [{ name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
    },
  },
  ...([['argocd-server', 'Deployment'], ['argocd-repo-server', 'Deployment'], ['argocd-application-controller', 'StatefulSet'], ['argocd-redis', 'Deployment']] as const)
    .map(([name, kind]): StockWorkload => ({
      name, namespace: 'shop', kind, reachesNode: false, spec: { containers: [container(name, RESTRICTED, [mount('tmp')])], volumes: [{ name: 'tmp', emptyDir: {} }] },
    })),
  {
    name: 'ingress-nginx-controller',
    namespace: 'shop',
    kind: 'Deployment',
    reachesNode: false,
    spec: { containers: [container('controller', BINDS_PORTS, [], { ports: [{ containerPort: 80, name: 'http' }, { containerPort: 443, name: 'https' }] })] },
  },
];

/** The object that a chart would make. */
export function stockWorkload({ name, namespace, kind, spec }: StockWorkload, where = namespace): AnyObject {
  return controller(kind, where, spec, {}, { name: `${name}-stock` });
}

/** With the exemptions of the how-to they are admitted, in another namespace those that reach the node are not. */
export function stockWorkloadCases(): AdmissionCase[] {
  return STOCK_WORKLOADS.flatMap(workload => [
    create(`${workload.name} in ${workload.namespace}`, stockWorkload(workload)),
    create(`pod of ${workload.name} in ${workload.namespace}`, pod(workload.namespace, { ...workload.spec, ...ELSEWHERE })),
    ...(workload.reachesNode ? [create(`${workload.name} without its exemption`, stockWorkload(workload, 'shop'), reserved(''))] : []),
  ]);
}
