import type { Container, PodSpec } from 'kubernetes-types/core/v1';

/** A pod with one thing changed. */
export interface PodChange {
  readonly name: string;
  readonly pod: PodSpec;
  /** Whether the pod is the same to the API server, or what differs grants nothing. */
  readonly isHarmless: boolean;
}

type Path = ReadonlyArray<string | number>;
type Plain = Record<string | number, unknown>;

/** What grants nothing, and so may differ. */
const HARMLESS = /^(remove|change|add) .*\.resources\b/;

/** What the API server fills in again where it is missing, so that the pod is the same. */
const DEFAULTS: Readonly<Record<string, unknown>> = {
  apiVersion: 'v1',
  failureThreshold: 3,
  imagePullPolicy: 'IfNotPresent',
  periodSeconds: 10,
  protocol: 'TCP',
  successThreshold: 1,
  terminationGracePeriodSeconds: 30,
  timeoutSeconds: 1,
};

/** Fields of a pod that none of ours has, each with a value that the API server accepts. */
const ADDITIONS: ReadonlyArray<readonly [path: Path, value: unknown]> = [
  [['hostNetwork'], true],
  [['hostIPC'], true],
  [['hostPID'], true],
  [['shareProcessNamespace'], true],
  [['hostUsers'], true],
  [['activeDeadlineSeconds'], 60],
  [['automountServiceAccountToken'], true],
  [['dnsPolicy'], 'Default'],
  [['dnsConfig'], { nameservers: ['192.0.2.1'] }],
  [['hostAliases'], [{ ip: '192.0.2.1', hostnames: ['parca.profiling.svc'] }]],
  [['hostname'], 'other'],
  [['runtimeClassName'], 'other'],
  [['schedulerName'], 'other'],
  [['serviceAccountName'], 'default'],
  [['serviceAccountName'], 'parca-agent-2'],
  [['enableServiceLinks'], true],
  [['setHostnameAsFQDN'], true],
  [['readinessGates'], [{ conditionType: 'example.com/ready' }]],
  [['topologySpreadConstraints'], [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} }]],
  [['securityContext'], { runAsUser: 0 }],
  [['securityContext'], { fsGroup: 0 }],
  [['securityContext'], { supplementalGroups: [0] }],
  [['securityContext'], { seccompProfile: { type: 'Unconfined' } }],
  [['securityContext'], { sysctls: [{ name: 'kernel.msgmax', value: '1' }] }],
  [['nodeSelector', 'kubernetes.io/hostname'], 'one'],
  [['tolerations'], [{ operator: 'Exists', effect: 'NoExecute' }]],
  [['affinity'], { podAffinity: {} }],
  [['priorityClassName'], 'system-node-critical'],
  [['restartPolicy'], 'OnFailure'],
  [['resourceClaims'], [{ name: 'gpu', resourceClaimName: 'gpu' }]],
  [['imagePullSecrets'], [{ name: 'mine' }]],
];

/** Volumes that none of ours has. */
const VOLUMES: readonly object[] = [
  { hostPath: { path: '/' } }, { hostPath: { path: '/run/containerd/containerd.sock' } }, { secret: { secretName: 'parca-read-token' } }, { configMap: { name: 'mine' } },
  { persistentVolumeClaim: { claimName: 'mine' } }, { nfs: { server: '192.0.2.1', path: '/' } }, { csi: { driver: 'example.com' } }, { emptyDir: {} },
  { projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'https://example.com' } }] } },
];

/** Fields of a container that none of ours has. */
const CONTAINER_ADDITIONS: ReadonlyArray<readonly [path: Path, value: unknown]> = [
  [['command'], ['sh', '-c', 'evil']],
  [['args'], ['evil']],
  [['workingDir'], '/tmp'],
  [['envFrom'], [{ secretRef: { name: 'mine' } }]],
  [['lifecycle'], { postStart: { exec: { command: ['evil'] } } }],
  [['lifecycle'], { preStop: { httpGet: { host: '192.0.2.1', port: 80 } } }],
  [['startupProbe'], { exec: { command: ['evil'] } }],
  [['readinessProbe'], { exec: { command: ['evil'] } }],
  [['livenessProbe'], { exec: { command: ['evil'] } }],
  [['livenessProbe'], { httpGet: { host: '169.254.169.254', port: 80 } }],
  [['securityContext', 'privileged'], true],
  [['securityContext', 'procMount'], 'Unmasked'],
  [['securityContext', 'seccompProfile'], { type: 'Unconfined' }],
  [['securityContext', 'seccompProfile'], { type: 'Localhost', localhostProfile: 'mine.json' }],
  [['securityContext', 'windowsOptions'], { hostProcess: true }],
  [['securityContext', 'capabilities', 'add'], ['SYS_ADMIN', 'SYS_MODULE']],
  [['securityContext', 'capabilities', 'add'], ['ſYS_ADMIN']],
  [['securityContext', 'readOnlyRootFilesystem'], false],
  [['securityContext', 'seLinuxOptions'], { type: 'unconfined_t' }],
  [['stdin'], true],
  [['tty'], true],
  [['terminationMessagePath'], '/etc/passwd'],
  [['imagePullPolicy'], 'Never'],
  [['resources'], { claims: [{ name: 'gpu' }] }],
];

