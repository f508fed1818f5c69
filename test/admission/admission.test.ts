import { EVERYTHING, looksAt, manifestsOf, policiesOf, SYSTEM_NAMESPACES, wirePolicies } from './policies';
import { OWN_POLICIES } from '../../src/admission/names';
import { EXCLUDED_NAMESPACES } from '../../src/config/defaults';
import { renderParts } from '../../src/render';
import { agents, inNamespaces } from '../config/errors';
import { render, resolved } from '../support';

const ALWAYS = [
  'restrict-privileges', 'restrict-agent-namespace', 'restrict-agent-pod-creation', 'protect-opt-in-label', 'restrict-port-forward', 'restrict-exec',
];
const GUARDS = ['protect-pod-security-labels', 'protect-configuration'];
const LEVELS = 'require-pod-security';
const names = (sections: Parameters<typeof resolved>[0]) => policiesOf(resolved(sections)).map(({ name }) => name);

describe('Admission', () => {
  it('emits nothing unless the specification asks for it', () => {
    expect(renderParts(resolved()).admission).toEqual({});
    expect(render().filter(({ apiVersion }) => /admission|kyverno/.test(apiVersion))).toEqual([]);
  });

  it('emits the same as before for everything else', () => {
    const [without, withIt] = [render(), render({ admission: {} })];
    expect(withIt.filter(({ kind }) => !kind.startsWith('ValidatingAdmission'))).toEqual(without);
    expect(withIt.length).toBeGreaterThan(without.length);
  });

  it('comes before what it judges, so that a new document is not held up by the policies of the old one', () => {
    const kinds = render({ admission: {} }).map(({ kind }) => kind);
    expect(kinds.lastIndexOf('ValidatingAdmissionPolicyBinding')).toBeLessThan(kinds.indexOf('DaemonSet'));
    expect(kinds.lastIndexOf('Namespace')).toBeLessThan(kinds.indexOf('ValidatingAdmissionPolicy'));
  });

  it('has a policy for every intent, also for an empty section', () => {
    expect(names({ admission: {} })).toEqual(ALWAYS);
  });

  it('protects labels and configuration only where somebody is named who may still change them', () => {
    expect(names({ admission: { platformGroups: [] } })).toEqual(ALWAYS);
    expect(names({ admission: { platformGroups: ['platform'] } })).toEqual([...ALWAYS, ...GUARDS]);
  });

  it('demands levels of other namespaces only where the document says so', () => {
    expect(names({ admission: { podSecurity: {} } })).toEqual([...ALWAYS, LEVELS]);
  });

  it('has the user\'s own policies last, in their order', () => {
    expect(names(EVERYTHING)).toEqual([...ALWAYS, ...GUARDS, LEVELS, 'everywhere', 'in-shop']);
  });

  it('knows all names of its own, which no other policy may take', () => {
    expect([...OWN_POLICIES].sort()).toEqual([...ALWAYS, ...GUARDS, LEVELS].sort());
  });

  it('leaves the namespaces of Kubernetes alone', () => {
    expect(EXCLUDED_NAMESPACES).toEqual(SYSTEM_NAMESPACES);
  });
});

describe.each([
  ['validatingAdmissionPolicy', 'ValidatingAdmissionPolicy'],
  ['kyverno', 'ValidatingPolicy'],
])('Admission by %s', (engine, kind) => {
  const policies = wirePolicies(manifestsOf(engine));

  it('has each policy once, of one kind', () => {
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(names(EVERYTHING).map(name => `profiling-agents-${name}`));
    policies.forEach(policy => expect(policy.kind).toBe(kind));
  });

  it('puts the agents\' namespace before every name, so that two deployments share none', () => {
    const other = manifestsOf(engine, { ...EVERYTHING, ...inNamespaces('obs', 'obs-agents') });
    expect(other.filter(({ metadata }) => !metadata.name.startsWith('obs-agents-'))).toEqual([]);
    const identities = [...manifestsOf(engine), ...other].map(manifest => `${manifest.kind} ${manifest.metadata.name}`);
    expect(new Set(identities).size).toBe(identities.length);
  });

  it('puts no policy into a namespace', () => {
    manifestsOf(engine).forEach(({ metadata }) => expect(metadata).not.toHaveProperty('namespace'));
  });

  it.each(policies.map(policy => [policy.metadata.name, policy] as const))('never looks at the namespaces of Kubernetes: %s', (_, policy) => {
    SYSTEM_NAMESPACES.forEach(namespace => expect({ namespace, isJudged: looksAt(policy, namespace) }).toEqual({ namespace, isJudged: false }));
  });

  it.each<[string, string[], string[]]>([
    ['restrict-privileges', ['shop', 'payments', 'profiling', 'monitoring'], ['profiling-agents']],
    ['restrict-agent-namespace', ['profiling-agents'], ['profiling', 'shop']],
    ['restrict-agent-pod-creation', ['profiling-agents'], ['profiling', 'shop']],
    ['protect-opt-in-label', ['payments', 'profiling', 'profiling-agents'], ['shop', 'monitoring']],
    ['restrict-port-forward', ['profiling', 'profiling-agents'], ['shop', 'payments']],
    ['restrict-exec', ['profiling', 'profiling-agents'], ['shop', 'payments']],
    ['protect-pod-security-labels', ['profiling', 'profiling-agents'], ['shop', 'payments']],
    ['protect-configuration', ['profiling', 'profiling-agents'], ['shop', 'payments']],
    ['require-pod-security', ['shop', 'payments'], ['profiling', 'profiling-agents', 'monitoring']],
    ['everywhere', ['profiling', 'profiling-agents', 'shop', 'payments'], []],
    ['in-shop', ['shop'], ['profiling', 'payments']],
  ])('looks at what %s is about', (name, judged, ignored) => {
    const policy = policies.find(({ metadata }) => metadata.name === `profiling-agents-${name}`)!;
    expect([...judged, ...ignored].filter(namespace => looksAt(policy, namespace))).toEqual(judged);
  });

  // The API server refuses labels of more than 63 characters, and the name of a namespace may have as many.
  it('has labels that are valid however long the name of the agents\' namespace is', () => {
    const long = manifestsOf(engine, { ...EVERYTHING, ...agents({ namespace: 'n'.repeat(63) }) });
    const lengths = long.flatMap(({ metadata }) => Object.values(metadata.labels ?? {})).map(value => value.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(63);
  });
});

describe('Objects of the API server', () => {
  it('are not lost, whatever other policies are called', () => {
    const extra = (name: string) => ({ name, reason: 'some good reason', resources: ['pods'], expression: 'true', message: 'some good advice' });
    const manifests = manifestsOf('validatingAdmissionPolicy', { admission: { extraPolicies: [extra('restrict-exec-binding'), extra('a'), extra('a-binding')] } });
    const bound = manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding').map(({ metadata }) => metadata.name);
    expect(bound).toEqual(wirePolicies(manifests).map(({ metadata }) => metadata.name));
    expect(bound).toHaveLength(ALWAYS.length + 3);
  });
});
