import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import type { User } from '../cluster/api';
import { TOOLS_IMAGE } from '../cluster/images';
import { AGENT_NAMESPACE, PORT_FORWARDERS, SERVER_NAMESPACE } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';

/** One row of the table: a request, who makes it, and what is to become of it. */
export interface AdmissionCase {
  readonly name: string;
  readonly operation: 'create' | 'update' | 'delete' | 'debug' | 'connect';
  /** What is created or deleted, or what something else is done to. */
  readonly object: AnyObject;
  /** What an update, or a debug container, makes of the object. */
  readonly change?: (object: AnyObject) => AnyObject;
  /** Of `connect`, such as `exec`; of `update`, such as `status`. */
  readonly subresource?: string;
  /** @default - the administrator */
  readonly user?: User;
  /** The policy that refuses it and a part of what it says; nothing where it is admitted. */
  readonly refusedBy?: readonly [policy: string, message: RegExp];
}

/** An object with whatever its kind has. */
export type AnyObject = KubeObject & { readonly metadata: { readonly finalizers?: readonly string[] }; readonly spec?: object };

const SENSITIVE = 'payments';
export const BREAK_GLASS = 'break-glass';
export const PLATFORM = 'platform';
/** May do everything by RBAC, as the platform group may. */
export const EDITORS = 'editors';

/** What runs on the nodes besides the agents, in the document whose policies the table is about. */
export const NODES = { perfEventParanoid: {}, ebpfInventory: {} };

/** The section of the document whose policies the table is about. */
export const ADMISSION = {
  platformGroups: [PLATFORM],
  exemptions: [
    { namespace: 'monitoring', serviceAccounts: ['node-exporter'], privileges: ['hostPID'], reason: 'node exporter reads the process table of the node' },
    { namespace: 'storage', privileges: ['SYS_ADMIN', 'privileged'], reason: 'the CSI driver mounts volumes', expires: '2999-01-01' },
    { namespace: 'legacy', privileges: ['SYS_ADMIN'], reason: 'an exemption that has run out', expires: '2020-01-01' },
  ],
  extraPolicies: [
    {
      name: 'no-latest',
      reason: 'images are named by their version',
      resources: ['pods'],
      namespaces: ['shop'],
      expression: 'object.spec.containers.all(c, !c.image.endsWith(":latest"))',
      message: 'name a version of the image instead of latest',
    },
    {
      name: 'freeze',
      reason: 'a freeze of some time ago',
      expires: '2020-01-01',
      resources: ['configmaps'],
      namespaces: ['shop'],
      expression: 'false',
      message: 'nothing changes during the freeze',
    },
  ],
};

/** Namespaces that rows need and that are not there anyway. */
export const NAMESPACES = ['shop', SENSITIVE, 'monitoring', 'storage', 'legacy'];

const GOOD: Container = { name: 'app', image: TOOLS_IMAGE, command: ['sleep', '600'] };
const adding = (...add: string[]): Container => ({ ...GOOD, securityContext: { capabilities: { add } } });
const BAD = adding('BPF');
/** On no node, so that nothing runs. */
const ELSEWHERE: Partial<PodSpec> = { nodeSelector: { nowhere: 'true' } };

const PRIVILEGED: Container = { ...GOOD, securityContext: { privileged: true } };

let names = 0;

function podSpec(spec: Partial<PodSpec> = {}): PodSpec {
  return { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [GOOD], ...spec };
}

type Metadata = Partial<AnyObject['metadata']>;

function pod(namespace: string, spec: Partial<PodSpec> = {}, metadata: Metadata = {}): AnyObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `case-${++names}`, namespace, ...metadata }, spec: podSpec(spec) };
}

/** Kinds that make pods, with the version of their group. */
const CONTROLLERS = {
  ReplicationController: 'v1', Deployment: 'apps/v1', StatefulSet: 'apps/v1', DaemonSet: 'apps/v1', ReplicaSet: 'apps/v1', Job: 'batch/v1', CronJob: 'batch/v1',
} as const;
type ControllerKind = keyof typeof CONTROLLERS;
const KINDS = Object.keys(CONTROLLERS) as ControllerKind[];

