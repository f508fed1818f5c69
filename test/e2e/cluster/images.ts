import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONTAINERD_SOCKET, HOME } from './layout';
import { PAUSE_IMAGE } from './node';
import { DEFAULT_IMAGES } from '../../../src/versions';
import { grpcFrame } from '../harness/client';
import type { ProgramName, Programs } from '../harness/prepare';
import { privateRoot } from '../harness/prepare';
import { run } from '../harness/processes';
import type { Profile } from '../harness/profiles';
import { compressed, writeRequest } from '../harness/profiles';

/** Curl, a shell and small tools, for pods that play a part in a test. */
export const TOOLS_IMAGE = 'e2e.local/tools:v1';

/** The profile that the agent's fake sends when it is asked to. */
export const AGENT_PROFILE: Profile = { functionName: 'agent_promise', at: new Date() };

/** The previous generation of the agent, for the node pools of old kernels. */
export const FALLBACK_AGENT_IMAGE = 'ghcr.io/parca-dev/parca-agent:v0.30.0';

/** What an image is made of. */
interface Recipe {
  readonly reference: string;
  /** Programs by their path in the image; the shared libraries they need come along. */
  readonly programs: Readonly<Record<string, ProgramName>>;
  /** Other programs, by their path in the image, from their path here. */
  readonly executables?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly entrypoint?: readonly string[];
  /** What asks it to end. @default "SIGTERM" */
  readonly stopSignal?: string;
  /** Who runs it unless a pod says otherwise. @default - root */
  readonly user?: string;
}

/** The shell and what the scripts of manifests and tests call. */
const APPLETS = [
  'cat', 'cp', 'date', 'env', 'false', 'grep', 'head', 'id', 'ls', 'mkdir', 'mktemp', 'mv', 'nc', 'nslookup', 'ps', 'readlink', 'rm', 'sed', 'sh', 'sleep', 'sort', 'tail', 'test',
  'timeout', 'touch', 'tr', 'true', 'wc',
];
const BUSYBOX = {
  programs: { '/bin/busybox': 'busybox' },
  links: Object.fromEntries(APPLETS.map(name => [`/bin/${name}`, 'busybox'])),
} as const satisfies Partial<Recipe>;

/** Every flag of a program, as its source or the program itself has them. */
function flagsOf(program: string): Buffer {
  return readFileSync(join(__dirname, '../../fixtures', `${program}.flags`));
}

/** Local fakes under the public names that the manifests use. */
const RECIPES: readonly Recipe[] = [
  { reference: PAUSE_IMAGE, programs: { '/pause': 'pause' }, entrypoint: ['/pause'] },
  { reference: 'registry.k8s.io/coredns/coredns:v1.12.4', programs: { '/coredns': 'coredns' }, entrypoint: ['/coredns'] },
  { reference: DEFAULT_IMAGES.preflight, ...BUSYBOX },
  { reference: DEFAULT_IMAGES.parca, programs: { '/parca': 'parca', '/grpc_health_probe': 'grpc-health-probe' } },
  // The signal of the official image: HAProxy then answers what is open before it ends.
  { reference: DEFAULT_IMAGES.gateway, programs: { '/usr/local/sbin/haproxy': 'haproxy-3.2' }, stopSignal: 'SIGUSR1' },
  {
    reference: DEFAULT_IMAGES.agent,
    programs: { '/bin/parca-agent': 'fake-agent' },
    files: { '/profile.grpc': grpcFrame(writeRequest(AGENT_PROFILE)), '/profile.pprof.gz': compressed(AGENT_PROFILE), '/flags': flagsOf('parca-agent-v0.49.0') },
    entrypoint: ['/bin/parca-agent'],
  },
  {
    reference: FALLBACK_AGENT_IMAGE,
    programs: { '/bin/parca-agent': 'fake-agent' },
    files: { '/flags': flagsOf('parca-agent-fallback'), '/previous-generation': '' },
  },
  {
    reference: DEFAULT_IMAGES.pyroscope,
    programs: { '/usr/bin/pyroscope': 'fake-pyroscope', '/usr/bin/profilecli': 'fake-pyroscope' },
    entrypoint: ['/usr/bin/pyroscope'],
  },
  // What its Dockerfile installs, from the same distribution.
  {
    reference: DEFAULT_IMAGES.ebpfInventory,
    programs: { ...BUSYBOX.programs, '/usr/sbin/bpftool': 'bpftool', '/usr/bin/jq': 'jq' },
    links: BUSYBOX.links,
  },
  // Of the official image, which is Ubuntu, the probe needs a shell that makes connections.
  {
    reference: DEFAULT_IMAGES.alloy,
    programs: { ...BUSYBOX.programs, '/bin/bash': 'bash', '/bin/alloy': 'fake-pyroscope' },
    links: { '/bin/cat': 'busybox' },
    files: { '/flags': flagsOf('alloy-run-v1.18.1') },
    entrypoint: ['/bin/alloy'],
  },
  {
    reference: TOOLS_IMAGE,
    programs: { ...BUSYBOX.programs, '/bin/curl': 'curl', '/bin/fake-agent': 'fake-agent', '/fake-target': 'fake-agent' },
    links: BUSYBOX.links,
    files: { '/etc/nsswitch.conf': 'hosts: files dns\n' },
  },
];

