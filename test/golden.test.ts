import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readDocument } from '../src/config/document';
import { toYaml, toYamlStream } from '../src/kube/yaml';
import { renderHelmValues, renderManifests } from '../src/render';
import { resolve } from '../src/resolve';

const ROOT = join(__dirname, '..');
const EXAMPLES = join(ROOT, 'examples');
const GOLDEN = join(__dirname, 'golden');

/** Compares with the expected output; `UPDATE_GOLDEN=1 npx jest test/golden.test.ts` writes it after a wanted change. */
function expectGolden(name: string, actual: string): void {
  const file = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, actual);
  }
  expect(actual).toBe(readFileSync(file, 'utf8'));
}

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

  it('cdk8s-app gives its expected output with `cdk8s synth`', () => {
    const app = join(EXAMPLES, 'cdk8s-app');
    const modules = join(app, 'node_modules');
    const isInstalled = existsSync(join(modules, 'cdk8s-hardened-profiling'));
    if (!isInstalled) {
      // What `npm install` would make of the dependency, had it been published.
      mkdirSync(modules, { recursive: true });
      symlinkSync('../../..', join(modules, 'cdk8s-hardened-profiling'));
    }
    const output = mkdtempSync(join(tmpdir(), 'cdk8s-app-'));
    try {
      const { status, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', 'cdk8s'), ['synth', '--output', output, '--check-upgrade=false'], {
        cwd: app, encoding: 'utf8', env: { ...process.env, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env.PATH}` },
      });
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const files = readdirSync(output).sort();
      expect(files).toEqual(['monitoring.k8s.yaml', 'platform.k8s.yaml', 'shop.k8s.yaml']);
      files.forEach(file => expectGolden(`cdk8s-app.${file}`, readFileSync(join(output, file), 'utf8')));
    } finally {
      rmSync(output, { recursive: true });
      // A link to the root is a circle, in which other tools get lost.
      if (!isInstalled) { rmSync(modules, { recursive: true }); }
    }
  }, 60_000);
});
