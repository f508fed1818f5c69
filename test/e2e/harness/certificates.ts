import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes';

/** A self-signed certificate, which is its own authority, and its key; both as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: string;
}

let certificates = 0;

export async function newCertificate(host: string): Promise<Certificate> {
  const base = join('/run', `certificate-${++certificates}`);
  await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`, '-keyout', `${base}.key`, '-out', `${base}.crt`,
  ]);
  const certificate = readFileSync(`${base}.crt`, 'utf8');
  return { certificate, key: readFileSync(`${base}.key`, 'utf8'), fingerprint: new X509Certificate(certificate).fingerprint256 };
}
