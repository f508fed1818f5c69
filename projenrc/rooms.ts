import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { preProcessFile } from 'typescript';

const ROOT = join(__dirname, '..');
const SOURCE = join(ROOT, 'src');

/**
 * Rooms, that is folders and files directly in `src`, from the bottom up. A room may import from those below its layer, types
 * included, and from nobody beside or above it.
 */
export const LAYERS: ReadonlyArray<readonly string[]> = [
  ['assets', 'kube', 'versions.ts'],
  ['api', 'gateway'],
  ['config', 'storage'],
  ['component.ts'],
  ['access', 'agents', 'delivery'],
  ['alloy', 'nodes', 'parca', 'pyroscope'],
  ['admission'],
  ['components.ts', 'summary'],
  ['render.ts', 'resolve.ts'],
  ['posture'],
  ['cli', 'constructs'],
  ['index.ts'],
];

/** The rooms that each room imports from. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Imports between rooms, as they are in the code. */
export function graph(): Graph {
  const edges = new Map<string, Set<string>>();
  for (const file of filesIn(SOURCE)) {
    const from = roomOf(file);
    const targets = edges.get(from) ?? new Set();
    edges.set(from, targets);
    const imports = preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles.map(({ fileName }) => fileName);
    imports.filter(name => name.startsWith('.')).map(name => roomOf(fileOf(resolve(dirname(file), name)))).filter(to => to !== from).forEach(to => targets.add(to));
  }
  return edges;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).sort().flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : path.endsWith('.ts') ? [path] : [];
  });
}

function fileOf(path: string): string {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, 'index.ts') : `${path}.ts`;
}

function roomOf(file: string): string {
  return relative(SOURCE, file).split('/')[0];
}

/** The rooms of a circle, if there is one. */
export function circle(edges: Graph): string[] | undefined {
  const done = new Set<string>();
  const visit = (room: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(room)) { return [...path.slice(path.indexOf(room)), room]; }
    if (done.has(room)) { return undefined; }
    for (const next of edges.get(room) ?? []) {
      const found = visit(next, [...path, room]);
      if (found) { return found; }
    }
    done.add(room);
    return undefined;
  };
  for (const room of edges.keys()) {
    const found = visit(room, []);
    if (found) { return found; }
  }
  return undefined;
}

/** The graph as a diagram, without arrows that follow from others. */
export function diagram(edges: Graph): string {
  const reaches = (from: string, to: string): boolean => [...edges.get(from) ?? []].some(next => next === to || reaches(next, to));
  const arrows = LAYERS.flat().reverse().flatMap(from => {
    const targets = [...edges.get(from) ?? []];
    return targets.filter(to => !targets.some(other => other !== to && reaches(other, to))).sort().map(to => `  ${from} --> ${to}`);
  });
  return ['```mermaid', 'graph TD', ...arrows, '```'].join('\n');
}

const [BEGIN, END] = ['<!-- rooms: written by `npx projen rooms` -->', '<!-- /rooms -->'];
export const ARCHITECTURE = join(ROOT, 'ARCHITECTURE.md');

/** A text with the diagram between its marks. */
export function withDiagram(text: string, edges: Graph): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) { throw new Error(`no place for the diagram: ${BEGIN} … ${END}`); }
  return `${text.slice(0, begin + BEGIN.length)}\n${diagram(edges)}\n${text.slice(end)}`;
}

if (require.main === module) { writeFileSync(ARCHITECTURE, withDiagram(readFileSync(ARCHITECTURE, 'utf8'), graph())); }
