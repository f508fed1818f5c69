import { parca } from '../../config/errors';
import { readCel, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf, textsOf } from '../policies';

const policy = (keys: object = {}, sections: Sections = {}, admission: object = {}) => policyOf('require-pod-security', { admission: { podSecurity: keys, ...admission }, ...sections });
const exempt = (...given: Parameters<typeof policy>) => valueAfter(policy(...given).conditions[0].expression, 'object.metadata.name in ');

describe('The level of other namespaces', () => {
  it('is not demanded unless the document says so', () => {
    expect(() => policyOf('require-pod-security', { admission: {} })).toThrow('0 policies');
  });

  it('is baseline or more, or restricted', () => {
    expect(valueAfter(policy().validations[0].expression.split(' && (has')[0], ' : "") in ')).toEqual(['baseline', 'restricted']);
    expect(valueAfter(policy({ lowestLevel: 'restricted' }).validations[0].expression.split(' && (has')[0], ' : "") in ')).toEqual(['restricted']);
  });

  it('is not of a version that demanded less', () => {
    const pattern = new RegExp(readCel(policy().validations[0].expression).literals.at(-1)!);
    expect(['latest', 'v1.25', 'v1.29', 'v1.30', 'v1.99'].every(version => pattern.test(version))).toBe(true);
    expect(['v1.0', 'v1.24', 'v1', '1.30', 'v1.30x', 'v2.0', ''].some(version => pattern.test(version))).toBe(false);
  });

  it('is demanded when a namespace is made, and when its level changes, by any of the ways', () => {
    expect(policy().rules.map(({ resources, operations }) => [resources, operations])).toEqual([
      [['namespaces'], ['CREATE']], [['namespaces', 'namespaces/finalize', 'namespaces/status'], ['UPDATE']],
    ]);
    expect(policy().conditions.map(({ name }) => name)).toEqual(['not-exempt', 'level-is-new']);
    expect(policy().namespaces).toBeUndefined();
  });

  it('is not demanded of Kubernetes, of ourselves, and of those that are exempt here or from other policies', () => {
    const SYSTEM = ['kube-node-lease', 'kube-public', 'kube-system'];
    expect(exempt()).toEqual([...SYSTEM, 'profiling', 'profiling-agents']);
    expect(exempt({}, parca({ namespace: 'obs', agentNamespace: 'eyes' }))).toEqual(['eyes', ...SYSTEM, 'obs']);
    const exemptions = [{ namespace: 'monitoring', privileges: ['hostPID'], reason: 'node exporter reads the process table' }];
    expect(exempt({ exemptNamespaces: [{ namespace: 'sandbox', reason: 'experiments of ours' }] }, {}, { exemptions })).toEqual([...SYSTEM, 'monitoring', 'profiling', 'profiling-agents', 'sandbox']);
  });

  it('has exemptions that are explained to reviewers, and only there', () => {
    const explained = policy({ exemptNamespaces: [{ namespace: 'sandbox', reason: 'experiments of ours' }] });
    expect(explained.annotations).toEqual({ 'exemption-1': 'sandbox: experiments of ours' });
    textsOf(explained).forEach(text => expect(text).not.toContain('experiments'));
  });

  it('is demanded of whoever asks, and says what to do', () => {
    expect(policy().usesUserInfo).toBe(false);
    expect(readCel(policy().validations[0].messageExpression).literals[0]).toMatch(/with baseline or restricted.*Label it, or ask the platform team.*exemptNamespaces/);
  });
});
