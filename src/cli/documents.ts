import { readDocuments } from '../config/overlay';
import { SpecError } from '../config/problem';
import type { SpecSource } from '../config/resolve';
import type { ResolvedSpec } from '../config/resolved-spec';
import { resolve } from '../resolve';

/** Documents of a command, merged and checked. */
export interface Documents extends SpecSource {
  readonly spec: ResolvedSpec;
}

/** Reads the documents of a command, `-` from standard input. */
export function loadDocuments(files: readonly string[], input: number): Documents {
  const { value, source, locate } = readDocuments(files, input);
  return { spec: resolve(value, { source, locate }), source, locate };
}

/** The documents as a shell takes them, for commands that are printed. */
export function asArguments(files: readonly string[]): string {
  return files.map(file => /^[\w@%+=:,./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`).join(' ');
}

/** Whatever of a command may read standard input. */
export interface InputReaders {
  readonly documents?: readonly string[];
  readonly nodes?: string;
  readonly rotate?: string;
}

/** Refuses a command that would read standard input twice: the second time, nothing is left. */
export function requireOneReader({ documents = [], nodes, rotate }: InputReaders): void {
  const readers = [
    ...documents.filter(file => file === '-').map(() => '- for a document'),
    ...(nodes === '-' ? ['--nodes -'] : []),
    ...(rotate === undefined ? [] : ['the Secrets of --rotate']),
  ];
  if (readers.length > 1) {
    throw new SpecError([{
      path: [], message: 'cannot be read twice', found: readers.join(', '), allowed: 'one of them', fix: 'write the others into files and give their names',
    }], 'standard input');
  }
}
