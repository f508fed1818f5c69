import { printable } from '../config/printable';

/** A line of text for people, and how it looks at a terminal. */
export type Line = string | { readonly text: string; readonly style: LineStyle };
export type LineStyle = 'bold' | 'warn';

/** Lines as text, each in the way that its style asks for. Control characters, which others may have written, are shown as their codes. */
export function textOf(lines: readonly Line[], styled: (text: string, style: LineStyle) => string = text => text): string {
  return lines.map(line => `${typeof line === 'string' ? printable(line) : styled(printable(line.text), line.style)}\n`).join('');
}
