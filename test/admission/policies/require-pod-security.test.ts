import { inNamespaces } from '../../config/errors';
import { create } from '../../e2e/suites/admission-cases/rows';
import { refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf, textsOf } from '../policies';

const policy = (keys: object = {}, sections: Sections = {}, admission: object = {}) => policyOf('require-pod-security', { admission: { podSecurity: keys, ...admission }, ...sections });

/** What is said of a new namespace with this level. */
function told(name: string, labels: Readonly<Record<string, string>>, keys: object = {}, sections: Sections = {}, admission: object = {}): string[] {
  const prefixed = Object.fromEntries(Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]));
  return refusals({ admission: { podSecurity: keys, ...admission }, ...sections }, create('', { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: prefixed } }));
}

describe('The level of other namespaces', () => {
  it('is not demanded unless the document says so', () => {
    expect(() => policyOf('require-pod-security', { admission: {} })).toThrow('0 policies');
  });

  it('is baseline or more, or restricted', () => {
    const passing = (keys: object = {}) => ['', 'privileged', 'baseline', 'restricted', 'Restricted'].filter(enforce => told('shop', { enforce }, keys).length === 0);
    expect(passing()).toEqual(['baseline', 'restricted']);
    expect(passing({ lowestLevel: 'restricted' })).toEqual(['restricted']);
    expect(told('shop', { warn: 'restricted' })).toHaveLength(1);
  });

  it('is not of a version that demanded less', () => {
    const passes = (version: string) => told('shop', { 'enforce': 'baseline', 'enforce-version': version }).length === 0;
    expect(['latest', 'v1.25', 'v1.29', 'v1.30', 'v1.99'].every(passes)).toBe(true);
    expect(['v1.0', 'v1.24', 'v1', '1.30', 'v1.30x', 'v2.0', ''].some(passes)).toBe(false);
  });

  it('is demanded when a namespace is made, and when its level changes, by any of the ways', () => {
    expect(policy().rules.map(({ resources, operations }) => [resources, operations])).toEqual([
      [['namespaces'], ['CREATE']], [['namespaces', 'namespaces/finalize', 'namespaces/status'], ['UPDATE']],
    ]);
    expect(policy().conditions.map(({ name }) => name)).toEqual(['not-exempt', 'level-is-new']);
    expect(policy().namespaces).toBeUndefined();
  });

  it('is not demanded of Kubernetes, of ourselves, and of those that are exempt here or from other policies', () => {
    const names = ['kube-node-lease', 'kube-public', 'kube-system', 'profiling', 'profiling-agents', 'obs', 'eyes', 'monitoring', 'sandbox', 'shop'];
    const exempt = (...given: [object?, Sections?, object?]) => names.filter(name => told(name, {}, ...given).length === 0);
    expect(exempt()).toEqual(names.slice(0, 5));
    expect(exempt({}, inNamespaces('obs', 'eyes'))).toEqual([...names.slice(0, 3), 'obs', 'eyes']);
    const exemptions = [{ namespace: 'monitoring', privileges: ['hostPID'], reason: 'node exporter reads the process table' }];
    expect(exempt({ exemptNamespaces: [{ namespace: 'sandbox', reason: 'experiments of ours' }] }, {}, { exemptions })).toEqual([...names.slice(0, 5), 'monitoring', 'sandbox']);
  });

  it('has exemptions that are explained to reviewers, and only there', () => {
    const explained = policy({ exemptNamespaces: [{ namespace: 'sandbox', reason: 'experiments of ours' }] });
    expect(explained.annotations).toEqual({ 'exemption-1': 'sandbox: experiments of ours' });
    textsOf(explained).forEach(text => expect(text).not.toContain('experiments'));
  });

  it('is demanded of whoever asks, and says what to do', () => {
    expect(policy().usesUserInfo).toBe(false);
    expect(told('shop', {})).toEqual([expect.stringMatching(/^require-pod-security: .*with baseline or restricted.*Label it, or ask the platform team.*exemptNamespaces/)]);
  });
});
