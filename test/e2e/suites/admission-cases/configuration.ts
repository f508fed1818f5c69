import { administrator, editor, EDITORS, platform, PLATFORM } from './document';
import type { AdmissionCase, AnyObject } from './rows';
import { create, nextName, update, withMetadata } from './rows';
import type { User } from '../../cluster/api';
import { AGENT_NAMESPACE, SERVER_NAMESPACE } from '../../cluster/installation';

const similarGroupMember: User = { name: 'trudy', groups: [`${PLATFORM}s`, EDITORS] };
const accountOf = (name: string): User => ({ name: `system:serviceaccount:kube-system:${name}`, groups: ['system:serviceaccounts', EDITORS] });

const refused = (what: string): AdmissionCase['refusedBy'] => ['protect-configuration', new RegExp(`may not write or delete ${what}.*${PLATFORM}`)];

const networkPolicy = (namespace: string, name = nextName(), finalizers?: string[]): AnyObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, ...(finalizers && { finalizers }) },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
});
const opened = (object: AnyObject): AnyObject => ({ ...object, spec: { ...object.spec, ingress: [{}] } });
const configMap = (namespace: string, name: string, data: object = {}): AnyObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data } as unknown as AnyObject);
const withData = (object: AnyObject): AnyObject => ({ ...object, data: { 'inventory.sh': 'evil' } } as AnyObject);

function rbac(kind: 'Role' | 'RoleBinding', namespace: string): AnyObject {
  const content = kind === 'Role' ? { rules: [] } : { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [] };
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: nextName(), namespace }, ...content } as unknown as AnyObject;
}

/** A request for a token of an account that is there. */
function tokenOf(name: string, namespace: string, user: User, refusedBy?: AdmissionCase['refusedBy']): AdmissionCase {
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } } as AnyObject;
  return { name: `a token of ${name} by ${user.name}`, operation: 'token', object, user, ...(refusedBy && { refusedBy }) };
}

function networkPolicies(): AdmissionCase[] {
  const policies = refused('NetworkPolicies');
  const ending = (): AnyObject => networkPolicy(SERVER_NAMESPACE, nextName(), ['example.com/hold']);
  const removed = (user: User, refusedBy?: AdmissionCase['refusedBy']): AdmissionCase =>
    ({ name: `a NetworkPolicy is deleted by ${user.name}`, operation: 'delete', object: networkPolicy(SERVER_NAMESPACE), user, ...(refusedBy && { refusedBy }) });
  return [
    create('a NetworkPolicy that opens everything', opened(networkPolicy(SERVER_NAMESPACE)), policies, editor),
    create('a NetworkPolicy that opens the agents', opened(networkPolicy(AGENT_NAMESPACE)), policies, editor),
    create('a NetworkPolicy by a group whose name only begins alike', networkPolicy(SERVER_NAMESPACE), policies, similarGroupMember),
    create('a NetworkPolicy by the platform group', networkPolicy(SERVER_NAMESPACE), undefined, platform),
    create('a NetworkPolicy by whoever set the cluster up', networkPolicy(SERVER_NAMESPACE), undefined, administrator),
    create('a NetworkPolicy of others', opened(networkPolicy('shop')), undefined, editor),
    update('a NetworkPolicy is opened', networkPolicy(SERVER_NAMESPACE), opened, policies, editor),
    update('a NetworkPolicy that is being deleted is opened', ending(), opened, policies, editor),
    update('a NetworkPolicy that is being deleted gets a label', ending(), withMetadata({ labels: { a: 'b' } }), policies, editor),
    update('a NetworkPolicy that is being deleted loses its finalizer', ending(), withMetadata({ finalizers: [] }), undefined, editor),
    update('a NetworkPolicy that is being deleted loses its finalizer and is opened', ending(), object => opened(withMetadata({ finalizers: [] })(object)), policies, editor),
    removed(editor, policies),
    removed(platform),
    removed(administrator),
    removed(accountOf('namespace-controller')),
    removed(accountOf('generic-garbage-collector')),
    removed(accountOf('deployment-controller'), policies),
    { name: 'a NetworkPolicy of others is deleted', operation: 'delete', object: networkPolicy('shop'), user: editor },
  ];
}

