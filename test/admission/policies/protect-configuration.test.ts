import { configMapsOf } from '../../../src/admission/emitted';
import type { Manifest } from '../../../src/kube/manifest';
import { inNamespaces } from '../../config/errors';
import type { AdmissionCase, AnyObject } from '../../e2e/suites/admission-cases/rows';
import { create, update, withMetadata } from '../../e2e/suites/admission-cases/rows';
import { refusals } from '../evaluator';
import type { Sections } from '../policies';
import { policyOf } from '../policies';

const admission = { platformGroups: ['system:serviceaccounts:flux', 'platform'] };
const named = (name: string, sections: Sections = {}) => policyOf(name, { admission, ...sections });
const told = (one: AdmissionCase, user: AdmissionCase['user'], sections: Sections = {}) => refusals({ admission, ...sections }, { ...one, user });

const MEMBERS = ['platform', 'system:serviceaccounts:flux', 'system:masters'];
const CLEANERS = ['system:serviceaccount:kube-system:generic-garbage-collector', 'system:serviceaccount:kube-system:namespace-controller', 'system:kube-controller-manager'];
const member = (group: string) => ({ name: 'pat', groups: [group] });
const user = (name: string) => ({ name, groups: ['system:authenticated'] });

const networkPolicy: AnyObject = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'mine', namespace: 'profiling' }, spec: {} };
const ourNamespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'profiling', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } };
const withLabel = (key: string, value: string) => withMetadata({ labels: { ...ourNamespace.metadata.labels, [key]: value } });

describe.each<[string, AdmissionCase]>([
  ['protect-pod-security-labels', update('', ourNamespace, withLabel('pod-security.kubernetes.io/enforce', 'privileged'))],
  ['protect-configuration', create('', networkPolicy)],
])('The policy %s', (name, one) => {
  it.each([{}, { platformGroups: [] }])('is not there without groups, or nobody could change anything: %j', keys => {
    expect(() => named(name, { admission: keys })).toThrow('0 policies');
  });

  it('lets the platform groups through, and who set the cluster up', () => {
    expect(MEMBERS.filter(group => told(one, member(group)).length > 0)).toEqual([]);
  });

  it('refuses everybody else, and says whose it is', () => {
    ['system:nodes', 'platforms', 'system:serviceaccounts', 'system:authenticated'].forEach(group => {
      expect(told(one, member(group))).toEqual([expect.stringMatching(new RegExp(`^${name}: pat may not .*: that is for platform, system:serviceaccounts:flux`))]);
    });
  });

  it('asks who does it', () => {
    expect(named(name).usesUserInfo).toBe(true);
  });
});

/** Labels of a namespace can be changed through these as well. */
const NAMESPACES = ['namespaces', 'namespaces/finalize', 'namespaces/status'];

describe('Pod Security labels', () => {
  it('are protected on our namespaces when these are changed', () => {
    const { namespaces, rules, conditions } = named('protect-pod-security-labels', inNamespaces('obs', 'eyes'));
    expect(namespaces).toBeUndefined();
    expect(rules).toEqual([{ apiGroup: '', apiVersion: 'v1', resources: NAMESPACES, operations: ['UPDATE'], resourceNames: ['eyes', 'obs'] }]);
    // For engines that do not choose by name.
    expect(conditions).toEqual([{ name: 'ours', expression: 'object.metadata.name in ["eyes", "obs"]' }]);
  });

  it.each(['enforce', 'audit', 'warn'].flatMap(mode => [mode, `${mode}-version`]))('may stay as they are, and not change: %s', mode => {
    const key = `pod-security.kubernetes.io/${mode}`;
    const changed = (from: string | undefined, to: string | undefined) => told(update('',
      from === undefined ? { ...ourNamespace, metadata: { name: 'profiling' } } : withLabel(key, from)(ourNamespace),
      object => withMetadata({ labels: { ...object.metadata.labels, note: 'x', ...(to === undefined ? { [key]: undefined! } : { [key]: to }) } })(object)), member('eve'));
    expect([...changed('v1.30', 'v1.30'), ...changed(undefined, undefined)]).toEqual([]);
    ([['v1.30', 'v1.31'], ['v1.30', undefined], [undefined, 'v1.30']] as const).forEach(([from, to]) => expect(changed(from, to)).toHaveLength(1));
  });
});

describe('Configuration', () => {
  const policy = (sections: Sections = {}) => named('protect-configuration', sections);

  it('is what opens the network, grants rights, tells our pods what to do, or stands for them', () => {
    const { namespaces, rules } = policy(inNamespaces('obs', 'eyes'));
    expect(namespaces).toEqual({ only: ['eyes', 'obs'] });
    expect(rules.map(({ resources, operations }) => [resources, operations])).toEqual([
      [['configmaps', 'secrets'], ['CREATE', 'UPDATE', 'DELETE']],
      [['serviceaccounts/token'], ['CREATE']],
      [['networkpolicies'], ['CREATE', 'UPDATE', 'DELETE']],
      [['rolebindings', 'roles'], ['CREATE', 'UPDATE', 'DELETE']],
    ]);
  });

  it('is written by members, and by controllers that clean up', () => {
    expect(CLEANERS.filter(name => told(create('', networkPolicy), user(name)).length > 0)).toEqual([]);
    expect(told(create('', networkPolicy), user('system:serviceaccount:shop:namespace-controller'))).toHaveLength(1);
  });

  it('is asked for by kubelets where it is the token of a pod', () => {
    const token: AdmissionCase = { name: '', operation: 'token', object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'parca', namespace: 'profiling' } } };
    expect(told(token, member('system:nodes'))).toEqual([]);
    expect(told(token, member('eve'))).toEqual([expect.stringContaining('may not write or delete tokens of service accounts')]);
    expect(told(create('', networkPolicy), member('system:nodes'))).toHaveLength(1);
  });

  it('may lose its finalizers while it is being deleted', () => {
    expect(policy().conditions.map(({ name }) => name)).toEqual(['config-map-of-ours', 'secret-with-token', 'more-than-finalizers']);
  });

  it('are of ConfigMaps those that are emitted or mounted', () => {
    const nodes = { perfEventParanoid: {} };
    const isGuarded = (namespace: string, name: string) =>
      (['create', 'delete'] as const).every(operation => told({ name: '', operation, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } } }, member('eve'), { nodes }).length > 0);
    const names = ['node-settings', 'parca-agent', 'parca-ca', 'parca', 'parca-gateway', 'mine'];
    expect(names.filter(name => isGuarded('profiling-agents', name))).toEqual(['node-settings', 'parca-agent', 'parca-ca']);
    expect(names.filter(name => isGuarded('profiling', name))).toEqual(['parca', 'parca-gateway']);
  });

  it('are of Secrets those with tokens of accounts', () => {
    const secret = (type?: string): AnyObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'profiling' }, ...(type && { type }) } as AnyObject);
    (['create', 'delete'] as const).forEach(operation => {
      const guarded = [undefined, 'Opaque', 'kubernetes.io/service-account-token'].filter(type => told({ name: '', operation, object: secret(type) }, member('eve')).length > 0);
      expect(guarded).toEqual(['kubernetes.io/service-account-token']);
    });
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
