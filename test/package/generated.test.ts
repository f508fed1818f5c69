import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Assembly } from '../../projenrc/schema';
import { schemaOf } from '../../projenrc/schema';
import * as library from '../../src';

const ROOT = join(__dirname, '..', '..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('What is generated from the assembly is current', () => {
  it('the schema', () => {
    const enums = library as unknown as Record<string, Record<string, string>>;
    expect(JSON.parse(read('schema/profiling.schema.json'))).toEqual(schemaOf(JSON.parse(read('.jsii')) as Assembly, 'ProfilingSpec', name => enums[name]));
  });

  it('API.md', () => {
    const folder = mkdtempSync(join(tmpdir(), 'api-'));
    try {
      execFileSync(join(ROOT, 'node_modules', '.bin', 'jsii-docgen'), ['-o', join(folder, 'API.md')], { cwd: ROOT });
      expect(readFileSync(join(folder, 'API.md'), 'utf8') === read('API.md')).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
