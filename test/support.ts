import type { ProfilingSpec } from '../src/api/profiling';
import type { ResolvedSpec } from '../src/config/resolved-spec';
import type { Manifest } from '../src/kube/manifest';
import { renderManifests } from '../src/render';
import { resolve } from '../src/resolve';

/** The least a specification must say. */
export const MINIMAL = {
  cluster: { name: 'dev' },
  images: { pinning: 'tagsAllowed' },
  parca: { tls: { secretName: 'parca-tls' } },
} as const;

/** The minimal specification with these sections in place of its own, resolved. */
export function resolved(sections: Partial<Record<keyof ProfilingSpec, unknown>> = {}): ResolvedSpec {
  return resolve({ ...MINIMAL, ...sections });
}

/** All manifests of the minimal specification with these sections in place of its own. */
export function render(sections: Partial<Record<keyof ProfilingSpec, unknown>> = {}): Manifest[] {
  return renderManifests(resolved(sections));
}

/** The only object of this kind and name, as the type the caller expects of it. */
export function find<T>(manifests: readonly Manifest[], kind: string, name: string, namespace?: string): T & Manifest {
  const found = manifests.filter(manifest => manifest.kind === kind && manifest.metadata.name === name
    && (namespace === undefined || manifest.metadata.namespace === namespace));
  if (found.length !== 1) { throw new Error(`${found.length} objects are ${kind} ${name}`); }
  return found[0] as T & Manifest;
}
