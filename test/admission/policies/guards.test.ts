import { parca } from '../../spec/errors';
import { readCel, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const admission = { platformGroups: ['system:serviceaccounts:flux', 'platform'] };
const named = (name: string, sections: Sections = {}) => policyOf(name, { admission, ...sections });
const MEMBERS = ['platform', 'system:serviceaccounts:flux', 'system:masters'];

describe.each(['pod-security-labels', 'walls'])('The guard %s', name => {
  it.each([{}, { platformGroups: [] }])('is not there without groups, or nobody could change anything: %j', keys => {
    expect(() => named(name, { admission: keys })).toThrow('0 policies');
  });

  it('lets the platform groups through, and who set the cluster up', () => {
    const { validations } = named(name);
    expect(validations).toHaveLength(1);
    expect(valueAfter(validations[0].expression, 'exists(g, g in ')).toEqual(MEMBERS);
  });

  it('says whose it is', () => {
    const [{ messageExpression }] = named(name).validations;
    expect(messageExpression).toMatch(/^request\.userInfo\.username \+ /);
    expect(readCel(messageExpression).literals.at(-1)).toMatch(/: that is for platform, system:serviceaccounts:flux\.$/);
  });

  it('asks who does it, and lets what is being deleted go', () => {
    expect(named(name).asksWho).toBe(true);
    expect(named(name).conditions.map(condition => condition.name)).toContain('not-being-deleted');
  });
});

/** Labels of a namespace can be changed through these as well. */
const NAMESPACES = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

describe('Pod Security labels', () => {
  it('are guarded on our namespaces when these are changed', () => {
    const { namespaces, rules, conditions } = named('pod-security-labels', parca({ namespace: 'obs', agentNamespace: 'eyes' }));
    expect(namespaces).toBeUndefined();
    expect(rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'], resourceNames: ['eyes', 'obs'] }]);
    // For engines that do not choose by name.
    expect(conditions).toContainEqual({ name: 'ours', expression: 'object.metadata.name in ["eyes", "obs"]' });
  });

  it('are all six of them, and may stay as they are', () => {
    const [{ expression }] = named('pod-security-labels').validations;
    const [who, what] = expression.split(' || ');
    expect(who).toMatch(/^\(has\(request\.userInfo\.groups\) && .*\)$/);
    expect(what).toMatch(/^\[[^\]]*\]\.all\(l, /);
    expect(readCel(what).literals.filter(Boolean)).toEqual(['enforce', 'audit', 'warn'].flatMap(mode => [
      `pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`,
    ]));
    const value = (object: string) => `(has(${object}.metadata.labels) && l in ${object}.metadata.labels ? ${object}.metadata.labels[l] : "")`;
    expect(what.endsWith(`.all(l, ${value('object')} == ${value('oldObject')})`)).toBe(true);
  });
});

describe('Walls', () => {
  it('are what opens the network or grants rights in our namespaces', () => {
    const { namespaces, rules } = named('walls', parca({ namespace: 'obs', agentNamespace: 'eyes' }));
    expect(namespaces).toEqual({ only: ['eyes', 'obs'] });
    expect(rules).toEqual([
      { apiGroup: 'networking.k8s.io', apiVersion: 'v1', resources: ['networkpolicies'], operations: ['CREATE', 'UPDATE'] },
      { apiGroup: 'rbac.authorization.k8s.io', apiVersion: 'v1', resources: ['rolebindings', 'roles'], operations: ['CREATE', 'UPDATE'] },
    ]);
  });

  it('are written by members alone', () => {
    const [{ expression }] = named('walls').validations;
    expect(readCel(expression)).toEqual({
      literals: MEMBERS, skeleton: 'has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["", "", ""])',
    });
  });
});
