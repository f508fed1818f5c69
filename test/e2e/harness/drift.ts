import { until } from './processes';
import type { Manifest } from '../../../src/kube/manifest';
import type { Api } from '../cluster/api';

/** How the API server compares objects: what its OpenAPI says of a field. */
interface Schema {
  readonly '$ref'?: string;
  readonly 'allOf'?: readonly Schema[];
  readonly 'properties'?: Readonly<Record<string, Schema>>;
  readonly 'additionalProperties'?: Schema | boolean;
  readonly 'items'?: Schema;
  readonly 'x-kubernetes-group-version-kind'?: ReadonlyArray<{ readonly kind: string }>;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}

type Schemas = Readonly<Record<string, Schema>>;
type Json = Readonly<Record<string, unknown>>;

/**
 * Looks at objects as Argo CD and Flux do: every field that was applied has the value that was applied; where a list has keys its entries
 * are those that were applied, and any other list or map that is replaced as a whole has nothing added by the server.
 *
 * @see https://argo-cd.readthedocs.io/en/stable/user-guide/diff-strategies/
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export class Drift {
  private readonly documents = new Map<string, Promise<Schemas>>();

  constructor(private readonly api: Api) {}

  /** Each difference with kind, name and path. */
  public async between(emitted: Manifest, live: unknown): Promise<string[]> {
    const { apiVersion, kind, metadata } = emitted;
    const schemas = await this.schemasOf(apiVersion, kind);
    const schema = Object.values(schemas).find(one => isOf(one, kind));
    // What is undefined is not there on the wire.
    const applied = JSON.parse(JSON.stringify(emitted)) as unknown;
    return new Comparison(schemas).of(applied, live, schema, '', false).map(difference => `${kind} ${metadata.name}: ${difference}`);
  }

  /** Of a kind that was defined a moment ago the API server tells a moment later. */
  private schemasOf(apiVersion: string, kind: string): Promise<Schemas> {
    const key = `${apiVersion} ${kind}`;
    const known = this.documents.get(key) ?? until(`the schema of ${key}`, 60, async () => {
      const { status, body } = await this.api.call('GET', `/openapi/v3/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`);
      const { components } = status === 200 ? JSON.parse(body) as { components: { schemas: Schemas } } : { components: { schemas: {} } };
      return Object.values(components.schemas).some(one => isOf(one, kind)) ? components.schemas : undefined;
    });
    this.documents.set(key, known);
    return known;
  }
}

function isOf(schema: Schema, kind: string): boolean {
  const kinds = schema['x-kubernetes-group-version-kind'] ?? [];
  // Options of deletions and the like are of every kind's group.
  return kinds.length === 1 && kinds[0].kind === kind;
}

class Comparison {
  constructor(private readonly schemas: Schemas) {}

  /** @param isWhole whether the server may add nothing here */
  public of(emitted: unknown, live: unknown, field: Schema | undefined, path: string, isWhole: boolean): string[] {
    const schema = this.resolve(field);
    if (Array.isArray(emitted)) {
      return Array.isArray(live) ? this.ofLists(emitted, live, schema, path, isWhole) : [`${path} is ${show(live)} and not ${show(emitted)}`];
    }
    if (typeof emitted !== 'object' || emitted === null) { return emitted === live ? [] : [`${path} is ${show(live)} and not ${show(emitted)}`]; }
    if (typeof live !== 'object' || live === null) { return [`${path} is ${show(live)} and not ${show(emitted)}`]; }
    const whole = isWhole || schema?.['x-kubernetes-map-type'] === 'atomic';
    const added = whole ? Object.keys(live).filter(key => !(key in emitted)).map(key => `${join(path, key)} is added: ${show((live as Json)[key])}`) : [];
    return [
      ...added,
      ...Object.entries(emitted).flatMap(([key, value]) => this.of(value, (live as Json)[key], schemaOf(schema, key), join(path, key), whole)),
    ];
  }

  private ofLists(emitted: readonly unknown[], live: readonly unknown[], schema: Schema | undefined, path: string, isWhole: boolean): string[] {
    const keys = keysOf(schema);
    if (keys && !isWhole) {
      const keyOf = (entry: unknown): string => keys.map(key => `${key}=${show((entry as Json)[key])}`).join();
      const [ours, theirs] = [emitted, live].map(list => new Map(list.map(entry => [keyOf(entry), entry])));
      return [
        ...[...theirs.keys()].filter(key => !ours.has(key)).map(key => `${path}[${key}] is added`),
        ...[...ours].flatMap(([key, entry]) => this.of(entry, theirs.get(key), schema!.items, `${path}[${key}]`, false)),
      ];
    }
    if (emitted.length !== live.length) { return [`${path} has ${live.length} entries and not ${emitted.length}`]; }
    const [ours, theirs] = schema?.['x-kubernetes-list-type'] === 'set' ? [[...emitted].sort(), [...live].sort()] : [emitted, live];
    return ours.flatMap((entry, index) => this.of(entry, theirs[index], schema?.items, `${path}[${index}]`, true));
  }

  private resolve(schema: Schema | undefined): Schema | undefined {
    if (!schema) { return undefined; }
    const { $ref, allOf = [], ...own } = schema;
    const others = [...allOf, ...($ref ? [this.schemas[$ref.split('/').pop()!]] : [])].map(one => this.resolve(one));
    return Object.assign({}, ...others, own) as Schema;
  }
}

function schemaOf(schema: Schema | undefined, key: string): Schema | undefined {
  const { properties = {}, additionalProperties } = schema ?? {};
  return properties[key] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
}

/** The keys by which entries of a list are merged. */
function keysOf(schema: Schema | undefined): readonly string[] | undefined {
  if (schema?.['x-kubernetes-list-type'] === 'map') { return schema['x-kubernetes-list-map-keys']; }
  const mergeKey = schema?.['x-kubernetes-patch-merge-key'];
  return mergeKey !== undefined && schema!['x-kubernetes-patch-strategy']?.includes('merge') ? [mergeKey] : undefined;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? 'not there';
}
