import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes files into a folder, all or none: under temporary names first, so that a full disk or a missing permission
 * leaves what was there before.
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  const pending = Object.entries(files).map(([name, content]) => ({
    content, temporary: join(folder, `.${name}.${process.pid}.tmp`), final: join(folder, name),
  }));
  try {
    pending.forEach(({ temporary, content }) => writeFileSync(temporary, content));
    pending.forEach(({ temporary, final }) => renameSync(temporary, final));
  } finally {
    pending.forEach(({ temporary }) => rmSync(temporary, { force: true }));
  }
}
