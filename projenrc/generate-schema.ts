import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assembly } from './schema';
import { schemaOf } from './schema';

// Runs after jsii has compiled: reads the assembly and the compiled enums, writes the schema that is shipped.
const root = join(__dirname, '..');
const assembly = JSON.parse(readFileSync(join(root, '.jsii'), 'utf8')) as Assembly;
const library = require(join(root, 'lib')) as Record<string, Record<string, string>>;
const schema = schemaOf(assembly, 'ProfilingSpec', name => library[name]);
writeFileSync(join(root, 'schema', 'profiling.schema.json'), JSON.stringify(schema, null, 2) + '\n');
