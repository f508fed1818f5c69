import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from 'jsonschema';
import type { Schema, SchemaContext, ValidationError } from 'jsonschema';
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
  const { definitions, ...root } = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as Schema & { definitions: Definitions };
  const schema = prepare(root, definitions) as Schema;
  const validator = new Validator();
  // Non-strings are the business of `type`, so that one mistake gives one error.
  validator.customFormats = Object.fromEntries(Object.entries(FORMATS)
    .map(([name, format]) => [OURS + name, (input: unknown) => typeof input !== 'string' || format.test(input)]));
  return value => validator.validate(value, schema, {}, new Place(schema)).errors;
}

type Definitions = Readonly<Record<string, object>>;

/** Put before the names of our formats: the validator's own go first, and its `date` takes 2027-02-30. */
const OURS = 'ours:';

/**
 * A schema, or what one contains, with every `$ref` replaced by what it refers to, so that nothing is looked up while checking.
 * And without prototypes, or the validator takes `constructor` and `__proto__` for known keys: it finds them on every object.
 */
function prepare(value: unknown, definitions: Definitions): unknown {
  if (typeof value !== 'object' || value === null) { return value; }
  if (Array.isArray(value)) { return value.map(item => prepare(item, definitions)); }
  const { $ref, ...own } = value as { $ref?: string };
  const whole = { ...($ref && definitions[$ref.slice('#/definitions/'.length)]), ...own };
  const entries = Object.entries(whole).map(([key, child]) =>
    [key, key === 'format' && typeof child === 'string' ? OURS + child : prepare(child, definitions)]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** Where in the value the validator is. Its own contexts also parse URLs at every step, which takes most of a check's time. */
class Place implements SchemaContext {
  public readonly options = {};
  public readonly base = '';
  public readonly schemas = {};
  public readonly propertyPath = '';

  constructor(public readonly schema: Schema, public readonly path: ReadonlyArray<string | number> = []) {}

  public makeChild(schema: Schema, key?: string | number): Place {
    return new Place(schema, key === undefined ? this.path : [...this.path, key]);
  }
}

function toProblem(error: ValidationError): Problem {
  const { path } = error;
  const schema = error.schema as Schema;
  switch (error.name) {
    case 'additionalProperties': return unknownKey(path, String(error.argument), Object.keys(schema.properties ?? {}));
    case 'required': return missingKey(path, String(error.argument), schema);
    // Keys of labels are checked by a schema that has no type, and are reported where their mapping is.
    case 'format': return outsideFormat(schema.type ? path : [...path, String(error.instance)], error);
    case 'enum': return {
      path,
      message: 'is none of the allowed values',
      found: show(error.instance),
      allowed: (error.argument as string[]).join(', '),
      fix: (typeof error.instance === 'string' && didYouMean(error.instance, error.argument as string[])) || 'use one of the allowed values',
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
    fix: looksSecret(key) ? SECRET_ADVICE : adviceFor(key) ?? didYouMean(key, known) ?? 'remove it',
  };
}

function missingKey(parent: Problem['path'], key: string, schema: Schema): Problem {
  const property = schema.properties?.[key] as Schema | undefined;
  return {
    path: [...parent, key],
    message: 'is required',
    allowed: property?.description?.replace(/\s+/g, ' '),
    fix: `add \`${key}\`${parent.length > 0 ? ` under \`${formatPath(parent)}\`` : ' at the top level'}`,
  };
}

function outsideFormat(path: Problem['path'], error: ValidationError): Problem {
  const { allowed } = FORMATS[String(error.argument).slice(OURS.length)];
  const isSecret = typeof error.instance === 'string' && looksSecret(error.instance);
  return { path, message: 'is not valid', found: show(error.instance), allowed, fix: isSecret ? SECRET_ADVICE : 'correct the value' };
}

/** Types of JSON Schema in the words of YAML. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list', boolean: 'true or false', integer: 'a whole number', object: 'a mapping', string: 'a string',
};

function wrongType(path: Problem['path'], error: ValidationError): Problem {
  const type = String(error.argument);
  const allowed = TYPES[type] ?? type;
  const quotes = type === 'string' && ['number', 'boolean'].includes(typeof error.instance);
  return {
    path,
    message: 'has the wrong type',
    found: `${show(error.instance)}${typeof error.instance === 'object' ? '' : ` (${typeof error.instance})`}`,
    allowed,
    fix: quotes ? `put it in quotes: ${JSON.stringify(String(error.instance))}; check the digits, YAML reads 5.10 as 5.1` : `give ${allowed}`,
  };
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const candidate = suggest(word, candidates);
  return candidate && `did you mean \`${candidate}\`?`;
}