function configMaps(): AdmissionCase[] {
  const configs = refused('ConfigMaps');
  const ours: Array<readonly [string, string]> = [
    [AGENT_NAMESPACE, 'parca-agent'], [AGENT_NAMESPACE, 'ebpf-inventory'], [AGENT_NAMESPACE, 'node-settings'], [AGENT_NAMESPACE, 'alloy'], [AGENT_NAMESPACE, 'parca-ca'],
    [SERVER_NAMESPACE, 'parca'], [SERVER_NAMESPACE, 'parca-gateway'],
  ];
  return [
    ...ours.flatMap(([namespace, name]) => [
      create(`ConfigMap ${name}`, configMap(namespace, name, { a: 'b' }), configs, editor),
      create(`ConfigMap ${name} by the platform group`, configMap(namespace, name, { a: 'b' }), undefined, platform),
    ]),
    update('the configuration of the agents', configMap(AGENT_NAMESPACE, 'parca-agent'), withData, configs, editor),
    update('the configuration of the gateway', configMap(SERVER_NAMESPACE, 'parca-gateway'), withData, configs, editor),
    update('a label of the configuration of the agents', configMap(AGENT_NAMESPACE, 'parca-agent'), withMetadata({ labels: { a: 'b' } }), configs, editor),
    { name: 'the configuration of the agents is deleted', operation: 'delete', object: configMap(AGENT_NAMESPACE, 'parca-agent'), user: editor, refusedBy: configs },
    create('another ConfigMap', configMap(SERVER_NAMESPACE, nextName()), undefined, editor),
    create('a ConfigMap of such a name in the other namespace', configMap(SERVER_NAMESPACE, 'ebpf-inventory'), undefined, editor),
    create('a ConfigMap of such a name elsewhere', configMap('shop', 'parca-gateway'), undefined, editor),
  ];
}

function rights(): AdmissionCase[] {
  const tokens = refused('tokens of service accounts');
  const secret = (type: string, namespace = AGENT_NAMESPACE): AnyObject => ({
    apiVersion: 'v1', kind: 'Secret', metadata: { name: nextName(), namespace, annotations: { 'kubernetes.io/service-account.name': 'parca-agent' } }, type,
  } as unknown as AnyObject);
  return [
    ...(['Role', 'RoleBinding'] as const).flatMap(kind => [
      create(`a ${kind} in the server's namespace`, rbac(kind, SERVER_NAMESPACE), refused(`${kind}s`), editor),
      create(`a ${kind} by the platform group`, rbac(kind, SERVER_NAMESPACE), undefined, platform),
      { name: `a ${kind} is deleted`, operation: 'delete' as const, object: rbac(kind, AGENT_NAMESPACE), user: editor, refusedBy: refused(`${kind}s`) },
    ]),
    tokenOf('parca-agent', AGENT_NAMESPACE, editor, tokens),
    tokenOf('default', AGENT_NAMESPACE, editor, tokens),
    tokenOf('parca', SERVER_NAMESPACE, editor, tokens),
    tokenOf('parca-agent', AGENT_NAMESPACE, platform),
    tokenOf('parca-agent', AGENT_NAMESPACE, administrator),
    tokenOf('default', 'shop', editor),
    create('a Secret that is filled with the token of an account', secret('kubernetes.io/service-account-token'), refused('Secrets with tokens'), editor),
    create('a Secret that is filled with the token of an account, by the platform group', secret('kubernetes.io/service-account-token'), undefined, platform),
    create('another Secret', secret('Opaque'), undefined, editor),
  ];
}

function podSecurityLabels(): AdmissionCase[] {
  const level = (value: string): ((object: AnyObject) => AnyObject) => object =>
    withMetadata({ labels: { ...object.metadata.labels, 'pod-security.kubernetes.io/enforce': value } })(object);
  const namespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SERVER_NAMESPACE, labels: {} } };
  const labels: AdmissionCase['refusedBy'] = ['protect-pod-security-labels', /may not change the Pod Security labels.*platform/];
  return [
    update('a lower Pod Security level', namespace, level('privileged'), labels, editor),
    update('a lower Pod Security level', namespace, level('privileged'), undefined, platform),
    update('the Pod Security labels are removed', namespace, withMetadata({ labels: { 'kubernetes.io/metadata.name': SERVER_NAMESPACE } }), labels, editor),
    { ...update('a lower Pod Security level by way of the status', namespace, level('privileged'), labels, editor), subresource: 'status' },
    { ...update('a lower Pod Security level by way of the finalizers', namespace, level('privileged'), labels, editor), subresource: 'finalize' },
    update('another label of the namespace', namespace, object => withMetadata({ labels: { ...object.metadata.labels, team: 'x' } })(object), undefined, editor),
  ];
}

export function configuration(): AdmissionCase[] {
  return [...networkPolicies(), ...configMaps(), ...rights(), ...podSecurityLabels()];
}
