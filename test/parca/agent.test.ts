import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Container, PodSpec } from 'kubernetes-types/core/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import type { Manifest } from '../../src/kube/manifest';
import { find, render } from '../support';

const FALLBACK = {
  image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'AMI pinned by vendor driver', remediateBy: '2027-03-31',
};

const withPools = (nodePools: unknown[], cluster: unknown = { name: 'dev' }): Manifest[] =>
  render({ cluster, agents: { nodePools } });
const daemonSet = (manifests: readonly Manifest[], pool = 'default'): DaemonSet => find<DaemonSet>(manifests, 'DaemonSet', `parca-agent-${pool}`, 'profiling-agents');
const pod = (manifests: readonly Manifest[], pool = 'default'): PodSpec => daemonSet(manifests, pool).spec!.template.spec!;
const agentOf = (manifests: readonly Manifest[], pool = 'default'): Container => pod(manifests, pool).containers[0];

describe('Parca Agent', () => {
  const manifests = render();

  it('is root in the process table of its node, and has nothing else that root usually has', () => {
    expect(pod(manifests).hostPID).toBe(true);
    expect([pod(manifests).hostNetwork, pod(manifests).hostIPC]).toEqual([undefined, undefined]);
    expect(agentOf(manifests).securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: {
        drop: ['ALL'],
        add: ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'IPC_LOCK', 'PERFMON', 'SYSLOG', 'SYS_PTRACE', 'SYS_RESOURCE'],
      },
      seccompProfile: { type: 'RuntimeDefault' },
      seLinuxOptions: { type: 'spc_t' },
      appArmorProfile: { type: 'Unconfined' },
    });
  });

  it('has tracefs, read-only, as its only host path, and no host port', () => {
    expect(pod(manifests).volumes!.filter(({ hostPath }) => hostPath))
      .toEqual([{ name: 'tracefs', hostPath: { path: '/sys/kernel/tracing', type: 'Directory' } }]);
    [...pod(manifests).containers, ...pod(manifests).initContainers!].forEach(container => {
      expect(container.volumeMounts!.every(({ readOnly }) => readOnly)).toBe(true);
      expect((container.ports ?? []).every(({ hostPort }) => hostPort === undefined)).toBe(true);
    });
  });

  it('may list pods and get nodes, and nothing else', () => {
    expect(find<ClusterRole>(manifests, 'ClusterRole', 'profiling-agents-parca-agent').rules).toEqual([
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    ]);
    expect(find<ClusterRoleBinding>(manifests, 'ClusterRoleBinding', 'profiling-agents-parca-agent').subjects)
      .toEqual([{ kind: 'ServiceAccount', name: 'parca-agent', namespace: 'profiling-agents' }]);
  });

  it('mounts its service account token itself, so that the preflight check has none', () => {
    expect(pod(manifests).automountServiceAccountToken).toBe(false);
    const mounts = (container: Container): string[] => container.volumeMounts!.map(({ mountPath }) => mountPath);
    expect(mounts(agentOf(manifests))).toContain('/var/run/secrets/kubernetes.io/serviceaccount');
    expect(mounts(pod(manifests).initContainers![0])).toEqual(['/etc/parca-agent', '/sys/kernel/tracing']);
  });

  it('uses only flags that the supported version has', () => {
    const known = readFileSync(join(__dirname, '..', 'fixtures', 'parca-agent-v0.49.0.flags'), 'utf8').split('\n');
    agentOf(manifests).args!.forEach(arg => expect(known).toContain(arg.split('=')[0]));
  });

  it('keeps to itself what it could tell others', () => {
    expect(agentOf(manifests).args).toEqual(expect.arrayContaining([
      '--debuginfo-upload-disable', '--analytics-opt-out', '--telemetry-disable-panic-reporting',
      '--metadata-disable-cpu-label', '--metadata-disable-thread-id-label', '--metadata-disable-thread-comm-label',
      '--instrument-cuda-launch=false', '--profiling-label-ttl=1m',
    ]));
  });

  it('does not read labels that workloads give themselves', () => {
    const tracers = agentOf(manifests).args!.find(arg => arg.startsWith('--tracers='))!.split('=')[1].split(',');
    expect(tracers.length).toBeGreaterThan(5);
    ['all', 'labels', 'go', 'cuda'].forEach(tracer => expect(tracers).not.toContain(tracer));
  });

  it('always has a configuration file', () => {
    expect(agentOf(manifests).args!.filter(arg => arg.startsWith('--config-path'))).toEqual(['--config-path=/etc/parca-agent/parca-agent.yaml']);
    expect(find<ConfigMap>(manifests, 'ConfigMap', 'parca-agent').data!['parca-agent.yaml']).toContain('action: keep');
  });

  it('sends its token over verified TLS to the gateway alone', () => {
    const args = agentOf(manifests).args!;
    expect(args).toContain('--remote-store-address=parca.profiling.svc:7443');
    expect(args).toContain('--remote-store-bearer-token-file=/var/run/secrets/parca/token');
    expect(args.some(arg => arg.includes('insecure') || arg.startsWith('--remote-store-bearer-token='))).toBe(false);
    // Both: with the file alone, Go trusts the authorities in the system's directories besides.
    expect(agentOf(manifests).env).toContainEqual({ name: 'SSL_CERT_FILE', value: '/etc/parca-ca/ca.crt' });
    expect(agentOf(manifests).env).toContainEqual({ name: 'SSL_CERT_DIR', value: '/etc/parca-ca' });
  });

  it('trusts the CA that the specification names', () => {
    const custom = render({ parca: { tls: { secretName: 'parca-tls', caConfigMap: { name: 'corp-ca', key: 'bundle.pem' } } } });
    expect(pod(custom).volumes).toContainEqual({ name: 'ca', configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'ca.crt' }] } });
  });

  it('serves metrics on the address of its pod, where no tunnel ends', () => {
    expect(agentOf(manifests).args).toContain('--http-address=[$(POD_IP)]:7071');
  });

  it('never takes the place of a workload, and runs on no tainted node unless told to', () => {
    expect(find<PriorityClass>(manifests, 'PriorityClass', pod(manifests).priorityClassName!).preemptionPolicy).toBe('Never');
    expect(pod(manifests).tolerations).toBeUndefined();
    const tolerations = [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }, { key: 'team', value: 'ml' }];
    expect(pod(withPools([{ name: 'gpu', tolerations }]), 'gpu').tolerations).toEqual([
      { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'team', operator: 'Equal', value: 'ml' },
    ]);
  });

  it('waits longer for the gateway than it takes the agent to give up', () => {
    const { periodSeconds, failureThreshold } = agentOf(manifests).startupProbe!;
    expect(periodSeconds! * failureThreshold!).toBeGreaterThan(6 * 60);
  });

  it('needs two capabilities fewer where RLIMIT_MEMLOCK is lifted', () => {
    const added = agentOf(withPools([{ name: 'default', memlock: 'unlimited' }])).securityContext!.capabilities!.add;
    expect(added).toEqual(['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE']);
  });

  describe('AppArmor', () => {
    it('is set by the field from 1.30 on, for both containers', () => {
      const localhost = withPools([{ name: 'default', appArmorProfile: 'parca-agent' }], { name: 'dev', kubernetesVersion: '1.30' });
      [...pod(localhost).containers, ...pod(localhost).initContainers!].forEach(({ securityContext }) =>
        expect(securityContext!.appArmorProfile).toEqual({ type: 'Localhost', localhostProfile: 'parca-agent' }));
      expect(JSON.stringify(daemonSet(localhost))).not.toContain('apparmor.security.beta');
    });

    it('is set by annotation before 1.30, whose API server drops the field', () => {
      const annotations = (appArmorProfile?: string): unknown => {
        const old = withPools([{ name: 'default', appArmorProfile }], { name: 'dev', kubernetesVersion: '1.29' });
        expect(agentOf(old).securityContext).not.toHaveProperty('appArmorProfile');
        return daemonSet(old).spec!.template.metadata!.annotations;
      };
      expect(annotations()).toMatchObject({
        'container.apparmor.security.beta.kubernetes.io/parca-agent': 'unconfined',
        'container.apparmor.security.beta.kubernetes.io/preflight': 'unconfined',
      });
      expect(annotations('parca-agent')).toMatchObject({ 'container.apparmor.security.beta.kubernetes.io/parca-agent': 'localhost/parca-agent' });
    });
  });

  describe('preflight check', () => {
    const preflight = (appArmorProfile?: string): Container => pod(withPools([{ name: 'default', appArmorProfile }])).initContainers![0];

    it('runs without any capability and without writing', () => {
      expect(preflight().securityContext).toMatchObject({
        privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] },
      });
      expect(preflight().securityContext!.capabilities!.add).toBeUndefined();
    });

    it('puts its sentence into the status of the pod', () => {
      expect(preflight().terminationMessagePolicy).toBe('FallbackToLogsOnError');
    });

    it('knows the profile of the pool, and what its runtime is said to allow', () => {
      expect(preflight().env).toEqual([
        { name: 'MODE', value: 'leastPrivilege' }, { name: 'MEMLOCK', value: 'limited' }, { name: 'APPARMOR_PROFILE', value: 'unconfined' },
      ]);
      const unlimited = withPools([{ name: 'default', memlock: 'unlimited' }]);
      expect(pod(unlimited).initContainers![0].env).toContainEqual({ name: 'MEMLOCK', value: 'unlimited' });
      expect(preflight('parca-agent').env).toContainEqual({ name: 'APPARMOR_PROFILE', value: 'parca-agent' });
    });
  });

  it('rolls when what it reads at start changes, and only then', () => {
    const annotations = (sections: Parameters<typeof render>[0]): unknown => daemonSet(render(sections)).spec!.template.metadata!.annotations;
    expect(annotations({ scope: { sensitiveNamespaces: ['payments'] } })).not.toEqual(annotations({}));
    expect(annotations({ scope: { optInLabel: { key: 'profile', value: 'yes' } } })).not.toEqual(annotations({}));
    expect(annotations({ cluster: { name: 'prod' } })).not.toEqual(annotations({}));
    expect(annotations({ agents: { pod: { resources: { memoryLimit: '2Gi' } } } })).toEqual(annotations({}));
  });

  it('gets the resources that are specified, and no CPU limit', () => {
    const custom = render({ agents: { pod: { resources: { cpuRequest: '100m', memoryRequest: '512Mi', memoryLimit: '2Gi' } } } });
    expect(agentOf(custom).resources).toEqual({
      requests: { 'cpu': '100m', 'memory': '512Mi', 'ephemeral-storage': '16Mi' },
      limits: { 'memory': '2Gi', 'ephemeral-storage': '128Mi' },
    });
  });
});

