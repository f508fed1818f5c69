import { createHash } from 'node:crypto';

/** A digest for annotations that roll pods when what they read at start has changed. */
export function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