/** An object of a kind that makes pods from this spec; none come of it, as far as the kind can be told so. */
function controller(
  kind: ControllerKind, namespace: string, spec: Partial<PodSpec> = {}, podMetadata: Metadata = {}, metadata: Metadata = {},
): AnyObject {
  const name = `case-${++names}`;
  const isJob = kind === 'Job' || kind === 'CronJob';
  const labels = { app: name, ...podMetadata.labels };
  const template = {
    metadata: { ...podMetadata, labels: isJob ? podMetadata.labels ?? {} : labels },
    spec: podSpec({ ...ELSEWHERE, ...(isJob && { restartPolicy: 'Never' }), ...spec }),
  };
  const selector = kind === 'ReplicationController' ? { app: name } : { matchLabels: { app: name } };
  const specs: Record<ControllerKind, object> = {
    ReplicationController: { replicas: 0, selector, template },
    Deployment: { replicas: 0, selector, template },
    StatefulSet: { replicas: 0, serviceName: name, selector, template },
    DaemonSet: { selector, template },
    ReplicaSet: { replicas: 0, selector, template },
    Job: { suspend: true, template },
    CronJob: { suspend: true, schedule: '0 0 1 1 *', jobTemplate: { spec: { template } } },
  };
  return { apiVersion: CONTROLLERS[kind], kind, metadata: { name, namespace, ...metadata }, spec: specs[kind] };
}

function create(name: string, object: AnyObject, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  return { name, operation: 'create', object, refusedBy, user };
}

/** An object that is there already, and what it is changed to. */
function update(name: string, old: AnyObject, change: (object: AnyObject) => AnyObject, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  return { name, operation: 'update', object: old, change, refusedBy, user };
}

function withMetadata(metadata: Metadata): (object: AnyObject) => AnyObject {
  return object => ({ ...object, metadata: { ...object.metadata, ...metadata } });
}

/** Another container in the place of the first, in an object that is no CronJob. */
function withContainer(container: Container): (object: AnyObject) => AnyObject {
  return object => {
    const copy = structuredClone(object) as { spec: { containers?: Container[]; template?: { spec: PodSpec } } };
    const spec = copy.spec.template?.spec ?? copy.spec as PodSpec;
    spec.containers[0] = container;
    return copy as unknown as AnyObject;
  };
}

const reserved = (what: string): AdmissionCase['refusedBy'] => ['kernel-observability', new RegExp(`reserved for the profiling agents.*${what}.*ask the platform team`)];

