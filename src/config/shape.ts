import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FORMATS } from './formats';
import type { Problem } from './problem';
import { formatPath, looksSecret, MOST_PROBLEMS, SECRET_ADVICE, show, UNTOLD } from './problem';
import { adviceFor, movedTo, PLANNED_SECTIONS } from './refused-keys';
import { suggest } from './suggest';

/** Path of the generated JSON Schema as it is shipped; the same relative path from `src` and from `lib`. */
export const SCHEMA_FILE = join(__dirname, '..', '..', 'schema', 'profiling.schema.json');

/** The keywords of JSON Schema that `projenrc/schema.ts` writes, and no others: one that is not checked would let everything pass. */
interface Schema {
  readonly description?: string;
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly minProperties?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Entries of a list, or of a mapping with free keys. An object of Kubernetes has room for no more, and some rules compare each with each. */
const MOST_ENTRIES = 10_000;

type Path = Problem['path'];
type Mapping = Readonly<Record<string, unknown>>;

let loaded: Schema & { readonly definitions: Readonly<Record<string, Schema>> } | undefined;

/** Everything that contradicts the JSON Schema: unknown keys, missing keys, wrong types, values outside their format. */
export function checkShape(value: unknown): Problem[] {
  loaded ??= JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as NonNullable<typeof loaded>;
  const { definitions } = loaded;
  const problems: Problem[] = [];
  const path: Array<string | number> = []; // of the value that is being checked; problems take copies

  const report = (problem: (path: Path) => Problem): void => {
    problems.push(problems.length < MOST_PROBLEMS ? problem([...path]) : UNTOLD);
  };

  const checkBelow = (key: string | number, child: unknown, schema: Schema): void => {
    path.push(key);
    check(child, schema);
    path.pop();
  };

  const check = (instance: unknown, reference: Schema): void => {
    const schema = reference.$ref ? definitions[reference.$ref.slice('#/definitions/'.length)] : reference;
    if (schema.enum) {
      if (!schema.enum.includes(instance as string)) { report(at => noneOf(at, instance, schema.enum!)); }
    } else if (!hasType(instance, schema.type)) {
      report(at => wrongType(at, instance, schema.type!));
    } else if (Array.isArray(instance)) {
      checkCount(instance, instance.length, schema.minItems);
      instance.forEach((item, index) => checkBelow(index, item, schema.items!));
    } else if (typeof instance === 'object') {
      checkMapping(instance as Mapping, schema);
    } else {
      checkScalar(instance, schema);
    }
  };

  const checkMapping = (mapping: Mapping, schema: Schema): void => {
    const { properties = {}, additionalProperties, propertyNames } = schema;
    const keys = Object.keys(mapping);
    if (additionalProperties) { checkCount(mapping, keys.length, schema.minProperties); }
    for (const key of schema.required ?? []) {
      if (!Object.hasOwn(mapping, key)) { report(at => missingKey(at, key, schema)); }
    }
    for (const key of keys) {
      if (propertyNames?.format !== undefined && !FORMATS[propertyNames.format].test(key)) {
        report(at => outsideFormat([...at, key], key, propertyNames.format!));
      }
      const child = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
      if (child) { checkBelow(key, mapping[key], child); } else { report(at => unknownKey(at, key, Object.keys(properties))); }
    }
  };

  const checkCount = (collection: object, count: number, least: number = 0): void => {
    if (count < least) { report(at => empty(at, collection)); }
    if (count > MOST_ENTRIES) { report(at => tooMany(at, count)); }
  };

  const checkScalar = (scalar: unknown, { format, minimum, maximum }: Schema): void => {
    if (format !== undefined && !FORMATS[format].test(scalar as string)) { report(at => outsideFormat(at, scalar, format)); }
    if (typeof scalar === 'number' && !(scalar >= minimum! && scalar <= maximum!)) { report(at => outOfRange(at, scalar, minimum!, maximum!)); }
  };

  check(value, loaded);
  return problems;
}

function hasType(value: unknown, type?: string): boolean {
  switch (type) {
    case 'array': return Array.isArray(value);
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer': return Number.isInteger(value);
    default: return typeof value === type;
  }
}

const OTHER_VERSION = 'install the release of hardened-profiling that reads this version, or write the document as this one reads it: CHANGELOG.md says what moved';

function noneOf(path: Path, value: unknown, allowed: readonly string[]): Problem {
  return {
    path,
    message: 'is none of the allowed values',
    found: show(value),
    allowed: allowed.join(', '),
    fix: path.length === 1 && path[0] === 'apiVersion' ? OTHER_VERSION
      : (typeof value === 'string' ? didYouMean(value, allowed) : undefined) ?? 'use one of the allowed values',
  };
}

function empty(path: Path, value: object): Problem {
  return { path, message: 'is empty', found: show(value), allowed: 'at least one entry', fix: 'add an entry, or remove the key to get its default' };
}

function tooMany(path: Path, count: number): Problem {
  return { path, message: 'has too many entries', found: `${count}`, allowed: `at most ${MOST_ENTRIES}`, fix: 'split the deployment' };
}

function outOfRange(path: Path, value: number, minimum: number, maximum: number): Problem {
  return { path, message: 'is out of range', found: show(value), allowed: `${minimum} to ${maximum}`, fix: 'use a number in that range' };
}

function unknownKey(parent: Path, key: string, known: readonly string[]): Problem {
  const path = [...parent, key];
  if (parent.length === 0 && PLANNED_SECTIONS.includes(key)) {
    return {
      path,
      message: 'is not supported yet',
      allowed: [...known].sort().join(', '),
      fix: 'remove this section until a release supports it',
    };
  }
  const place = movedTo(path);
  if (place !== undefined) { return { path, message: 'has moved', allowed: `\`${place}\``, fix: `write the same value as \`${place}\`, from the top of the document` }; }
  return {
    path,
    message: 'unknown key',
    allowed: known.length > 0 ? [...known].sort().join(', ') : undefined,
    fix: looksSecret(key) ? SECRET_ADVICE : adviceFor(key) ?? didYouMean(key, known) ?? 'remove it',
  };
}

function missingKey(parent: Path, key: string, { properties }: Schema): Problem {
  return {
    path: [...parent, key],
    message: 'is required',
    allowed: properties?.[key].description?.replace(/\s+/g, ' '),
    fix: `add \`${key}\`${parent.length > 0 ? ` under \`${formatPath(parent)}\`` : ' at the top level'}`,
  };
}

function outsideFormat(path: Path, value: unknown, format: string): Problem {
  const isSecret = typeof value === 'string' && looksSecret(value);
  return { path, message: 'is not valid', found: show(value), allowed: FORMATS[format].allowed, fix: isSecret ? SECRET_ADVICE : 'correct the value' };
}

/** Types of JSON Schema in the words of YAML. */
const TYPES: Readonly<Record<string, string>> = {
  array: 'a list', boolean: 'true or false', integer: 'a whole number', object: 'a mapping', string: 'a string',
};

function wrongType(path: Path, value: unknown, type: string): Problem {
  const quotes = type === 'string' && ['number', 'boolean'].includes(typeof value);
  return {
    path,
    message: 'has the wrong type',
    found: `${show(value)}${typeof value === 'object' ? '' : ` (${typeof value})`}`,
    allowed: TYPES[type],
    fix: quotes ? `put it in quotes: ${JSON.stringify(String(value))}; check the digits, YAML reads 5.10 as 5.1` : `give ${TYPES[type]}`,
  };
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const candidate = suggest(word, candidates);
  return candidate && `did you mean \`${candidate}\`?`;
}
