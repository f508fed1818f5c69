import fc from 'fast-check';
import { validSpec } from './config/arbitraries';
import { runs } from './property-runs';
import { COMPONENTS, contributionsTo } from '../src/components';
import { resolve } from '../src/resolve';

describe('Components', () => {
  it('have no part or image of another', () => {
    const parts = COMPONENTS.flatMap(component => component.parts);
    const images = COMPONENTS.flatMap(component => Object.keys(component.images));
    [parts, images].forEach(names => expect([...new Set(names)]).toEqual(names));
    expect(parts.length).toBeGreaterThan(COMPONENTS.length - 1);
  });

  it('fit together, whatever the specification: what one names is there, and nothing that one brings is lost', () => {
    const seen = { flows: 0, parts: 0 };
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
      COMPONENTS.forEach(({ parts, contribution }) => {
        const brought = Object.keys(contribution(spec)?.objects() ?? {});
        seen.parts += brought.length;
        expect(parts).toEqual(expect.arrayContaining(brought));
      });
    }), runs(100));
    expect(seen.flows).toBeGreaterThan(50);
    expect(seen.parts).toBeGreaterThan(50);
  });
});
