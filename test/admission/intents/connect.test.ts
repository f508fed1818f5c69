import { parca } from '../../spec/errors';
import { readCel } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const policy = (sections: Sections = {}) => policyOf('connect', sections);
const portForward = (keys: object): Sections => ({ access: { portForward: keys } });
const only = (sections: Sections) => {
  const { validations } = policy(sections);
  expect(validations).toHaveLength(1);
  return validations[0];
};

describe('Connecting', () => {
  it('is every way into a pod that the API server has, in our two namespaces', () => {
    expect(policy(parca({ namespace: 'z', agentNamespace: 'a' })).namespaces).toEqual({ only: ['a', 'z'] });
    expect(policy().rules).toEqual([
      {
        apiGroup: '',
        apiVersion: 'v1',
        resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'services/proxy'],
        operations: ['CONNECT'],
      },
      { apiGroup: '', apiVersion: 'v1', resources: ['pods/ephemeralcontainers'], operations: ['UPDATE'] },
    ]);
  });

  it('is for the break-glass groups, and a tunnel to the server for the others', () => {
    const { expression } = only({ ...portForward({ groups: ['sre', 'dev'], breakGlassGroups: ['z', 'emergency'] }), ...parca({ namespace: 'obs' }) });
    expect(expression).toBe('(has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["emergency", "z"]))'
      + ' || (request.namespace == "obs" && request.subResource == "portforward"'
      + ' && has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["dev", "sre"]))');
  });

  it('is said to be for them', () => {
    const { messageExpression } = only(portForward({ groups: ['sre', 'dev'], breakGlassGroups: ['emergency'] }));
    expect(readCel(messageExpression).literals.at(-1)).toBe(': port-forward to profiling is for dev, sre, everything else for the break-glass groups: emergency.');
  });

  it.each([
    ['no groups are named', {}],
    ['the lists are empty', portForward({ groups: [], breakGlassGroups: [] })],
  ])('is for nobody when %s', (_, sections) => {
    const { expression, messageExpression } = only(sections);
    expect(readCel(expression).literals).toEqual(['profiling', 'portforward']);
    expect(expression.split('g in []')).toHaveLength(3);
    expect(readCel(messageExpression).literals.at(-1)).toBe(': port-forward to profiling is for nobody, everything else for the break-glass groups: nobody.');
  });

  it('is not for the groups of tunnels when there are no break-glass groups', () => {
    const { expression, messageExpression } = only(portForward({ groups: ['sre'] }));
    expect(expression).toMatch(/^\(has\(request\.userInfo\.groups\) && request\.userInfo\.groups\.exists\(g, g in \[\]\)\) \|\| /);
    expect(readCel(expression).literals).toEqual(['profiling', 'portforward', 'sre']);
    expect(readCel(messageExpression).literals.at(-1)).toMatch(/is for sre, .*: nobody\.$/);
  });

  it('is for break-glass groups alone when no others are named', () => {
    const { expression } = only(portForward({ breakGlassGroups: ['emergency'] }));
    expect(readCel(expression).literals).toEqual(['emergency', 'profiling', 'portforward']);
  });

  it('spares nobody, not even those who delete', () => {
    expect(policy().conditions).toEqual([]);
    expect(only({}).expression).not.toContain('system:');
  });

  it('asks who does it', () => {
    expect(policy().asksWho).toBe(true);
  });
});
