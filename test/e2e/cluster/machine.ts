import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CGROUP, HOME } from './layout';
import { run, until } from '../harness/processes';

const CGROUPS = '/sys/fs/cgroup';

/**
 * What the kubelet sets on a node for everybody. It finds these values set already, in files that lie over the kernel's,
 * and so changes nothing on this machine.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/cm/container_manager_linux.go
 */
const KUBELET_SYSCTLS = {
  'kernel/keys/root_maxbytes': 25_000_000,
  'kernel/keys/root_maxkeys': 1_000_000,
  'kernel/panic': 10,
  'kernel/panic_on_oops': 1,
  'vm/overcommit_memory': 1,
  'vm/panic_on_oom': 0,
} as const;

/** What an agent and the tools of a node expect to be mounted, as systemd does. */
const KERNEL_FILE_SYSTEMS = {
  bpf: '/sys/fs/bpf',
  debugfs: '/sys/kernel/debug',
  tracefs: '/sys/kernel/tracing',
} as const;

/** Makes of the mount namespace that this process is in something that looks like a node. */
export async function becomeNode(): Promise<void> {
  mkdirSync(HOME, { recursive: true });
  // As systemd does it; without, no pod could ask for mounts to propagate.
  await run('mount', ['--make-rshared', '/']);
  for (const [type, path] of Object.entries(KERNEL_FILE_SYSTEMS)) {
    if (!isMountPoint(path)) { await run('mount', ['-t', type, type, path]); }
  }
  // Kubelet and network plugins write to fixed places below /var: they write to memory.
  const [upper, work] = ['var', 'var-work'].map(name => join(HOME, name));
  [upper, work].forEach(folder => mkdirSync(folder));
  await run('mount', ['-t', 'overlay', '-o', `lowerdir=/var,upperdir=${upper},workdir=${work}`, 'overlay', '/var']);

  for (const [name, value] of Object.entries(KUBELET_SYSCTLS)) {
    const [file, target] = [join(HOME, name.replace(/\//g, '-')), join('/proc/sys', name)];
    if (!existsSync(target)) { continue; }
    writeFileSync(file, `${value}\n`);
    await run('mount', ['--bind', file, target]);
  }
  cgroupRoots().forEach(root => mkdirSync(root, { recursive: true }));
}

/**
 * Puts this process, and all that it starts from now on, where \`endProcesses\` finds it. Pods must see the machine's processes, as on
 * any node, so that no namespace ends them with the run.
 */
export function joinCgroup(): void {
  const folder = join(trackingRoot(), 'tests');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'cgroup.procs'), `${process.pid}`);
}

/** Ends every process that a run started, but this one. */
export async function endProcesses(): Promise<void> {
  await until('every process of the run has ended', 30, () => {
    const running = processesBelow(trackingRoot()).filter(pid => pid !== process.pid);
    running.forEach(pid => {
      try { process.kill(pid, 'SIGKILL'); } catch { /* It has ended by itself. */ }
    });
    return running.length === 0 ? true : undefined;
  });
}

/** The first process of a run that goes on; undefined if there is none. What others left behind has no such process any more. */
export function runningTests(): number | undefined {
  return processesBelow(trackingRoot()).find(pid => {
    try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').some(argument => argument.endsWith('/test/e2e/inside.ts')); } catch { return false; }
  });
}

/** One hierarchy is enough: the kubelet puts the pods of a node below our directory in each. */
function trackingRoot(): string {
  const roots = cgroupRoots();
  return roots.find(root => root.includes('/pids/')) ?? roots[0];
}

function processesBelow(folder: string): number[] {
  if (!existsSync(folder)) { return []; }
  const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  const children = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return [...own, ...children.flatMap(({ name }) => processesBelow(join(folder, name)))];
}

/** Removes the cgroups of pods, which outlive their processes. Call it when no pod is left. */
export function removeCgroups(): void {
  cgroupRoots().filter(existsSync).forEach(removeTree);
}

/** One for each hierarchy of version 1, or the only one of version 2. */
export function cgroupRoots(): string[] {
  const hierarchies = existsSync(join(CGROUPS, 'cgroup.controllers'))
    ? [CGROUPS]
    : readdirSync(CGROUPS).map(name => join(CGROUPS, name)).filter(path => existsSync(join(path, 'cgroup.procs')) && isMountPoint(path));
  return hierarchies.map(path => join(path, CGROUP));
}

/** Directories only: the files in a cgroup cannot be removed and go with it. */
function removeTree(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (statSync(path).isDirectory()) { removeTree(path); }
  }
  rmdirSync(folder);
}

function isMountPoint(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').some(line => line.split(' ')[4] === path);
}
