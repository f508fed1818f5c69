import { inNamespaces, parca } from '../../config/errors';
import { debug, GOOD, pod } from '../../e2e/suites/admission-cases/rows';
import { refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const portForward = (keys: object): Sections => ({ access: { portForward: keys }, admission: {} });
const NOBODY: ReadonlyArray<[string, Sections]> = [['no groups are named', { admission: {} }], ['the lists are empty', portForward({ groups: [], breakGlassGroups: [] })]];

/** What a member of groups is told who connects to a pod. */
const told = (sections: Sections, subresource: string, groups: readonly string[], namespace = 'profiling') => refusals(sections, {
  name: '', operation: 'connect', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace } }, subresource, user: { name: 'pat', groups },
});
const may = (...given: Parameters<typeof told>) => told(...given).length === 0;

describe.each(['restrict-port-forward', 'restrict-exec'])('The policy %s', name => {
  it('is about our namespaces', () => {
    expect(policyOf(name, inNamespaces('z', 'a')).namespaces).toEqual({ only: ['a', 'z'] });
  });

  it('judges everything, also pods that are being deleted', () => {
    expect(policyOf(name).conditions).toEqual([]);
  });

  it('asks who does it', () => {
    expect(policyOf(name).usesUserInfo).toBe(true);
  });
});

describe('Tunnels', () => {
  const both = { ...portForward({ groups: ['sre', 'dev'], breakGlassGroups: ['z', 'emergency'] }), ...parca({ namespace: 'obs' }) };

  it('are what is looked at', () => {
    expect(policyOf('restrict-port-forward').rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['pods/portforward'], operations: ['CONNECT'] }]);
  });

  it('are for the break-glass groups, and into the server\'s namespace for the others', () => {
    const open = (namespace: string) => ['sre', 'dev', 'z', 'emergency'].filter(group => may(both, 'portforward', [group], namespace));
    expect(open('obs')).toEqual(['sre', 'dev', 'z', 'emergency']);
    expect(open('profiling-agents')).toEqual(['z', 'emergency']);
    expect(told(both, 'portforward', ['sr'], 'obs')).toEqual([
      'restrict-port-forward: pat may not open a tunnel here: port-forward into obs is for dev, sre, into profiling-agents for the break-glass groups: emergency, z.',
    ]);
  });

  it('are not for administrators, nor for users without groups', () => {
    ['obs', 'profiling-agents'].forEach(namespace => {
      expect(may(both, 'portforward', ['system:masters', 'SRE'], namespace)).toBe(false);
      expect(may(both, 'portforward', [], namespace)).toBe(false);
    });
  });

  it.each(NOBODY)('are for nobody when %s', (_, sections) => {
    expect(told(sections, 'portforward', ['system:masters', 'sre'])).toEqual([expect.stringMatching(/into profiling is for nobody, .* break-glass groups: nobody\.$/)]);
  });

  it('into the agents are for nobody when there are no break-glass groups', () => {
    const sections = portForward({ groups: ['sre'] });
    expect(may(sections, 'portforward', ['sre'])).toBe(true);
    expect(told(sections, 'portforward', ['sre'], 'profiling-agents')).toEqual([expect.stringMatching(/is for sre, .*: nobody\.$/)]);
  });

  it('are for break-glass groups alone when no others are named', () => {
    const sections = portForward({ breakGlassGroups: ['emergency'] });
    expect(['emergency', 'sre'].map(group => may(sections, 'portforward', [group]))).toEqual([true, false]);
  });
});

describe('Every other way into a pod', () => {
  const WAYS = ['attach', 'exec', 'proxy'];
  const both = portForward({ groups: ['sre'], breakGlassGroups: ['z', 'emergency'] });

  it('is looked at', () => {
    expect(policyOf('restrict-exec').rules).toEqual([
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/attach', 'pods/exec', 'pods/proxy', 'services/proxy'], operations: ['CONNECT'] },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ]);
  });

  it.each(WAYS)('is for the break-glass groups, and not for those of tunnels: %s', way => {
    expect(['z', 'emergency', 'sre', 'system:masters'].filter(group => may(both, way, [group]))).toEqual(['z', 'emergency']);
    expect(told(both, way, ['sre'])).toEqual(['restrict-exec: pat may not exec, attach, proxy or debug here: that is for the break-glass groups: emergency, z.']);
  });

  it('is also a debug container', () => {
    const by = (group: string) => refusals(both, debug('', pod('profiling'), GOOD, undefined, { name: 'pat', groups: [group] }));
    expect(by('emergency')).toEqual([]);
    expect(by('sre')).toEqual([expect.stringMatching(/^restrict-exec: pat may not/)]);
  });

  it.each([...NOBODY, ['only tunnels have groups', portForward({ groups: ['sre'] })]] as const)('is for nobody when %s', (_, sections) => {
    WAYS.forEach(way => expect(told(sections, way, ['sre', 'system:masters'])).toEqual([expect.stringMatching(/ groups: nobody\.$/)]));
  });
});
