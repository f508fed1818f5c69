import { randomBytes } from 'node:crypto';
import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SpecError } from '../config/problem';

export const MANIFESTS_FILE = 'manifests.yaml';
export const NODES_FOLDER = 'node-configuration';
/** In a folder of their own: whoever deletes or prunes the manifests must not delete the namespaces of others. */
export const POD_SECURITY_FOLDER = 'pod-security';

/**
 * Writes files into a folder, all or none: under temporary names first, so that a full disk or a missing permission
 * leaves what was there before.
 *
 * Another user who may write there cannot redirect a file: no link is followed below the folder, and a temporary name that exists is an error.
 */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const suffix = `${randomBytes(8).toString('hex')}.tmp`;
  const pending = Object.entries(files).map(([name, content]) => {
    const final = join(folder, name);
    return { content, temporary: join(dirname(final), `.${basename(final)}.${suffix}`), final };
  });
  const written: string[] = [];
  try {
    pending.forEach(({ temporary, content }) => {
      makeFolder(folder, dirname(temporary));
      const descriptor = openSync(temporary, 'wx');
      written.push(temporary);
      try { writeFileSync(descriptor, content); } finally { closeSync(descriptor); }
    });
    pending.forEach(({ temporary, final }) => renameSync(temporary, final));
  } finally {
    written.forEach(temporary => rmSync(temporary, { force: true }));
  }
}

function makeFolder(root: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (folder !== join(root) && !lstatSync(folder).isDirectory()) {
    throw new SpecError([{ path: [], message: 'is a link', allowed: 'a folder', fix: 'remove it' }], folder);
  }
}
