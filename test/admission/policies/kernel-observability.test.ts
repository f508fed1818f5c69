import { createdBefore } from '../../../src/admission/cel';
import { exemption, EXEMPTION, parca } from '../../spec/errors';
import { readCel } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf, SYSTEM_NAMESPACES, textsOf, validationOf, variableOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('kernel-observability', sections);
const exempt = (...exemptions: object[]) => policy({ admission: { exemptions } });
const RESERVED = ['ALL', 'BPF', 'PERFMON', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO', 'SYSLOG'];
const NORMALISED = 'k.upperAscii().replace("CAP_", "")';

describe('Kernel observability', () => {
  it('is reserved everywhere but with the agents, and in the namespaces of Kubernetes', () => {
    expect(policy().namespaces).toEqual({ allBut: [...SYSTEM_NAMESPACES, 'profiling-agents'] });
    expect(policy(parca({ agentNamespace: 'eyes' })).namespaces).toEqual({ allBut: ['eyes', ...SYSTEM_NAMESPACES] });
  });

  it('reserves capabilities in every spelling that a runtime understands', () => {
    const { literals } = readCel(variableOf(policy(), 'capabilities'));
    // Once to find the containers, and once to name their capabilities.
    expect(literals.filter(text => RESERVED.includes(text))).toEqual([...RESERVED, ...RESERVED]);
    expect(variableOf(policy(), 'capabilities').split(`${NORMALISED} in ["ALL", `)).toHaveLength(3);
  });

  it('looks at containers of every kind', () => {
    ['capabilities', 'privileged'].forEach(name => expect(variableOf(policy(), name)).toMatch(/^variables\.containers\.filter\(c, /));
  });

  it('reserves privileged containers and the process table of the node', () => {
    expect(variableOf(policy(), 'privileged')).toContain('c.securityContext.privileged).map(');
    expect(variableOf(policy(), 'hostPID')).toBe('has(variables.podSpec.hostPID) && variables.podSpec.hostPID ? ["the pod uses hostPID"] : []');
  });

  it('admits only what has none of it', () => {
    expect(variableOf(policy(), 'reserved')).toBe('variables.capabilities + variables.privileged + variables.hostPID');
    expect(policy().validations.map(({ expression }) => expression)).toEqual(['size(variables.reserved) == 0']);
  });

  it('says what is wrong, whose it is and what to do', () => {
    const { messageExpression } = validationOf(policy(parca({ agentNamespace: 'eyes' })), 'reserved for');
    expect(messageExpression).toMatch(/^"reserved for the profiling agents in namespace eyes: " \+ variables\.reserved\.join\("; "\) \+ ".*admission\.exemptions.*"$/);
  });

  it('leaves deletions and unchanged pods alone', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['not-being-deleted', 'template-is-new']);
  });

  it('judges objects by what they are, and not by who asks', () => {
    expect(policy().asksWho).toBe(false);
    textsOf(exempt(EXEMPTION)).forEach(text => expect(text).not.toContain('request.userInfo'));
  });

  it('shows who shares the process table in the audit log, also who is exempt', () => {
    const [{ key, valueExpression }] = exempt(EXEMPTION).auditAnnotations!;
    expect(key).toBe('host-pid');
    expect(valueExpression).toBe('has(variables.podSpec.hostPID) && variables.podSpec.hostPID ? object.kind + " uses hostPID" : ""');
  });
});

describe('Exemptions', () => {
  const of = (keys: object = {}) => variableOf(policy(exemption(keys)), 'exempt');

  it.each([[{}], [{ exemptions: [] }]])('are given to nobody unless there are some: %j', admission => {
    const plain = policy({ admission });
    expect(plain.annotations).toEqual({});
    expect(plain.variables.map(({ name }) => name)).not.toContain('exempt');
    textsOf(plain).forEach(text => expect(text).not.toContain('variables.exempt'));
  });

  it('are for one namespace and what is listed, and nothing else', () => {
    expect(of()).toBe('(object.metadata.namespace == "monitoring" ? ["hostPID"] : [])');
  });

  it('can be for the service accounts of some pods; without a name it is `default`', () => {
    expect(of({ serviceAccounts: ['node-exporter', 'agent'] })).toBe('(object.metadata.namespace == "monitoring"'
      + ' && (has(variables.podSpec.serviceAccountName) ? variables.podSpec.serviceAccountName : "default") in ["agent", "node-exporter"] ? ["hostPID"] : [])');
  });

  it('can end', () => {
    expect(of({ expires: '2027-03-31' })).toBe(`(object.metadata.namespace == "monitoring" && ${createdBefore('2027-03-31')} ? ["hostPID"] : [])`);
  });

  it('demand all of it at once', () => {
    const accounts = '(has(variables.podSpec.serviceAccountName) ? variables.podSpec.serviceAccountName : "default") in ["a"]';
    expect(of({ serviceAccounts: ['a'], expires: '2027-03-31' }))
      .toBe(`(object.metadata.namespace == "monitoring" && ${accounts} && ${createdBefore('2027-03-31')} ? ["hostPID"] : [])`);
  });

  it('add up', () => {
    const text = variableOf(exempt(EXEMPTION, { ...EXEMPTION, namespace: 'storage', privileges: ['privileged', 'SYS_ADMIN'] }), 'exempt');
    expect(text).toBe('(object.metadata.namespace == "monitoring" ? ["hostPID"] : [])'
      + ' + (object.metadata.namespace == "storage" ? ["SYS_ADMIN", "privileged"] : [])');
  });

  it('are asked about for every kind of privilege', () => {
    const exempted = policy(exemption());
    expect(variableOf(exempted, 'capabilities').split(`"SYSLOG"] && !(${NORMALISED} in variables.exempt)`)).toHaveLength(3);
    expect(variableOf(exempted, 'privileged')).toContain(' && !("privileged" in variables.exempt)).map(');
    expect(variableOf(exempted, 'hostPID')).toContain(' && !("hostPID" in variables.exempt) ? ');
    expect(exempted.variables.map(({ name }) => name)).toEqual(['podSpec', 'containers', 'exempt', 'capabilities', 'privileged', 'hostPID', 'reserved']);
  });

  it('leave everything reserved for all others', () => {
    const exempted = policy(exemption({ privileges: ['ALL', 'BPF', 'hostPID', 'privileged'] }));
    const { literals } = readCel(variableOf(exempted, 'capabilities'));
    expect(literals.filter(text => RESERVED.includes(text))).toEqual([...RESERVED, ...RESERVED]);
    expect(exempted.namespaces).toEqual(policy().namespaces);
    expect(exempted.rules).toEqual(policy().rules);
  });

  it('are explained to reviewers, and only there', () => {
    const reason = 'the "driver" \\ mounts + volumes';
    const explained = exempt(
      { ...EXEMPTION, serviceAccounts: ['b', 'a'], privileges: ['privileged', 'BPF'], reason, expires: '2027-03-31' }, { ...EXEMPTION, namespace: 'storage' },
    );
    expect(explained.annotations).toEqual({
      'exemption-1': 'monitoring (a, b) may use BPF, privileged until 2027-03-31: the "driver" \\ mounts + volumes',
      'exemption-2': 'storage may use hostPID: node exporter reads the process table',
    });
    textsOf(explained).forEach(text => expect(text).not.toContain('driver'));
  });
});
