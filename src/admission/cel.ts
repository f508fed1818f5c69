/**
 * A value as a literal of CEL: strings, and lists and mappings of what is such a value.
 *
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values
 */
export type CelValue = string | readonly CelValue[] | { readonly [key: string]: CelValue };

export function cel(value: CelValue): string {
  if (typeof value === 'string') { return JSON.stringify(value); }
  if (Array.isArray(value)) { return `[${value.map(cel).join(', ')}]`; }
  return `{${Object.entries(value).map(([key, child]) => `${cel(key)}: ${cel(child)}`).join(', ')}}`;
}

/** Whether an object was created before midnight UTC of a day. The API server sets the time before it asks its policies. */
export function createdBefore(day: string): string {
  const created = 'object.metadata.creationTimestamp';
  return `has(${created}) && ${created} != null && timestamp(${created}) < timestamp(${cel(`${day}T00:00:00Z`)})`;
}

/** Whether whoever asks is in one of the groups. */
export function inGroups(groups: readonly string[]): string {
  return `has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in ${cel(groups)})`;
}
