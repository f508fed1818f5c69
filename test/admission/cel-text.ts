/** A text of CEL, cut at its string literals. */
export interface CelText {
  /** What the literals say, in their order. */
  readonly literals: readonly string[];
  /** The text with every literal empty: what no literal may change. */
  readonly skeleton: string;
}

/** Reads what the policies are written in: double quotes only, and no comments. Anything else is an error. */
export function readCel(text: string): CelText {
  const literals: string[] = [];
  let skeleton = '';
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      const [literal, end] = readLiteral(text, at);
      literals.push(literal);
      skeleton += '""';
      at = end;
    } else {
      skeleton += text[at++];
    }
  }
  if (/'|\/\/|\b[rb]+"/i.test(skeleton)) { throw new Error(`a quote, a comment or a prefix: ${text}`); }
  return { literals, skeleton };
}

/** @see https://github.com/google/cel-spec/blob/master/doc/langdef.md#string-and-bytes-values */
function readLiteral(text: string, start: number): [string, number] {
  // Three quotes would begin a string that ends with three.
  if (text[start] !== '"' || text.startsWith('"""', start)) { throw new Error(`no string: ${text.slice(start)}`); }
  let value = '';
  for (let at = start + 1; at < text.length && text[at] !== '\n' && text[at] !== '\r';) {
    if (text[at] === '"') { return [value, at + 1]; }
    const [raw, decoded] = text[at] === '\\' ? readEscape(text.slice(at, at + 10)) : [text[at], text[at]];
    value += decoded;
    at += raw.length;
  }
  throw new Error(`a string without end: ${text.slice(start)}`);
}

const ESCAPES: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function readEscape(text: string): [raw: string, decoded: string] {
  const [raw, x, u, U, letter, itself] = /^\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([abfnrtv])|([\\?"'`]))/i.exec(text) ?? [];
  if (raw === undefined) { throw new Error(`no escape of CEL: ${text}`); }
  const hex = x ?? u ?? U;
  if (hex === undefined) { return [raw, itself ?? ESCAPES[letter]]; }
  const codePoint = parseInt(hex, 16);
  if (codePoint >= 0xd800 && codePoint < 0xe000) { throw new Error(`half a character: ${text}`); }
  return [raw, String.fromCodePoint(codePoint)];
}