function kernelObservability(): AdmissionCase[] {
  const capabilities = ['ALL', 'BPF', 'PERFMON', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_PTRACE', 'SYS_RAWIO', 'SYSLOG'];
  const spellings = ['bpf', 'Bpf', 'CAP_BPF', 'cap_bpf', 'Cap_Perfmon', 'all', 'CAP_ALL', 'sys_admin', 'cap_syslog'];
  const harmless = ['NET_BIND_SERVICE', 'NET_ADMIN', 'CHOWN', 'SYS_TIME', 'DAC_READ_SEARCH', 'IPC_LOCK', 'SYS_RESOURCE', 'CHECKPOINT_RESTORE', 'BPFX', 'XBPF', 'SYS_ADMINISTRATOR'];
  const existing = (): AnyObject => controller('Deployment', 'shop', { hostPID: true });
  return [
    ...capabilities.map(name => create(`pod adds ${name}`, pod('shop', { containers: [adding(name)] }), reserved(`container app adds ${name}`))),
    ...spellings.map(name => create(`pod adds ${name}, which runtimes take`, pod('shop', { containers: [adding(name)] }), reserved(name))),
    ...harmless.map(name => create(`pod adds ${name}`, pod('shop', { containers: [adding(name)] }))),
    create('pod adds a reserved capability among harmless ones', pod('shop', { containers: [adding('CHOWN', 'NET_ADMIN', 'PERFMON')] }), reserved('PERFMON')),
    create('pod drops ALL', pod('shop', { containers: [{ ...GOOD, securityContext: { capabilities: { drop: ['ALL'] } } }] })),
    create('pod drops BPF', pod('shop', { containers: [{ ...GOOD, securityContext: { capabilities: { drop: ['BPF'] } } }] })),
    create('pod adds nothing', pod('shop', { containers: [{ ...GOOD, securityContext: { capabilities: { add: [] } } }] })),
    create('pod with an empty security context', pod('shop', { containers: [{ ...GOOD, securityContext: {} }] })),
    create('pod without a security context', pod('shop')),
    create('privileged pod', pod('shop', { containers: [PRIVILEGED] }), reserved('container app is privileged')),
    create('pod that is not privileged, and says so', pod('shop', { containers: [{ ...GOOD, securityContext: { privileged: false } }] })),
    create('pod with hostPID', pod('shop', { hostPID: true }), reserved('hostPID')),
    create('pod without hostPID, and says so', pod('shop', { hostPID: false })),
    create('pod with hostNetwork', pod('shop', { hostNetwork: true })),
    create('pod with hostIPC', pod('shop', { hostIPC: true })),
    create('pod with a host path', pod('shop', { volumes: [{ name: 'v', hostPath: { path: '/var/log' } }] })),
    create('pod with an init container that adds BPF', pod('shop', { initContainers: [{ ...BAD, name: 'init' }] }), reserved('container init adds BPF')),
    create('pod with a sidecar that adds BPF',
      pod('shop', { initContainers: [{ ...BAD, name: 'sidecar', restartPolicy: 'Always' } as Container] }), reserved('container sidecar adds BPF')),
    create('pod with a privileged init container', pod('shop', { initContainers: [{ ...PRIVILEGED, name: 'init' }] }), reserved('container init is privileged')),
    create('pod whose second container adds BPF', pod('shop', { containers: [GOOD, { ...BAD, name: 'second' }] }), reserved('container second adds BPF')),
    create('pod in the namespace default', pod('default', { containers: [BAD] }), reserved('BPF')),
    ...KINDS.flatMap(kind => [
      create(`${kind} of innocent pods`, controller(kind, 'shop')),
      create(`${kind} of pods with hostPID`, controller(kind, 'shop', { hostPID: true }), reserved('hostPID')),
      create(`${kind} of pods that add BPF`, controller(kind, 'shop', { containers: [BAD] }), reserved('BPF')),
      create(`${kind} of pods with a privileged init container`, controller(kind, 'shop', { initContainers: [{ ...PRIVILEGED, name: 'i' }] }), reserved('privileged')),
    ]),
    debug('debug container that adds SYS_PTRACE', pod('shop', ELSEWHERE), adding('SYS_PTRACE'), reserved('SYS_PTRACE')),
    debug('privileged debug container', pod('shop', ELSEWHERE), PRIVILEGED, reserved('privileged')),
    debug('innocent debug container', pod('shop', ELSEWHERE), GOOD),

    // What was there before.
    update('an annotation of a violator', existing(), withMetadata({ annotations: { note: 'x' } })),
    update('the replicas of a violator', existing(), object => ({ ...object, spec: { ...object.spec, paused: true } })),
    update('another image of a violator', existing(), withContainer({ ...GOOD, image: `${TOOLS_IMAGE}-2` }), reserved('hostPID')),
    update('a violator is mended', controller('Deployment', 'shop', { containers: [BAD] }), withContainer(GOOD)),
    update('an innocent Deployment becomes a violator', controller('Deployment', 'shop'), withContainer(BAD), reserved('BPF')),
    update('an innocent DaemonSet becomes a violator', controller('DaemonSet', 'shop'), withContainer(PRIVILEGED), reserved('privileged')),
    update('a label of a pod that violates', pod('shop', { containers: [BAD], ...ELSEWHERE }), withMetadata({ labels: { note: 'x' } })),
    update('the finalizer of a violator that is being deleted',
      controller('Deployment', 'shop', { hostPID: true }, {}, { finalizers: ['example.com/hold'] }), withMetadata({ finalizers: [] })),
    { name: 'a violator is deleted', operation: 'delete', object: existing() },
    { name: 'a pod that violates is deleted', operation: 'delete', object: pod('shop', { hostPID: true, ...ELSEWHERE }) },

    // Exemptions.
    create('node exporter with hostPID, exempt', controller('DaemonSet', 'monitoring', { hostPID: true, serviceAccountName: 'node-exporter' })),
    create('pod of node exporter with hostPID, exempt', pod('monitoring', { hostPID: true, serviceAccountName: 'node-exporter' })),
    create('node exporter with more than is exempt',
      controller('DaemonSet', 'monitoring', { hostPID: true, serviceAccountName: 'node-exporter', containers: [BAD] }), reserved('BPF')),
    create('node exporter under another account', controller('DaemonSet', 'monitoring', { hostPID: true, serviceAccountName: 'grafana' }), reserved('hostPID')),
    create('node exporter under no account', controller('DaemonSet', 'monitoring', { hostPID: true }), reserved('hostPID')),
    create('node exporter in another namespace', controller('DaemonSet', 'shop', { hostPID: true, serviceAccountName: 'node-exporter' }), reserved('hostPID')),
    create('CSI driver, exempt for some time', controller('DaemonSet', 'storage', { containers: [{ ...GOOD, securityContext: { privileged: true, capabilities: { add: ['SYS_ADMIN'] } } }] })),
    create('CSI driver that also wants hostPID', controller('DaemonSet', 'storage', { hostPID: true, containers: [PRIVILEGED] }), reserved('hostPID')),
    create('pod whose exemption has run out', pod('legacy', { containers: [adding('SYS_ADMIN')] }), reserved('SYS_ADMIN')),

    // Of the control plane and of the system.
    create('network plugin in kube-system', controller('DaemonSet', 'kube-system', { hostPID: true, hostNetwork: true, containers: [PRIVILEGED] })),
    create('pod of the control plane', pod('kube-system', { hostNetwork: true, hostPID: true, containers: [{ ...PRIVILEGED, name: 'kube-proxy' }] })),
    create('pod that a node reports, in kube-system',
      pod('kube-system', { nodeName: 'e2e-node', hostNetwork: true, containers: [PRIVILEGED] }), undefined, { name: 'system:serviceaccount:kube-system:job-controller', groups: ['system:masters'] }),
    create('pod in kube-public', pod('kube-public', { hostPID: true })),
    create('a pod of sixty containers with twenty capabilities each', pod('shop', {
      containers: Array.from({ length: 60 }, (_, index) => ({ ...adding(...Array.from({ length: 20 }, (__, n) => `HARMLESS_${n}`)), name: `c${index}` })),
    })),

    // The user's own policies.
    create('pod with the tag latest', pod('shop', { containers: [{ ...GOOD, image: 'example.com/app:latest' }] }), ['no-latest', /name a version of the image/]),
    create('pod with the tag latest elsewhere', pod('monitoring', { containers: [{ ...GOOD, image: 'example.com/app:latest' }] })),
    create('what a policy forbade that has run out', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'case-freeze', namespace: 'shop' } }),
  ];
}

