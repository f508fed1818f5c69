import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { expectGolden } from './golden';
import { readDocument } from '../src/config/document';
import { toYaml, toYamlStream } from '../src/kube/yaml';
import { renderHelmValues, renderManifests } from '../src/render';
import { resolve } from '../src/resolve';

const EXAMPLES = join(__dirname, '..', 'examples');

const documents = readdirSync(EXAMPLES).filter(file => file.endsWith('.profiling.yaml'));

describe('Examples', () => {
  it.each(documents)('%s gives its expected output', file => {
    const document = readDocument(join(EXAMPLES, file));
    const name = basename(file, '.profiling.yaml');
    const spec = resolve(document.value, document);
    expectGolden(`${name}.yaml`, toYamlStream(renderManifests(spec)));
    Object.entries(renderHelmValues(spec)).forEach(([chart, values]) => expectGolden(`${name}.${chart}.values.yaml`, toYaml(values)));
  });

  it.each(documents)('%s means the same to other YAML readers', file => {
    const document = readDocument(join(EXAMPLES, file));
    const manifests = renderManifests(resolve(document.value, document));
    for (const version of ['1.1', '1.2'] as const) {
      const parsed = parseAllDocuments(toYamlStream(manifests), { version }).map(parsedDocument => parsedDocument.toJS() as unknown);
      expect(parsed).toEqual(JSON.parse(JSON.stringify(manifests)));
    }
  });
});
