import type { Destination, Slice } from '../component';

/** What Alloy reads of a specification. */
export type AlloySlice = Slice<'alloy'> & { readonly destination: Destination };

/** Whether Alloy attaches to JVMs. */
export function profilesJava({ alloy }: AlloySlice): boolean {
  return alloy.tenants.some(({ java }) => java !== undefined);
}