/** A debug container in a pod that is there. */
function debug(name: string, object: AnyObject, container: Container, refusedBy?: AdmissionCase['refusedBy'], user?: User): AdmissionCase {
  const change = (live: AnyObject): AnyObject => ({ ...live, spec: { ...live.spec, ephemeralContainers: [{ ...container, name: 'debug' }] } });
  return { name, operation: 'debug', object, change, refusedBy, user };
}

const label = (message = 'never profiled'): AdmissionCase['refusedBy'] => ['opt-in-label', new RegExp(`profiling.* may not switch profiling on.*${message}`)];
const annotation: AdmissionCase['refusedBy'] = ['opt-in-label', /annotations profiles\.grafana\.com.*never profiled/];

function optInLabel(): AdmissionCase[] {
  const labelled = (value: string): Metadata => ({ labels: { profiling: value } });
  const scraped = (key: string, value: string): Metadata => ({ annotations: { [`profiles.grafana.com/${key}`]: value } });
  return [
    ...['enabled', 'Enabled', 'ENABLED', 'true', 'yes', 'on', '', '1'].map(value =>
      create(`pod labelled profiling=${value} in a sensitive namespace`, pod(SENSITIVE, {}, labelled(value)), label())),
    ...['disabled', 'false', 'off'].map(value => create(`pod labelled profiling=${value} in a sensitive namespace`, pod(SENSITIVE, {}, labelled(value)))),
    create('pod without labels in a sensitive namespace', pod(SENSITIVE)),
    create('pod with other labels in a sensitive namespace', pod(SENSITIVE, {}, { labels: { app: 'x', profiling2: 'enabled' } })),
    create('pod labelled profiling=enabled elsewhere', pod('shop', {}, labelled('enabled'))),
    ...KINDS.flatMap(kind => [
      create(`${kind} of labelled pods in a sensitive namespace`, controller(kind, SENSITIVE, {}, labelled('enabled')), label()),
      create(`labelled ${kind} in a sensitive namespace`, controller(kind, SENSITIVE, {}, {}, labelled('enabled')), label()),
      create(`${kind} of pods without the label in a sensitive namespace`, controller(kind, SENSITIVE)),
    ]),
    create('Deployment of labelled pods elsewhere', controller('Deployment', 'shop', {}, labelled('enabled'))),
    create('pod that asks to be scraped', pod(SENSITIVE, {}, scraped('cpu.scrape', 'true')), annotation),
    create('pod that asks to be scraped for memory', pod(SENSITIVE, {}, scraped('memory.scrape', 'yes')), annotation),
    create('pod that asks not to be scraped', pod(SENSITIVE, {}, scraped('cpu.scrape', 'false'))),
    create('pod that names a port', pod(SENSITIVE, {}, scraped('cpu.port', '8080'))),
    create('Deployment of pods that ask to be scraped', controller('Deployment', SENSITIVE, {}, scraped('cpu.scrape', 'true')), annotation),
    create('pod that asks to be scraped elsewhere', pod('shop', {}, scraped('cpu.scrape', 'true'))),
    update('the label is added to a pod', pod(SENSITIVE, ELSEWHERE), withMetadata(labelled('enabled')), label()),
    update('the label is taken away', pod(SENSITIVE, ELSEWHERE, labelled('enabled')), withMetadata({ labels: {} })),
    update('something else of a labelled Deployment', controller('Deployment', SENSITIVE, {}, labelled('enabled')), object => ({ ...object, spec: { ...object.spec, paused: true } })),
    update('an annotation of a labelled Deployment', controller('Deployment', SENSITIVE, {}, labelled('enabled')), withMetadata({ annotations: { note: 'x' } })),
    { name: 'a labelled pod is deleted', operation: 'delete', object: pod(SENSITIVE, ELSEWHERE, labelled('enabled')) },
  ];
}

