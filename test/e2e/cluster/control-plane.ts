import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './components';
import { ADMIN_KUBECONFIG, API_PORT, HOME, NODE_ADDRESS, POD_CIDR, SERVICE_CIDR } from './layout';
import { API_SERVER, API_SERVER_AS_CLIENT, AUTHORITY, kubeconfig, SERVICE_ACCOUNTS } from './pki';

/** Who created which pod, and what policies thought of it: a line of JSON each. */
export const AUDIT_LOG = join(HOME, 'audit.log');
const AUDIT_POLICY = join(HOME, 'audit-policy.json');

const ETCD = 'http://127.0.0.1:2379';

/** The programs that make a control plane, and how they are started. */
export async function controlPlane(): Promise<Component[]> {
  const [controllers, scheduler] = ['kube-controller-manager', 'kube-scheduler'].map(name => join(HOME, `${name}.kubeconfig`));
  await kubeconfig(ADMIN_KUBECONFIG, 'admin', ['system:masters']);
  await kubeconfig(controllers, 'system:kube-controller-manager');
  await kubeconfig(scheduler, 'system:kube-scheduler');
  writeFileSync(AUDIT_POLICY, JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', verbs: ['create'], resources: [{ group: '', resources: ['pods'] }] }, { level: 'None' }],
  }));
  return [
    {
      name: 'etcd',
      args: [
        `--data-dir=${join(HOME, 'etcd')}`, `--listen-client-urls=${ETCD}`, `--advertise-client-urls=${ETCD}`,
        '--listen-peer-urls=http://127.0.0.1:2380', '--log-level=warn', '--unsafe-no-fsync',
      ],
    },
    {
      name: 'kube-apiserver',
      args: [
        `--etcd-servers=${ETCD}`, `--secure-port=${API_PORT}`, `--advertise-address=${NODE_ADDRESS}`,
        `--service-cluster-ip-range=${SERVICE_CIDR}`, '--allow-privileged=true', '--anonymous-auth=false',
        '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction',
        `--client-ca-file=${AUTHORITY.certificate}`, `--cert-dir=${HOME}`,
        `--tls-cert-file=${API_SERVER.certificate}`, `--tls-private-key-file=${API_SERVER.key}`,
        `--kubelet-certificate-authority=${AUTHORITY.certificate}`,
        `--kubelet-client-certificate=${API_SERVER_AS_CLIENT.certificate}`, `--kubelet-client-key=${API_SERVER_AS_CLIENT.key}`,
        '--kubelet-preferred-address-types=InternalIP',
        `--audit-policy-file=${AUDIT_POLICY}`, `--audit-log-path=${AUDIT_LOG}`,
        '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
        `--service-account-key-file=${SERVICE_ACCOUNTS.certificate}`, `--service-account-signing-key-file=${SERVICE_ACCOUNTS.key}`,
      ],
    },
    {
      name: 'kube-controller-manager',
      args: [
        `--kubeconfig=${controllers}`, '--bind-address=127.0.0.1', '--leader-elect=false', '--use-service-account-credentials=true',
        `--root-ca-file=${AUTHORITY.certificate}`, `--service-account-private-key-file=${SERVICE_ACCOUNTS.key}`, `--cluster-cidr=${POD_CIDR}`,
        `--flex-volume-plugin-dir=${join(HOME, 'no-plugins')}`,
        // The default makes a new cluster wait for seconds.
        '--kube-api-qps=300', '--kube-api-burst=600',
      ],
    },
    { name: 'kube-scheduler', args: [`--kubeconfig=${scheduler}`, '--bind-address=127.0.0.1', '--leader-elect=false'] },
  ];
}
