import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import { parse } from 'yaml';
import { nodeConfiguration } from '../../src/nodes/node-configuration';
import { renderParts } from '../../src/render';
import { find, render, resolved } from '../support';

const NAMES = ['node-settings', 'ebpf-inventory'];
const both = { nodes: { perfEventParanoid: {}, perfEventMaxSampleRate: 1000, ebpfInventory: { interval: '30s' } } };
const daemonSet = (name: string, sections: object = both) => find<DaemonSet>(render(sections), 'DaemonSet', name);
const podOf = (name: string, sections: object = both) => daemonSet(name, sections).spec!.template.spec!;
const configOf = (name: string, sections: object = both) => find<ConfigMap>(render(sections), 'ConfigMap', name).data!;

describe('Nodes', () => {
  it('get nothing unless the specification asks for it', () => {
    expect(renderParts(resolved()).nodes).toEqual({});
    expect(renderParts(resolved({ nodes: {} })).nodes).toEqual({});
    expect(renderParts(resolved({ nodes: { perfEventParanoid: { mode: 'leave' } } })).nodes).toEqual({});
  });

  it.each(NAMES)('run %s as root with nothing that root usually has', name => {
    const [{ securityContext }] = podOf(name).containers;
    expect(securityContext).toEqual({
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], ...(name === 'ebpf-inventory' && { add: ['SYS_ADMIN'] }) },
      seccompProfile: { type: 'RuntimeDefault' },
      seLinuxOptions: { type: 'spc_t' },
    });
  });

  it.each(NAMES)('answer requests to %s as nobody, who can read the metrics and change nothing', name => {
    const [, { securityContext, volumeMounts, command, ports }] = podOf(name).containers;
    expect(securityContext).toEqual({
      runAsUser: 65534,
      runAsGroup: 65534,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(volumeMounts!.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([[`/etc/${name}`, true], ['/www', true]]);
    expect(command).toContain('$(POD_IP):9109');
    expect(ports).toEqual([{ name: 'metrics', containerPort: 9109, protocol: 'TCP' }]);
    expect(podOf(name).containers[0].ports).toBeUndefined();
  });

  it.each(NAMES)('share no namespace of the host with %s and give it no token', name => {
    const { hostPID, hostNetwork, hostIPC, automountServiceAccountToken, serviceAccountName } = podOf(name);
    expect({ hostPID, hostNetwork, hostIPC, automountServiceAccountToken, serviceAccountName })
      .toEqual({ hostPID: undefined, hostNetwork: undefined, hostIPC: undefined, automountServiceAccountToken: false, serviceAccountName: name });
  });

  it.each(NAMES)('run %s on every Linux node that is one', name => {
    const { nodeSelector, tolerations, affinity } = podOf(name);
    expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
    expect(tolerations).toEqual([{ operator: 'Exists' }]);
    expect(affinity!.nodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!.nodeSelectorTerms).toEqual([{
      matchExpressions: [
        { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] }, { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
      ],
    }]);
  });

  it.each(NAMES)('roll %s when its scripts change', name => {
    const annotation = (sections: object) => daemonSet(name, sections).spec!.template.metadata!.annotations!['hardened-profiling/config'];
    const baseline = { ebpfInventory: { baseline: [{ type: 'kprobe', name: 'a' }] } };
    const changed = { nodes: { ...both.nodes, ...baseline } };
    expect(annotation(both) === annotation(changed)).toBe(name === 'node-settings');
  });

  it.each(NAMES)('let scrapers reach %s and nobody else', name => {
    const scraper = { namespace: 'monitoring', podLabels: { app: 'prometheus' }, egressPolicy: true };
    const manifests = render({ ...both, access: { scrapers: [scraper] } });
    const policies = manifests.filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith(`${name}-`)) as NetworkPolicy[];
    expect(policies.map(({ metadata, spec }) => [
      metadata!.namespace, spec!.podSelector!.matchLabels, spec!.policyTypes, (spec!.ingress ?? spec!.egress)![0].ports,
    ])).toEqual([
      ['profiling-agents', { 'app.kubernetes.io/name': name }, ['Ingress'], [{ protocol: 'TCP', port: 9109 }]],
      ['monitoring', { app: 'prometheus' }, ['Egress'], [{ protocol: 'TCP', port: 9109 }]],
    ]);
    expect(render(both).filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name.startsWith(name))).toEqual([]);
  });

  it('open nothing to scrapers of what does not run', () => {
    const names = render({ access: { scrapers: [{ namespace: 'monitoring', podLabels: { app: 'prometheus' } }] } }).map(({ metadata }) => metadata.name);
    expect(names.filter(name => NAMES.some(workload => name.startsWith(workload)))).toEqual([]);
  });
});

