import type { Destination, Slice } from '../component';

/** Sections of a specification that Alloy reads, with its destination. */
export type AlloySlice = Slice<'alloy'> & { readonly destination: Destination };

/** Whether Alloy attaches to JVMs. */
export function profilesJava({ alloy }: AlloySlice): boolean {
  return alloy.tenants.some(({ java }) => java !== undefined);
}
