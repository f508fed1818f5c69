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

/** A resolved specification that surely has these sections. */
export type With<Section extends keyof ResolvedSpec> = ResolvedSpec & { readonly [K in Section]-?: NonNullable<ResolvedSpec[K]> };

/** A resolved specification as one that has a section; without it, the test is wrong. */
export function having<Section extends keyof ResolvedSpec>(section: Section, spec: ResolvedSpec): With<Section> {
  if (spec[section] === undefined) { throw new Error(`the specification has no ${section}`); }
  return spec as With<Section>;
}

/** The minimal specification with these sections in place of its own, resolved, with its Parca server. */
export function resolvedParca(sections: Partial<Record<keyof ProfilingSpec, unknown>> = {}): With<'parca'> {
  return having('parca', resolved(sections));
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