describe('Held settings', () => {
  it.each<[string, object, string]>([
    ['both', { perfEventParanoid: {}, perfEventMaxSampleRate: 1000 }, 'perf_event_paranoid:atLeast:2 perf_event_max_sample_rate:atMost:1000'],
    ['an exact value', { perfEventParanoid: { mode: 'exact' } }, 'perf_event_paranoid:exact:2'],
    ['the rate alone', { perfEventParanoid: { mode: 'leave' }, perfEventMaxSampleRate: 500 }, 'perf_event_max_sample_rate:atMost:500'],
  ])('reach the script: %s', (_, nodes, expected) => {
    const { containers: [{ env, volumeMounts }], volumes } = podOf('node-settings', { nodes });
    expect(env!.find(({ name }) => name === 'SETTINGS')!.value).toBe(expected);
    const files = expected.split(' ').map(setting => setting.split(':')[0]);
    expect(volumes!.flatMap(({ hostPath }) => hostPath ?? [])).toEqual(files.map(file => ({ path: `/proc/sys/kernel/${file}`, type: 'File' })));
    expect(volumeMounts!.filter(({ mountPath }) => mountPath.startsWith('/host')).map(({ mountPath }) => mountPath)).toEqual(files.map(file => `/host/${file}`));
  });

  it('are not held where files bring them', () => {
    expect(renderParts(resolved({ nodes: { delivery: 'nodeConfiguration', perfEventMaxSampleRate: 500 } })).nodes).toEqual({});
  });
});

describe('Files of kernel settings', () => {
  const files = nodeConfiguration(resolved({ nodes: { delivery: 'nodeConfiguration', perfEventParanoid: { mode: 'exact' }, perfEventMaxSampleRate: 1000 } }));
  const text = 'kernel.perf_event_paranoid = 2\nkernel.perf_event_max_sample_rate = 1000\n';
  const values = { 'kernel.perf_event_paranoid': '2', 'kernel.perf_event_max_sample_rate': '1000' };
  interface Ignition { ignition: { version: string }; storage: { files: Array<{ path: string; mode: number; contents: { source: string } }> } }
  const contentOf = ({ storage }: Ignition): string => decodeURIComponent(storage.files[0].contents.source.replace(/^data:,/, ''));

  it('are none where a DaemonSet holds them', () => {
    expect(nodeConfiguration(resolved(both))).toEqual({});
    expect(nodeConfiguration(resolved())).toEqual({});
  });

  it('say the same to every kind of node', () => {
    expect(Object.keys(files)).toEqual(['sysctl.conf', 'ignition.json', 'machine-config.yaml', 'bottlerocket.toml', 'talos.yaml']);
    expect(files['sysctl.conf']).toBe(text);
    const ignition = JSON.parse(files['ignition.json']) as Ignition;
    expect([ignition.ignition.version, ignition.storage.files[0].path, ignition.storage.files[0].mode, contentOf(ignition)])
      .toEqual(['3.4.0', '/etc/sysctl.d/90-hardened-profiling.conf', 420, text]);
    const machineConfig = parse(files['machine-config.yaml']) as { kind: string; metadata: { labels: object }; spec: { config: Ignition } };
    expect(machineConfig).toMatchObject({ kind: 'MachineConfig', metadata: { labels: { 'machineconfiguration.openshift.io/role': 'worker' } } });
    expect([machineConfig.spec.config.ignition.version, contentOf(machineConfig.spec.config)]).toEqual(['3.2.0', text]);
    expect(files['bottlerocket.toml']).toBe('[settings.kernel.sysctl]\n"kernel.perf_event_paranoid" = "2"\n"kernel.perf_event_max_sample_rate" = "1000"\n');
    expect(parse(files['talos.yaml'])).toEqual({ machine: { sysctls: values } });
  });
});

