/**
 * Makes the JSON Schema of the document from the jsii assembly, so that the typed structs are its only source.
 *
 * The docstring tags `@format`, `@range`, `@minItems` and `@default` carry what a TypeScript type cannot say.
 */

interface Documented {
  readonly docs?: { readonly summary?: string; readonly remarks?: string; readonly default?: string; readonly custom?: Record<string, string> };
}

interface TypeReference {
  readonly primitive?: string;
  readonly fqn?: string;
  readonly collection?: { readonly kind: 'array' | 'map'; readonly elementtype: TypeReference };
}

interface Property extends Documented {
  readonly name: string;
  readonly optional?: boolean;
  readonly type: TypeReference;
}

interface AssemblyType extends Documented {
  readonly kind: string;
  readonly name: string;
  readonly properties?: readonly Property[];
  /** Structs that it extends. */
  readonly interfaces?: readonly string[];
  readonly members?: ReadonlyArray<{ readonly name: string }>;
}

export interface Assembly {
  readonly types: Readonly<Record<string, AssemblyType>>;
}

type JsonSchema = Record<string, unknown>;

/** Keys and values of mappings with free keys, by their format. */
const MAPPINGS: Readonly<Record<string, JsonSchema>> = {
  annotations: mapping('label-key', 'annotation-value'),
  headers: mapping('header-name', 'header-value'),
  labels: mapping('label-key', 'label-value'),
};

function mapping(keys: string, values: string): JsonSchema {
  return { propertyNames: { format: keys }, additionalProperties: { type: 'string', format: values } };
}

/** Wire values of an enum's members; the assembly knows the members' names only. */
export type EnumValues = (enumName: string) => Readonly<Record<string, string>>;

/** The schema of the struct `root` and of every struct it reaches. */
export function schemaOf(assembly: Assembly, root: string, enumValues: EnumValues): JsonSchema {
  const byName = new Map(Object.entries(assembly.types).map(([fqn, type]) => [fqn, type]));
  const definitions: Record<string, JsonSchema> = {};

  const typeSchema = (reference: TypeReference, custom: Record<string, string>): JsonSchema => {
    if (reference.collection?.kind === 'array') {
      const { minItems, ...element } = custom;
      return {
        type: 'array',
        ...(minItems && { minItems: Number(minItems) }),
        items: typeSchema(reference.collection.elementtype, element),
      };
    }
    if (reference.collection) {
      return {
        type: 'object',
        ...(custom.minItems && { minProperties: Number(custom.minItems) }),
        ...MAPPINGS[custom.format],
      };
    }
    if (reference.fqn) {
      const type = byName.get(reference.fqn)!;
      if (type.kind === 'enum') { return { enum: type.members!.map(member => enumValues(type.name)[member.name]) }; }
      define(type);
      return { $ref: `#/definitions/${type.name}` };
    }
    if (custom.range) {
      const [minimum, maximum] = custom.range.split(' ').map(Number);
      return { type: 'integer', minimum, maximum };
    }
    if (custom.format === 'port') { return { type: 'integer', minimum: 1, maximum: 65535 }; }
    return { type: reference.primitive, ...(custom.format && { format: custom.format }) };
  };

  const allProperties = (type: AssemblyType): Property[] =>
    [...type.properties ?? [], ...(type.interfaces ?? []).flatMap(fqn => allProperties(byName.get(fqn)!))];

  const define = (type: AssemblyType): void => {
    if (definitions[type.name]) { return; }
    definitions[type.name] = {}; // reserves the place, should structs refer to each other
    definitions[type.name] = structSchema(type);
  };

  const structSchema = (type: AssemblyType): JsonSchema => {
    const properties = allProperties(type).sort((a, b) => (a.name < b.name ? -1 : 1));
    return {
      type: 'object',
      description: describe(type),
      additionalProperties: false,
      required: properties.filter(property => !property.optional).map(property => property.name),
      properties: Object.fromEntries(properties.map(property => [property.name, {
        description: describe(property),
        ...typeSchema(property.type, property.docs?.custom ?? {}),
      }])),
    };
  };

  const rootType = [...byName.values()].find(type => type.name === root)!;
  const schema = structSchema(rootType);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: root,
    ...schema,
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function describe({ docs }: Documented): string {
  const fallback = docs?.default?.replace(/^- /, '');
  return [docs?.summary, docs?.remarks, fallback && `Default: ${fallback}`].filter(Boolean).join('\n\n');
}
