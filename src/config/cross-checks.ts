import { DEFAULTS } from './defaults';
import { groupsOfAccounts } from './group-checks';
import type { PartialSpec } from './partial-spec';
import { alwaysSensitive, hasParcaAgents, isInvalid, pools } from './partial-spec';
import type { Problem } from './problem';
import { looksSecret, SECRET_ADVICE } from './problem';
import { ImagePinning } from '../api/images';
import { imageVersion, parseImage } from '../kube/image';
import { compareVersions } from '../kube/version';
import { LOWEST_VERSIONS } from '../versions';

/** Validation rules that the components bring for a document. */
export interface Rules {
  /** Rules between values, each on its own; the shape of every single value has been checked before. */
  readonly checks: ReadonlyArray<(spec: PartialSpec) => Problem[]>;
  /** Whether a document leads to an image, by its key in the section `images`. */
  readonly images: Partial<Readonly<Record<keyof typeof DEFAULTS.images, (spec: PartialSpec) => boolean>>>;
}

/** Every contradiction between the values of a specification. */
export function crossCheck(spec: PartialSpec, { checks, images }: Rules): Problem[] {
  return [
    ...pinnedImages(spec, images),
    ...supportedImages(spec, images),
    ...sensitiveOptIns(spec),
    ...groupsOfAccounts(spec),
    ...checks.flatMap(check => check(spec)),
  ];
}

/** Every credential, be it a value or the key of a label. */
export function literalSecrets(spec: PartialSpec): Problem[] {
  const problems: Problem[] = [];
  const check = (text: string, path: Problem['path']): void => {
    if (looksSecret(text)) {
      problems.push({ path, message: 'looks like a credential', allowed: 'names of Secrets, never their content', fix: SECRET_ADVICE });
    }
  };
  const walk = (value: unknown, path: Problem['path']): void => {
    if (typeof value === 'string') {
      check(value, path);
    } else if (Array.isArray(value)) {
      value.forEach((child, i) => walk(child, [...path, i]));
    } else if (typeof value === 'object' && value !== null) {
      Object.entries(value).forEach(([key, child]) => {
        check(key, [...path, key]);
        walk(child, [...path, key]);
      });
    }
  };
  walk(spec, []);
  return problems;
}

/** Every image that will be emitted, with the path where it is or would be given. */
function usedImages(spec: PartialSpec, isUsed: Rules['images']): Array<{ path: Problem['path']; image: string }> {
  const images = (Object.keys(DEFAULTS.images) as Array<keyof typeof DEFAULTS.images>)
    .filter(key => isUsed[key]?.(spec))
    .map(key => ({ path: ['images', key], image: spec.images?.[key] ?? DEFAULTS.images[key] }));
  const fallbackImages = pools(hasParcaAgents(spec) ? spec : {}).flatMap(({ pool, path }) => pool.fallback?.image
    ? [{ path: [...path, 'fallback', 'image'], image: pool.fallback.image }] : []);
  return [...images, ...fallbackImages];
}

function pinnedImages(spec: PartialSpec, images: Rules['images']): Problem[] {
  if (spec.images?.pinning === ImagePinning.TAGS_ALLOWED || isInvalid(spec, 'images') || isInvalid(spec.images, 'pinning')) { return []; }
  return usedImages(spec, images).filter(({ image }) => !parseImage(image)?.digest).map(({ path, image }) => ({
    path,
    message: 'has no digest, and `images.pinning` is `required`',
    found: image,
    allowed: 'an image reference that ends in @sha256: and 64 hex digits',
    fix: `look the digest up (docker buildx imagetools inspect ${image}) and write\n`
      + `${path[path.length - 1]}: ${image}@sha256:<digest>\nor accept tags with \`images: { pinning: tagsAllowed }\``,
  }));
}

function supportedImages(spec: PartialSpec, images: Rules['images']): Problem[] {
  const problems: Problem[] = [];
  for (const { path, image } of usedImages(spec, images)) {
    const key = path[path.length - 1] as string;
    const version = imageVersion(image);
    const lowest = path[0] === 'images' && key in LOWEST_VERSIONS ? LOWEST_VERSIONS[key as keyof typeof LOWEST_VERSIONS] : undefined;
    if (parseImage(image)?.tag === 'latest') {
      problems.push({ path, message: 'uses the tag `latest`', found: image, allowed: 'a tag that names a version', fix: 'name the version you tested' });
    } else if (lowest && version && compareVersions(version, lowest) < 0) {
      problems.push({
        path,
        message: 'is older than the flags and the protocol used here',
        found: image,
        allowed: `v${lowest} or newer`,
        fix: `use v${lowest}`,
      });
    }
  }
  return problems;
}

function sensitiveOptIns(spec: PartialSpec): Problem[] {
  const sensitive = new Set([...spec.scope?.sensitiveNamespaces ?? [], ...alwaysSensitive(spec)]);
  return (spec.scope?.namespaces ?? []).flatMap((namespace, i) => namespace !== undefined && sensitive.has(namespace) ? [{
    path: ['scope', 'namespaces', i],
    message: 'is a sensitive namespace, which is never profiled',
    found: namespace,
    allowed: 'namespaces that are not sensitive',
    fix: 'remove it here, or from `scope.sensitiveNamespaces` if it stands there',
  }] : []);
}
