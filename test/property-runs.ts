/** Number of cases of a property: a quarter of all while one works, every one with `npm run coverage`, which CI runs. */
export function runs(all: number): { readonly numRuns: number } {
  return { numRuns: process.env.PROPERTY_RUNS === 'all' ? all : Math.ceil(all / 4) };
}
