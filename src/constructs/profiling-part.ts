import type { ApiObject } from 'cdk8s';
import { Chart, JsonPatch } from 'cdk8s';
import { Construct } from 'constructs';
import { madeBefore, remember } from './object-registry';
import { PlainObject } from './plain-object';

interface AnyManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
}

/**
 * One part of a deployment, such as the agents: a scope with one `ApiObject` for each object it emits.
 *
 * Every object can be found by its id and patched; patches on these apply last, so that nothing of them is lost.
 */
export class ProfilingPart extends Construct {
  private readonly _objects = new Map<string, ApiObject>();

  /** The ids of the part's objects, in the order of the output. */
  public get ids(): string[] {
    return [...this._objects.keys()];
  }

  /** The part's objects, in the order of the output. */
  public get apiObjects(): ApiObject[] {
    return [...this._objects.values()];
  }

  /**
   * The object with this id, such as `stateful-set` or `daemon-set-default`, to patch it.
   *
   * @param id one of `ids`
   */
  public apiObject(id: string): ApiObject {
    const found = this._objects.get(id);
    if (!found) {
      throw new Error(`${this.node.path} has no object \`${id}\`. It has: ${this.ids.join(', ') || 'none'}`);
    }
    return found;
  }

  /**
   * Adds objects of a cluster; those that are there already stay as they are.
   *
   * @internal
   */
  public _add(objects: Readonly<Record<string, AnyManifest>>, cluster: string): void {
    for (const [id, manifest] of Object.entries(objects)) {
      if (!this._objects.has(id)) { this._objects.set(id, madeBefore(this, cluster, manifest) ?? this.wrap(id, manifest, cluster)); }
    }
  }

  /**
   * The objects of some kinds, in the order of the output.
   *
   * @internal
   */
  public _ofKind(...kinds: readonly string[]): ApiObject[] {
    return this.apiObjects.filter(({ kind }) => kinds.includes(kind));
  }

  private wrap(id: string, manifest: AnyManifest, cluster: string): ApiObject {
    const apiObject = new PlainObject(this, id, manifest);
    // cdk8s gives the chart's namespace to every object without one, and the API server refuses that for
    // cluster-scoped kinds. Our namespaced objects always name theirs.
    if (!('namespace' in manifest.metadata) && Chart.of(this).namespace !== undefined) {
      apiObject.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
    }
    remember(apiObject, cluster, manifest);
    return apiObject;
  }
}
