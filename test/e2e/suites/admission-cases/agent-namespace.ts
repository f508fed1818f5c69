import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { podChanges } from './pod-changes';
import type { AdmissionCase, AnyObject, Metadata } from './rows';
import { controller, create, KINDS, nextName, update, withMetadata } from './rows';
import type { Complete } from '../../../../src/kube/manifest';
import type { User } from '../../cluster/api';
import { AGENT_NAMESPACE } from '../../cluster/installation';

type Emitted = Complete<DaemonSet>;

const refused = (what: string): AdmissionCase['refusedBy'] => ['restrict-agent-namespace', new RegExp(`for the profiling agents alone.*${what}`)];
const creators: AdmissionCase['refusedBy'] = ['restrict-agent-pod-creation', /may not create pods in namespace profiling-agents/];

const daemonSetController: User = { name: 'system:serviceaccount:kube-system:daemon-set-controller', groups: ['system:serviceaccounts', 'system:masters'] };
const replicaSetController: User = { name: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:serviceaccounts', 'system:masters'] };

function templateOf(emitted: Emitted): { readonly metadata: Metadata; readonly spec: PodSpec } {
  return emitted.spec!.template as { metadata: Metadata; spec: PodSpec };
}

/** The DaemonSet with something else in its template. */
function withTemplate(emitted: Emitted, edit: (template: { metadata: Metadata; spec: PodSpec }) => void, metadata: Metadata = {}): AnyObject {
  const copy = structuredClone(emitted);
  edit(copy.spec!.template as { metadata: Metadata; spec: PodSpec });
  return withMetadata(metadata)(copy as AnyObject);
}

/** The pod that the controller of DaemonSets makes of one. */
function podOf(emitted: Emitted, edit: (spec: PodSpec) => void = () => undefined, owner: string | null = emitted.metadata.name): AnyObject {
  const { metadata, spec: template } = templateOf(emitted);
  const spec = structuredClone(template);
  // As its controller does: the pod is bound to a node, and stays there when the node is in trouble.
  spec.affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['nowhere'] }] }] } },
  };
  spec.tolerations = [...spec.tolerations ?? [], { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }];
  edit(spec);
  const ownerReferences = owner === null ? [] : [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: owner, uid: '00000000-0000-0000-0000-000000000001', controller: true, blockOwnerDeletion: true }];
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: nextName(), namespace: AGENT_NAMESPACE, ownerReferences } as Metadata, spec } as AnyObject;
}

/** Every change of the template. */
function generated(emitted: Emitted): AdmissionCase[] {
  const { name } = emitted.metadata;
  return podChanges(templateOf(emitted).spec).map(({ name: change, pod, isHarmless }) => ({
    ...create(`${name}: ${change}`, withTemplate(emitted, template => { template.spec = pod; }), isHarmless ? undefined : refused('')),
    mayBeInvalid: true,
    isGenerated: true,
  }));
}