/** Every image by its reference, with the digest of what was loaded. */
export type Digests = ReadonlyMap<string, string>;

/** Makes the images and loads them into the container runtime, under their tags and under their digests. */
export async function loadImages(programs: Programs): Promise<Digests> {
  const digests = new Map<string, string>();
  for (const recipe of RECIPES) { digests.set(recipe.reference, await loadImage(recipe, programs)); }
  return digests;
}

/** Loads the image of a recipe again, with other programs or files in it, under another reference. */
export async function loadVariant(reference: string, of: string, changes: Partial<Recipe>, programs: Programs): Promise<string> {
  return loadImage({ ...RECIPES.find(recipe => recipe.reference === of)!, ...changes, reference }, programs);
}

async function loadImage(recipe: Recipe, programs: Programs): Promise<string> {
  const folder = mkdtempSync(join(HOME, 'image-'));
  try {
    await fillRoot(join(folder, 'root'), recipe, programs);
    const digest = await writeLayout(folder, recipe);
    await ctr('images', 'import', join(folder, 'image.tar'));
    // The name under which the kubelet asks for a pinned image. The runtime takes our word for the digest.
    await ctr('images', 'tag', recipe.reference, `${nameOf(recipe.reference)}@${digest}`);
    return digest;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls the container runtime, where the kubelet's containers are. */
export function ctr(...args: readonly string[]): ReturnType<typeof run> {
  return run('ctr', ['--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', ...args]);
}

/** A reference without its tag. */
export function nameOf(reference: string): string {
  return reference.slice(0, reference.lastIndexOf(':'));
}

async function fillRoot(root: string, { programs: wanted, executables = {}, links = {}, files = {} }: Recipe, programs: Programs): Promise<void> {
  const place = (path: string): string => {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  };
  mkdirSync(place('/tmp/.'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(place('/etc/passwd'), 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n');
  writeFileSync(place('/etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
  const sources = { ...Object.fromEntries(Object.entries(wanted).map(([path, name]) => [path, programs[name].path])), ...executables };
  for (const [path, source] of Object.entries(sources)) {
    copyFileSync(source, place(path));
    chmodSync(join(root, path), 0o755);
    for (const [library, from] of await libraries(source)) { copyFileSync(from, place(library)); }
  }
  Object.entries(links).forEach(([path, target]) => symlinkSync(target, place(path)));
  Object.entries(files).forEach(([path, content]) => writeFileSync(place(path), content));
}

/** The shared libraries of a program, by their path for the program, with their path here; none if it is static. */
async function libraries(program: string): Promise<Array<readonly [string, string]>> {
  const found = (output: string, root: string): Array<readonly [string, string]> =>
    [...output.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => [path, join(root, path)]);
  const root = privateRoot('haproxy-3.2');
  if (program.startsWith(`${root}/`)) {
    const loader = '/usr/lib64/ld-linux-x86-64.so.2';
    const { output } = await run('chroot', [root, loader, '--list', program.slice(root.length)]);
    return [...found(output, root), ['/lib64/ld-linux-x86-64.so.2', join(root, loader)]];
  }
  const { code, output } = await run('ldd', [program], { strict: false });
  return code === 0 ? found(output, '/') : [];
}

/**
 * Writes an OCI layout with one layer. Returns the digest of its manifest.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
 */
async function writeLayout(folder: string, { reference, entrypoint, stopSignal, user }: Recipe): Promise<string> {
  const blobs = join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (mediaType: string, content: Buffer): { mediaType: string; digest: string; size: number } => {
    const hash = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, hash), content);
    return { mediaType, digest: `sha256:${hash}`, size: content.length };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

  // The same programs give the same digest.
  const stable = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await run('tar', ['-C', join(folder, 'root'), ...stable, '-cf', join(folder, 'layer.tar'), '.']);
  const layer = blob('application/vnd.oci.image.layer.v1.tar', readFileSync(join(folder, 'layer.tar')));
  const config = blob('application/vnd.oci.image.config.v1+json', json({
    architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string],
    os: 'linux',
    config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Entrypoint: entrypoint, StopSignal: stopSignal, User: user },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  }));
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = blob(mediaType, json({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  writeFileSync(join(folder, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(join(folder, 'index.json'), json({
    schemaVersion: 2,
    manifests: [{ ...manifest, annotations: { 'io.containerd.image.name': reference } }],
  }));
  await run('tar', ['-C', folder, '-cf', join(folder, 'image.tar'), 'oci-layout', 'index.json', 'blobs']);
  return manifest.digest;
}
