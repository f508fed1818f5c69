import { DEFAULTS } from './defaults';
import { sorted } from './resolve-values';
import type { ResolvedImages } from './resolved-spec';
import type { ImagesSpec } from '../api/images';
import { ImagePinning } from '../api/images';
import { atRegistry } from '../kube/image';

/** The section `images` with its defaults; every image as it will be pulled. */
export function resolveImages(images: ImagesSpec = {}): ResolvedImages {
  const { pinning, registry, pullSecrets, chartRepository, ...given } = images;
  const at = imagesAt(registry);
  return {
    pinning: pinning ?? ImagePinning.REQUIRED,
    pullSecrets: sorted(pullSecrets),
    chartRepository: chartRepository ?? DEFAULTS.chartRepository,
    ...Object.fromEntries(Object.entries({ ...DEFAULTS.images, ...given }).map(([key, image]) => [key, at(image)])) as typeof DEFAULTS.images,
  };
}

/** Images as they are pulled from a registry, or from their own if there is none. */
export function imagesAt(registry: string | undefined): (image: string) => string {
  return image => (registry === undefined ? image : atRegistry(image, registry));
}
