import { editor, SENSITIVE } from './document';
import type { AdmissionCase, AnyObject } from './rows';
import { create, nextName, update, withMetadata } from './rows';

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const refused: AdmissionCase['refusedBy'] = ['require-pod-security', /a namespace needs the label.*baseline or restricted.*ask the platform team/];

const namespace = (labels: Record<string, string>, name = nextName()): AnyObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const labelled = (labels: Record<string, string>): ((object: AnyObject) => AnyObject) =>
  object => withMetadata({ labels: { ...object.metadata.labels, ...labels } })(object);

/** The level that every namespace enforces at least. */
export function podSecurity(): AdmissionCase[] {
  const shop = namespace({}, 'shop');
  return [
    ...['baseline', 'restricted'].map(level => create(`a namespace with the level ${level}`, namespace({ [ENFORCE]: level }))),
    create('a namespace without labels', namespace({}), refused),
    create('a namespace with the level privileged', namespace({ [ENFORCE]: 'privileged' }), refused),
    create('a namespace that only audits', namespace({ 'pod-security.kubernetes.io/audit': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' }), refused),
    ...['latest', 'v1.25', 'v1.34', 'v1.99'].map(version => create(`a namespace of the version ${version}`, namespace({ [ENFORCE]: 'restricted', [`${ENFORCE}-version`]: version }))),
    ...['v1.0', 'v1.24'].map(version => create(`a namespace of the version ${version}`, namespace({ [ENFORCE]: 'restricted', [`${ENFORCE}-version`]: version }), refused)),
    create('a namespace that is exempt', namespace({}, 'sandbox')),
    create('a namespace whose pods are exempt', namespace({ [ENFORCE]: 'privileged' }, 'monitoring')),
    create('a namespace of Kubernetes', namespace({}, 'kube-system')),
    update('another label of a namespace without a level', shop, labelled({ team: 'x' }), undefined, editor),
    update('a namespace gets the level privileged', shop, labelled({ [ENFORCE]: 'privileged' }), refused, editor),
    update('a namespace gets the level baseline', shop, labelled({ [ENFORCE]: 'baseline' }), undefined, editor),
    { ...update('a namespace gets the level privileged by way of the status', shop, labelled({ [ENFORCE]: 'privileged' }), refused, editor), subresource: 'status' },
    update('the level of a sensitive namespace is raised', namespace({}, SENSITIVE), labelled({ [ENFORCE]: 'restricted' })),
    { name: 'a namespace without a level is deleted', operation: 'delete', object: shop },
  ];
}
