import { styleText } from 'node:util';
import { printable } from '../config/printable';
import type { Line, LineStyle } from '../summary/lines';
import { textOf } from '../summary/lines';

/** Standard input, output and error of the command line; replaced in tests. */
export interface Terminal {
  /** The descriptor of standard input. */
  readonly input: number;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether what goes to `err` is read by a person at a terminal. */
  readonly isInteractive: boolean;
  /** Whether what goes to `out` is. */
  readonly isOutputShown: boolean;
}

const STYLES = { bold: 'bold', warn: 'yellow' } as const satisfies Record<LineStyle, string>;
const CLEAR_LINE = '\r\u001b[K';

/**
 * The only way of text to the terminal. What the texts are made of was written by others, in documents, node lists and names
 * of files: control characters in it are shown as their codes, and only the codes of this file get through.
 */
export class Screen {
  constructor(private readonly terminal: Terminal) {}

  /** Whether what is asked for goes to a terminal. */
  public get isOutputShown(): boolean {
    return this.terminal.isOutputShown;
  }

  /** Writes what programs read, unchanged: YAML and JSON escape control characters by themselves. */
  public data(text: string): void {
    this.terminal.out(text);
  }

  /** Writes what was asked for, for people to read. */
  public show(lines: readonly Line[]): void {
    this.terminal.out(this.format(lines, () => this.terminal.isInteractive && this.terminal.isOutputShown));
  }

  /** Says something beside the output. */
  public tell(lines: readonly Line[]): void {
    this.terminal.err(this.format(lines, () => this.terminal.isInteractive));
  }

  /** Shows a person what is being done, on one line that is gone afterwards, also where an error is printed next. */
  public withProgress<T>(work: (progress: (stage: string) => void) => T): T {
    const { isInteractive, err } = this.terminal;
    const progress = (stage: string): void => { if (isInteractive) { err(`${CLEAR_LINE}${printable(stage)}`); } };
    try {
      return work(progress);
    } finally {
      progress('');
    }
  }

  private format(lines: readonly Line[], hasStyles: () => boolean): string {
    return textOf(lines, (text, style) => hasStyles() ? styleText(STYLES[style], text, { validateStream: false, stream: process.stderr }) : text);
  }
}
