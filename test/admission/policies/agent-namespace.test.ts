import { nodePools, parca } from '../../spec/errors';
import { readCel, readCelValue, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf, textsOf, validationOf, variableOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('agent-namespace', sections);
const images = { pinning: 'tagsAllowed', agent: 'example.com/agent:v0.50.0', preflight: 'example.com/busybox:1.37.0' };
const fallback = { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'vendor driver, OPS-4211', remediateBy: '2027-03-31' };
const old = (name: string, keys: object = {}) => ({ name, kernel: '5.4', nodeSelector: { pool: name }, fallback: { ...fallback, ...keys } });
const POOLS = nodePools({ name: 'web' }, { name: 'gpu', memlock: 'unlimited', nodeSelector: { pool: 'gpu' } }, old('legacy'), { name: 'ancient', kernel: '4.19', nodeSelector: { pool: 'x' } });

const SIX = ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE'];
const EIGHT = [...SIX, 'IPC_LOCK', 'SYS_RESOURCE'].sort();

describe('The namespace of the agents', () => {
  it('is the only one that is looked at', () => {
    expect(policy(parca({ agentNamespace: 'eyes' })).namespaces).toEqual({ only: ['eyes'] });
  });

  it('admits pods, and the DaemonSets of pools that get an agent', () => {
    const { expression, messageExpression } = validationOf(policy(POOLS), 'their DaemonSets are');
    expect(expression).toMatch(/^object\.kind == "Pod" \|\| \(object\.kind == "DaemonSet" && object\.metadata\.name in \[[^\]]*\]\)$/);
    expect(valueAfter(expression, 'object.metadata.name in ')).toEqual(['parca-agent-gpu', 'parca-agent-legacy', 'parca-agent-web']);
    expect(readCel(messageExpression).literals[0]).toContain('their DaemonSets are parca-agent-gpu, parca-agent-legacy, parca-agent-web.');
  });

  it('admits no DaemonSet when no pool gets an agent', () => {
    const { expression } = validationOf(policy(nodePools({ name: 'ancient', kernel: '4.19' })), 'their DaemonSets are');
    expect(valueAfter(expression, 'object.metadata.name in ')).toEqual([]);
  });

  it('admits exactly the images of the document', () => {
    const capabilitiesOf = (sections: Sections) => {
      const text = variableOf(policy({ images, ...sections }), 'images');
      expect(text).toMatch(/\}\[variables\.account\]$/);
      return (readCelValue(text.replace(/\[variables\.account\]$/, '')) as Record<string, unknown>)['parca-agent'];
    };
    expect(capabilitiesOf({})).toEqual({ [images.agent]: EIGHT, [images.preflight]: [] });
    expect(capabilitiesOf(nodePools({ name: 'a', memlock: 'unlimited' }))).toEqual({ [images.agent]: SIX, [images.preflight]: [] });
    expect(capabilitiesOf(POOLS)).toEqual({
      [images.agent]: EIGHT,
      [images.preflight]: [],
      [fallback.image]: ['DAC_READ_SEARCH', 'SYSLOG', 'SYS_ADMIN', 'SYS_PTRACE', 'SYS_RESOURCE'],
    });
    expect(capabilitiesOf(nodePools({ name: 'ancient', kernel: '4.19' }))).toEqual({ [images.preflight]: [] });
  });

  it('refuses containers of any other image, and names them', () => {
    const { expression, messageExpression } = validationOf(policy(), 'Not among them');
    expect(expression).toBe('size(variables.foreign) == 0');
    expect(variableOf(policy(), 'foreign')).toMatch(/^variables\.containers\.filter\(c, !\(c\.image in variables\.images\)\)\./);
    expect(messageExpression).toContain(' + variables.foreign.join(", ") + ');
  });

  it('lets a container add the capabilities of its own image, spelled as they are emitted', () => {
    const { expression } = validationOf(policy(), 'no others');
    expect(expression).toMatch(/^variables\.containers\.all\(c, /);
    expect(expression).toContain('c.securityContext.capabilities.add.all(k, c.image in variables.images && k in variables.images[c.image])');
    expect(expression).not.toContain('upperAscii');
  });

  it('admits the service account of the agents alone, which must be named', () => {
    const { expression } = validationOf(policy(), 'which run as parca-agent.');
    expect(expression).toBe('has(variables.podSpec.serviceAccountName) && variables.podSpec.serviceAccountName in ["parca-agent"]');
  });

  it.each<[string, object, string[]]>([
    ['only the trace files without a fallback', nodePools({ name: 'a' }), ['/sys/kernel/tracing']],
    ['also the socket of the runtime with one', nodePools(old('a')), ['/run/containerd/containerd.sock', '/sys/kernel/tracing']],
    [
      'each socket once', nodePools(old('a', { containerRuntimeSocket: '/run/crio/crio.sock' }), old('b'), old('c')),
      ['/run/containerd/containerd.sock', '/run/crio/crio.sock', '/sys/kernel/tracing'],
    ],
  ])('admits of the host\'s paths %s', (_, sections, paths) => {
    const { expression, messageExpression } = validationOf(policy(sections), 'mount nothing of the host');
    expect(expression).toMatch(/variables\.podSpec\.volumes\.all\(v, !has\(v\.hostPath\) \|\| v\.hostPath\.path in \{.*\}\[variables\.account\]\)$/);
    expect(valueAfter(expression, 'v.hostPath.path in ')).toEqual({ 'parca-agent': paths });
    expect(readCel(messageExpression).literals[0]).toContain(`of the host but ${paths.join(', ')}, each what it needs.`);
  });

  it('lets each account do what its own workload needs', () => {
    const guarded = policy({ images, nodes: { perfEventParanoid: {}, ebpfInventory: {} } });
    expect(variableOf(guarded, 'account')).toBe(
      'has(variables.podSpec.serviceAccountName) && variables.podSpec.serviceAccountName in ["ebpf-inventory", "node-settings", "parca-agent"]'
      + ' ? variables.podSpec.serviceAccountName : "ebpf-inventory"',
    );
    expect(valueAfter(validationOf(guarded, 'mount nothing of the host').expression, 'v.hostPath.path in ')).toEqual({
      'ebpf-inventory': ['/var/lib/hardened-profiling/ebpf-inventory'],
      'node-settings': ['/proc/sys/kernel/perf_event_paranoid'],
      'parca-agent': ['/sys/kernel/tracing'],
    });
    expect(valueAfter(validationOf(guarded, 'its own account').expression, 'object.metadata.name in ')).toEqual({
      'ebpf-inventory': ['ebpf-inventory'], 'node-settings': ['node-settings'], 'parca-agent': ['parca-agent-default'],
    });
    expect(validationOf(guarded, 'processes of the host').expression)
      .toBe('!has(variables.podSpec.hostPID) || !variables.podSpec.hostPID || variables.account in ["parca-agent"]');
  });

  it('does not admit debug containers', () => {
    const debug = 'variables.podSpec.ephemeralContainers';
    expect(validationOf(policy(), 'debug container').expression).toBe(`!has(${debug}) || size(${debug}) == 0`);
  });

  it('does not admit privileged containers', () => {
    const { expression } = validationOf(policy(), 'never privileged');
    expect(expression).toBe('variables.containers.all(c, !has(c.securityContext) || !has(c.securityContext.privileged) || !c.securityContext.privileged)');
  });

  it('does not admit the network and the IPC of the host', () => {
    const missing = ['hostNetwork', 'hostIPC'].map(field => `(!has(variables.podSpec.${field}) || !variables.podSpec.${field})`);
    expect(validationOf(policy(), 'neither the network').expression).toBe(missing.join(' && '));
  });

  it('says in every message whose it is', () => {
    policy(parca({ agentNamespace: 'eyes' })).validations.forEach(({ messageExpression }) => {
      expect(readCel(messageExpression).literals[0]).toMatch(/^namespace eyes is for the profiling agents alone, /);
    });
  });

  it('judges pods by what they are, and not by who asks', () => {
    expect(policy().asksWho).toBe(false);
    textsOf(policy()).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('leaves deletions and unchanged pods alone', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['not-being-deleted', 'template-is-new']);
  });
});

describe('Creators of agents', () => {
  const creators = policyOf('agent-creators', parca({ agentNamespace: 'eyes' }));

  it('are asked for when pods are created in that namespace', () => {
    expect(creators.namespaces).toEqual({ only: ['eyes'] });
    expect(creators.rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['pods'], operations: ['CREATE'] }]);
    expect(creators.asksWho).toBe(true);
    expect(creators.conditions).toEqual([]);
  });

  it('are the controller of DaemonSets and nobody else', () => {
    const [{ expression, messageExpression }] = creators.validations;
    expect(expression).toMatch(/^request\.userInfo\.username in \[[^\]]*\]$/);
    expect(valueAfter(expression, 'request.userInfo.username in ')).toEqual(['system:kube-controller-manager', 'system:serviceaccount:kube-system:daemon-set-controller']);
    expect(readCel(messageExpression).literals).toEqual([' may not create pods in namespace eyes: those of the profiling agents come from their DaemonSets.']);
  });
});
