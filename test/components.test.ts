import fc from 'fast-check';
import { validSpec } from './config/valid-spec';
import { runs } from './property-runs';
import { COMPONENTS, contributionsTo, RULES } from '../src/components';
import { resolve } from '../src/resolve';

describe('Components', () => {
  it('have no part of another', () => {
    const parts = COMPONENTS.flatMap(component => component.parts);
    expect([...new Set(parts)]).toEqual(parts);
    expect(parts.length).toBeGreaterThan(COMPONENTS.length - 1);
  });

  it('lead to an image that any of them runs, and to no other', () => {
    const used = (spec: object): string[] => Object.entries(RULES.images).filter(([, isUsed]) => isUsed(spec)).map(([key]) => key).sort();
    const parca = { tls: { secretName: 'a' } };
    const elsewhere = { remoteStore: { address: 'store.example.com:443' } };
    expect(used({ parca })).toEqual(['agent', 'gateway', 'parca', 'preflight']);
    expect(used({ parca: { ...parca, agent: { enabled: false } } })).toEqual(['gateway', 'parca']);
    expect(used({ parca: elsewhere })).toEqual(['agent', 'preflight']);
    // The gateway of another component.
    expect(used({ pyroscope: {} })).toEqual(['alloy', 'gateway', 'pyroscope']);
    expect(used({ parca: elsewhere, pyroscope: {} })).toEqual(['agent', 'alloy', 'gateway', 'preflight', 'pyroscope']);
    expect(used({ pyroscope: { remote: { url: 'https://profiles.example.com' } } })).toEqual(['alloy']);
    expect(used({})).toEqual([]);
  });

  it('fit together, whatever the specification: what one names is there, and nothing that one brings is lost', () => {
    const seen = { flows: 0, parts: 0, shared: 0 };
    fc.assert(fc.property(validSpec, value => {
      const spec = resolve(value);
      const contributions = contributionsTo(spec);
      const groups = contributions.flatMap(({ pods = [] }) => pods);
      const ids = groups.map(({ id }) => id);
      expect([...new Set(ids)]).toEqual(ids);
      // A flow to nobody would be dropped, and with it a rule of a NetworkPolicy.
      contributions.flatMap(({ flows = [] }) => flows).forEach(({ from, to, ports }) => {
        seen.flows++;
        expect(ids).toEqual(expect.arrayContaining([from, to]));
        expect(ports.length).toBeGreaterThan(0);
      });
      // The same namespace has one Pod Security level, whoever asks for it.
      const levels = new Map<string, string>();
      contributions.flatMap(({ namespaces }) => namespaces).forEach(({ id, name, podSecurity }) => {
        expect(levels.get(id) ?? `${name} ${podSecurity}`).toBe(`${name} ${podSecurity}`);
        levels.set(id, `${name} ${podSecurity}`);
      });
      // What several bring alike is the same object, whoever is asked.
      const common = new Map<string, string>();
      contributions.flatMap(({ shared }) => Object.entries(shared?.() ?? {})).forEach(([id, manifest]) => {
        seen.shared++;
        expect(common.get(id) ?? JSON.stringify(manifest)).toBe(JSON.stringify(manifest));
        common.set(id, JSON.stringify(manifest));
      });
      COMPONENTS.forEach(({ parts, contribution }) => {
        const brought = Object.keys(contribution(spec)?.objects() ?? {});
        seen.parts += brought.length;
        expect(parts).toEqual(expect.arrayContaining(brought));
      });
    }), runs(200));
    expect(seen.flows).toBeGreaterThan(30);
    expect(seen.parts).toBeGreaterThan(50);
    expect(seen.shared).toBeGreaterThan(0);
  });
});
