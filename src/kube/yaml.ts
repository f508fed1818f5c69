import { dump } from './js-yaml';

/**
 * Block YAML that means the same to YAML 1.1 and 1.2 readers: strings such as `on` and `1:30` are quoted,
 * and repeated objects are written out, since aliases surprise readers and some tools.
 *
 * These are the bytes of js-yaml, which is asked for what is not seen at a glance. Asking it for everything takes four times as long.
 */
export function toYaml(value: unknown): string {
  return `${write(value, typeof value === 'object' ? '' : '  ')}\n`;
}

/** One stream of documents, each introduced by `---`. */
export function toYamlStream(values: readonly unknown[]): string {
  let text = '';
  for (const value of values) { text += `---\n${toYaml(value)}`; }
  return text;
}

/** A value that begins on the current line and goes on in lines of this indentation. */
function write(value: unknown, indent: string): string {
  if (typeof value === 'string') { return string(value, indent) ?? byLibrary(value, indent); }
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'number' && (!Number.isSafeInteger(value) || Object.is(value, -0)) ? byLibrary(value, indent) : `${value ?? null}`;
  }
  const deeper = `${indent}  `;
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) { text += `${text && `\n${indent}`}- ${write(item, deeper)}`; }
    return text || '[]';
  }
  for (const key of Object.keys(value)) {
    const child = (value as Readonly<Record<string, unknown>>)[key];
    if (child === undefined) { continue; }
    if (!KEY.test(key)) { return byLibrary(value, indent); }
    const inner = Array.isArray(child) ? indent : deeper;
    const written = write(child, inner);
    const isBlock = typeof child === 'object' && child !== null && written !== '[]' && written !== '{}';
    text += `${text && `\n${indent}`}${key}:${isBlock ? `\n${inner}` : ' '}${written}`;
  }
  return text || '{}';
}

/** Keys and words that every reader takes for strings as they are. */
const KEY = /^(?!(?:y|n|yes|no|true|false|on|off|null)$)[a-z][\w./-]{0,255}$/i;

/** Beginnings that every reader takes for a string: no number has them, and no syntax. */
const STRING = /^[a-z/(_$]|^[-.][a-hj-mo-z-]|^\d[\d.e]*[acdf-np-suvwy%/]|^[1-9][\d.e]*b|^0b[01]*[2-9a-f]|^\d+\.\d+\.\d/i;

/** Strings that need quotes: they look like syntax, or are a whole number, a day, or a word that some reader takes for something else. */
const SYNTAX = /^[!"#%&'*,>@[\]`{|}]|: | #|:$|^\d*$|^\d{4}-\d\d-\d\d$|^(?:y|n|yes|no|true|false|on|off|null)$/i;

/** ASCII in its usual styles; undefined for whatever is not sure to be written like this. */
function string(text: string, indent: string): string | undefined {
  if (KEY.test(text)) { return text; }
  if (/^[ -~]*$/.test(text)) {
    if (SYNTAX.test(text)) { return `'${text.replaceAll('\'', '\'\'')}'`; }
    return STRING.test(text) && !text.endsWith(' ') ? text : undefined;
  }
  if (/^[!-~][ -~\n]*$/.test(text) && !text.endsWith('\n\n')) {
    const [header, lines] = text.endsWith('\n') ? ['|', text.slice(0, -1)] : ['|-', text];
    return `${header}\n${lines.replace(/^(?=.)/gm, indent)}`;
  }
  return /^[ -~\n]*\t[ -~\n\t]*$/.test(text) ? JSON.stringify(text) : undefined;
}

/** YAML of js-yaml for a value, cut from between the dash of a list and the next item. */
function byLibrary(value: unknown, indent: string): string {
  const text = dump([value, 0], { noRefs: true, lineWidth: -1, seqNoIndent: true });
  return text.slice('- '.length, -'\n- 0\n'.length).replace(/\n {2}/g, `\n${indent}`);
}