/** What the server's namespace admits. */
const RESTRICTED: Partial<PodSpec> = {
  securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ ...GOOD, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
};

const member: User = { name: 'alice', groups: [PORT_FORWARDERS, 'system:masters'] };
const rescuer: User = { name: 'erin', groups: [BREAK_GLASS, 'system:masters'] };
const administrator: User = { name: 'root', groups: ['system:masters'] };
const lookalike: User = { name: 'trudy', groups: [`${PORT_FORWARDERS}s`, 'system:masters'] };

/** All of these may do everything by RBAC: what is refused, the policy refuses. */
function connect(): AdmissionCase[] {
  const refused: AdmissionCase['refusedBy'] = ['connect', /may not exec, attach, proxy or debug here.*break-glass/];
  const noTunnel: AdmissionCase['refusedBy'] = ['port-forward', /may not open a tunnel here.*sre-team.*break-glass/];
  const debugged: AnyObject = pod(SERVER_NAMESPACE, { ...RESTRICTED, ...ELSEWHERE });
  const debugContainer: Container = { ...GOOD, securityContext: RESTRICTED.containers![0].securityContext };
  const server: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'parca-0', namespace: SERVER_NAMESPACE } };
  const service: AnyObject = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'parca', namespace: SERVER_NAMESPACE } };
  const agent: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: AGENT_NAMESPACE } };
  const elsewhere: AnyObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: 'shop' } };
  const row = (name: string, object: AnyObject, subresource: string, user: User, isAllowed: boolean): AdmissionCase => ({
    name: `${name} by ${user.name}`, operation: 'connect', object, subresource, user, ...(!isAllowed && { refusedBy: subresource === 'portforward' ? noTunnel : refused }),
  });
  const ways = ['exec', 'attach', 'proxy'];
  return [
    row('tunnel to the server', server, 'portforward', member, true),
    row('tunnel to the server', server, 'portforward', rescuer, true),
    row('tunnel to the server', server, 'portforward', administrator, false),
    row('tunnel to the server', server, 'portforward', lookalike, false),
    ...ways.map(way => row(`${way} into the server`, server, way, member, false)),
    ...ways.map(way => row(`${way} into the server`, server, way, rescuer, true)),
    ...ways.map(way => row(`${way} into the server`, server, way, administrator, false)),
    row('proxy to the Service', service, 'proxy', member, false),
    row('proxy to the Service', service, 'proxy', rescuer, true),
    row('tunnel to an agent', agent, 'portforward', member, false),
    row('tunnel to an agent', agent, 'portforward', rescuer, true),
    row('exec into an agent', agent, 'exec', administrator, false),
    debug('debug container in the server\'s namespace by an administrator', debugged, debugContainer, refused, administrator),
    debug('debug container in the server\'s namespace in an emergency', debugged, debugContainer, undefined, rescuer),
    row('exec elsewhere', elsewhere, 'exec', administrator, true),
    row('tunnel elsewhere', elsewhere, 'portforward', lookalike, true),
  ];
}

