import { valueAfter } from './cel-text';
import type { Sections } from './policies';
import { EVERYTHING, looksAt, manifestsOf, policyOf, wirePolicies } from './policies';
import type { Policy } from '../../src/admission/policy';
import { contributionsTo } from '../../src/components';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { deploymentOf } from '../../src/render';
import { CHART, DELIVERIES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { resolved } from '../support';

const named = (name: string, keys: object = {}, sections: Sections = {}): Policy =>
  policyOf(name, { admission: EVERYTHING.admission, ...sections, ...pyroscope({ namespace: 'obs', ...keys }) });

const ownNamespaces = (spec: ResolvedSpec): readonly string[] => deploymentOf(spec, contributionsTo(spec), {}).namespaces;

describe('Namespaces of a deployment', () => {
  it('are two, and a third with Pyroscope', () => {
    expect(ownNamespaces(resolved())).toEqual(['profiling', 'profiling-agents']);
    expect(ownNamespaces(resolvedPyroscope({ namespace: 'obs' }))).toEqual(['obs', 'profiling', 'profiling-agents']);
  });
});

describe('Policies with Pyroscope', () => {
  it.each(['restrict-port-forward', 'restrict-exec', 'protect-configuration'])('guard its namespace: %s', name => {
    expect(named(name).namespaces).toEqual({ only: ['obs', 'profiling', 'profiling-agents'] });
  });

  it('guard the labels of its namespace', () => {
    const { rules, conditions } = named('protect-pod-security-labels');
    expect(rules[0].resourceNames).toEqual(['obs', 'profiling', 'profiling-agents']);
    expect(conditions).toContainEqual({ name: 'ours', expression: 'object.metadata.name in ["obs", "profiling", "profiling-agents"]' });
  });

  it('keep the opt-in label out of its namespace, which is sensitive', () => {
    expect(named('protect-opt-in-label').namespaces).toEqual({ only: ['obs', 'profiling', 'profiling-agents'] });
  });

  it('reserve what looks into others in its namespace, too', () => {
    const policies = wirePolicies(manifestsOf('validatingAdmissionPolicy', { ...EVERYTHING, ...pyroscope({ namespace: 'obs' }) }));
    const judged = policies.filter(policy => looksAt(policy, 'obs')).map(({ metadata }) => metadata.name.replace('profiling-agents-', ''));
    expect(judged).toEqual(['restrict-privileges', 'protect-opt-in-label', 'restrict-port-forward', 'restrict-exec', 'protect-pod-security-labels', 'protect-configuration', 'everywhere']);
  });

  it.each<[string, object, string[]]>([
    ['native', {}, ['profiling', 'obs']], ['chart', CHART, ['profiling']],
  ])('let groups open tunnels where they end at a gateway: %s', (_, keys, open) => {
    const access = { portForward: { groups: ['sre'], breakGlassGroups: ['emergency'] } };
    const [{ expression, messageExpression }] = named('restrict-port-forward', keys, { access }).validations;
    expect(valueAfter(expression, 'request.namespace in ')).toEqual(open);
    expect(messageExpression).toContain(`port-forward into ${open.join(' and ')} is for sre`);
    expect(messageExpression).toContain('for the break-glass groups: emergency.');
  });

  it('do not take the pods of the chart for such that ask to be profiled', () => {
    const off = valueAfter(named('protect-opt-in-label', CHART).validations[2].expression, 'variables.podMetadata.annotations[a] in ') as string[];
    const { podAnnotations } = pyroscopeValues(resolvedPyroscope(CHART))!.pyroscope as { podAnnotations: Record<string, string> };
    ['cpu', 'goroutine', 'memory'].forEach(kind => expect(off).toContain(podAnnotations[`profiles.grafana.com/${kind}.scrape`]));
  });
});

describe('The namespace of the agents with Alloy', () => {
  const names = (keys: object = {}): unknown => valueAfter(named('restrict-agent-namespace', keys).validations[0].expression, 'variables.owner in ');
  const nobody = { tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] };

  it.each<[string, object]>([...DELIVERIES])('admits its DaemonSet, whoever makes it: %s', (_, keys) => {
    expect(names(keys)).toEqual(['alloy', 'parca-agent-default']);
  });

  it('does not know it where it does not run', () => {
    expect(names(nobody)).toEqual(['parca-agent-default']);
  });

  it('protects its configuration, whoever makes it', () => {
    const protectedConfigMaps = (keys: object): unknown =>
      valueAfter(named('protect-configuration', keys).conditions[0].expression, 'object.metadata.name : "") in ');
    [{}, { alloy: CHART }].forEach(keys => expect(protectedConfigMaps(keys)).toEqual(expect.arrayContaining(['profiling-agents/alloy', 'obs/pyroscope-gateway'])));
  });
});
