const DEEPEST = 64;

/** Value of a text in JSON; undefined if it is none, or nested so deep that reading it would take all memory. */
export function parseJson(text: string): unknown {
  if (isDeep(text)) { return undefined; }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length && depth <= DEEPEST; i++) {
    switch (text[i]) {
      case '[': case '{': depth++; break;
      case ']': case '}': depth--; break;
      case '"': i = endOfString(text, i + 1); break;
    }
  }
  return depth > DEEPEST;
}

/** The quote that ends a string; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let i = start; ; i++) {
    i = text.indexOf('"', i);
    if (i < 0) { return text.length; }
    let escapes = 0;
    while (text[i - 1 - escapes] === '\\') { escapes++; }
    if (escapes % 2 === 0) { return i; }
  }
}
