import { createdBefore } from '../../../src/admission/cel';
import { CONFINEMENT } from '../../../src/admission/policies/restrict-privileges/confinement';
import { HOST_NAMESPACES, HOST_PORTS } from '../../../src/admission/policies/restrict-privileges/host-namespaces';
import { NODE_VOLUMES } from '../../../src/admission/policies/restrict-privileges/volumes';
import { ReservedPrivilege } from '../../../src/api/admission';
import { HARMLESS_VOLUMES, POD_SECURITY_BASELINE } from '../../../src/versions';
import { exemption, EXEMPTION, parca } from '../../config/errors';
import { readCel, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf, SYSTEM_NAMESPACES, textsOf, validationOf, variableOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('restrict-privileges', sections);
const exempt = (...exemptions: object[]) => policy({ admission: { exemptions } });
const NAMES = [
  'hostIPC', 'hostNetwork', 'hostPID', 'hostPorts', 'privileged', 'hostProcess', 'seccompUnconfined', 'appArmorUnconfined', 'seLinuxOptions', 'procMount', 'sysctls',
  'capabilities', 'hostPaths', 'nodeVolumes',
];

describe('What reaches the node', () => {
  it('is refused everywhere but with the agents, and in the namespaces of Kubernetes', () => {
    expect(policy().namespaces).toEqual({ allBut: [...SYSTEM_NAMESPACES, 'profiling-agents'] });
    expect(policy(parca({ agentNamespace: 'eyes' })).namespaces).toEqual({ allBut: ['eyes', ...SYSTEM_NAMESPACES] });
  });

  it('is found by one rule for each privilege, and all of them count', () => {
    expect(variableOf(policy(), 'found')).toBe(NAMES.map(name => `variables.${name}`).join(' + '));
    expect(policy().validations.map(({ expression }) => expression)).toEqual(['size(variables.found) == 0']);
    NAMES.forEach(name => expect(variableOf(policy(), name).length).toBeGreaterThan(10));
  });

  it('has a rule for every privilege that can be exempt, but for single capabilities', () => {
    const isCapability = (name: string) => /^[A-Z_]+$/.test(name);
    const ruled = [...HOST_NAMESPACES, HOST_PORTS, ...CONFINEMENT, NODE_VOLUMES].map(({ privilege }) => privilege);
    expect(ruled.sort()).toEqual(Object.values(ReservedPrivilege).filter(name => !isCapability(name)).sort());
    Object.values(ReservedPrivilege).filter(isCapability).forEach(name => expect(POD_SECURITY_BASELINE.capabilities).not.toContain(name));
  });

  it('is told by names as they are: no text is changed before it is compared', () => {
    textsOf(exempt(EXEMPTION)).forEach(text => expect(text).not.toMatch(/lowerAscii|upperAscii|trim\(|replace\(|split\(/));
    expect(valueAfter(variableOf(policy(), 'capabilities').split(').map(')[0], 'exists(k, !(k in ')).toEqual([...POD_SECURITY_BASELINE.capabilities]);
  });

  it('is looked for in containers of every kind', () => {
    expect(variableOf(policy(), 'confined')).toMatch(/^variables\.containers\.filter\(c, /);
    ['hostPorts', 'privileged', 'hostProcess'].forEach(name => expect(variableOf(policy(), name)).toContain('variables.containers.filter(c, '));
    ['capabilities', 'seccompUnconfined', 'appArmorUnconfined', 'seLinuxOptions', 'procMount'].forEach(name => expect(variableOf(policy(), name)).toContain('variables.confined.filter(c, '));
  });

  it('is not what stays with the pod', () => {
    expect(valueAfter(variableOf(policy(), 'nodeVolumes'), 'exists(k, !(k in ')).toEqual(['name', 'hostPath', ...HARMLESS_VOLUMES]);
    expect(valueAfter(variableOf(policy(), 'sysctls'), 'filter(s, !(s.name in ')).toEqual([...POD_SECURITY_BASELINE.sysctls]);
  });

  it('is refused with what was found and what to do', () => {
    const { messageExpression } = validationOf(policy(), 'this reaches the node');
    expect(messageExpression).toMatch(/^"this reaches the node, or other workloads on it: " \+ variables\.found\.join\("; "\) \+ ".*admission\.exemptions.*"$/);
  });

  it('is judged where pods are new, also while objects are being deleted, and whoever asks', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['template-is-new']);
    expect(policy().usesUserInfo).toBe(false);
    textsOf(exempt(EXEMPTION)).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('shows who shares the process table in the audit log, also who is exempt', () => {
    const [{ key, valueExpression }] = exempt(EXEMPTION).auditAnnotations!;
    expect(key).toBe('host-pid');
    expect(valueExpression).toBe('has(variables.podSpec.hostPID) && variables.podSpec.hostPID ? object.kind + " uses hostPID" : ""');
  });
});

describe('Exemptions', () => {
  const of = (keys: object = {}, name = 'exempt') => variableOf(policy(exemption(keys)), name);
  const account = '(has(variables.podSpec.serviceAccountName) ? variables.podSpec.serviceAccountName : "default")';

  it.each([[{}], [{ exemptions: [] }]])('are given to nobody unless there are some: %j', admission => {
    const plain = policy({ admission });
    expect(plain.annotations).toEqual({});
    textsOf(plain).forEach(text => expect(text).not.toMatch(/variables\.(exempt|readablePaths|writablePaths)/));
  });

  it('are for one namespace and what is listed, and nothing else', () => {
    expect(of()).toBe('(object.metadata.namespace == "monitoring" ? ["hostPID"] : [])');
    ['readablePaths', 'writablePaths'].forEach(name => expect(of({}, name)).toBe('(object.metadata.namespace == "monitoring" ? [] : [])'));
  });

  it('can be for the service accounts of some pods; without a name it is `default`', () => {
    expect(of({ serviceAccounts: ['node-exporter', 'agent'] })).toBe(`(object.metadata.namespace == "monitoring" && ${account} in ["agent", "node-exporter"] ? ["hostPID"] : [])`);
  });

  it('can end', () => {
    expect(of({ expires: '2999-03-31' })).toBe(`(object.metadata.namespace == "monitoring" && ${createdBefore('2999-03-31')} ? ["hostPID"] : [])`);
  });

  it('demand all of it at once, for privileges and for paths', () => {
    const when = `object.metadata.namespace == "monitoring" && ${account} in ["a"] && ${createdBefore('2999-03-31')}`;
    const keys = { serviceAccounts: ['a'], expires: '2999-03-31', hostPaths: [{ path: '/b', writable: true }, { path: '/a' }] };
    expect(of(keys)).toBe(`(${when} ? ["hostPID"] : [])`);
    expect(of(keys, 'readablePaths')).toBe(`(${when} ? ["/a"] : [])`);
    expect(of(keys, 'writablePaths')).toBe(`(${when} ? ["/b"] : [])`);
  });

  it('add up', () => {
    const text = variableOf(exempt(EXEMPTION, { ...EXEMPTION, namespace: 'storage', privileges: ['privileged', 'SYS_ADMIN'] }), 'exempt');
    expect(text).toBe('(object.metadata.namespace == "monitoring" ? ["hostPID"] : []) + (object.metadata.namespace == "storage" ? ["SYS_ADMIN", "privileged"] : [])');
  });

  it('are asked about for every privilege by its name, and for capabilities one by one', () => {
    const exempted = policy(exemption());
    Object.values(ReservedPrivilege).filter(name => !/^[A-Z_]+$/.test(name)).forEach(name => {
      expect(variableOf(exempted, name).startsWith(`"${name}" in variables.exempt ? [] : `)).toBe(true);
    });
    expect(variableOf(exempted, 'capabilities').match(/"SYS_CHROOT"\] \|\| k in variables\.exempt\)/g)).toHaveLength(2);
  });

  it('of paths hold for what is below, which must not lead out again, and for reading alone unless they say otherwise', () => {
    const text = variableOf(policy(exemption({ hostPaths: [{ path: '/a' }] })), 'hostPaths');
    expect(text).toContain('variables.readablePaths.exists(p, (v.hostPath.path == p || v.hostPath.path.startsWith(p + "/"))) && !v.hostPath.path.contains("..")');
    expect(text).toContain('c.volumeMounts.exists(m, m.name == v.name && !(has(m.readOnly) && m.readOnly))');
  });

  it('leave everything refused for all others', () => {
    const exempted = policy(exemption({ privileges: ['ALL', 'BPF', 'hostPID', 'privileged'] }));
    expect(readCel(variableOf(exempted, 'capabilities')).literals).not.toContain('BPF');
    expect(exempted.namespaces).toEqual(policy().namespaces);
    expect(exempted.rules).toEqual(policy().rules);
  });

  it('are explained to reviewers, and only there', () => {
    const reason = 'the "driver" \\ mounts + volumes';
    const explained = exempt(
      { ...EXEMPTION, serviceAccounts: ['b', 'a'], privileges: ['privileged', 'BPF'], reason, expires: '2999-03-31' },
      { namespace: 'storage', hostPaths: [{ path: '/a' }, { path: '/b', writable: true }], reason: EXEMPTION.reason },
    );
    expect(explained.annotations).toEqual({
      'exemption-1': 'monitoring (a, b) may use BPF, privileged until 2999-03-31: the "driver" \\ mounts + volumes',
      'exemption-2': 'storage may read /a, write /b: node exporter reads the process table',
    });
    textsOf(explained).forEach(text => expect(text).not.toContain('driver'));
  });
});
