import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './components';
import { BRIDGE, CGROUP, CONTAINERD_SOCKET, DNS_SERVICE, HOME, NODE, NODE_ADDRESS, POD_CIDR } from './layout';
import { CNI_CONFIG } from './network';
import { AUTHORITY, KUBELET, kubeconfig } from './pki';
import type { Programs } from '../harness/prepare';
import type { Capability } from '../harness/process-status';
import { CAPABILITIES, hasCapability, processStatus } from '../harness/process-status';

export const PAUSE_IMAGE = 'e2e.local/pause:v1';

/** How long a change of a Secret or ConfigMap takes to reach the files of pods, at most; the kubelet's default is a minute. */
export const SYNC_SECONDS = 5;

/** Capabilities that nobody on this machine can have. */
export function missingCapabilities(): Capability[] {
  const { bounding } = processStatus('self');
  return (Object.keys(CAPABILITIES) as Capability[]).filter(name => !hasCapability(bounding, name));
}

/** The container runtime. */
export function containerd(programs: Programs): Component {
  const folder = join(HOME, 'containerd');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'config.toml');
  const unused = [
    'io.containerd.grpc.v1.opt', 'io.containerd.internal.v1.opt', 'io.containerd.internal.v1.tracing', 'io.containerd.snapshotter.v1.aufs', 'io.containerd.snapshotter.v1.btrfs',
    'io.containerd.snapshotter.v1.devmapper', 'io.containerd.snapshotter.v1.zfs', 'io.containerd.tracing.processor.v1.otlp',
  ];
  writeFileSync(config, `version = 2
root = "${folder}/root"
state = "${folder}/state"
oom_score = 0
disabled_plugins = ${JSON.stringify(unused)}
[grpc]
  address = "${CONTAINERD_SOCKET}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  # Without SYS_RESOURCE nobody can lower a score below its own.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${CNI_CONFIG}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      BinaryName = "${runc(programs)}"
`);
  return { name: 'containerd', args: ['--config', config] };
}

/**
 * The path of runc. Where the machine lacks a capability, runc refuses containers that ask for it; there a script takes it
 * out of what runc is given, so that manifests start unchanged. Suites look at what containers really have.
 */
function runc(programs: Programs): string {
  const missing = missingCapabilities().map(name => `CAP_${name}`);
  if (missing.length === 0) { return programs.runc.path; }
  const script = join(HOME, 'runc');
  writeFileSync(script, `#!/bin/sh
# runc, without the capabilities that this machine cannot give: ${missing.join(', ')}.
previous=
for argument; do
  case $previous in
    --bundle | -b) file=$argument/config.json list=.process.capabilities ;;
    --process | -p) file=$argument list=.capabilities ;;
    *) file= ;;
  esac
  if [ -n "$file" ]; then
    ${programs.jq.path} -c 'if '$list' then '$list' |= map_values(. - ${JSON.stringify(missing)}) else . end' "$file" > "$file.new" && cat "$file.new" > "$file"
    rm -f "$file.new"
  fi
  previous=$argument
done
exec ${programs.runc.path} "$@"
`);
  chmodSync(script, 0o755);
  return script;
}

/** The kubelet, kube-proxy and the engine that enforces NetworkPolicies. */
export async function nodeComponents(): Promise<Component[]> {
  const file = (name: string): string => join(HOME, name);
  await kubeconfig(file('kubelet.kubeconfig'), `system:node:${NODE}`, ['system:nodes']);
  await kubeconfig(file('kube-proxy.kubeconfig'), 'system:kube-proxy');
  await kubeconfig(file('network-policy-engine.kubeconfig'), 'network-policy-engine');
  writeFileSync(file('resolv.conf'), '');
  writeFileSync(file('kubelet.json'), JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE_ADDRESS,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: AUTHORITY.certificate } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: KUBELET.certificate,
    tlsPrivateKeyFile: KUBELET.key,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${CGROUP}`,
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    clusterDNS: [DNS_SERVICE],
    clusterDomain: 'cluster.local',
    resolvConf: file('resolv.conf'),
    podLogsDir: file('pod-logs'),
    volumePluginDir: file('no-plugins'),
    healthzBindAddress: '127.0.0.1',
    syncFrequency: `${SYNC_SECONDS}s`,
    nodeStatusUpdateFrequency: '5s',
    // Images cannot be pulled again, so nothing may be cleared to make room.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { 'memory.available': '0%', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%', 'imagefs.inodesFree': '0%' },
  }));
  writeFileSync(file('kube-proxy.json'), JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    clientConnection: { kubeconfig: file('kube-proxy.kubeconfig') },
    mode: 'iptables',
    clusterCIDR: POD_CIDR,
    detectLocalMode: 'BridgeInterface',
    detectLocal: { bridgeInterface: BRIDGE },
    hostnameOverride: NODE,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    oomScoreAdj: 0,
    conntrack: { maxPerCore: 0, min: 0 },
    iptables: { localhostNodePorts: false, minSyncPeriod: '0s' },
  }));
  return [
    {
      name: 'kubelet',
      args: [
        `--config=${file('kubelet.json')}`, `--kubeconfig=${file('kubelet.kubeconfig')}`, `--root-dir=${file('kubelet')}`,
        `--hostname-override=${NODE}`, `--node-ip=${NODE_ADDRESS}`,
      ],
    },
    { name: 'kube-proxy', args: [`--config=${file('kube-proxy.json')}`] },
    { name: 'network-policy-engine', args: [`--kubeconfig=${file('network-policy-engine.kubeconfig')}`] },
  ];
}