function ofTemplates(emitted: Emitted): AdmissionCase[] {
  const { name } = emitted.metadata;
  const annotated = (annotations: Record<string, string>): AnyObject => withTemplate(emitted, ({ metadata }) => {
    Object.assign(metadata, { annotations: { ...metadata.annotations, ...annotations } });
  });
  return [
    create(`${name} as it is emitted`, emitted as AnyObject),
    create(`${name} under another name`, withTemplate(emitted, () => undefined, { name: 'other' }), refused('the DaemonSets')),
    create(`${name} restarted by kubectl`, annotated({ 'kubectl.kubernetes.io/restartedAt': '2026-11-27T12:00:00Z' })),
    create(`${name} with another checksum`, annotated({ 'hardened-profiling/config': '0' })),
    create(`${name} with a network of its own`, annotated({ 'k8s.v1.cni.cncf.io/networks': 'other' }), refused('annotation k8s.v1.cni.cncf.io/networks')),
    {
      ...create(`${name} without AppArmor by its annotation`,
        annotated({ [`container.apparmor.security.beta.kubernetes.io/${templateOf(emitted).spec.containers[0].name}`]: 'unconfined' }), refused('annotation container.apparmor')),
      mayBeInvalid: true,
    },
    create(`${name} with another label`, withTemplate(emitted, ({ metadata }) => {
      Object.assign(metadata, { labels: { ...metadata.labels, more: 'x' } });
    }), refused('label more')),
    create(`pod of ${name}`, podOf(emitted), undefined, daemonSetController),
    create(`pod of ${name}, by an administrator`, podOf(emitted), creators),
    create(`pod of ${name}, by another controller`, podOf(emitted), creators, replicaSetController),
    create(`pod of ${name} that nobody owns`, podOf(emitted, undefined, null), refused('the DaemonSets'), daemonSetController),
    create(`pod of ${name} that something else owns`, podOf(emitted, undefined, 'other'), refused('the DaemonSets'), daemonSetController),
    ...([
      ['another command', spec => { spec.containers[0].command = ['sh', '-c', 'evil']; }, 'container .* command'],
      ['another image', spec => { spec.containers[0].image = 'example.com/evil:v1'; }, 'container .* image'],
      ['a debug container', spec => { Object.assign(spec, { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }); }, 'ephemeralContainers'],
      ['hostNetwork', spec => { spec.hostNetwork = true; }, 'hostNetwork'],
      ['a sidecar of a mesh', spec => { spec.containers.push({ name: 'istio-proxy', image: 'istio' }); }, 'the list of containers.*container istio-proxy which is not emitted'],
      ['a path of the node', spec => { spec.volumes!.push({ name: 'more', hostPath: { path: '/' } }); }, 'volumes'],
      ['a claim of a device', spec => { Object.assign(spec.containers[0].resources!, { claims: [{ name: 'gpu' }] }); }, 'resources'],
    ] as ReadonlyArray<readonly [string, (spec: PodSpec) => void, string]>).map(([what, edit, message]) => ({
      ...create(`pod of ${name} with ${what}`, podOf(emitted, edit), refused(message), daemonSetController), mayBeInvalid: true,
    })),
    ...([
      ['other resources', spec => { spec.containers[0].resources = { limits: { memory: '2Gi' } }; }],
      ['images that are always pulled', spec => { spec.containers.forEach(container => { container.imagePullPolicy = 'Always'; }); }],
      ['a secret for its registry', spec => { spec.imagePullSecrets = [{ name: 'registry' }]; }],
      ['a node', spec => { spec.nodeName = 'nowhere'; }],
      ['another toleration', spec => { spec.tolerations!.push({ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }); }],
    ] as ReadonlyArray<readonly [string, (spec: PodSpec) => void]>).map(([what, edit]) =>
      create(`pod of ${name} with ${what}`, podOf(emitted, edit), undefined, daemonSetController)),
  ];
}

/** Rows about the agents' namespace, made from the DaemonSets that are emitted for it. */
export function agentNamespace(daemonSets: readonly Emitted[]): AdmissionCase[] {
  const of = (name: string): Emitted => daemonSets.find(({ metadata }) => metadata.name === name)!;
  const [agent, inventory] = [of('parca-agent-default'), of('ebpf-inventory')];
  return [
    ...ofTemplates(agent),
    ...ofTemplates(inventory),
    ...daemonSets.filter(one => one !== agent && one !== inventory).flatMap(ofTemplates).map(row => ({ ...row, isGenerated: true })),
    // The pools of agents differ in little.
    ...daemonSets.filter(({ metadata }) => metadata.name !== 'parca-agent-gpu').flatMap(generated),
    create('the inventory under the name of the agents', withMetadata({ name: agent.metadata.name })(inventory as AnyObject), refused('differs in')),
    create('the agents under the name of the inventory', withMetadata({ name: inventory.metadata.name })(agent as AnyObject), refused('differs in')),
    create('the agents of one pool under the name of another', withMetadata({ name: agent.metadata.name })(of('parca-agent-gpu') as AnyObject), refused('differs in')),
    create('a pod of the inventory that says the agents own it', podOf(inventory, undefined, agent.metadata.name), refused('differs in'), daemonSetController),
    ...KINDS.filter(kind => kind !== 'DaemonSet').map(kind => create(`a ${kind} in the agents' namespace`, controller(kind, AGENT_NAMESPACE), refused('the DaemonSets'))),
    create('another DaemonSet in the agents\' namespace', controller('DaemonSet', AGENT_NAMESPACE), refused('the DaemonSets')),
    { name: 'a pod of the agents is deleted', operation: 'delete', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: AGENT_NAMESPACE } } },
    update('a label of an emitted DaemonSet', agent as AnyObject, object => withMetadata({ labels: { ...object.metadata.labels, note: 'x' } })(object)),
  ];
}
