import { ApiObject, App, ImplicitTokenResolver, LazyResolver, NumberStringUnionResolver } from 'cdk8s';
import type { ApiObjectProps, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { PodGrants } from './pod-grants';

/** Resolvers that every app has; nothing that they resolve occurs in plain data. */
const BUILT_IN_RESOLVERS = [LazyResolver, ImplicitTokenResolver, NumberStringUnionResolver];

/**
 * An `ApiObject` that is known to be plain data.
 *
 * cdk8s asks every resolver about every value, and climbs to the app for them each time. That takes as long as all
 * else together that is done to our objects before they are written, and here it can only find something to do in the
 * metadata, which users can add to. An object with patches or grants, or in an app with resolvers of its own, is left to cdk8s.
 */
export class PlainObject extends ApiObject {
  private isPatched = false;

  constructor(scope: Construct, id: string, private readonly data: ApiObjectProps) {
    super(scope, id, data);
  }

  public addJsonPatch(...ops: JsonPatch[]): void {
    this.isPatched = true;
    super.addJsonPatch(...ops);
  }

  public toJson(): unknown {
    const isPlain = App.of(this).resolvers.every(resolver => (resolver instanceof PodGrants
      ? !resolver.has(this) : BUILT_IN_RESOLVERS.some(builtIn => resolver instanceof builtIn)));
    if (this.isPatched || !isPlain || process.env.CDK8S_DISABLE_SORT) { return super.toJson(); }
    const { apiVersion, kind, ...rest } = this.data;
    return { apiVersion, kind, metadata: this.metadata.toJson(), ...sorted({ ...rest, metadata: undefined }) as object };
  }
}

/** A copy as cdk8s would make it: keys in alphabetical order, those without a value left out. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) { return value; }
  if (Array.isArray(value)) { return value.map(sorted); }
  const source = value as Record<string, unknown>;
  const keys = Object.keys(source);
  if (keys.length > 1) { keys.sort(); }
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const child = source[key];
    if (child !== undefined && child !== null) { copy[key] = typeof child === 'object' ? sorted(child) : child; }
  }
  return copy;
}
