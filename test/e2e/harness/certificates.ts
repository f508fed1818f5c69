import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { HOST } from './deployment';
import { run } from './processes';
import type { Address } from './wire';

/** A self-signed certificate, which is its own authority, and its key; both as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly fingerprint: string;
}

let certificates = 0;

/** @param others names besides, for which it is valid as well */
export async function newCertificate(host: string, ...others: readonly string[]): Promise<Certificate> {
  const base = join('/run', `certificate-${++certificates}`);
  await run('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', `/CN=${host}`, '-addext', `subjectAltName=${[host, ...others].map(name => `DNS:${name}`).join(',')}`, '-keyout', `${base}.key`, '-out', `${base}.crt`,
  ]);
  const certificate = readFileSync(`${base}.crt`, 'utf8');
  return { certificate, key: readFileSync(`${base}.key`, 'utf8'), fingerprint: new X509Certificate(certificate).fingerprint256 };
}

/** The fingerprint of the certificate that is served. */
export function servedFingerprint(address: Address): Promise<string> {
  return new Promise((done, failed) => {
    // It is compared by the caller, so that either certificate can be looked at.
    const socket = connect({ ...address, servername: HOST, rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      done(fingerprint256);
    });
    socket.setTimeout(5000, () => socket.destroy(new Error('timeout')));
    socket.on('error', failed);
  });
}