describe('Node pools', () => {
  it('have a DaemonSet each, with selectors that no other pool has', () => {
    const manifests = withPools([{ name: 'a', nodeSelector: { pool: 'a' } }, { name: 'b', nodeSelector: { pool: 'b' } }]);
    expect(daemonSet(manifests, 'a').spec!.selector.matchLabels)
      .toEqual({ 'app.kubernetes.io/name': 'parca-agent', 'app.kubernetes.io/instance': 'parca-agent-a' });
    expect(pod(manifests, 'a').nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'pool': 'a' });
    expect(pod(manifests, 'a').affinity).toBeUndefined();
    expect(daemonSet(manifests, 'b').spec!.template.metadata!.labels).toMatchObject(daemonSet(manifests, 'b').spec!.selector.matchLabels!);
  });

  it('leave the other nodes to the pool without a selector, also those that get no agent', () => {
    const manifests = withPools([
      { name: 'rest' }, { name: 'a', nodeSelector: { pool: 'a' } }, { name: 'old', kernel: '4.18', nodeSelector: { pool: 'old' } },
    ]);
    expect(pod(manifests, 'rest').affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'NotIn', values: ['a', 'old'] }] }],
    });
  });

  it('with an old kernel get no agent', () => {
    const manifests = withPools([{ name: 'old', kernel: '5.9' }]);
    expect(manifests.filter(({ kind }) => kind === 'DaemonSet')).toEqual([]);
  });

  it('begin to be new at 5.10, not at 5.1 or by their letters', () => {
    const hasAgent = (kernel: string): boolean => withPools([{ name: 'default', kernel }]).some(({ kind }) => kind === 'DaemonSet');
    expect(['5.1', '5.9', '4.19', '3.10'].map(hasAgent)).toEqual([false, false, false, false]);
    expect(['5.10', '5.15', '6.1', '10.0'].map(hasAgent)).toEqual([true, true, true, true]);
  });

  describe('with a fallback', () => {
    const manifests = withPools([{ name: 'default' }, { name: 'legacy', kernel: '5.4', nodeSelector: { pool: 'legacy' }, fallback: FALLBACK }]);

    it('run the previous generation with SYS_ADMIN, and no other pool does', () => {
      expect(agentOf(manifests, 'legacy').image).toBe(FALLBACK.image);
      expect(agentOf(manifests, 'legacy').command).toEqual(['/bin/parca-agent']);
      expect(agentOf(manifests, 'legacy').securityContext!.capabilities!.add).toContain('SYS_ADMIN');
      expect(agentOf(manifests, 'legacy').securityContext!.privileged).toBe(false);
      expect(agentOf(manifests).securityContext!.capabilities!.add).not.toContain('SYS_ADMIN');
    });

    it('carry reason and date on the DaemonSet and its pods', () => {
      const expected = {
        'hardened-profiling/fallback-reason': 'AMI pinned by vendor driver', 'hardened-profiling/fallback-remediate-by': '2027-03-31',
      };
      expect(daemonSet(manifests, 'legacy').metadata!.annotations).toEqual(expected);
      expect(daemonSet(manifests, 'legacy').spec!.template.metadata!.annotations).toMatchObject(expected);
      expect(daemonSet(manifests).metadata!.annotations).toBeUndefined();
    });

    it('read the runtime socket, which the others do not have', () => {
      const sockets = (pool: string): unknown => pod(manifests, pool).volumes!.filter(({ hostPath }) => hostPath?.type === 'Socket');
      expect(sockets('legacy')).toEqual([{ name: 'runtime-socket', hostPath: { path: '/run/containerd/containerd.sock', type: 'Socket' } }]);
      expect(sockets('default')).toEqual([]);
    });

    it('may write to /tmp, without which that generation ends', () => {
      expect(agentOf(manifests, 'legacy').volumeMounts).toContainEqual({ name: 'tmp', mountPath: '/tmp' });
      expect(pod(manifests, 'legacy').volumes).toContainEqual({ name: 'tmp', emptyDir: { sizeLimit: '256Mi' } });
      expect(agentOf(manifests, 'legacy').resources!.limits!['ephemeral-storage']).toBe('384Mi');
      expect(agentOf(manifests).volumeMounts!.filter(({ readOnly }) => !readOnly)).toEqual([]);
    });

    it('use only flags of that generation, under its configuration file', () => {
      const args = agentOf(manifests, 'legacy').args!;
      expect(args).toContain('--config-path=/etc/parca-agent/parca-agent-fallback.yaml');
      const known = readFileSync(join(__dirname, '..', 'fixtures', 'parca-agent-fallback.flags'), 'utf8').split('\n');
      args.forEach(arg => expect(known).toContain(arg.split('=')[0]));
      expect(known).not.toContain('--tracers');
      expect(find<ConfigMap>(manifests, 'ConfigMap', 'parca-agent').data).toHaveProperty(['parca-agent-fallback.yaml']);
      expect(find<ConfigMap>(render(), 'ConfigMap', 'parca-agent').data).not.toHaveProperty(['parca-agent-fallback.yaml']);
    });

    it('tell the preflight check not to ask for a new kernel', () => {
      expect(pod(manifests, 'legacy').initContainers![0].env).toContainEqual({ name: 'MODE', value: 'fallback' });
    });
  });
});
