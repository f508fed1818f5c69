import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadAll } from 'js-yaml';
import { ROOT } from './documentation';
import { readDocument } from '../../../src/config/document';
import { readDocuments } from '../../../src/config/overlay';
import type { Manifest } from '../../../src/kube/manifest';
import { renderManifests } from '../../../src/render';
import { resolve } from '../../../src/resolve';
import type { Sections } from '../cluster/installation';

const EXAMPLES = join(ROOT, 'examples');
const SHAPES = join(EXAMPLES, 'shapes');
const GOLDEN = join(ROOT, 'test/golden');
const SUFFIX = '.profiling.yaml';

/** A document of examples/shapes. */
export function shape(name: string): Sections {
  return read(fileOf(name));
}

function fileOf(name: string): string {
  return join(SHAPES, `${name}${SUFFIX}`);
}

/** Everything that the examples give, by their names: of those that are documents as they are now, of the cdk8s app as `npm test` compares it. */
export function exampleManifests(): Readonly<Record<string, Manifest[]>> {
  const documents = [EXAMPLES, SHAPES].flatMap(folder => readdirSync(folder).filter(file => file.endsWith(SUFFIX)).map(file => join(folder, file)));
  // One is no document but what another becomes.
  const whole = documents.filter(file => !/\/(base|overlay)\./.test(file));
  const app = readdirSync(GOLDEN).filter(file => file.startsWith('cdk8s-app.'));
  return {
    ...Object.fromEntries(whole.map(file => [basename(file, SUFFIX), manifestsOf(read(file))])),
    'base with overlay': manifestsOf(readDocuments(['base', 'overlay'].map(fileOf)).value as Sections),
    'cdk8s-app': app.flatMap(file => loadAll(readFileSync(join(GOLDEN, file), 'utf8')) as Manifest[]),
  };
}

/** Everything that is emitted for a document. */
export function manifestsOf(document: Sections): Manifest[] {
  return renderManifests(resolve(document));
}

function read(file: string): Sections {
  return readDocument(file).value as Sections;
}
