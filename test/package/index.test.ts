import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from '../../projenrc/schema';
import * as library from '../../src';

describe('Library', () => {
  it('exports the enums and classes of its assembly, and nothing else, when it runs', () => {
    const { types } = JSON.parse(readFileSync(join(__dirname, '..', '..', '.jsii'), 'utf8')) as Assembly;
    const atRunTime = Object.values(types).filter(({ kind }) => kind !== 'interface').map(({ name }) => name);
    expect(atRunTime.length).toBeGreaterThan(10);
    expect(Object.keys(library).sort()).toEqual(atRunTime.sort());
  });
});
