import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './processes';

/** A program that is ready, or why it is not. */
export interface Prepared {
  readonly path: string;
  readonly obstacle?: string;
}

export type Programs = Readonly<Record<ProgramName, Prepared>>;
export type ProgramName = keyof typeof PACKAGES | keyof typeof BUILDS;

/** Programs that Debian has, by command, and their packages. */
const PACKAGES = { curl: 'curl', haproxy: 'haproxy', ip: 'iproute2', openssl: 'openssl' } as const;

/** Programs that are built from a module below tools/, and what they are called in the cache. */
const BUILDS = {
  'parca': { package: 'github.com/parca-dev/parca/cmd/parca', version: 'v0.28.0' },
  'grpc-health-probe': { package: '.', version: 'v1' },
} as const;

const TOOLS = join(__dirname, '..', 'tools');
/** A cold build of Parca takes four to nine minutes on two cores. */
const BUILD_SECONDS = 1800;

/** Gets every program ready. One that cannot be had stops only the chapters that need it. */
export async function prepare(names: readonly ProgramName[]): Promise<Programs> {
  // Every run needs `ip`, to have a loopback interface.
  const wanted: readonly ProgramName[] = [...new Set<ProgramName>([...names, 'ip'])];
  const programs: Partial<Record<ProgramName, Prepared>> = {};
  for (const name of wanted) {
    const started = Date.now();
    try {
      programs[name] = { path: name in BUILDS ? await built(name as keyof typeof BUILDS) : await installed(name as keyof typeof PACKAGES) };
    } catch (error) {
      programs[name] = { path: '', obstacle: `${name} is not there: ${(error as Error).message}` };
    }
    const { path, obstacle } = programs[name];
    process.stdout.write(`prepare: ${obstacle ?? `${name} is ${path}`} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  }
  return programs as Programs;
}

/** Why namespaces cannot be made here; undefined if they can. */
export async function canIsolate(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) { return 'this needs root, for namespaces and mounts'; }
  const { code, output } = await run('unshare', ['--net', '--pid', '--fork', '--mount', '--mount-proc', 'true'], { strict: false });
  return code === 0 ? undefined : `no namespaces can be made: ${output.trim()}`;
}

function findCommand(command: string): string | undefined {
  return `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter)
    .map(folder => join(folder, command)).find(existsSync);
}

async function installed(command: keyof typeof PACKAGES): Promise<string> {
  const found = findCommand(command);
  if (found) { return found; }
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, seconds: 300 };
  await run('apt-get', ['update', '-qq'], options);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', PACKAGES[command]], options);
  const path = findCommand(command);
  if (!path) { throw new Error(`package ${PACKAGES[command]} has no command ${command}`); }
  return path;
}

/** The program from the cache, if the same source has been built before, or built now. */
async function built(name: keyof typeof BUILDS): Promise<string> {
  const source = join(TOOLS, name);
  const hash = createHash('sha256');
  readdirSync(source).sort().forEach(file => hash.update(`${file}\n`).update(readFileSync(join(source, file))));
  const cache = join(
    process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'hardened-profiling-e2e',
    `${name}-${BUILDS[name].version}-${hash.digest('hex').slice(0, 12)}`,
  );
  const path = join(cache, name);
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch { /* not built yet */ }

  process.stdout.write(`prepare: building ${name} ${BUILDS[name].version}; the first time this takes minutes\n`);
  mkdirSync(cache, { recursive: true });
  // Under another name until it is complete, so that an interrupted build leaves nothing that looks ready.
  const partial = `${path}.${process.pid}.partial`;
  const started = Date.now();
  const progress = setInterval(() => process.stdout.write(`prepare: still building ${name} (${Math.round((Date.now() - started) / 1000)} s)\n`), 30_000);
  try {
    await run('go', ['build', '-C', source, '-trimpath', '-o', partial, BUILDS[name].package], {
      env: { ...process.env, CGO_ENABLED: '0' }, seconds: BUILD_SECONDS,
    });
    renameSync(partial, path);
  } finally {
    clearInterval(progress);
    rmSync(partial, { force: true });
  }
  return path;
}
