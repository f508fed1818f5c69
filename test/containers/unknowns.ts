import type { ConfigMap, Container, PodSpec, Probe, Volume } from 'kubernetes-types/core/v1';
import type { Program, ProgramName } from './programs';
import { PROBE_FLAGS, programOf, PROGRAMS } from './programs';
import type { Manifest } from '../../src/kube/manifest';

/** A pod that is emitted. */
export interface EmittedPod {
  readonly owner: string;
  readonly namespace: string;
  readonly spec: PodSpec;
}

/** Every pod in a list of manifests. */
export function podsOf(manifests: readonly Manifest[]): EmittedPod[] {
  return manifests.flatMap(manifest => {
    const { spec } = manifest as Manifest & { readonly spec?: { readonly template?: { readonly spec?: PodSpec } } };
    const pod = spec?.template?.spec;
    return pod ? [{ owner: `${manifest.kind} ${manifest.metadata.name}`, namespace: manifest.metadata.namespace!, spec: pod }] : [];
  });
}

/** Every container of a pod. */
export function containersOf({ spec }: EmittedPod): Container[] {
  return [...spec.initContainers ?? [], ...spec.containers];
}

/** What an emitted pod names and nothing has: flags, variables, files and endpoints, each in a sentence. */
export function unknownsOf(pod: EmittedPod, manifests: readonly Manifest[]): string[] {
  return [
    ...unmounted(pod),
    ...containersOf(pod).flatMap(container => {
      const program: Program = PROGRAMS[programOf(container)];
      const files = mountedFiles(pod, container, manifests);
      return [
        ...unknownFlags([...container.command?.slice(1) ?? [], ...container.args ?? []], program.flags),
        ...unknownVariables(container, program, scriptsOf(container, files)),
        ...unknownPaths(container, program, files),
        ...probesOf(container).flatMap(probe => unknownInProbe(probe, container, program)),
        ...unknownInLifecycle(container, program),
      ].map(text => `${pod.owner}, container ${container.name}: ${text}`);
    }),
  ];
}

/** Flags that are emitted in other ways than as arguments of a container. */
export function unknownFlags(args: readonly string[], known: readonly string[]): string[] {
  return args.filter(arg => arg.startsWith('-')).map(arg => arg.split('=')[0]).filter(flag => !known.includes(flag)).map(flag => `no flag ${flag}`);
}

function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): Probe[] {
  return [startupProbe, readinessProbe, livenessProbe].filter(probe => probe !== undefined);
}

/** Names of files and what is in them; undefined where they are not known before the pod runs. */
type Files = Readonly<Record<string, string>> | undefined;

function unmounted(pod: EmittedPod): string[] {
  const volumes = (pod.spec.volumes ?? []).map(({ name }) => name);
  const mounts = containersOf(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name));
  return [
    ...mounts.filter(name => !volumes.includes(name)).map(name => `${pod.owner}: no volume ${name}`),
    ...volumes.filter(name => !mounts.includes(name)).map(name => `${pod.owner}: volume ${name} is mounted nowhere`),
  ];
}

/** The files below each mount of a container. */
function mountedFiles({ spec, namespace }: EmittedPod, container: Container, manifests: readonly Manifest[]): Map<string, Files> {
  return new Map((container.volumeMounts ?? []).map(({ name, mountPath }) => {
    const volume = spec.volumes?.find(candidate => candidate.name === name);
    return [mountPath, volume && filesOf(volume, namespace, manifests)];
  }));
}

function filesOf(volume: Volume, namespace: string, manifests: readonly Manifest[]): Files {
  const items = volume.configMap?.items ?? volume.secret?.items;
  if (items) { return Object.fromEntries(items.map(({ path }) => [path, ''])); }
  if (volume.configMap) {
    const found = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume.configMap!.name && metadata.namespace === namespace);
    return (found as (ConfigMap & Manifest) | undefined)?.data;
  }
  return undefined;
}

/** The texts of mounted scripts that the command of a container names. */
function scriptsOf({ command = [], args = [] }: Container, files: ReadonlyMap<string, Files>): string {
  return [...files].flatMap(([mountPath, content]) => Object.entries(content ?? {})
    .filter(([name]) => [...command, ...args].includes(`${mountPath}/${name}`)).map(([, text]) => text)).join('\n');
}

/** Variables that nothing reads: neither the kubelet for an argument, nor a script, nor the program. */
function unknownVariables(container: Container, program: Program, scripts: string): string[] {
  const { env = [], command = [], args = [] } = container;
  const commands = probesOf(container).flatMap(({ exec }) => exec?.command ?? []).join('\n');
  return env.map(({ name }) => name).filter(name => {
    const isSubstituted = [...command, ...args].some(text => text.includes(`$(${name})`));
    const isReadByScript = new RegExp(`\\$\\{?${name}\\b`).test(`${scripts}\n${commands}`);
    return !isSubstituted && !isReadByScript && !program.environment?.includes(name);
  }).map(name => `nothing reads the variable ${name}`);
}

/** Absolute paths in arguments and variables that are neither mounted nor in the image. */
function unknownPaths(container: Container, program: Program, files: ReadonlyMap<string, Files>): string[] {
  const { command = [], args = [], env = [], volumeMounts = [] } = container;
  const texts = [...command, ...args, ...env.map(({ value = '' }) => value)];
  const paths = texts.flatMap(text => [...text.matchAll(/(?:^|=)(\/[A-Za-z0-9_./-]*[A-Za-z0-9_-])$/g)].map(([, path]) => path));
  return paths.filter(path => {
    if (program.paths?.includes(path)) { return false; }
    const mount = volumeMounts.map(({ mountPath }) => mountPath).filter(mountPath => path === mountPath || path.startsWith(`${mountPath}/`))
      .sort((a, b) => b.length - a.length)[0];
    if (mount === undefined) { return true; }
    const content = files.get(mount);
    return path !== mount && content !== undefined && !Object.hasOwn(content, path.slice(mount.length + 1));
  }).map(path => `nothing is at ${path}`);
}

function unknownInProbe({ httpGet, exec }: Probe, { ports = [] }: Container, program: Program): string[] {
  if (exec) {
    const [path, ...args] = exec.command!;
    const known = PROBE_FLAGS[path];
    return [
      ...(program.paths?.includes(path) ? [] : [`the probe starts ${path}, which is not in the image`]),
      ...(known ? unknownFlags(args, known).map(text => `${text} of ${path}`) : [`no list says which flags ${path} has`]),
    ];
  }
  const isPort = ports.some(({ name, containerPort }) => httpGet?.port === name || httpGet?.port === containerPort);
  return [
    ...(isPort ? [] : [`the probe asks port ${httpGet?.port}, which the container does not have`]),
    ...(program.endpoints?.includes(httpGet?.path ?? '/') ? [] : [`the probe asks for ${httpGet?.path}, which the program does not have`]),
  ];
}

function unknownInLifecycle({ lifecycle = {} }: Container, program: Program): string[] {
  return Object.values(lifecycle).flatMap(handler => handler.exec?.command?.[0] ?? []).filter(path => !program.paths?.includes(path))
    .map(path => `the lifecycle starts ${path}, which is not in the image`);
}

/** The programs of every container that is emitted. */
export function programsOf(manifests: readonly Manifest[]): ProgramName[] {
  return [...new Set(podsOf(manifests).flatMap(pod => containersOf(pod).map(programOf)))].sort();
}
