import type { Problem } from './problem';

/** A certificate that comes from two places, or from none. */
export function exactlyOneCertificate(path: Problem['path'], tls: object | undefined, fixForNone: string): Problem[] {
  if (!tls || 'certManager' in tls !== 'secretName' in tls) { return []; }
  return [{
    path,
    message: 'certManager' in tls ? 'has both `certManager` and `secretName`' : 'names no certificate',
    allowed: 'exactly one of `certManager` and `secretName`',
    fix: 'certManager' in tls ? 'remove one of the two' : fixForNone,
  }];
}

/** Object storage that is several buckets, or none. */
export function exactlyOneBucket(path: Problem['path'], storage: object | undefined, fixForNone: string): Problem[] {
  if (!storage) { return []; }
  const kinds = ['s3', 'gcs', 'azure'].filter(kind => kind in storage);
  return kinds.length === 1 ? [] : [{
    path,
    message: kinds.length === 0 ? 'names no bucket' : `names several buckets: ${kinds.join(', ')}`,
    allowed: 'exactly one of `s3`, `gcs` and `azure`',
    fix: kinds.length === 0 ? fixForNone : 'keep one',
  }];
}
