import { refusals } from './evaluator';
import type { Sections } from './policies';
import { EVERYTHING, looksAt, manifestsOf, policyOf, wirePolicies } from './policies';
import type { Policy } from '../../src/admission/policy';
import { contributionsTo } from '../../src/components';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { deploymentOf } from '../../src/render';
import type { AnyObject } from '../e2e/suites/admission-cases/rows';
import { create, pod } from '../e2e/suites/admission-cases/rows';
import { CHART, DELIVERIES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { resolved } from '../support';

const named = (name: string, keys: object = {}, sections: Sections = {}): Policy =>
  policyOf(name, { admission: EVERYTHING.admission, ...sections, ...pyroscope({ namespace: 'obs', ...keys }) });

const ownNamespaces = (spec: ResolvedSpec): readonly string[] => deploymentOf(spec, contributionsTo(spec), {}).namespaces;

/** The same, as a document. */
const sectionsOf = (keys: object = {}, sections: Sections = {}): Sections => ({ admission: EVERYTHING.admission, ...sections, ...pyroscope({ namespace: 'obs', ...keys }) });

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
    const told = (group: string, namespace: string) => refusals(sectionsOf(keys, { access }), {
      name: '', operation: 'connect', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace } }, subresource: 'portforward', user: { name: 'pat', groups: [group] },
    });
    const own = ['profiling', 'obs', 'profiling-agents'];
    expect(own.filter(namespace => told('sre', namespace).length === 0)).toEqual(open);
    expect(own.filter(namespace => told('emergency', namespace).length === 0)).toEqual(own);
    expect(told('sre', 'profiling-agents')).toEqual([expect.stringMatching(new RegExp(`port-forward into ${open.join(' and ')} is for sre, into .*profiling-agents for the break-glass groups: emergency\\.$`))]);
  });

  it('do not take the pods of the chart for such that ask to be profiled', () => {
    const { podAnnotations } = pyroscopeValues(resolvedPyroscope(CHART))!.pyroscope as { podAnnotations: Record<string, string> };
    expect(Object.keys(podAnnotations)).toEqual(['cpu', 'goroutine', 'memory'].map(kind => `profiles.grafana.com/${kind}.scrape`));
    expect(refusals(sectionsOf(CHART), create('', pod('obs', {}, { annotations: podAnnotations })))).toEqual([]);
  });
});

describe('The namespace of the agents with Alloy', () => {
  const nobody = { tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] };
  const daemonSet: AnyObject = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'alloy', namespace: 'profiling-agents' }, spec: { template: { metadata: {}, spec: { containers: [] } } } };
  const told = (keys: object = {}) => refusals(sectionsOf(keys), create('', daemonSet));

  it.each<[string, object]>([...DELIVERIES])('knows its DaemonSet, whoever makes it: %s', (_, keys) => {
    expect(told(keys)).toEqual([expect.stringContaining('alloy differs in: ')]);
  });

  it('does not know it where it does not run', () => {
    expect(told(nobody)).toEqual([expect.stringContaining('the DaemonSets parca-agent-default and their pods')]);
  });

  it('protects its configuration, whoever makes it', () => {
    const configMap = (namespace: string, name: string): AnyObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
    [{}, { alloy: CHART }].forEach(keys => [configMap('profiling-agents', 'alloy'), configMap('obs', 'pyroscope-gateway')].forEach(one => {
      expect(refusals(sectionsOf(keys), create('', one, undefined, { name: 'eve', groups: [] }))).toEqual([expect.stringMatching(/^protect-configuration: eve may not/)]);
    }));
  });
});
