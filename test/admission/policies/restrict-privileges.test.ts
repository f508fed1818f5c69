import { CONFINEMENT } from '../../../src/admission/policies/restrict-privileges/confinement';
import { HOST_NAMESPACES, HOST_PORTS } from '../../../src/admission/policies/restrict-privileges/host-namespaces';
import { NODE_VOLUMES } from '../../../src/admission/policies/restrict-privileges/volumes';
import { ReservedPrivilege } from '../../../src/api/exemptions';
import { POD_SECURITY_BASELINE } from '../../../src/versions';
import { agents, exemption, EXEMPTION } from '../../config/errors';
import type { AdmissionCase } from '../../e2e/suites/admission-cases/rows';
import { adding, create, debug, GOOD, pod } from '../../e2e/suites/admission-cases/rows';
import { evaluate, refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf, SYSTEM_NAMESPACES, textsOf, variableOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('restrict-privileges', sections);
const exempt = (...exemptions: object[]) => policy({ admission: { exemptions } });

/** What is found in a row, as the message lists it; undefined where it is admitted. */
function found(one: AdmissionCase, sections: Sections = { admission: {} }): string | undefined {
  const said = refusals(sections, one);
  expect(said.length).toBeLessThan(2);
  return /^restrict-privileges: this reaches the node, or other workloads on it: (.*)\. Remove it, or ask the platform team .*admission\.exemptions/.exec(said[0])?.[1];
}
const inPod = (spec: object, namespace = 'shop', sections?: Sections) => found(create('', pod(namespace, spec)), sections);

const NAMES = [
  'hostIPC', 'hostNetwork', 'hostPID', 'hostPorts', 'privileged', 'hostProcess', 'seccompUnconfined', 'appArmorUnconfined', 'seLinuxOptions', 'procMount', 'sysctls',
  'capabilities', 'hostPaths', 'nodeVolumes',
];

describe('What reaches the node', () => {
  it('is refused everywhere but with the agents, and in the namespaces of Kubernetes', () => {
    expect(policy().namespaces).toEqual({ allBut: [...SYSTEM_NAMESPACES, 'profiling-agents'] });
    expect(policy(agents({ namespace: 'eyes' })).namespaces).toEqual({ allBut: ['eyes', ...SYSTEM_NAMESPACES] });
  });

  it('is found by one rule for each privilege, and all of them count', () => {
    expect(variableOf(policy(), 'found')).toBe(NAMES.map(name => `variables.${name}`).join(' + '));
    expect(policy().validations.map(({ expression }) => expression)).toEqual(['size(variables.found) == 0']);
  });

  it('has a rule for every privilege that can be exempt, but for single capabilities', () => {
    const isCapability = (name: string) => /^[A-Z_]+$/.test(name);
    const ruled = [...HOST_NAMESPACES, HOST_PORTS, ...CONFINEMENT, NODE_VOLUMES].map(({ privilege }) => privilege);
    expect(ruled.sort()).toEqual(Object.values(ReservedPrivilege).filter(name => !isCapability(name)).sort());
    Object.values(ReservedPrivilege).filter(isCapability).forEach(name => expect(POD_SECURITY_BASELINE.capabilities).not.toContain(name));
  });

  it('is told by names as they are: no text is changed before it is compared', () => {
    textsOf(exempt(EXEMPTION)).forEach(text => expect(text).not.toMatch(/lowerAscii|upperAscii|trim\(|replace\(|split\(/));
    expect(POD_SECURITY_BASELINE.capabilities.filter(name => inPod({ containers: [adding(name)] }) !== undefined)).toEqual([]);
    expect(inPod({ containers: [adding('CHOWN', 'chown', 'CAP_CHOWN')] })).toBe('container app adds chown, CAP_CHOWN');
    expect(inPod({ containers: [adding('SYS_ADMIN\n')] })).toBe('container app adds what is no name of a capability');
  });

  it('is looked for in containers of every kind', () => {
    const bad = { ...GOOD, securityContext: { privileged: true } };
    expect(inPod({ containers: [bad] })).toBe('container app is privileged');
    expect(inPod({ initContainers: [{ ...bad, name: 'init' }] })).toBe('container init is privileged');
    expect(found(debug('', pod('shop'), bad))).toBe('container debug is privileged');
  });

  it.each<[string, object]>([
    ['runs without a seccomp profile', { seccompProfile: { type: 'Unconfined' } }],
    ['runs without an AppArmor profile', { appArmorProfile: { type: 'Unconfined' } }],
    ['unmasks /proc', { procMount: 'Unmasked' }],
    ['adds BPF', { capabilities: { add: ['BPF'] } }],
  ])('is not told twice of a container that is privileged anyway: %s', (what, securityContext) => {
    expect(inPod({ containers: [{ ...GOOD, securityContext }] })).toContain(`container app ${what}`);
    expect(inPod({ containers: [{ ...GOOD, securityContext: { ...securityContext, privileged: true } }] })).toBe('container app is privileged');
  });

  it('is not what stays with the pod', () => {
    const volumes = [{ name: 'a', configMap: { name: 'x' } }, { name: 'b', emptyDir: {} }, { name: 'c', secret: { secretName: 'x' } }, { name: 'd', projected: { sources: [] } }];
    const securityContext = { sysctls: POD_SECURITY_BASELINE.sysctls.map(name => ({ name, value: '1' })) };
    expect(inPod({ volumes, securityContext })).toBeUndefined();
    expect(inPod({ volumes: [{ name: 'v', nfs: { server: '192.0.2.1', path: '/' } }] })).toBe('volume v is of a kind that the node itself mounts or runs');
    expect(inPod({ securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } })).toContain('kernel.msgmax');
  });

  it('is refused with everything that was found', () => {
    expect(inPod({ hostPID: true, hostNetwork: true, containers: [adding('BPF')] })).toBe('the pod uses hostNetwork; the pod uses hostPID; container app adds BPF');
  });

  it('is judged where pods are new, also while objects are being deleted, and whoever asks', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['template-is-new']);
    expect(policy().usesUserInfo).toBe(false);
    textsOf(exempt(EXEMPTION)).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('shows who shares the process table in the audit log, also who is exempt', () => {
    const [{ key, valueExpression }] = exempt(EXEMPTION).auditAnnotations!;
    expect(key).toBe('host-pid');
    const noted = (podSpec: object) => evaluate(valueExpression, { object: { kind: 'Pod' }, variables: { podSpec } });
    expect([{ hostPID: true }, { hostPID: false }, {}].map(noted)).toEqual(['Pod uses hostPID', '', '']);
  });
});

describe('Exemptions', () => {
  const HOST_PID = { hostPID: true };
  const given = (...exemptions: object[]): Sections => ({ admission: { exemptions } });
  const path = (hostPath: string, mount: object = { readOnly: true }) => ({
    volumes: [{ name: 'v', hostPath: { path: hostPath } }], containers: [{ ...GOOD, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }],
  });

  it.each([[{}], [{ exemptions: [] }]])('are given to nobody unless there are some: %j', admission => {
    expect(policy({ admission }).annotations).toEqual({});
    expect(inPod(HOST_PID, 'monitoring', { admission })).toBe('the pod uses hostPID');
  });

  it('are for one namespace and what is listed, and nothing else', () => {
    expect(inPod(HOST_PID, 'monitoring', given(EXEMPTION))).toBeUndefined();
    expect(inPod(HOST_PID, 'shop', given(EXEMPTION))).toBe('the pod uses hostPID');
    expect(inPod({ ...HOST_PID, hostIPC: true }, 'monitoring', given(EXEMPTION))).toBe('the pod uses hostIPC');
    expect(inPod(path('/'), 'monitoring', given(EXEMPTION))).toContain('/');
  });

  it('can be for the service accounts of some pods; without a name it is `default`', () => {
    const sections = given({ ...EXEMPTION, serviceAccounts: ['node-exporter', 'agent'] });
    const exempted = ['node-exporter', 'agent', 'other', 'default', undefined].filter(name =>
      inPod({ ...HOST_PID, ...(name !== undefined && { serviceAccountName: name }) }, 'monitoring', sections) === undefined);
    expect(exempted).toEqual(['node-exporter', 'agent']);
    expect(inPod(HOST_PID, 'monitoring', given({ ...EXEMPTION, serviceAccounts: ['default'] }))).toBeUndefined();
  });

  it('can end', () => {
    const { variables } = policy(exemption({ expires: '2999-03-31' }));
    const givenTo = (creationTimestamp: string) => evaluate(variables.find(({ name }) => name === 'exempt')!.expression, {
      object: { metadata: { namespace: 'monitoring', creationTimestamp } }, variables: { podSpec: {} },
    });
    expect(givenTo('2999-03-30T23:59:59Z')).toEqual(['hostPID']);
    expect(givenTo('2999-03-31T00:00:00Z')).toEqual([]);
  });

  it('demand all of it at once, for privileges and for paths', () => {
    const sections = given({ ...EXEMPTION, serviceAccounts: ['a'], expires: '2999-03-31', hostPaths: [{ path: '/b', writable: true }, { path: '/a' }] });
    const all = [HOST_PID, path('/a'), path('/b', {})];
    const refused = (namespace: string, serviceAccountName: string) =>
      all.filter(spec => inPod({ ...spec, serviceAccountName }, namespace, sections) !== undefined).length;
    expect([refused('monitoring', 'a'), refused('monitoring', 'b'), refused('shop', 'a')]).toEqual([0, 3, 3]);
  });

  it('add up', () => {
    const sections = given(EXEMPTION, { ...EXEMPTION, privileges: ['privileged'] }, { ...EXEMPTION, namespace: 'storage', privileges: ['hostIPC'] });
    const spec = { ...HOST_PID, hostIPC: true, containers: [{ ...GOOD, securityContext: { privileged: true } }] };
    expect(inPod(spec, 'monitoring', sections)).toBe('the pod uses hostIPC');
    expect(inPod(spec, 'storage', sections)).toBe('the pod uses hostPID; container app is privileged');
  });

  it('are asked about for every privilege by its name', () => {
    const exempted = policy(exemption());
    Object.values(ReservedPrivilege).filter(name => !/^[A-Z_]+$/.test(name)).forEach(name => {
      expect(variableOf(exempted, name).startsWith(`"${name}" in variables.exempt ? [] : `)).toBe(true);
    });
  });

  it('are of capabilities one by one', () => {
    const sections = given({ ...EXEMPTION, privileges: ['BPF'] });
    expect(inPod({ containers: [adding('BPF')] }, 'monitoring', sections)).toBeUndefined();
    expect(inPod({ containers: [adding('BPF', 'PERFMON')] }, 'monitoring', sections)).toBe('container app adds PERFMON');
  });

  it('of paths hold for what is below, which must not lead out again, and for reading alone unless they say otherwise', () => {
    const sections = given({ ...EXEMPTION, hostPaths: [{ path: '/a' }, { path: '/w', writable: true }] });
    const admitted = (...[where, mount]: Parameters<typeof path>) => inPod(path(where, mount), 'monitoring', sections) === undefined;
    expect(['/a', '/a/b', '/w', '/w/b', '/ab', '/', '/a/../b', '/b'].filter(where => admitted(where))).toEqual(['/a', '/a/b', '/w', '/w/b']);
    expect(['/a', '/w'].filter(where => admitted(where, { readOnly: false }))).toEqual(['/w']);
    expect(['/a', '/w'].filter(where => admitted(where, {}))).toEqual(['/w']);
  });

  it('leave everything refused for all others', () => {
    const exempted = policy(exemption({ privileges: ['ALL', 'BPF', 'hostPID', 'privileged'] }));
    expect(inPod({ containers: [adding('BPF')] }, 'shop', exemption({ privileges: ['ALL', 'BPF'] }))).toBe('container app adds BPF');
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
