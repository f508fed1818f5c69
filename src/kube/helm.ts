import { parseImage } from './image';

/** Values of a Helm chart. */
export type HelmValues = Readonly<Record<string, unknown>>;

/**
 * An image in the three values that charts have. They put the tag into the reference as it is, so a digest goes there as
 * well; a tag before a digest is not looked at.
 */
export function chartImage(image: string): { registry: string; repository: string; tag: string } {
  const { name, tag = 'pinned', digest } = parseImage(image)!;
  const [first, ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return {
    registry: hasRegistry ? first : '',
    repository: hasRegistry ? rest.join('/') : name,
    tag: digest ? `${tag}@${digest}` : tag,
  };
}

/** Text that a chart takes for a template, so that it comes out as it is. */
export function escapeTemplate(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}');
}
