import { EVERYTHING, manifestsOf, wirePolicies, wirePolicy } from '../policies';

describe('ValidatingPolicy of Kyverno', () => {
  const manifests = manifestsOf('kyverno');
  const policies = wirePolicies(manifests);

  it('is one object for each policy', () => {
    expect(manifests).toHaveLength(wirePolicies(manifestsOf('validatingAdmissionPolicy')).length);
    manifests.forEach(({ apiVersion, kind }) => expect({ apiVersion, kind }).toEqual({ apiVersion: 'policies.kyverno.io/v1', kind: 'ValidatingPolicy' }));
  });

  it.each([
    ['warns and reports', 'audit', ['Warn', 'Audit']],
    ['denies and reports', 'enforce', ['Deny', 'Audit']],
  ])('%s with %s', (_, action, expected) => {
    wirePolicies(manifestsOf('kyverno', EVERYTHING, { action })).forEach(({ spec }) => expect(spec.validationActions).toEqual(expected));
  });

  it('fails closed', () => {
    policies.forEach(({ spec }) => expect(spec.failurePolicy).toBe('Fail'));
  });

  it('is not rewritten for kinds that it names already', () => {
    policies.forEach(({ spec }) => {
      expect(spec.autogen).toEqual({ podControllers: { controllers: [] } });
    });
  });

  it('looks at what is there already, unless it asks who does something', () => {
    const scanned = policies.filter(({ spec }) => spec.evaluation!.background.enabled).map(({ metadata }) => metadata.name.replace('profiling-agents-', ''));
    expect(scanned).toEqual(['restrict-privileges', 'restrict-agent-namespace', 'protect-opt-in-label', 'require-pod-security', 'everywhere', 'in-shop']);
  });

  it.each(policies.map(({ metadata }) => metadata.name.replace('profiling-agents-', '')))('means the same as the policy of the API server: %s', name => {
    const own = wirePolicy(manifestsOf('validatingAdmissionPolicy'), name);
    const { metadata, spec } = wirePolicy(manifests, name);
    expect(metadata).toEqual(own.metadata);
    expect(spec).toMatchObject(own.spec);
    expect(Object.keys(spec).filter(key => !(key in own.spec)).sort()).toEqual(['autogen', 'evaluation', 'validationActions', 'webhookConfiguration']);
  });
});
