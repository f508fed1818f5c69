import type { ValidatingAdmissionPolicyBinding } from 'kubernetes-types/admissionregistration/v1';
import { FALLBACK_MESSAGE } from '../../../src/admission/engines/validating-admission-policy';
import type { Manifest } from '../../../src/kube/manifest';
import { EVERYTHING, manifestsOf, wirePolicies, wirePolicy } from '../policies';

const ENGINE = 'validatingAdmissionPolicy';
const bindings = (manifests: readonly Manifest[]) => manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding') as Array<Required<ValidatingAdmissionPolicyBinding>>;

/** Labels of a namespace can be changed through these as well. */
const NAMESPACES = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

describe('ValidatingAdmissionPolicy', () => {
  const manifests = manifestsOf(ENGINE);
  const policies = wirePolicies(manifests);

  it('is of the version that needs no feature gate', () => {
    expect(new Set(manifests.map(({ apiVersion }) => apiVersion))).toEqual(new Set(['admissionregistration.k8s.io/v1']));
  });

  it.each([
    ['warns and is audited', 'audit', ['Warn', 'Audit']],
    ['denies and is audited', 'enforce', ['Deny', 'Audit']],
  ])('%s with %s', (_, action, expected) => {
    const found = bindings(manifestsOf(ENGINE, EVERYTHING, { action }));
    expect(found).toHaveLength(policies.length);
    found.forEach(({ spec }) => expect(spec.validationActions).toEqual(expected));
  });

  it('is bound by an object of its name, which narrows nothing', () => {
    expect(bindings(manifests).map(({ spec }) => spec.policyName)).toEqual(policies.map(({ metadata }) => metadata.name));
    bindings(manifests).forEach(({ metadata, spec }) => {
      expect(metadata.name).toBe(spec.policyName);
      expect(Object.keys(spec)).toEqual(['policyName', 'validationActions']);
    });
  });

  it('stands before its binding', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(policies.flatMap(() => ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']));
  });

  it.each(['audit', 'enforce'])('fails closed, and sees requests for other versions: %s', action => {
    wirePolicies(manifestsOf(ENGINE, EVERYTHING, { action })).forEach(({ spec }) => {
      expect(spec.failurePolicy).toBe('Fail');
      expect(spec.matchConstraints.matchPolicy).toBe('Equivalent');
    });
  });

  it('chooses namespaces by the label that nobody can forge', () => {
    const keys = policies.flatMap(({ spec }) => spec.matchConstraints.namespaceSelector?.matchExpressions?.map(({ key }) => key) ?? []);
    expect(keys).toEqual(Array(policies.length - 2).fill('kubernetes.io/metadata.name'));
  });

  it('names the objects of a rule only where the policy does', () => {
    const named = policies.flatMap(({ spec }) => spec.matchConstraints.resourceRules).filter(rule => 'resourceNames' in rule);
    expect(named).toEqual([
      { apiGroups: [''], apiVersions: ['v1'], resources: NAMESPACES, operations: ['UPDATE'], resourceNames: ['profiling', 'profiling-agents'], scope: '*' },
    ]);
  });

  it('has no empty lists, which the API server would drop', () => {
    const { spec } = wirePolicy(manifests, 'restrict-agent-pod-creation');
    ['matchConditions', 'variables', 'auditAnnotations'].forEach(key => expect(spec).not.toHaveProperty(key));
    expect(Object.keys(wirePolicy(manifests, 'restrict-privileges').spec)).toEqual(
      ['failurePolicy', 'matchConstraints', 'matchConditions', 'variables', 'validations', 'auditAnnotations']);
  });

  it('keeps the order of variables, since later ones use earlier ones', () => {
    expect(wirePolicy(manifests, 'restrict-agent-namespace').spec.variables!.map(({ name }) => name)).toEqual([
      'owner', 'podSpec', 'daemonSet', 'podFields', 'containerFields', 'inPod', 'inContainers', 'inNames', 'labels', 'annotations', 'inMetadata', 'differences',
    ]);
  });

  it('writes to the audit log what a policy wants it to', () => {
    expect(wirePolicy(manifests, 'restrict-privileges').spec.auditAnnotations!.map(({ key }) => key)).toEqual(['host-pid']);
  });

  it('has something to say even where the expression of a message fails, and answers 403', () => {
    policies.flatMap(({ spec }) => spec.validations).forEach(({ message, messageExpression, reason }) => {
      expect(message).toBe(FALLBACK_MESSAGE);
      expect(messageExpression).not.toBe('');
      expect(reason).toBe('Forbidden');
    });
  });

  it('tells reviewers what it is for', () => {
    policies.forEach(({ metadata }) => expect(metadata.annotations!['hardened-profiling/description']).toMatch(/\w{3}/));
    expect(wirePolicy(manifests, 'everywhere').metadata.annotations).toEqual({ 'hardened-profiling/description': 'some good reason' });
  });

  it('keeps the reasons of exemptions for reviewers', () => {
    expect(wirePolicy(manifests, 'restrict-privileges').metadata.annotations).toMatchObject({
      'hardened-profiling/exemption-1': 'monitoring may use hostPID: node exporter reads the process table',
    });
  });
});
