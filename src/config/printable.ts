/**
 * Characters that are not shown as what they are: they move the cursor, colour, reorder or hide text, or are no characters at all.
 * Line breaks and tabs are among them.
 *
 * @see https://trojansource.codes
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text on one line, with the codes of characters that would not be shown, such as `\u{1b}`. What people wrote elsewhere gets to a terminal like this. */
export function printable(text: string): string {
  return text.replace(HIDDEN, character => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** Whether a text is shown as what it is, on one line. */
export function isPrintable(text: string): boolean {
  return text.search(HIDDEN) === -1;
}

/** JSON on several lines, with such characters escaped as JSON escapes them. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(HIDDEN, character => character === '\n' ? character
    : [...Array(character.length).keys()].map(i => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''));
}
