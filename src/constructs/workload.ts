import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { PodAdditions } from './pod-additions';
import { PodGrants } from './pod-grants';
import { POD_KINDS, templatePathOf } from './pod-template';

/** What is taken, for errors. */
const ALLOWED = `Allowed are workloads of cdk8s-plus, of any version, and an ApiObject with a pod template: ${POD_KINDS.join(', ')}, `
  + 'or a custom kind with `containers` in `spec.template.spec`.';

/**
 * A construct whose pods can be granted something: a workload of any cdk8s-plus, or an `ApiObject` with a pod template.
 *
 * It is known by the object that it makes. By their types, workloads of one cdk8s-plus are none of another.
 */
export class Workload {
  /** The workload that a construct is. An error says what it is instead. */
  public static of(construct: IConstruct): Workload {
    if (!Construct.isConstruct(construct)) { throw new Error(`A workload was expected, and not ${typeOf(construct)}. ${ALLOWED}`); }
    const apiObject = apiObjectOf(construct);
    const { path } = construct.node;
    if (!apiObject) { throw new Error(`${path} is a ${typeOf(construct)}, which is no object of Kubernetes by itself. ${ALLOWED}`); }
    const templatePath = templatePathOf(apiObject);
    if (!templatePath) { throw new Error(`${path} is a ${apiObject.kind} of ${apiObject.apiVersion}, which has no pod template. ${ALLOWED}`); }
    return new Workload(path, apiObject, templatePath);
  }

  private constructor(
    /** Its construct path. */
    public readonly path: string,
    private readonly apiObject: ApiObject,
    private readonly templatePath: readonly string[],
  ) {}

  /** The namespace that it will be in, as far as it says: its own, or that of its chart. */
  public get namespace(): string | undefined {
    return (this.apiObject.metadata.toJson() as { readonly namespace?: string }).namespace;
  }

  /** Adds something to its pods, also to containers that come later. The selector stays as it is. */
  public add(additions: PodAdditions): void {
    PodGrants.of(this.apiObject).add(this.apiObject, this.path, this.templatePath, additions);
  }
}

/** The object that a construct makes: itself, or its default child, as it is in cdk8s-plus. */
function apiObjectOf(construct: IConstruct): ApiObject | undefined {
  if (ApiObject.isApiObject(construct)) { return construct; }
  const { defaultChild } = construct.node;
  return defaultChild && apiObjectOf(defaultChild);
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value);
}
