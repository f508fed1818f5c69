import { isDeepStrictEqual } from 'node:util';
import type { ApiObject, IResolver, ResolutionContext } from 'cdk8s';
import { App, resolve } from 'cdk8s';
import type { PodAdditions } from './pod-additions';
import { extendedTemplate } from './pod-additions';
import { templateIn, withTemplate } from './pod-template';

/** Grants of one workload. */
interface Granted {
  /** Construct path of the workload, for errors. */
  readonly path: string;
  readonly templatePath: readonly string[];
  readonly additions: readonly PodAdditions[];
}

/**
 * What was granted to the workloads of an app, as a resolver of it: cdk8s asks resolvers when it writes an object, after everything that
 * was done to constructs and before patches of users. So containers that come after a grant have it as well, and patches have the last word.
 */
export class PodGrants implements IResolver {
  /** The grants of the app that an object is in. */
  public static of(apiObject: ApiObject): PodGrants {
    const { resolvers } = App.of(apiObject);
    const present = resolvers.find((resolver): resolver is PodGrants => resolver instanceof PodGrants);
    if (present) { return present; }
    const grants = new PodGrants();
    resolvers.push(grants);
    return grants;
  }

  private readonly granted = new Map<ApiObject, Granted>();
  private readonly beingResolved = new Set<ApiObject>();

  /** Whether an object was granted something. */
  public has(apiObject: ApiObject): boolean {
    return this.granted.has(apiObject);
  }

  /** Adds something to the pods of an object. */
  public add(apiObject: ApiObject, path: string, templatePath: readonly string[], additions: PodAdditions): void {
    const before = this.granted.get(apiObject)?.additions ?? [];
    this.granted.set(apiObject, { path, templatePath, additions: [...before, additions] });
  }

  public resolve(context: ResolutionContext): void {
    const { obj, value } = context;
    const granted = this.granted.get(obj);
    if (!granted || !isWhole(context) || this.beingResolved.has(obj)) { return; }
    this.beingResolved.add(obj);
    try {
      // Lists can be lazy at every level, so all of them are resolved before something is added to one.
      const extended = withGrants(resolve([], value, obj), granted);
      // cdk8s asks again about what replaces a value.
      if (!isDeepStrictEqual(extended, value)) { context.replaceValue(extended); }
    } finally {
      this.beingResolved.delete(obj);
    }
  }
}

/** Metadata has the same empty key as the object that it belongs to. */
function isWhole({ obj, key, value }: ResolutionContext): boolean {
  const { apiVersion, kind } = value as Readonly<Record<string, unknown>>;
  return key.length === 0 && apiVersion === obj.apiVersion && kind === obj.kind;
}

function withGrants(object: object, { path, templatePath, additions }: Granted): object {
  const template = templateIn(object, templatePath);
  if (!template?.spec) { throw new Error(`${path} has no pods to grant something to: \`${[...templatePath, 'spec'].join('.')}\` is missing.`); }
  const clashes: string[] = [];
  const result = additions.reduce((before, addition) => {
    const extended = extendedTemplate(before, addition);
    clashes.push(...extended.clashes);
    return extended.template;
  }, template);
  if (clashes.length > 0) { throw new Error(`${path} cannot have what it is granted: ${[...new Set(clashes)].join(' And ')}`); }
  return withTemplate(object, templatePath, result);
}
