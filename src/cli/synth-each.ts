import { asArguments, loadDocuments, requireOneReader } from './documents';
import { writeFiles } from './output';
import type { Screen } from './screen';
import { synthesisFiles, synthesize, valuesFile } from './synthesis';
import { SpecError } from '../config/problem';
import { memoizedYaml } from '../kube/yaml';
import { summarize } from '../render';
import type { Line } from '../summary/lines';

/** One cluster of many. */
interface Cluster {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly lines: readonly Line[];
}

/**
 * Makes the manifests of many clusters, each of the documents with one more document merged over them, into a folder for each by its name:
 * all of them or none.
 */
export function synthEach(input: number, screen: Screen, documents: readonly string[], overlays: readonly string[], out: string | undefined): void {
  requireOneReader({ documents: [...documents, ...overlays] });
  if (out === undefined) {
    throw new SpecError([{ path: [], message: '--each needs a folder', allowed: '--out <folder>, which gets a folder for each cluster', fix: 'add --out dist' }], documents);
  }
  const clusters = screen.withProgress(progress => {
    const yaml = memoizedYaml();
    const made = overlays.map((overlay, i) => {
      progress(`rendering ${i + 1} of ${overlays.length}`);
      return attempt(() => clusterOf(input, [...documents, overlay], out, yaml));
    });
    const errors = made.filter((one): one is SpecError => one instanceof SpecError);
    const done = made.filter((one): one is Cluster => !(one instanceof SpecError));
    if (errors.length > 0) { throw SpecError.joined(errors); }
    requireNames(done, overlays);
    progress('writing');
    writeFiles(out, Object.fromEntries(done.flatMap(({ name, files }) => Object.entries(files).map(([file, content]) => [`${name}/${file}`, content]))));
    return done;
  });
  screen.tell([
    { text: `${clusters.length} clusters in ${out}`, style: 'bold' },
    ...clusters.flatMap(({ lines }) => lines),
    'What each still needs, with the commands: hardened-profiling synth with the documents of one cluster.',
  ]);
}

function clusterOf(input: number, documents: readonly string[], out: string, yaml: (values: readonly unknown[]) => string): Cluster {
  const { spec } = loadDocuments(documents, input);
  const synthesis = synthesize(spec);
  const { name } = spec.cluster;
  const { fallbacks, images, missing } = summarize(spec, synthesis.objects, asArguments(documents), chart => `${out}/${name}/${valuesFile(chart)}`);
  const unpinned = images.filter(({ isPinned }) => !isPinned).length;
  const facts = [
    `${synthesis.objects.length} objects`,
    ...(unpinned > 0 ? [`${unpinned} images not pinned`] : []),
    ...(fallbacks.length > 0 ? [`${fallbacks.length} SYS_ADMIN fallbacks`] : []),
    `${missing.length} things to create`,
  ];
  return { name, files: synthesisFiles(synthesis, yaml), lines: [`  ${name}: ${facts.join(', ')}`] };
}

/** Two clusters of one name would be one folder, and the manifests of one of them lost. */
function requireNames(clusters: readonly Cluster[], overlays: readonly string[]): void {
  const first = new Map<string, string>();
  const problems = clusters.flatMap(({ name }, i) => {
    const other = first.get(name);
    first.set(name, other ?? overlays[i]);
    return other === undefined ? [] : [{
      path: ['cluster', 'name'], message: `of ${overlays[i]} is that of ${other}`, found: name, allowed: 'a name of its own for each cluster', fix: 'rename one of the two',
    }];
  });
  if (problems.length > 0) { throw new SpecError(problems, overlays); }
}

function attempt<T>(work: () => T): T | SpecError {
  try {
    return work();
  } catch (error) {
    if (error instanceof SpecError) { return error; }
    throw error;
  }
}
