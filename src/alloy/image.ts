import { parseImage } from '../kube/image';

/**
 * An image in the values of Alloy's chart. It puts a slash behind the registry, even where that is empty, so that the first part
 * of the name goes there, whatever it is; and it makes a label of the tag, so that a digest has to have a value of its own.
 */
export function alloyChartImage(image: string): { registry: string; repository: string; tag?: string; digest?: string } {
  const { name, tag, digest } = parseImage(image)!;
  const [registry, ...repository] = name.includes('/') ? name.split('/') : ['docker.io', 'library', name];
  return { registry, repository: repository.join('/'), ...(digest ? { digest } : { tag }) };
}
