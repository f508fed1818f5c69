import fc from 'fast-check';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { openRules } from './access/flows';
import { anyJson } from './config/arbitraries';
import { validSpec } from './config/valid-spec';
import { runs } from './property-runs';
import { contributionsTo } from '../src/components';
import { mergePatches } from '../src/config/overlay';
import { SpecError } from '../src/config/problem';
import type { ResolvedSpec } from '../src/config/resolved-spec';
import type { Manifest } from '../src/kube/manifest';
import { renderManifests, renderSecrets } from '../src/render';
import { resolve } from '../src/resolve';

/** Labels that never change for the same pods. */
const STABLE = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app.kubernetes.io/part-of'];

interface Selecting extends Manifest {
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: object };
    readonly podSelector?: { readonly matchLabels?: object };
    readonly template?: { readonly spec?: PodSpec };
  };
}

/** A valid specification, or what an overlay of anything makes of one where that is accepted. */
const specs: fc.Arbitrary<ResolvedSpec> = fc.tuple(validSpec, fc.option(fc.dictionary(
  fc.constantFrom('metadata', 'namespaces', 'access', 'agents', 'parca', 'pyroscope', 'nodes', 'externalSecrets', 'gitOps'), fc.oneof(fc.constant(null), anyJson),
))).map(([base, overlay]) => {
  try {
    return resolve(overlay ? mergePatches([base, overlay]) : base);
  } catch (error) {
    if (error instanceof SpecError) { return resolve(base); }
    throw error;
  }
});

const nameOf = ({ kind, metadata: { name, namespace } }: Manifest): string => `${kind} ${namespace ?? ''}/${name}`;

/** Names of our pods' Secrets, with their namespaces. */
function mountedSecrets(manifests: readonly Manifest[]): Set<string> {
  return new Set((manifests as readonly Selecting[]).flatMap(({ metadata: { namespace }, spec }) => (spec?.template?.spec?.volumes ?? [])
    .flatMap(({ secret, projected }) => [secret?.secretName, ...projected?.sources?.map(source => source.secret?.name) ?? []])
    .filter(Boolean).map(name => `${namespace}/${name}`)));
}

describe('Any subset of the parts', () => {
  it('has each object once, and selects by labels that never change', () => {
    fc.assert(fc.property(specs, spec => {
      const manifests = renderManifests(spec) as Selecting[];
      const names = manifests.map(nameOf);
      expect(names).toEqual([...new Set(names)]);
      const ours = [spec.agents.namespace, spec.parca?.namespace, spec.pyroscope?.namespace];
      const own = manifests.filter(({ metadata }) => ours.includes(metadata.namespace));
      own.forEach(({ spec: { selector, podSelector } = {} }) => {
        const keys = [selector?.matchLabels, podSelector?.matchLabels].flatMap(labels => Object.keys(labels ?? {}));
        expect(keys.filter(key => !STABLE.includes(key))).toEqual([]);
      });
    }), runs(120));
  });

  it('has no object of a part that is not there', () => {
    fc.assert(fc.property(specs, spec => {
      const manifests = renderManifests(spec);
      const named = (pattern: RegExp): string[] => manifests.filter(({ kind, metadata: { name, labels } }) =>
        kind !== 'Namespace' && (pattern.test(name) || pattern.test(labels?.['app.kubernetes.io/name'] ?? ''))).map(nameOf);
      if (!spec.parca && !spec.parcaAgent) { expect(named(/^parca/)).toEqual([]); }
      if (!spec.parcaAgent) { expect(named(/^parca-agent/)).toEqual([]); }
      if (!spec.parca) { expect(manifests.filter(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'parca')).toEqual([]); }
      if (!spec.pyroscope) { expect(named(/^pyroscope/)).toEqual([]); }
      if (!spec.alloy) { expect(named(/^alloy/)).toEqual([]); }
      if (!spec.namespaces.create) { expect(manifests.filter(({ kind }) => kind === 'Namespace')).toEqual([]); }
    }), runs(120));
  });

  it('asks for no Secret that nobody reads', () => {
    fc.assert(fc.property(specs, spec => {
      const charts = contributionsTo(spec).flatMap(contribution => contribution.charts?.() ?? []);
      const mounted = mountedSecrets([...renderManifests(spec), ...charts.flatMap(({ daemonSets }) => daemonSets)]);
      const { access, agents, parca, pyroscope } = spec;
      const ours = [agents.namespace, parca?.namespace, pyroscope?.namespace];
      renderSecrets(spec, () => 'token').forEach(({ metadata: { name, namespace } }) => {
        // Pods of others read theirs; a token that nobody in the document uses is kept where its gateway is.
        const isKept = namespace === pyroscope?.namespace && /^pyroscope-(read-|metrics-token)/.test(name);
        if (ours.includes(namespace)) { expect(mounted.has(`${namespace}/${name}`) || isKept ? '' : `${namespace}/${name}`).toBe(''); return; }
        const users = [
          ...[access.readers, access.scrapers, access.symbolUploaders].flat().map(peer => peer.namespace),
          ...pyroscope?.readers.flatMap(({ pods }) => pods.map(peer => peer.namespace)) ?? [],
          ...pyroscope?.tenants.flatMap(({ namespaces }) => namespaces) ?? [],
          pyroscope?.grafana?.namespace,
        ];
        expect(users).toContain(namespace);
      });
    }), runs(120));
  });

  it('opens no peer to everybody', () => {
    fc.assert(fc.property(specs, spec => {
      const closed = renderManifests(spec).filter(({ metadata }) => metadata.name !== 'default-deny');
      expect(openRules(closed)).toEqual([]);
    }), runs(120));
  });
});
