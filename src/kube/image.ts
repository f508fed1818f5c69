/** The parts of an image reference. */
export interface ImageReference {
  /** Registry and repository. */
  readonly name: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. */
  readonly digest?: string;
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^((?:[a-zA-Z0-9.-]+(?::[0-9]{1,5})?/)?${COMPONENT}(?:/${COMPONENT})*)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/**
 * Splits an image reference; undefined if it is none, or names neither tag nor digest.
 *
 * @see https://github.com/distribution/reference/blob/main/reference.go
 */
export function parseImage(reference: string): ImageReference | undefined {
  if (reference.length > 512) { return undefined; }
  const match = REFERENCE.exec(reference);
  if (!match || !(match[2] || match[3])) { return undefined; }
  return { name: match[1], tag: match[2], digest: match[3] };
}

/** The version a tag names, such as `0.49.0` for `v0.49.0`; undefined for tags that are no versions. */
export function imageVersion(reference: string): string | undefined {
  const tag = parseImage(reference)?.tag;
  return tag && /^v?\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag) ? tag.replace(/^v/, '') : undefined;
}

/** The image at another registry, which serves it under the same repository; one that names that registry already stays as it is. */
export function atRegistry(image: string, registry: string): string {
  if (image.startsWith(`${registry}/`)) { return image; }
  const [first, ...rest] = image.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  // Docker Hub's images without an owner are those of `library`.
  const repository = hasRegistry ? rest.join('/') : rest.length === 0 ? `library/${image}` : image;
  return `${registry}/${repository}`;
}