function guards(): AdmissionCase[] {
  const platform: User = { name: 'pat', groups: [PLATFORM] };
  const editor: User = { name: 'eve', groups: [EDITORS] };
  const level = (value: string): ((object: AnyObject) => AnyObject) => object =>
    withMetadata({ labels: { ...object.metadata.labels, 'pod-security.kubernetes.io/enforce': value } })(object);
  const namespace: AnyObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SERVER_NAMESPACE, labels: {} } };
  const policy = (ns: string): AnyObject => ({
    apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: `case-${++names}`, namespace: ns }, spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
  });
  const binding = (ns: string): AnyObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `case-${++names}`, namespace: ns },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [],
  } as unknown as AnyObject);
  const labels: AdmissionCase['refusedBy'] = ['pod-security-labels', /may not change the Pod Security labels.*platform/];
  const walls: AdmissionCase['refusedBy'] = ['walls', /may not write .*platform/];
  return [
    update('a lower Pod Security level', namespace, level('privileged'), labels, editor),
    update('a lower Pod Security level', namespace, level('privileged'), undefined, platform),
    update('the Pod Security labels are removed', namespace, withMetadata({ labels: { 'kubernetes.io/metadata.name': SERVER_NAMESPACE } }), labels, editor),
    { ...update('a lower Pod Security level by way of the status', namespace, level('privileged'), labels, editor), subresource: 'status' },
    { ...update('a lower Pod Security level by way of the finalizers', namespace, level('privileged'), labels, editor), subresource: 'finalize' },
    update('another label of the namespace', namespace, object => withMetadata({ labels: { ...object.metadata.labels, team: 'x' } })(object), undefined, editor),
    update('the level of a namespace of others', { ...namespace, metadata: { name: 'shop', labels: {} } }, level('privileged'), undefined, editor),
    create('a NetworkPolicy that opens everything', policy(SERVER_NAMESPACE), walls, editor),
    create('a NetworkPolicy that opens the agents', policy(AGENT_NAMESPACE), walls, editor),
    create('a NetworkPolicy by the platform group', policy(SERVER_NAMESPACE), undefined, platform),
    create('a NetworkPolicy by whoever set the cluster up', policy(SERVER_NAMESPACE), undefined, administrator),
    create('a NetworkPolicy of others', policy('shop'), undefined, editor),
    create('a RoleBinding in the server\'s namespace', binding(SERVER_NAMESPACE), walls, editor),
    create('a RoleBinding by the platform group', binding(SERVER_NAMESPACE), undefined, platform),
    create('a ConfigMap in the server\'s namespace', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'case-config', namespace: SERVER_NAMESPACE } }, undefined, editor),
  ];
}