const ADDED: Container = { name: 'added', image: 'example.com/evil:v1' };

/** Every pod that differs from this one in one place: each field removed and changed, and fields added that no pod of ours has. */
export function podChanges(pod: PodSpec): PodChange[] {
  const changes: Array<readonly [name: string, edit: (copy: PodSpec & Plain) => void, isHarmless?: boolean]> = [];
  const eachContainer = (['initContainers', 'containers'] as const).flatMap(list => (pod[list] ?? []).map((container, i) => [list, i, container] as const));
  const containers = eachContainer.map(([list, i]): Path => [list, i]);
  for (const path of fieldsOf(pod)) {
    const last = path[path.length - 1];
    changes.push([`remove ${path.join('.')}`, copy => remove(copy, path), last in DEFAULTS && DEFAULTS[last] === get(pod, path)]);
    const other = changed(get(pod, path));
    if (other !== undefined) { changes.push([`change ${path.join('.')}`, copy => set(copy, path, other)]); }
  }
  ADDITIONS.forEach(([path, value], i) => changes.push([`add ${path.join('.')} (${i})`, copy => set(copy, path, value)]));
  VOLUMES.forEach(volume => changes.push([
    `add volume ${JSON.stringify(volume)}`, copy => { copy.volumes!.push({ name: 'more', ...volume }); },
  ], [
    `replace the last volume by ${JSON.stringify(volume)}`, copy => { copy.volumes!.push({ name: copy.volumes!.pop()!.name, ...volume }); },
  ]));
  containers.forEach(container => {
    const at = (copy: PodSpec): Container => get(copy, container) as Container;
    CONTAINER_ADDITIONS.forEach(([path, value], i) => changes.push([`add ${[...container, ...path].join('.')} (${i})`, copy => set(copy, [...container, ...path], value)]));
    changes.push(
      [`add ${container.join('.')}.env LD_PRELOAD`, copy => { (at(copy).env ??= []).push({ name: 'LD_PRELOAD', value: '/tmp/evil.so' }); }],
      [`add ${container.join('.')}.volumeMounts`, copy => { at(copy).volumeMounts!.push({ name: copy.volumes![0].name, mountPath: '/evil' }); }],
      [`add ${container.join('.')}.volumeDevices`, copy => { (at(copy) as unknown as Plain).volumeDevices = [{ name: copy.volumes![0].name, devicePath: '/dev/evil' }]; }],
      [`add ${container.join('.')}.ports`, copy => { (at(copy).ports ??= []).push({ containerPort: 9, hostPort: 9 }); }],
    );
  });
  changes.push(
    ['add a container', copy => { copy.containers.push(ADDED); }],
    ['add a container with the image of ours', copy => { copy.containers.push({ ...copy.containers[0], name: 'added' }); }],
    ['add an init container', copy => { (copy.initContainers ??= []).push(ADDED); }],
    ['add a sidecar', copy => { (copy.initContainers ??= []).push({ ...ADDED, restartPolicy: 'Always' } as Container); }],
    ['add a sidecar of a mesh', copy => { copy.containers.unshift({ ...ADDED, name: 'istio-proxy' }); }],
    ['add a container before the others', copy => { copy.containers.unshift(ADDED); }],
    ['replace the containers', copy => { copy.containers = [ADDED]; }],
  );
  return changes.map(([name, edit, isHarmless = false]) => {
    const copy = structuredClone(pod) as PodSpec & Plain;
    edit(copy);
    return { name, pod: copy, isHarmless: isHarmless || (HARMLESS.test(name) && !JSON.stringify(copy).includes('"claims"')) };
  }).filter(({ pod: copy }) => JSON.stringify(copy) !== JSON.stringify(pod));
}

/** The path of everything in a pod, from the fields of the pod down to single words. */
function fieldsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) { return []; }
  return Object.entries(value).flatMap(([key, child]) => {
    const next = [...path, Array.isArray(value) ? Number(key) : key];
    return [next, ...fieldsOf(child, next)];
  });
}

/** Another value of the same kind, which the API server can read; undefined for what has fields of its own. */
function changed(value: unknown): unknown {
  switch (typeof value) {
    case 'string': return `${value}-x`;
    case 'number': return value + 1;
    case 'boolean': return !value;
    default: return Array.isArray(value) ? [...value as unknown[], ...value.slice(0, 1) as unknown[]] : undefined;
  }
}

function get(value: unknown, path: Path): unknown {
  return path.reduce((parent, key) => (parent as Plain | undefined)?.[key], value);
}

function set(value: object, path: Path, child: unknown): void {
  let parent = value as Plain;
  path.slice(0, -1).forEach(key => { parent = (parent[key] ??= {}) as Plain; });
  parent[path[path.length - 1]] = child;
}

function remove(value: object, path: Path): void {
  const parent = get(value, path.slice(0, -1));
  const last = path[path.length - 1];
  if (Array.isArray(parent)) { parent.splice(Number(last), 1); } else { delete (parent as Plain)[last]; }
}
