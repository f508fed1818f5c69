/**
 * A value as a literal of CEL: strings, whole numbers, booleans, and lists and mappings of what is such a value.
 *
 * @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values
 */
export type CelValue = string | number | boolean | readonly CelValue[] | { readonly [key: string]: CelValue };

export function cel(value: CelValue): string {
  return literal(value).text;
}

interface Literal {
  readonly text: string;
  readonly type: string;
}

/** The type of a list or a mapping whose values are of several. The API server takes such a literal only if each is said to be of any. */
const MIXED = 'mixed';

function literal(value: CelValue): Literal {
  if (typeof value !== 'object') { return { text: scalar(value), type: typeof value }; }
  const children = (Object.values(value) as CelValue[]).map(literal);
  const type = children[0]?.type ?? '';
  const isMixed = children.some(child => child.type === MIXED || child.type !== type);
  const texts = isMixed ? children.map(({ text }) => `dyn(${text})`) : children.map(({ text }) => text);
  return Array.isArray(value)
    ? { text: `[${texts.join(', ')}]`, type: isMixed ? MIXED : `[${type}]` }
    : { text: `{${Object.keys(value).map((key, i) => `${scalar(key)}: ${texts[i]}`).join(', ')}}`, type: isMixed ? MIXED : `{${type}}` };
}

/** Strings, numbers and booleans look the same as in JSON. A ClusterPolicy of Kyverno would replace what follows `{{` and `$(`. */
function scalar(value: string | number | boolean): string {
  return JSON.stringify(value).replaceAll('{{', '\\u007b{').replaceAll('$(', '\\u0024(');
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

/** Whether whoever asks is one of these users. */
export function isUser(names: readonly string[]): string {
  return `request.userInfo.username in ${cel(names)}`;
}

/** Groups as a message names them. */
export function nameGroups(groups: readonly string[]): string {
  return groups.length > 0 ? groups.join(', ') : 'nobody';
}
