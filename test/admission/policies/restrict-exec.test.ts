import { parca } from '../../config/errors';
import { readCel } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const portForward = (keys: object): Sections => ({ access: { portForward: keys } });
const only = (name: string, sections: Sections = {}) => {
  const { validations } = policyOf(name, sections);
  expect(validations).toHaveLength(1);
  return { ...validations[0], says: readCel(validations[0].messageExpression).literals[0] };
};
const inGroups = (groups: string) => `has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in [${groups}])`;
const NOBODY: ReadonlyArray<[string, Sections]> = [['no groups are named', {}], ['the lists are empty', portForward({ groups: [], breakGlassGroups: [] })]];

describe.each(['restrict-port-forward', 'restrict-exec'])('The policy %s', name => {
  it('is about our namespaces', () => {
    expect(policyOf(name, parca({ namespace: 'z', agentNamespace: 'a' })).namespaces).toEqual({ only: ['a', 'z'] });
  });

  it('spares nobody, neither administrators nor pods that are being deleted', () => {
    expect(policyOf(name).conditions).toEqual([]);
    expect(only(name).expression).not.toContain('system:');
  });

  it('asks who does it', () => {
    expect(policyOf(name).usesUserInfo).toBe(true);
  });

  it('begins what it says with who that is', () => {
    expect(only(name).messageExpression).toMatch(/^request\.userInfo\.username \+ " may not /);
  });
});

describe('Tunnels', () => {
  it('are what is looked at', () => {
    expect(policyOf('restrict-port-forward').rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: ['pods/portforward'], operations: ['CONNECT'] }]);
  });

  it('are for the break-glass groups, and into the server\'s namespace for the others', () => {
    const { expression, says } = only('restrict-port-forward', { ...portForward({ groups: ['sre', 'dev'], breakGlassGroups: ['z', 'emergency'] }), ...parca({ namespace: 'obs' }) });
    expect(expression).toBe(`(${inGroups('"emergency", "z"')}) || (request.namespace in ["obs"] && ${inGroups('"dev", "sre"')})`);
    expect(says).toBe(' may not open a tunnel here: port-forward into obs is for dev, sre, into profiling-agents for the break-glass groups: emergency, z.');
  });

  it.each(NOBODY)('are for nobody when %s', (_, sections) => {
    const { expression, says } = only('restrict-port-forward', sections);
    expect(expression).toBe(`(${inGroups('')}) || (request.namespace in ["profiling"] && ${inGroups('')})`);
    expect(says).toMatch(/into profiling is for nobody, .* break-glass groups: nobody\.$/);
  });

  it('into the agents are for nobody when there are no break-glass groups', () => {
    const { expression, says } = only('restrict-port-forward', portForward({ groups: ['sre'] }));
    expect(expression).toBe(`(${inGroups('')}) || (request.namespace in ["profiling"] && ${inGroups('"sre"')})`);
    expect(says).toMatch(/is for sre, .*: nobody\.$/);
  });

  it('are for break-glass groups alone when no others are named', () => {
    const { expression } = only('restrict-port-forward', portForward({ breakGlassGroups: ['emergency'] }));
    expect(expression).toBe(`(${inGroups('"emergency"')}) || (request.namespace in ["profiling"] && ${inGroups('')})`);
  });
});

describe('Every other way into a pod', () => {
  it('is looked at', () => {
    expect(policyOf('restrict-exec').rules).toEqual([
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/attach', 'pods/exec', 'pods/proxy', 'services/proxy'], operations: ['CONNECT'] },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ]);
  });

  it('is for the break-glass groups, and not for those of tunnels', () => {
    const { expression, says } = only('restrict-exec', portForward({ groups: ['sre'], breakGlassGroups: ['z', 'emergency'] }));
    expect(expression).toBe(inGroups('"emergency", "z"'));
    expect(says).toMatch(/: that is for the break-glass groups: emergency, z\.$/);
  });

  it.each([...NOBODY, ['only tunnels have groups', portForward({ groups: ['sre'] })]] as const)('is for nobody when %s', (_, sections) => {
    const { expression, says } = only('restrict-exec', sections);
    expect(expression).toBe(inGroups(''));
    expect(says).toMatch(/ groups: nobody\.$/);
  });
});
