import { configMapsOf } from '../../../src/admission/emitted';
import type { Manifest } from '../../../src/kube/manifest';
import { parca } from '../../config/errors';
import { readCel, valueAfter } from '../cel-text';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const admission = { platformGroups: ['system:serviceaccounts:flux', 'platform'] };
const named = (name: string, sections: Sections = {}) => policyOf(name, { admission, ...sections });
const MEMBERS = ['platform', 'system:serviceaccounts:flux', 'system:masters'];

describe.each(['protect-pod-security-labels', 'protect-configuration'])('The policy %s', name => {
  it.each([{}, { platformGroups: [] }])('is not there without groups, or nobody could change anything: %j', keys => {
    expect(() => named(name, { admission: keys })).toThrow('0 policies');
  });

  it('lets the platform groups through, and who set the cluster up', () => {
    const { validations } = named(name);
    expect(validations).toHaveLength(1);
    expect(valueAfter(validations[0].expression.split(' || ')[0], 'exists(g, g in ')).toEqual(MEMBERS);
  });

  it('says whose it is', () => {
    const [{ messageExpression }] = named(name).validations;
    expect(messageExpression).toMatch(/^request\.userInfo\.username \+ /);
    expect(readCel(messageExpression).literals.at(-1)).toMatch(/: that is for platform, system:serviceaccounts:flux/);
  });

  it('asks who does it, also of what is being deleted', () => {
    expect(named(name).usesUserInfo).toBe(true);
    expect(named(name).conditions.map(condition => condition.name)).not.toContain('not-being-deleted');
  });
});

/** Labels of a namespace can be changed through these as well. */
const NAMESPACES = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

describe('Pod Security labels', () => {
  it('are protected on our namespaces when these are changed', () => {
    const { namespaces, rules, conditions } = named('protect-pod-security-labels', parca({ namespace: 'obs', agentNamespace: 'eyes' }));
    expect(namespaces).toBeUndefined();
    expect(rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'], resourceNames: ['eyes', 'obs'] }]);
    // For engines that do not choose by name.
    expect(conditions).toEqual([{ name: 'ours', expression: 'object.metadata.name in ["eyes", "obs"]' }]);
  });

  it('are all six of them, and may stay as they are', () => {
    const [{ expression }] = named('protect-pod-security-labels').validations;
    const [who, what] = expression.split(' || ');
    expect(who).toMatch(/^\(has\(request\.userInfo\.groups\) && .*\)$/);
    expect(readCel(what).literals.filter(Boolean)).toEqual(['enforce', 'audit', 'warn'].flatMap(mode => [
      `pod-security.kubernetes.io/${mode}`, `pod-security.kubernetes.io/${mode}-version`,
    ]));
    const value = (object: string) => `(has(${object}.metadata.labels) && l in ${object}.metadata.labels ? ${object}.metadata.labels[l] : "")`;
    expect(what.endsWith(`.all(l, ${value('object')} == ${value('oldObject')})`)).toBe(true);
  });
});

describe('Configuration', () => {
  const policy = (sections: Sections = {}) => named('protect-configuration', sections);
  const condition = (name: string, sections: Sections = {}) => policy(sections).conditions.find(one => one.name === name)!.expression;

  it('is what opens the network, grants rights, tells our pods what to do, or stands for them', () => {
    const { namespaces, rules } = policy(parca({ namespace: 'obs', agentNamespace: 'eyes' }));
    expect(namespaces).toEqual({ only: ['eyes', 'obs'] });
    expect(rules.map(({ resources, operations }) => [resources, operations])).toEqual([
      [['configmaps', 'secrets'], ['CREATE', 'UPDATE', 'DELETE']],
      [['serviceaccounts/token'], ['CREATE']],
      [['networkpolicies'], ['CREATE', 'UPDATE', 'DELETE']],
      [['rolebindings', 'roles'], ['CREATE', 'UPDATE', 'DELETE']],
    ]);
  });

  it('is written by members, and by controllers that clean up', () => {
    const [members, controllers, kubelets] = policy().validations[0].expression.split(' || ');
    expect(readCel(members)).toEqual({ literals: MEMBERS, skeleton: '(has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ["", "", ""]))' });
    expect(valueAfter(controllers, 'request.userInfo.username in ')).toEqual([
      'system:serviceaccount:kube-system:generic-garbage-collector', 'system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager',
    ]);
    expect(readCel(kubelets).literals).toEqual(['serviceaccounts', 'system:nodes']);
  });

  it('may lose its finalizers while it is being deleted', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['config-map-of-ours', 'secret-with-token', 'more-than-finalizers']);
  });

  it('are of ConfigMaps those that are emitted or mounted, and of Secrets those with tokens of accounts', () => {
    const names = valueAfter(condition('config-map-of-ours', { nodes: { perfEventParanoid: {} } }), 'object.metadata.name : "") in ');
    expect(names).toEqual(['profiling-agents/node-settings', 'profiling-agents/parca-agent', 'profiling-agents/parca-ca', 'profiling/parca', 'profiling/parca-gateway']);
    expect(readCel(condition('secret-with-token')).literals).toContain('kubernetes.io/service-account-token');
  });

  it('is found wherever a pod can name it', () => {
    const spec = {
      containers: [{ name: 'a', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } }], envFrom: [{ configMapRef: { name: 'env-from' } }] }],
      initContainers: [{ name: 'b', envFrom: [{ configMapRef: { name: 'init' } }] }],
      volumes: [{ configMap: { name: 'file' } }, { projected: { sources: [{ configMap: { name: 'projected' } }, { configMap: { name: 'kube-root-ca.crt' } }] } }, { emptyDir: {} }],
    };
    const workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', namespace: 'ns' }, spec: { template: { spec } } } as Manifest;
    expect(configMapsOf([workload], ['ns'])).toEqual(['ns/env', 'ns/env-from', 'ns/file', 'ns/init', 'ns/projected']);
    expect(configMapsOf([workload], ['other'])).toEqual([]);
  });
});
