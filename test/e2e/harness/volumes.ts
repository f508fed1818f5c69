import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeyToPath, Volume } from 'kubernetes-types/core/v1';

/** What a cluster would hold: the data of ConfigMaps and Secrets by name. */
export interface Objects {
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface File { readonly content: string; readonly mode: number }

/**
 * Makes a volume's directory hold what the kubelet would put there, and can be called again after objects have changed.
 *
 * Files belong to root and the pod's group. They are swapped all at once: visible names are links through `..data`,
 * which is replaced in one step.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/volume/util/atomic_writer.go
 */
export function fillVolume(directory: string, volume: Volume, objects: Objects, fsGroup?: number): void {
  mkdirSync(directory, { recursive: true });
  if (volume.emptyDir || volume.persistentVolumeClaim) {
    chownSync(directory, 0, fsGroup ?? 0);
    // A fresh disk is root's alone; with a group, the kubelet hands it over.
    chmodSync(directory, volume.emptyDir ? 0o777 : fsGroup === undefined ? 0o755 : 0o2775);
    return;
  }
  swap(directory, filesOf(volume, objects), fsGroup);
}

function filesOf({ name, configMap, secret, projected }: Volume, objects: Objects): Record<string, File> {
  if (configMap) { return select(objects.configMaps[configMap.name!], configMap.items, configMap.defaultMode, configMap.optional, name); }
  if (secret) { return select(objects.secrets[secret.secretName!], secret.items, secret.defaultMode, secret.optional, name); }
  if (projected) {
    return Object.assign({}, ...(projected.sources ?? []).map(source => {
      const other = Object.keys(source).filter(kind => kind !== 'secret' && kind !== 'configMap');
      if (other.length > 0) { throw new Error(`volume ${name}: source ${other.join(', ')} is not known here`); }
      const { defaultMode } = projected;
      return filesOf({
        name,
        configMap: source.configMap && { ...source.configMap, defaultMode },
        secret: source.secret && { ...source.secret, secretName: source.secret.name, defaultMode },
      }, objects);
    })) as Record<string, File>;
  }
  throw new Error(`volume ${name} is of a kind that is not known here`);
}

function select(
  data: Readonly<Record<string, string>> | undefined, items: KeyToPath[] | undefined, mode = 0o644, optional = false, name = '',
): Record<string, File> {
  if (!data) {
    if (optional) { return {}; }
    throw new Error(`volume ${name}: its object does not exist, so the pod would not start`);
  }
  const chosen = (items ?? Object.keys(data).map((key): KeyToPath => ({ key, path: key }))).filter(({ key }) => {
    if (data[key] === undefined && !optional) { throw new Error(`volume ${name}: key ${key} does not exist, so the pod would not start`); }
    return data[key] !== undefined;
  });
  return Object.fromEntries(chosen.map(({ key, path, mode: own }) => [path, { content: data[key], mode: own ?? mode }]));
}

function swap(directory: string, files: Readonly<Record<string, File>>, fsGroup?: number): void {
  const data = join(directory, '..data');
  const previous = existsSync(data) ? readlinkSync(data) : undefined;
  const next = `..${process.hrtime.bigint()}`;
  mkdirSync(join(directory, next));
  for (const [path, { content, mode }] of Object.entries(files)) {
    const file = join(directory, next, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chownSync(file, 0, fsGroup ?? 0);
    // Stricter than the kubelet, which would let the pod's group read whatever the mode says.
    chmodSync(file, mode);
  }
  symlinkSync(next, `${data}_tmp`);
  renameSync(`${data}_tmp`, data);

  const names = new Set(Object.keys(files).map(path => path.split('/')[0]));
  for (const name of names) {
    const link = join(directory, name);
    if (!lstatSync(link, { throwIfNoEntry: false })) { symlinkSync(join('..data', name), link); }
  }
  readdirSync(directory).filter(name => !name.startsWith('..') && !names.has(name)).forEach(name => rmSync(join(directory, name)));
  if (previous) { rmSync(join(directory, previous), { recursive: true }); }
}