/** Rows about the agents' namespace, made from the DaemonSet that is emitted for it. */
function agentNamespace(emitted: AnyObject, inventory: AnyObject): AdmissionCase[] {
  const change = (edit: (spec: PodSpec) => void, metadata: Metadata = {}, of = emitted): AnyObject => {
    const copy = structuredClone(of) as AnyObject & { spec: { template: { spec: PodSpec } } };
    edit(copy.spec.template.spec);
    return withMetadata(metadata)(copy);
  };
  const refused = (what: string): AdmissionCase['refusedBy'] => ['agent-namespace', new RegExp(`for the profiling agents alone.*${what}`)];
  const { template } = (emitted as unknown as { spec: { template: { metadata: Metadata; spec: PodSpec } } }).spec;
  const agentPod = (edit: (spec: PodSpec) => void = () => undefined): AnyObject => {
    const spec = structuredClone(template.spec);
    edit(spec);
    return { apiVersion: 'v1', kind: 'Pod', metadata: { ...template.metadata, name: `case-${++names}`, namespace: AGENT_NAMESPACE }, spec };
  };
  const daemonSets: User = { name: 'system:serviceaccount:kube-system:daemon-set-controller', groups: ['system:serviceaccounts', 'system:masters'] };
  const replicaSets: User = { name: 'system:serviceaccount:kube-system:replicaset-controller', groups: ['system:serviceaccounts', 'system:masters'] };
  const creators: AdmissionCase['refusedBy'] = ['agent-creators', /may not create pods in namespace profiling-agents/];
  return [
    create('the emitted DaemonSet', change(() => undefined)),
    create('the emitted DaemonSet under another name', change(() => undefined, { name: 'other' }), refused('DaemonSets are')),
    create('another image', change(spec => { spec.containers[0].image = 'example.com/agent:v1'; }), refused('images.*parca-agent \\(example.com/agent:v1\\)')),
    create('the same image by tag', change(spec => { spec.containers[0].image = spec.containers[0].image!.split('@')[0]; }), refused('images')),
    create('another image of the preflight check', change(spec => { spec.initContainers![0].image = 'busybox:1'; }), refused('images')),
    create('one more container', change(spec => { spec.containers.push({ name: 'more', image: 'busybox:1' }); }), refused('images')),
    create('one more capability', change(spec => { spec.containers[0].securityContext!.capabilities!.add!.push('SYS_ADMIN'); }), refused('capabilities')),
    create('a capability in another spelling', change(spec => { spec.containers[0].securityContext!.capabilities!.add!.push('sys_admin'); }), refused('capabilities')),
    create('a capability of the preflight check', change(spec => { spec.initContainers![0].securityContext!.capabilities!.add = ['BPF']; }), refused('capabilities')),
    create('fewer capabilities', change(spec => { spec.containers[0].securityContext!.capabilities!.add!.pop(); })),
    create('privileged', change(spec => { spec.containers[0].securityContext = { privileged: true }; }), refused('never privileged')),
    create('hostNetwork', change(spec => { spec.hostNetwork = true; }), refused('neither the network')),
    create('hostIPC', change(spec => { spec.hostIPC = true; }), refused('neither the network')),
    create('the root of the host', change(spec => { spec.volumes!.push({ name: 'root', hostPath: { path: '/' } }); }), refused('mount nothing of the host')),
    create('another service account', change(spec => { spec.serviceAccountName = 'default'; }), refused('run as')),
    create('the emitted inventory', change(() => undefined, {}, inventory)),
    create('the inventory with hostPID', change(spec => { spec.hostPID = true; }, {}, inventory), refused('processes of the host')),
    create('the inventory with a path of the agents', change(spec => {
      spec.volumes!.push({ name: 'trace', hostPath: { path: '/sys/kernel/tracing' } });
    }, {}, inventory), refused('mount nothing of the host')),
    create('the inventory under the name of the agents', change(() => undefined, { name: emitted.metadata.name }, inventory), refused('its own account')),
    create('the inventory under the account of the agents', change(spec => { spec.serviceAccountName = 'parca-agent'; }, {}, inventory), refused('its own account')),
    create('the agents with the image of the inventory', change(spec => { spec.containers[0].image = imageOf(inventory); }), refused('images')),
    create('the agents with a setting of the kernel', change(spec => {
      spec.volumes!.push({ name: 'setting', hostPath: { path: '/proc/sys/kernel/perf_event_paranoid' } });
    }), refused('mount nothing of the host')),
    ...KINDS.filter(kind => kind !== 'DaemonSet').map(kind => create(`a ${kind}`, controller(kind, AGENT_NAMESPACE), refused('DaemonSets are'))),
    create('a pod like the agents\', by an administrator', agentPod(), creators),
    create('a pod like the agents\', by another controller', agentPod(), creators, replicaSets),
    create('a pod like the agents\', by the controller of DaemonSets', agentPod(), undefined, daemonSets),
    create('a pod of another image, by the controller of DaemonSets', agentPod(spec => { spec.containers[0].image = 'busybox:1'; }), refused('images'), daemonSets),
    { name: 'a pod of the agents is deleted', operation: 'delete', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'any', namespace: AGENT_NAMESPACE } } },
    create('a ConfigMap', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'case-agents', namespace: AGENT_NAMESPACE } }),
    update('a label of the emitted DaemonSet', emitted, object => withMetadata({ labels: { ...object.metadata.labels, note: 'x' } })(object)),
  ];
}

function imageOf(daemonSet: AnyObject): string {
  return (daemonSet as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec.containers[0].image!;
}

/** Every row, about the two DaemonSets as they are emitted. */
export function admissionCases(agents: AnyObject, inventory: AnyObject): AdmissionCase[] {
  names = 0;
  return [...kernelObservability(), ...agentNamespace(agents, inventory), ...optInLabel(), ...connect(), ...guards()];
}
