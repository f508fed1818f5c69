import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from 'jsonschema';
import type { Schema, ValidationError } from 'jsonschema';
import { FORMATS } from './formats';
import type { Problem } from './problem';
import { formatPath, looksSecret, SECRET_ADVICE, show } from './problem';
import { adviceFor, PLANNED_SECTIONS } from './refused-keys';
import { suggest } from './suggest';

/** Where the generated JSON Schema is shipped; the same relative path from `src` and from `lib`. */
export const SCHEMA_FILE = join(__dirname, '..', '..', 'schema', 'profiling.schema.json');

let validate: ((value: unknown) => ValidationError[]) | undefined;

/** Everything that contradicts the JSON Schema: unknown keys, missing keys, wrong types, values outside their format. */
export function checkShape(value: unknown): Problem[] {
  validate ??= loadValidator();
  return validate(value).map(error => toProblem(error));
}

function loadValidator(): (value: unknown) => ValidationError[] {
  const schema = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schema;
  const validator = new Validator();
  // Non-strings are the business of `type`, so that one mistake gives one error.
  validator.customFormats = Object.fromEntries(Object.entries(FORMATS)
    .map(([name, format]) => [name, (input: unknown) => typeof input !== 'string' || format.test(input)]));
  return value => validator.validate(value, schema).errors;
}

function toProblem(error: ValidationError): Problem {
  const { path } = error;
  const schema = error.schema as Schema;
  switch (error.name) {
    case 'additionalProperties': return unknownKey(path, String(error.argument), Object.keys(schema.properties ?? {}));
    case 'required': return missingKey(path, String(error.argument), schema);
    case 'format': return outsideFormat(path, error);
    case 'enum': return {
      path,
      message: 'is none of the allowed values',
      found: show(error.instance),
      allowed: (error.argument as string[]).join(', '),
      fix: didYouMean(String(error.instance), error.argument as string[]) ?? 'use one of the allowed values',
    };
    case 'minItems':
    case 'minProperties': return {
      path,
      message: 'is empty',
      found: show(error.instance),
      allowed: 'at least one entry',
      fix: 'add an entry, or remove the key to get its default',
    };
    case 'minimum':
    case 'maximum': return {
      path,
      message: 'is out of range',
      found: show(error.instance),
      allowed: `${schema.minimum} to ${schema.maximum}`,
      fix: 'use a number in that range',
    };
    default: return wrongType(path, error);
  }
}

function unknownKey(parent: Problem['path'], key: string, known: readonly string[]): Problem {
  const path = [...parent, key];
  if (parent.length === 0 && PLANNED_SECTIONS.includes(key)) {
    return {
      path,
      message: 'is not supported yet',
      allowed: [...known].sort().join(', '),
      fix: 'remove this section until a release supports it',
    };
  }
  return {
    path,
    message: 'unknown key',
    allowed: known.length > 0 ? [...known].sort().join(', ') : undefined,
    fix: adviceFor(key) ?? didYouMean(key, known) ?? 'remove it',
  };
}

function missingKey(parent: Problem['path'], key: string, schema: Schema): Problem {
  const property = schema.properties?.[key] as Schema | undefined;
  return {
    path: [...parent, key],
    message: 'is required',
    allowed: property?.description,
    fix: `add \`${key}\`${parent.length > 0 ? ` under \`${formatPath(parent)}\`` : ' at the top level'}`,
  };
}

function outsideFormat(path: Problem['path'], error: ValidationError): Problem {
  const { allowed } = FORMATS[String(error.argument)];
  const isSecret = typeof error.instance === 'string' && looksSecret(error.instance);
  return { path, message: 'is not valid', found: show(error.instance), allowed, fix: isSecret ? SECRET_ADVICE : 'correct the value' };
}

function wrongType(path: Problem['path'], error: ValidationError): Problem {
  const allowed = ([] as string[]).concat(error.argument as string | string[]).join(' or ');
  const quotes = allowed === 'string' && ['number', 'boolean'].includes(typeof error.instance);
  return {
    path,
    message: 'has the wrong type',
    found: `${show(error.instance)}${typeof error.instance === 'object' ? '' : ` (${typeof error.instance})`}`,
    allowed,
    fix: quotes ? `put it in quotes: ${JSON.stringify(String(error.instance))}; check the digits, YAML reads 5.10 as 5.1` : `give a ${allowed}`,
  };
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const candidate = suggest(word, candidates);
  return candidate && `did you mean \`${candidate}\`?`;
}
