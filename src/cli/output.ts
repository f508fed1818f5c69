import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes files into a folder, all or none: under temporary names first, so that a full disk or a missing permission
 * leaves what was there before.
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const pending = Object.entries(files).map(([name, content]) => {
    const final = join(folder, name);
    return { content, temporary: join(dirname(final), `.${basename(final)}.${process.pid}.tmp`), final };
  });
  try {
    pending.forEach(({ temporary, content }) => {
      mkdirSync(dirname(temporary), { recursive: true });
      writeFileSync(temporary, content);
    });
    pending.forEach(({ temporary, final }) => renameSync(temporary, final));
  } finally {
    pending.forEach(({ temporary }) => rmSync(temporary, { force: true }));
  }
}
