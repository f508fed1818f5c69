import type { ObjectMeta } from 'kubernetes-types/meta/v1';

/** A Kubernetes object as it goes over the wire: real JSON keys, nothing that a client would still have to convert. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: NamedMeta;
}

/** Metadata with an explicit name, so that names never depend on where an object stands in a construct tree. */
export type NamedMeta = ObjectMeta & { readonly name: string };

/** A typed object with the fields every object must have. */
export type Complete<T extends { apiVersion?: string; kind?: string }> =
  Omit<T, 'apiVersion' | 'kind' | 'metadata'> & Required<Pick<T, 'apiVersion' | 'kind'>> & { readonly metadata: NamedMeta };

/** The objects of one part by their construct id; the order is the order in the output. */
export type Part = Readonly<Record<string, Manifest>>;

/** Several parts as one. */
export function merge(parts: readonly Part[]): Part {
  return Object.assign({}, ...parts) as Part;
}
