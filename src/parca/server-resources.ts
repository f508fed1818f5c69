/** CPU request of the server. */
export const SERVER_CPU = '100m';

/** Memory request of the server: active memory, and its own program. */
export function defaultMemoryRequest(activeMemoryBytes: number): number {
  return activeMemoryBytes + 2 ** 28;
}

/** Memory limit of the server. Active memory is what the columnstore holds; queries, symbolisation and compaction come on top. */
export function defaultMemoryLimit(activeMemoryBytes: number): number {
  return 2 * activeMemoryBytes + 2 ** 30;
}
