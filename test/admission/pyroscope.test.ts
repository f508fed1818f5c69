import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { readCelValue, valueAfter } from './cel-text';
import type { Sections } from './policies';
import { EVERYTHING, looksAt, manifestsOf, policyOf, validationOf, variableOf, wirePolicies } from './policies';
import { ownNamespaces } from '../../src/admission/namespaces';
import type { Policy } from '../../src/admission/policy';
import { alloyValues } from '../../src/alloy/chart';
import { pyroscopeValues } from '../../src/pyroscope/chart';
import { CHART, DELIVERIES, pyroscope, resolvedPyroscope } from '../pyroscope/tenants';
import { find, render, resolved } from '../support';

const named = (name: string, keys: object = {}, sections: Sections = {}): Policy =>
  policyOf(name, { admission: EVERYTHING.admission, ...sections, ...pyroscope({ namespace: 'obs', ...keys }) });

describe('Namespaces of a deployment', () => {
  it('are two, and a third with Pyroscope', () => {
    expect(ownNamespaces(resolved())).toEqual(['profiling', 'profiling-agents']);
    expect(ownNamespaces(resolvedPyroscope({ namespace: 'obs' }))).toEqual(['obs', 'profiling', 'profiling-agents']);
  });
});

describe('Policies with Pyroscope', () => {
  it.each(['port-forward', 'connect', 'walls'])('guard its namespace: %s', name => {
    expect(named(name).namespaces).toEqual({ only: ['obs', 'profiling', 'profiling-agents'] });
  });

  it('guard the labels of its namespace', () => {
    const { rules, conditions } = named('pod-security-labels');
    expect(rules[0].resourceNames).toEqual(['obs', 'profiling', 'profiling-agents']);
    expect(conditions).toContainEqual({ name: 'ours', expression: 'object.metadata.name in ["obs", "profiling", "profiling-agents"]' });
  });

  it('keep the opt-in label out of its namespace, which is sensitive', () => {
    expect(named('opt-in-label').namespaces).toEqual({ only: ['obs', 'profiling', 'profiling-agents'] });
  });

  it('reserve what looks into others in its namespace, too', () => {
    const policies = wirePolicies(manifestsOf('validatingAdmissionPolicy', { ...EVERYTHING, ...pyroscope({ namespace: 'obs' }) }));
    const judged = policies.filter(policy => looksAt(policy, 'obs')).map(({ metadata }) => metadata.name.replace('profiling-agents-', ''));
    expect(judged).toEqual(['kernel-observability', 'opt-in-label', 'port-forward', 'connect', 'pod-security-labels', 'walls', 'everywhere']);
  });

  it.each<[string, object, string[]]>([
    ['native', {}, ['profiling', 'obs']], ['chart', CHART, ['profiling']],
  ])('let groups open tunnels where they end at a gateway: %s', (_, keys, open) => {
    const access = { portForward: { groups: ['sre'], breakGlassGroups: ['emergency'] } };
    const [{ expression, messageExpression }] = named('port-forward', keys, { access }).validations;
    expect(valueAfter(expression, 'request.namespace in ')).toEqual(open);
    expect(messageExpression).toContain(`port-forward into ${open.join(' and ')} is for sre`);
    expect(messageExpression).toContain('for the break-glass groups: emergency.');
  });

  it('do not take the pods of the chart for such that ask to be profiled', () => {
    const off = valueAfter(named('opt-in-label', CHART).validations[2].expression, 'variables.podMetadata.annotations[a] in ') as string[];
    const { podAnnotations } = pyroscopeValues(resolvedPyroscope(CHART))!.pyroscope as { podAnnotations: Record<string, string> };
    ['cpu', 'goroutine', 'memory'].forEach(kind => expect(off).toContain(podAnnotations[`profiles.grafana.com/${kind}.scrape`]));
  });
});

describe('The namespace of the agents with Alloy', () => {
  const SEVEN = ['BPF', 'CHECKPOINT_RESTORE', 'DAC_READ_SEARCH', 'PERFMON', 'SYSLOG', 'SYS_PTRACE', 'SYS_RESOURCE'];
  const images = { pinning: 'tagsAllowed', alloy: 'example.com/mirror/alloy:v1.18.1' };
  const policy = (keys: object = {}) => named('agent-namespace', keys, { images });
  const imagesOf = (one: Policy) => readCelValue(variableOf(one, 'images').replace(/\[variables\.account\]$/, '')) as Record<string, Record<string, string[]>>;
  const capabilities = (keys: object = {}) => imagesOf(policy(keys)).alloy;
  const java = { tenants: [{ name: 'jvm', namespaces: ['jvm'], java: { enabled: true } }] };
  const nobody = { tenants: [{ name: 'a', namespaces: ['a'], ebpf: { enabled: false } }] };

  it('admits its DaemonSet and its account', () => {
    expect(valueAfter(validationOf(policy(), 'their DaemonSets are').expression, 'object.metadata.name in ')).toEqual(['alloy', 'parca-agent-default']);
    expect(valueAfter(validationOf(policy(), 'which run as').expression, 'serviceAccountName in ')).toEqual(['alloy', 'parca-agent']);
  });

  it('admits its image with the capabilities it adds', () => {
    expect(capabilities()[images.alloy]).toEqual(SEVEN);
    expect(capabilities(java)[images.alloy]).toEqual([...SEVEN, 'SETGID', 'SETUID'].sort());
  });

  it('does not know it where it does not run', () => {
    expect(Object.keys(imagesOf(policy(nobody)))).toEqual(['parca-agent']);
    expect(valueAfter(validationOf(policy(nobody), 'their DaemonSets are').expression, 'object.metadata.name in ')).toEqual(['parca-agent-default']);
    expect(valueAfter(validationOf(policy(nobody), 'which run as').expression, 'serviceAccountName in ')).toEqual(['parca-agent']);
  });

  it.each<[string, object]>([...DELIVERIES, ['Java', java]])('admits what is emitted: %s', (_, keys) => {
    const spec = find<DaemonSet>(render({ images, ...pyroscope(keys) }), 'DaemonSet', 'alloy', 'profiling-agents').spec!.template.spec as PodSpec;
    const known = capabilities(keys);
    spec.containers.forEach(({ image, securityContext }) => {
      securityContext!.capabilities!.add!.forEach(name => expect(known[image!]).toContain(name));
    });
    const paths = valueAfter(validationOf(policy(keys), 'mount nothing of the host').expression, 'v.hostPath.path in ') as Record<string, string[]>;
    spec.volumes!.flatMap(({ hostPath }) => hostPath?.path ?? []).forEach(path => expect(paths.alloy).toContain(path));
  });

  /** The image as Alloy's chart puts it together. */
  const charted = (alloy: string): { image: string; known: string[] } => {
    const keys = { alloy: CHART };
    const sections = { images: { ...images, alloy } };
    const { registry, repository, tag, digest } = alloyValues(resolvedPyroscope(keys, sections))!.image as Record<string, string | undefined>;
    const known = imagesOf(named('agent-namespace', keys, sections)).alloy;
    return { image: `${registry}/${repository}${digest ? `@${digest}` : `:${tag}`}`, known: Object.keys(known) };
  };

  it('admits what the chart makes of the image', () => {
    const { image, known } = charted(images.alloy);
    expect(known).toContain(image);
  });

  it.each([`example.com/alloy@sha256:${'1'.repeat(64)}`, 'grafana/alloy:v1.18.1'])('admits what the chart makes of %s', alloy => {
    const { image, known } = charted(alloy);
    expect(known).toContain(image);
  });
});
