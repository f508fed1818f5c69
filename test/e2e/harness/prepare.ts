import { createHash } from 'node:crypto';
import { accessSync, constants, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import type { PrivateRoot } from './private-debian';
import { unpackPrivately } from './private-debian';
import { run } from './processes';

/** A program that is ready, or why it is not. */
export interface Prepared {
  readonly path: string;
  readonly obstacle?: string;
}

export type Programs = Readonly<Record<ProgramName, Prepared>>;
export type ProgramName = keyof typeof PACKAGES | keyof typeof PRIVATE | keyof typeof BUILDS;

/** Programs that Debian has, by command, and their packages. */
const PACKAGES = {
  'bash': 'bash',
  'bpftool': 'bpftool',
  'busybox': 'busybox-static',
  'containerd': 'containerd',
  'curl': 'curl',
  'haproxy': 'haproxy',
  'host-local': 'containernetworking-plugins',
  'ip': 'iproute2',
  'iptables': 'iptables',
  'jq': 'jq',
  'luacheck': 'lua-check',
  'openssl': 'openssl',
  'prometheus': 'prometheus',
  'promtool': 'prometheus',
  'runc': 'runc',
  'shellcheck': 'shellcheck',
} as const;

/**
 * The HAProxy of the default image, from the suite of Debian that has it. It runs with libraries of its own, below a
 * directory of its own; `setpriv` and `touch` come along, since a container's root has no other programs.
 */
const PRIVATE = {
  'haproxy-3.2': { suite: 'forky', packages: ['coreutils', 'haproxy', 'util-linux'], program: 'usr/sbin/haproxy' },
} as const satisfies Record<string, PrivateRoot>;

interface Build {
  /** Folder below tools/ with a Go module that pins every version. Programs of one module share what they are compiled from. */
  readonly module: string;
  readonly package: string;
  /** Part of the name in the cache. */
  readonly version: string;
  readonly ldflags?: string;
  /** A package that is left empty, since nothing here calls it. */
  readonly without?: string;
}

const KUBERNETES_VERSION = 'v1.34.4';

/** Programs that are built from a module below tools/. */
const BUILDS = {
  'alloy-syntax': { module: 'alloy-syntax', package: '.', version: 'v0.1.1' },
  'coredns': { module: 'kubernetes', package: './coredns', version: 'v1.12.4' },
  'etcd': { module: 'etcd', package: 'go.etcd.io/etcd/server/v3', version: 'v3.6.16' },
  'fake-agent': { module: 'fake-agent', package: '.', version: 'v1' },
  'fake-pyroscope': { module: 'fake-pyroscope', package: '.', version: 'v1' },
  'grpc-health-probe': { module: 'grpc-health-probe', package: '.', version: 'v1' },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-proxy': kubernetes('kube-proxy'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kubectl': kubernetes('kubectl'),
  'kubelet': kubernetes('kubelet'),
  'kyverno': { module: 'kyverno', package: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno', version: 'v1.19.0' },
  'kyverno-verdicts': { module: 'kyverno', package: '.', version: 'v1.19.0' },
  'network-policy-engine': { module: 'kubernetes', package: './network-policy-engine', version: 'v1' },
  'parca': {
    module: 'parca',
    package: 'github.com/parca-dev/parca/cmd/parca',
    version: 'v0.28.0',
    // Service discovery in two dozen clouds: half of all that would have to be compiled. Parca here scrapes nothing.
    without: 'github.com/prometheus/prometheus/discovery/install',
  },
  'pause': { module: 'pause', package: '.', version: 'v1' },
} as const satisfies Record<string, Build>;

/** The programs compare versions with each other, and know their own only if they are told when they are built. */
function kubernetes(name: string): Build {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION)!;
  const variables = { gitVersion: KUBERNETES_VERSION, gitMajor: major, gitMinor: minor };
  return {
    module: 'kubernetes',
    package: `k8s.io/kubernetes/cmd/${name}`,
    version: KUBERNETES_VERSION,
    ldflags: Object.entries(variables).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`).join(' '),
  };
}

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hardened-profiling-e2e');
const TOOLS = join(__dirname, '..', 'tools');
/** The longest cold builds take minutes on two cores. */
const BUILD_SECONDS = 1800;

/** Gets every program ready. One that cannot be had stops only the suites that need it. */
export async function prepare(names: readonly ProgramName[]): Promise<Programs> {
  // Every run needs `ip`, to have a loopback interface.
  const wanted: readonly ProgramName[] = [...new Set<ProgramName>([...names, 'ip'])];
  const missing = await install(wanted.filter(isPackaged));
  const programs: Partial<Record<ProgramName, Prepared>> = {};
  const downloads = download(wanted.filter(isBuilt).filter(name => !isExecutable(cachePath(name))));
  for (const name of wanted) {
    const started = Date.now();
    try {
      programs[name] = { path: await pathOf(name, missing) };
    } catch (error) {
      programs[name] = { path: '', obstacle: `${name} is not there: ${(error as Error).message}` };
    }
    const { path, obstacle } = programs[name];
    process.stdout.write(`prepare: ${obstacle ?? `${name} is ${path}`} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  }
  await downloads;
  return programs as Programs;
}

function pathOf(name: ProgramName, missing?: string): Promise<string> | string {
  if (isPackaged(name)) { return findCommand(name) ?? fail(missing ?? `package ${PACKAGES[name]} has no command ${name}`); }
  return isBuilt(name) ? built(name) : unpacked(name);
}

/** The root directory of a program that has one of its own. */
export function privateRoot(name: keyof typeof PRIVATE): string {
  const { suite, packages } = PRIVATE[name];
  return join(CACHE, [name, suite, ...packages].join('-'));
}

async function unpacked(name: keyof typeof PRIVATE): Promise<string> {
  const root = privateRoot(name);
  if (!existsSync(root)) { await unpackPrivately(PRIVATE[name], root); }
  return join(root, PRIVATE[name].program);
}

function isBuilt(name: ProgramName): name is keyof typeof BUILDS {
  return name in BUILDS;
}

function isPackaged(name: ProgramName): name is keyof typeof PACKAGES {
  return name in PACKAGES;
}

function fail(message: string): never {
  throw new Error(message);
}

/** Why namespaces cannot be made here; undefined if they can. */
export async function canIsolate(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) { return 'this needs root, for namespaces and mounts'; }
  const { code, output } = await run('unshare', ['--net', '--mount', 'true'], { strict: false });
  return code === 0 ? undefined : `no namespaces can be made: ${output.trim()}`;
}

