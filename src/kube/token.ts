import { randomBytes } from 'node:crypto';

/** 256 bits in hex: no character that means something in a header, a URL or a configuration. */
export function freshToken(): string {
  return randomBytes(32).toString('hex');
}
