import fc from 'fast-check';

/** Strings that YAML readers of one version or another take for something else. */
export const NASTY_STRINGS: readonly string[] = [
  'on', 'off', 'yes', 'no', 'y', 'N', 'true', 'Null', '~', '', '1:30', '190:20:30', '0x1F', '010', '09', '0o10', '0b1', '1_000', '685_230.15', '5.10',
  '.5', '+1', '-0', '1e3', '12e03', '.inf', '-.Inf', '.nan', '2027-03-31', '2027-03-31T00:00:00Z', '<<', '=', '- a', '-', '?', '? a', ':', ': ', 'a: b',
  'a #b', '# c', '*b', '&a', '!x', '%d', '@a', '`a`', '|', '>', '---', '...', '{', '[', ',', '"', "'", 'a\nb\n', 'a \n b', '\n', '\n\n a', 'a\n\n',
  'a\r\nb', ' lead', 'trail ', '\ttab', 'é', '😀', '\u0085', '\u2028', '\ufeff', '\u009b', '\u0000', '\u001b[31m', '__proto__', 'constructor', 'toString',
  'hasOwnProperty', '$ref', 'length', '0',
];

/** Every character but lone surrogates, which no file can hold. The unit `binary` of fast-check keeps a map of a million characters in each suite. */
const character = fc.integer({ min: 0, max: 0x10ffff }).filter(code => code < 0xd800 || code > 0xdfff).map(code => String.fromCodePoint(code));

/** Text of every kind. */
export const anyText = fc.oneof(
  fc.constantFrom(...NASTY_STRINGS),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: character }),
);

/** Values of every kind that JSON has. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyText,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** A copy of a value in which something somewhere is deleted, replaced or inserted. */
export function mutated(value: unknown, mutations: readonly Mutation[]): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  for (const mutation of mutations) { mutate(copy, mutation); }
  return copy;
}

export interface Mutation {
  readonly kind: 'delete' | 'replace' | 'insert';
  /** Chooses among all places, whatever their number. */
  readonly place: number;
  readonly key: string;
  readonly value: unknown;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record<Mutation>({
  kind: fc.constantFrom('delete', 'replace', 'insert'),
  place: fc.nat(10_000),
  key: fc.oneof(anyText, fc.constantFrom('name', 'secretName', 'namespaces', 'kernel', 'fallback', 'nodeSelector', 'optInLabel', 'sensitiveNamespaces', 's3', 'admission', 'exemptions')),
  value: fc.oneof(anyJson, fc.constantFrom<unknown[]>('kube-system', 'profiling', '5.4', 'a', [], {}, [''], ['a'], 1, true, null)),
}, { noNullPrototype: true });

function mutate(root: unknown, { kind, place, key, value: shared }: Mutation): void {
  // A copy: what two mutations insert could otherwise come to hold itself.
  const value = structuredClone(shared);
  const places = placesIn(root);
  if (places.length === 0) { return; }
  const [parent, last] = places[place % places.length];
  if (kind === 'delete') {
    if (Array.isArray(parent)) { parent.splice(Number(last), 1); } else { delete parent[last]; }
  } else if (kind === 'replace') {
    set(parent, last, value);
  } else if (Array.isArray(parent)) {
    parent.splice(Number(last), 0, value);
  } else {
    set(parent, key, value);
  }
}

/** As JSON.parse does it: `__proto__` is a key like any other. */
function set(parent: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

function placesIn(value: unknown): Array<[parent: Record<string, unknown>, key: string]> {
  if (typeof value !== 'object' || value === null) { return []; }
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap(key => [[parent, key] as [Record<string, unknown>, string], ...placesIn(parent[key])]);
}
