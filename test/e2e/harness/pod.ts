import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { privateRoot } from './prepare';
import type { Ended, Running } from './processes';
import { run, start } from './processes';
import type { Objects } from './volumes';
import { fillVolume } from './volumes';

/** Programs of the image by their path in the container, and where they are here. */
export type Image = Readonly<Record<string, string>>;

/** Containers whose programs and libraries are not those of this machine, and where they are. */
const ROOTS: Readonly<Record<string, string>> = { gateway: privateRoot('haproxy-3.2') };

let pods = 0;

/**
 * A pod without Kubernetes: its containers run with the emitted command, environment, user, groups, capabilities and
 * volumes, each below a root directory of its own. What one reads here is what the kubelet and the runtime would do.
 *
 * Not copied: cgroups, seccomp, and a mount and process namespace for each container.
 */
export class Pod {
  private readonly directory = `/run/pods/${++pods}`;
  private readonly running: Running[] = [];
  private readonly roots = new Map<string, string>();

  /**
   * @param spec the emitted pod
   * @param objects what its volumes are filled with
   * @param images programs of each container's image
   * @param systems where the programs and libraries of a container are, if not those of this machine
   */
  constructor(
    private readonly spec: PodSpec, private objects: Objects, private readonly images: Readonly<Record<string, Image>> = {},
    private readonly systems: Readonly<Record<string, string>> = ROOTS,
  ) {
    this.sync();
  }

  /** Brings changed ConfigMaps and Secrets into the volumes, as the kubelet does after some time. */
  public sync(objects: Objects = this.objects): void {
    this.objects = objects;
    for (const volume of this.spec.volumes ?? []) {
      fillVolume(join(this.directory, 'volumes', volume.name), volume, objects, this.spec.securityContext?.fsGroup);
    }
  }

  /** Starts a container; with `args`, these in place of its own; in this cgroup, if there is one. */
  public async start(name: string, args?: readonly string[], cgroup?: string): Promise<Running> {
    const container = this.container(name);
    const command = ['chroot', ...await this.confined(container, [...container.command!, ...args ?? container.args ?? []])];
    const [program, ...rest] = cgroup === undefined ? command : ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup, ...command];
    const running = start(program, rest, environment(container));
    this.running.push(running);
    return running;
  }

  /** Runs a command in a container to its end, as `kubectl exec` and exec probes do. */
  public async exec(name: string, command: readonly string[]): Promise<Ended> {
    const container = this.container(name);
    return run('chroot', await this.confined(container, command), { env: environment(container), strict: false, seconds: 30 });
  }

  /** Ends what was started here and is still running. */
  public async stop(): Promise<void> {
    for (const running of this.running.splice(0)) { await running.stop('SIGTERM').catch(() => undefined); }
    // Volumes stay until the namespace ends, and with them what a restarted pod would find.
  }

  public container(name: string): Container {
    const found = this.spec.containers.find(container => container.name === name);
    if (!found) { throw new Error(`the pod has no container ${name}`); }
    return found;
  }

  /** The arguments of chroot that give a command the container's root, user and privileges, and nothing beyond. */
  private async confined(container: Container, command: readonly string[]): Promise<string[]> {
    const security = { ...this.spec.securityContext, ...container.securityContext };
    if (security.runAsUser === undefined || security.runAsGroup === undefined) { throw new Error(`${container.name} names no user`); }
    return [
      await this.root(container), 'setpriv', `--reuid=${security.runAsUser}`, `--regid=${security.runAsGroup}`,
      ...(security.fsGroup === undefined ? ['--clear-groups'] : [`--groups=${security.fsGroup}`]),
      '--inh-caps=-all', '--ambient-caps=-all',
      ...(security.capabilities?.drop?.includes('ALL') ? ['--bounding-set=-all'] : []),
      ...(security.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
      '--', ...command,
    ];
  }

  /** The container's root directory: libraries and tools of this machine, programs of the image, and the volumes. */
  private async root(container: Container): Promise<string> {
    const existing = this.roots.get(container.name);
    if (existing) { return existing; }
    const root = join(this.directory, 'roots', container.name);
    mkdirSync(root, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', root]);
    const inside = (path: string): string => join(root, path);
    ['usr', 'proc', 'dev'].forEach(folder => mkdirSync(inside(folder)));
    ['bin', 'sbin', 'lib', 'lib64'].forEach(folder => symlinkSync(`usr/${folder}`, inside(folder)));
    const bindFile = async (from: string, to: string): Promise<void> => {
      mkdirSync(dirname(inside(to)), { recursive: true });
      writeFileSync(inside(to), '');
      await run('mount', ['--bind', ...(from.startsWith('/dev/') ? [] : ['-o', 'ro']), from, inside(to)]);
    };
    await run('mount', ['--bind', '-o', 'ro', join(this.systems[container.name] ?? '/', 'usr'), inside('usr')]);
    await run('mount', ['-t', 'proc', '-o', 'nosuid,nodev,noexec', 'proc', inside('proc')]);
    for (const device of ['/dev/null', '/dev/zero', '/dev/urandom']) { await bindFile(device, device); }
    for (const [path, program] of Object.entries(this.images[container.name] ?? {})) { await bindFile(program, path); }
    for (const { name, mountPath, readOnly } of container.volumeMounts ?? []) {
      mkdirSync(inside(mountPath), { recursive: true });
      await run('mount', ['--bind', ...(readOnly ? ['-o', 'ro'] : []), join(this.directory, 'volumes', name), inside(mountPath)]);
    }
    if (container.securityContext?.readOnlyRootFilesystem) { await run('mount', ['-o', 'remount,ro', root]); }
    this.roots.set(container.name, root);
    return root;
  }
}

function environment({ env = [] }: Container): NodeJS.ProcessEnv {
  const own = env.map(({ name, value }) => {
    if (value === undefined) { throw new Error(`variable ${name} has no plain value`); }
    return [name, value] as const;
  });
  return { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...Object.fromEntries(own) };
}
