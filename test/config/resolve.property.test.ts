import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { anyJson, mutated, mutation } from './arbitraries';
import { validSpec } from './valid-spec';
import { SpecError } from '../../src/config/problem';
import type { ResolvedSpec } from '../../src/config/resolved-spec';
import type { Manifest } from '../../src/kube/manifest';
import { toYamlStream } from '../../src/kube/yaml';
import { renderManifests } from '../../src/render';
import { resolve } from '../../src/resolve';
import { openRules } from '../access/flows';
import { runs } from '../property-runs';
import { find } from '../support';

/** The specification, or undefined where it is refused; any other error is passed on. */
function accepted(value: unknown): ResolvedSpec | undefined {
  try {
    return resolve(value);
  } catch (error) {
    if (error instanceof SpecError) { return undefined; }
    throw error;
  }
}

interface Rule { readonly action: string; readonly source_labels?: string[]; readonly regex?: string }

function relabelRules(manifests: readonly Manifest[]): Rule[] {
  const { data } = find<{ data: Record<string, string> }>(manifests, 'ConfigMap', 'parca-agent');
  return (parse(data['parca-agent.yaml']) as { relabel_configs: Rule[] }).relabel_configs;
}

/** Whether opted-in pods alone are profiled, and none of kube-system; of every specification that has agents. */
function isScoped(spec: ResolvedSpec, manifests: readonly Manifest[]): boolean {
  if (!spec.parcaAgent) { return !manifests.some(({ kind, metadata }) => kind !== 'NetworkPolicy' && /^parca-agent/.test(metadata.name)); }
  const [first, ...others] = relabelRules(manifests);
  const label = `__meta_kubernetes_pod_label_${spec.scope.optInLabel.key.replace(/\W/g, '_')}`;
  return first.action === 'drop'
    && first.source_labels?.join() === '__meta_kubernetes_namespace'
    && new RegExp(`^(?:${first.regex})$`).test('kube-system')
    && others.some(({ action, source_labels, regex }) => action === 'keep' && source_labels?.join() === label && Boolean(regex)
      && !new RegExp(`^(?:${regex})$`).test(''));
}

describe('resolve', () => {
  it('accepts or refuses every value', () => {
    fc.assert(fc.property(anyJson, value => { accepted(value); }), runs(500));
  });

  it('accepts or refuses everything under the keys it knows', () => {
    const keys = fc.constantFrom(
      'cluster', 'metadata', 'namespaces', 'images', 'scope', 'agents', 'parca', 'access', 'admission', 'nodes', 'pyroscope', 'externalSecrets', 'gitOps',
    );
    fc.assert(fc.property(fc.dictionary(keys, anyJson, { noNullPrototype: true }), value => { accepted(value); }), runs(500));
  });

  it('is asked about every product and way to deliver it', () => {
    const sample = fc.sample(validSpec, 200).map(value => resolve(value));
    expect(new Set(sample.map(({ parca, parcaAgent }) => `${parca ? 'server' : 'no server'}, ${parcaAgent?.remoteStore ? 'agents to elsewhere' : parcaAgent ? 'agents' : 'no agents'}`)))
      .toEqual(new Set(['server, agents', 'server, no agents', 'no server, agents to elsewhere', 'no server, no agents']));
    expect(new Set(sample.map(({ alloy }) => alloy?.remote !== undefined))).toEqual(new Set([true, false]));
    expect(new Set(sample.map(({ namespaces: { create } }) => create))).toEqual(new Set([true, false]));
    expect(new Set(sample.map(({ gitOps }) => Object.keys(gitOps ?? {}).join()))).toEqual(new Set(['', 'argoCd', 'flux']));
    expect(new Set(sample.map(({ pyroscope }) => pyroscope?.delivery))).toEqual(new Set([undefined, 'native', 'chart']));
    expect(new Set(sample.map(({ alloy }) => alloy?.delivery))).toEqual(new Set([undefined, 'native', 'chart']));
    expect(new Set(sample.map(({ nodes }) => nodes?.delivery))).toEqual(new Set([undefined, 'daemonSet', 'nodeConfiguration']));
  });

  it('accepts what is valid, and makes complete manifests of it, the same each time', () => {
    fc.assert(fc.property(validSpec, value => {
      const manifests = renderManifests(resolve(value));
      expect(JSON.stringify(renderManifests(resolve(JSON.parse(JSON.stringify(value)))))).toBe(JSON.stringify(manifests));
      expect(manifests.filter(({ apiVersion, kind, metadata }) => !apiVersion || !kind || !metadata.name)).toEqual([]);
      const identities = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`);
      expect(identities).toEqual([...new Set(identities)]);
    }), runs(80));
  });

  it('makes manifests that mean the same when they are written and read', () => {
    fc.assert(fc.property(validSpec, value => {
      const manifests = renderManifests(resolve(value));
      expect(parseAllDocuments(toYamlStream(manifests)).map(document => document.toJS() as unknown)).toEqual(JSON.parse(JSON.stringify(manifests)));
    }), runs(30));
  });

  it('opens no NetworkPolicy to everybody', () => {
    fc.assert(fc.property(validSpec, value => {
      expect(openRules(renderManifests(resolve(value)))).toEqual([]);
    }), runs(80));
  });

  it('accepts or refuses every mutation of what is valid, and never widens the scope', () => {
    const parameters = runs(400);
    let count = 0;
    fc.assert(fc.property(validSpec, fc.array(mutation, { minLength: 1, maxLength: 3 }), (value, mutations) => {
      const spec = accepted(mutated(value, mutations));
      if (!spec) { return; }
      count++;
      const manifests = renderManifests(spec);
      expect(isScoped(spec, manifests)).toBe(true);
      expect(openRules(manifests)).toEqual([]);
    }), parameters);
    expect(count).toBeGreaterThan(parameters.numRuns / 40);
  });

  it('pollutes no prototype', () => {
    fc.assert(fc.property(validSpec, fc.constantFrom('__proto__', 'constructor', 'prototype'), fc.nat(10_000), (value, key, place) => {
      accepted(mutated(value, [{ kind: 'insert', place, key, value: { polluted: true } }]));
      expect(Object.keys(Object.prototype)).toEqual([]);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    }), runs(50));
  });
});
