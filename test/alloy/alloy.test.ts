import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Container, PodSpec } from 'kubernetes-types/core/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import type { Manifest } from '../../src/kube/manifest';
import { renderParts } from '../../src/render';
import { agents, nodePools } from '../config/errors';
import { CHART, pyroscope, resolvedPyroscope, TENANTS } from '../pyroscope/tenants';
import { find, render, resolved } from '../support';

const manifestsOf = (keys: object = {}, sections: object = {}): Manifest[] => render({ ...sections, ...pyroscope(keys) });
const daemonSet = (keys: object = {}, sections: object = {}): DaemonSet =>
  find<DaemonSet>(manifestsOf(keys, sections), 'DaemonSet', 'alloy', 'profiling-agents');
const podOf = (keys: object = {}, sections: object = {}): PodSpec => daemonSet(keys, sections).spec!.template.spec!;
const container = (keys: object = {}, sections: object = {}): Container => podOf(keys, sections).containers[0];

const SEVEN = ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE', 'SYS_RESOURCE'];
const JAVA = { tenants: [{ name: 'jvm', namespaces: ['jvm'], java: { enabled: true } }] };
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };

describe('Alloy', () => {
  it('has the capabilities of eBPF and no others', () => {
    expect(container().securityContext!.capabilities).toEqual({ drop: ['ALL'], add: SEVEN });
  });

  it('can become the user of a JVM only where a tenant wants Java, and never has SYS_ADMIN', () => {
    expect(container(JAVA).securityContext!.capabilities!.add).toEqual([...SEVEN, 'SETGID', 'SETUID'].sort());
    const leaving = [...TENANTS, { ...JAVA.tenants[0], offboarding: true }];
    expect(container({ tenants: leaving }).securityContext!.capabilities!.add).toEqual(SEVEN);
  });

  it('is root without privileges, on a read-only root', () => {
    expect(container().securityContext).toMatchObject({
      runAsUser: 0, privileged: false, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(podOf()).toMatchObject({ hostPID: true, automountServiceAccountToken: false });
    expect(podOf()).not.toHaveProperty('hostNetwork');
  });

  it('mounts of the host the trace files alone, and writes to /tmp alone', () => {
    expect(podOf().volumes!.flatMap(({ hostPath }) => hostPath?.path ?? [])).toEqual(['/sys/kernel/tracing']);
    expect(container().volumeMounts!.filter(({ readOnly }) => !readOnly)).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
  });

  // The kubelet makes directories of other media 0777, and Alloy exits where the sticky bit is missing.
  it('unpacks async-profiler into memory, which is sticky, and only where a tenant wants Java', () => {
    expect(container(JAVA).volumeMounts).toContainEqual({ name: 'java', mountPath: '/tmp/asprof' });
    expect(podOf(JAVA).volumes).toContainEqual({ name: 'java', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } });
    expect(podOf().volumes!.map(({ name }) => name)).not.toContain('java');
  });

  it('does not start without its tokens and the CA, in the files that its configuration names', () => {
    const caConfigMap = { name: 'corp-ca', key: 'bundle.pem' };
    const { volumes } = podOf({ tls: { secretName: 'pyro-tls', caConfigMap } });
    expect(volumes).toContainEqual({
      name: 'tokens', secret: { secretName: 'alloy-push-tokens', defaultMode: 0o400, items: [{ key: 'checkout', path: 'checkout' }] },
    });
    expect(volumes).toContainEqual({ name: 'ca', configMap: { name: 'corp-ca', items: [{ key: 'bundle.pem', path: 'ca.crt' }] } });
    // A file that is not there would cost a tenant its profiles, without a word: with its key named, the pod waits for it.
    const three = ['c', 'a', 'b'].map(name => ({ name, namespaces: [name] }));
    const { secret } = podOf({ tenants: [...three, { name: 'd', namespaces: ['d'], ebpf: { enabled: false } }] }).volumes!.find(({ name }) => name === 'tokens')!;
    expect(secret!.items!.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
    const mounted = Object.fromEntries(container().volumeMounts!.map(({ name, mountPath }) => [name, mountPath]));
    expect(mounted).toMatchObject({ config: '/etc/alloy', tokens: '/etc/alloy-tokens', ca: '/etc/alloy-ca' });
  });

  it('reports to nobody, and shows itself on the address of its pod alone', () => {
    expect(container().args).toEqual([
      'run', '/etc/alloy/config.alloy', '--storage.path=/tmp/alloy', '--server.http.listen-addr=[$(POD_IP)]:12345', '--disable-reporting',
      '--stability.level=generally-available', '--server.http.enable-pprof=false', '--server.http.disable-support-bundle',
    ]);
    expect(container().env).toEqual([
      { name: 'HOSTNAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ]);
  });

  it('may read pods, and nothing else', () => {
    const manifests = manifestsOf({}, agents({ namespace: 'eyes' }));
    expect(find<ClusterRole>(manifests, 'ClusterRole', 'eyes-alloy').rules).toEqual([{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }]);
    const { subjects, roleRef } = find<ClusterRoleBinding>(manifests, 'ClusterRoleBinding', 'eyes-alloy');
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'alloy', namespace: 'eyes' }]);
    expect(roleRef).toMatchObject({ kind: 'ClusterRole', name: 'eyes-alloy' });
    expect(find(manifests, 'ServiceAccount', 'alloy', 'eyes')).toMatchObject({ automountServiceAccountToken: false });
  });

  it('keeps its place on a full node by a class that is there', () => {
    const manifests = manifestsOf({}, agents({ namespace: 'eyes' }));
    const { priorityClassName } = find<DaemonSet>(manifests, 'DaemonSet', 'alloy', 'eyes').spec!.template.spec!;
    expect(find(manifests, 'PriorityClass', priorityClassName!)).toMatchObject({ preemptionPolicy: 'Never' });
  });

  it('rolls when its configuration changes', () => {
    const annotations = (keys: object): unknown => daemonSet(keys).spec!.template.metadata!.annotations;
    expect(annotations({ namespace: 'prof' })).not.toEqual(annotations({}));
    expect(annotations({ retention: '14d' })).toEqual(annotations({}));
    expect(find<ConfigMap>(manifestsOf(), 'ConfigMap', 'alloy', 'profiling-agents').data!['config.alloy']).toContain('pyroscope.ebpf "node"');
  });

  it('is unconfined by AppArmor in the way that the API server knows', () => {
    const key = 'container.apparmor.security.beta.kubernetes.io/alloy';
    const of = (kubernetesVersion: string) => daemonSet({}, { cluster: { name: 'dev', kubernetesVersion } }).spec!.template;
    expect(of('1.29').metadata!.annotations).toMatchObject({ [key]: 'unconfined' });
    expect(of('1.29').spec!.containers[0].securityContext).not.toHaveProperty('appArmorProfile');
    expect(of('1.30').metadata!.annotations).not.toHaveProperty([key]);
    expect(of('1.30').spec!.containers[0].securityContext).toMatchObject({ appArmorProfile: { type: 'Unconfined' } });
  });

  it('has the resources of the Parca agents unless it is given its own', () => {
    const sections = agents({ pod: { resources: { memoryLimit: '2Gi' } } });
    expect(container({}, sections).resources!.limits!.memory).toBe('2Gi');
    expect(container({ alloy: { pod: { resources: { memoryLimit: '3Gi' } } } }, sections).resources!.limits!.memory).toBe('3Gi');
    expect(container().resources!.requests).toMatchObject({ cpu: '50m', memory: '256Mi' });
  });

  it('is found by its DaemonSet', () => {
    const { selector, template } = daemonSet().spec!;
    expect(selector.matchLabels).toEqual({ 'app.kubernetes.io/name': 'alloy', 'app.kubernetes.io/instance': 'alloy' });
    expect(template.metadata!.labels).toMatchObject(selector.matchLabels!);
  });
});

describe('Nodes of Alloy', () => {
  const terms = (...pools: object[]): unknown =>
    podOf({}, nodePools(...pools)).affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms;
  const old = (keys: object = {}) => ({ name: 'old', kernel: '5.4', nodeSelector: { pool: 'old' }, ...keys });

  it('are all of them when there is one pool', () => {
    expect(podOf()).not.toHaveProperty('affinity');
  });

  it('are not those whose kernel is too old, with a fallback or without', () => {
    const others = [{ matchExpressions: [{ key: 'pool', operator: 'NotIn', values: ['old'] }] }];
    expect(terms({ name: 'rest' }, old())).toEqual(others);
    expect(terms({ name: 'rest' }, old({ fallback }))).toEqual(others);
  });

  it('are those of pools with a selector, each by its own', () => {
    expect(terms({ name: 'web', nodeSelector: { pool: 'web', zone: 'a' } }, { name: 'gpu', nodeSelector: { pool: 'gpu' } }, old())).toEqual([
      { matchExpressions: [{ key: 'pool', operator: 'In', values: ['web'] }, { key: 'zone', operator: 'In', values: ['a'] }] },
      { matchExpressions: [{ key: 'pool', operator: 'In', values: ['gpu'] }] },
    ]);
  });

  it('are not the rest when the rest is too old', () => {
    expect(terms({ name: 'web', nodeSelector: { pool: 'web' } }, { name: 'rest', kernel: '5.4', fallback }))
      .toEqual([{ matchExpressions: [{ key: 'pool', operator: 'In', values: ['web'] }] }]);
  });

  it('are tolerated as their pools are, each taint once, and not as old pools', () => {
    const gpu = { key: 'gpu', effect: 'NoSchedule' };
    const { tolerations } = podOf({}, nodePools(
      { name: 'a', nodeSelector: { pool: 'a' }, tolerations: [gpu, { key: 'x', value: 'y' }] },
      { name: 'b', nodeSelector: { pool: 'b' }, tolerations: [gpu] },
      old({ tolerations: [{ key: 'legacy' }] }),
    ));
    expect(tolerations).toEqual([{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, { key: 'x', operator: 'Equal', value: 'y' }]);
    expect(podOf()).not.toHaveProperty('tolerations');
  });
});

describe('Alloy is not there', () => {
  it.each<[string, object, object]>([
    ['when no tenant is profiled on the nodes', { tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] }, {}],
    ['when all that are, leave', { tenants: [{ name: 'a', namespaces: ['a'], offboarding: true, java: { enabled: true } }] }, {}],
    ['when every kernel is too old', {}, nodePools({ name: 'old', kernel: '5.4', fallback }, { name: 'older', kernel: '4.19', nodeSelector: { a: 'b' } })],
  ])('%s', (_, keys, sections) => {
    expect(renderParts(resolvedPyroscope(keys, sections)).alloy).toEqual({});
    expect(manifestsOf(keys, sections).filter(({ metadata }) => /alloy/.test(metadata.name))).toEqual([]);
  });

  it('without Pyroscope', () => {
    expect(renderParts(resolved()).alloy).toEqual({});
  });

  it('as a DaemonSet of ours where the chart makes it; its role, narrower than the chart\'s, is', () => {
    expect(Object.keys(renderParts(resolvedPyroscope({ alloy: CHART })).alloy)).toEqual(['service-account', 'cluster-role', 'cluster-role-binding']);
  });
});