describe('Inventory of eBPF programs', () => {
  const baseline = [{ type: 'kprobe', name: 'b', tag: '0123456789abcdef' }, { type: 'cgroup_device', name: '' }];

  it('learns into one directory of the node', () => {
    const { containers: [{ env, volumeMounts }], volumes } = podOf('ebpf-inventory');
    expect(volumes!.flatMap(({ hostPath }) => hostPath ?? [])).toEqual([{ path: '/var/lib/hardened-profiling/ebpf-inventory', type: 'DirectoryOrCreate' }]);
    expect(volumeMounts!.map(({ mountPath }) => mountPath)).toEqual(['/etc/ebpf-inventory', '/work', '/www', '/state']);
    expect(env).toEqual([{ name: 'INTERVAL_SECONDS', value: '30' }, { name: 'LEARN_SECONDS', value: '900' }]);
    expect(Object.keys(configOf('ebpf-inventory'))).toEqual(['inventory.sh', 'inventory.jq', 'httpd.conf']);
  });

  it('mounts nothing of the host where the baseline is given', () => {
    const sections = { nodes: { ebpfInventory: { baseline } } };
    const { containers: [{ env, volumeMounts }], volumes } = podOf('ebpf-inventory', sections);
    expect(volumes!.flatMap(({ hostPath }) => hostPath ?? [])).toEqual([]);
    expect(volumeMounts!.map(({ mountPath }) => mountPath)).toEqual(['/etc/ebpf-inventory', '/work', '/www']);
    expect(env!.map(({ name }) => name)).not.toContain('LEARN_SECONDS');
    expect(JSON.parse(configOf('ebpf-inventory', sections)['baseline.json'])).toEqual([{ uid: 0, ...baseline[1] }, { uid: 0, ...baseline[0] }]);
  });

  it('is a TracingPolicy for Tetragon', () => {
    const nodes = (more: object = {}) => renderParts(resolved({ nodes: { ebpfInventory: { engine: 'tetragon', ...more } } })).nodes;
    expect(Object.values(nodes())).toHaveLength(1);
    expect(nodes()['tracing-policy']).toMatchObject({
      apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: 'profiling-agents-ebpf-program-load' }, spec: { kprobes: [{ call: 'bpf_check', syscall: false, args: [{ index: 1, type: 'bpf_attr' }] }] },
    });
    expect(JSON.stringify(nodes())).not.toContain('selectors');
    expect(nodes({ loaders: ['/b', '/a'] })['tracing-policy']).toMatchObject({
      spec: { kprobes: [{ selectors: [{ matchBinaries: [{ operator: 'NotIn', values: ['/a', '/b'] }] }] }] },
    });
  });

  it('is a rule for Falco', () => {
    const rules = (more: object = {}) => {
      const { metadata, data } = find<ConfigMap>(render({ nodes: { ebpfInventory: { engine: 'falco', ...more } } }), 'ConfigMap', 'profiling-agents-ebpf-program-load');
      return { namespace: metadata.namespace, rules: parse(data!['ebpf_rules.yaml']) as Array<{ list?: string; items?: string[]; rule?: string; condition?: string }> };
    };
    expect(rules().namespace).toBe('falco');
    expect(rules().rules.map(({ condition }) => condition)).toEqual(['evt.type = bpf and (evt.arg.cmd = 5 or evt.arg.cmd = BPF_PROG_LOAD)']);
    const known = rules({ falcoNamespace: 'security', loaders: ['/b', '/a'] });
    expect(known.namespace).toBe('security');
    expect(known.rules[0]).toEqual({ list: 'hardened_profiling_ebpf_loaders', items: ['/a', '/b'] });
    expect(known.rules[1].condition).toMatch(/ and not proc\.exepath in \(hardened_profiling_ebpf_loaders\)$/);
  });
});
