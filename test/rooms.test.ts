import { readFileSync } from 'node:fs';
import { ARCHITECTURE, circle, diagram, graph, LAYERS, withDiagram } from '../projenrc/rooms';

describe('Rooms', () => {
  const edges = graph();
  const layerOf = (room: string): number => LAYERS.findIndex(layer => layer.includes(room));

  it('are all in a layer', () => {
    expect([...edges.keys()].sort()).toEqual(LAYERS.flat().sort());
  });

  it('import from lower layers alone, types included', () => {
    const upwards = [...edges].flatMap(([from, targets]) => [...targets].filter(to => layerOf(to) >= layerOf(from)).map(to => `${from} -> ${to}`));
    expect(upwards).toEqual([]);
  });

  it('have no circle', () => {
    expect(circle(edges)).toBeUndefined();
    expect(circle(new Map([['a', new Set(['b'])], ['b', new Set(['c'])], ['c', new Set(['b'])]]))).toEqual(['b', 'c', 'b']);
  });

  it('are drawn in ARCHITECTURE.md as they are in the code', () => {
    const text = readFileSync(ARCHITECTURE, 'utf8');
    expect(withDiagram(text, edges)).toBe(text);
  });

  it('are drawn without arrows that follow from others', () => {
    const some = new Map([['cli', new Set(['config', 'api'])], ['config', new Set(['api'])]]);
    expect(diagram(some)).toBe('```mermaid\ngraph TD\n  cli --> config\n  config --> api\n```');
  });
});