function findCommand(command: string): string | undefined {
  return [...`${process.env.PATH}`.split(delimiter), '/usr/sbin', '/sbin', '/usr/lib/cni']
    .map(folder => join(folder, command)).find(existsSync);
}

/** Installs the packages of commands that are not there. Returns what went wrong, for whoever needs one of them. */
async function install(commands: ReadonlyArray<keyof typeof PACKAGES>): Promise<string | undefined> {
  const packages = commands.filter(command => !findCommand(command)).map(command => PACKAGES[command]);
  if (packages.length === 0) { return undefined; }
  const started = Date.now();
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, seconds: 600 };
  try {
    await run('apt-get', ['update', '-qq'], options);
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
  } catch (error) {
    return (error as Error).message;
  }
  process.stdout.write(`prepare: installed ${packages.join(', ')} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  return undefined;
}

/** Where a program is, or will be, in the cache: beside others that were built from another source. */
function cachePath(name: keyof typeof BUILDS): string {
  const { module, package: main, version, ldflags = '', without = '' }: Build = BUILDS[name];
  const source = join(TOOLS, module);
  const hash = createHash('sha256').update(`${main} ${without} ${ldflags}\n`);
  filesOf(source, main).forEach(file => hash.update(`${file}\n`).update(readFileSync(join(source, file))));
  return join(CACHE, `${name}-${version}-${hash.digest('hex').slice(0, 12)}`, name);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a program of a module is made from: the files beside go.mod, and those of its own package. */
function filesOf(source: string, main: string): string[] {
  const folders = main.startsWith('./') ? ['.', main] : ['.'];
  return folders.flatMap(folder => readdirSync(join(source, folder), { withFileTypes: true })
    .filter(entry => entry.isFile()).map(entry => join(folder, entry.name))).sort();
}

const GO_ENVIRONMENT = { CGO_ENABLED: '0' };

/** Downloads what programs are made from, while others are compiled. What goes wrong shows when they are built. */
async function download(names: ReadonlyArray<keyof typeof BUILDS>): Promise<void> {
  for (const { module, package: main } of names.map((name): Build => BUILDS[name])) {
    const options = { env: { ...process.env, ...GO_ENVIRONMENT }, seconds: BUILD_SECONDS, strict: false };
    await run('go', ['list', '-C', join(TOOLS, module), '-deps', main], options).catch(() => undefined);
  }
}

/** The program from the cache, if the same source has been built before, or built now. */
async function built(name: keyof typeof BUILDS): Promise<string> {
  const { module, package: main, version, ldflags = '', without }: Build = BUILDS[name];
  const path = cachePath(name);
  if (isExecutable(path)) { return path; }

  process.stdout.write(`prepare: building ${name} ${version}; the first time this takes minutes\n`);
  mkdirSync(dirname(path), { recursive: true });
  // Under other names until it is complete, so that an interrupted build leaves nothing that looks ready.
  const partial = `${path}.${process.pid}.partial`;
  const copy = `${path}.${process.pid}.source`;
  const started = Date.now();
  const progress = setInterval(() => process.stdout.write(`prepare: still building ${name} (${Math.round((Date.now() - started) / 1000)} s)\n`), 30_000);
  try {
    const source = without === undefined ? join(TOOLS, module) : await copyWithout(without, join(TOOLS, module), copy);
    await run('go', ['build', '-C', source, '-trimpath', '-buildvcs=false', '-ldflags', `-s -w ${ldflags}`.trim(), '-o', partial, main], {
      env: { ...process.env, ...GO_ENVIRONMENT }, seconds: BUILD_SECONDS,
    });
    renameSync(partial, path);
  } finally {
    clearInterval(progress);
    rmSync(partial, { force: true });
    rmSync(copy, { recursive: true, force: true });
  }
  return path;
}

/** Copies a module with everything it is made from, and empties one package of that. */
async function copyWithout(emptied: string, source: string, copy: string): Promise<string> {
  cpSync(source, copy, { recursive: true });
  await run('go', ['mod', 'vendor'], { cwd: copy, seconds: BUILD_SECONDS });
  const folder = join(copy, 'vendor', emptied);
  readdirSync(folder).filter(file => file.endsWith('.go')).forEach(file => rmSync(join(folder, file)));
  writeFileSync(join(folder, 'empty.go'), `package ${basename(emptied)}\n`);
  return copy;
}
