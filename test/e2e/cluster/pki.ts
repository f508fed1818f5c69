import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_PORT, API_SERVICE, HOME, NODE, NODE_ADDRESS } from './layout';
import { run } from '../harness/processes';

/** A certificate and its key, as files. */
export interface KeyPair { readonly certificate: string; readonly key: string }

const FOLDER = join(HOME, 'pki');

/** The cluster's authority. */
export const AUTHORITY = pair('ca');

/** The key that signs the tokens of service accounts. */
export const SERVICE_ACCOUNTS = pair('service-accounts');

export const API_SERVER = pair('api-server');
export const API_SERVER_AS_CLIENT = pair('api-server-as-client');
export const KUBELET = pair('kubelet');

/** The administrator, as `kubeconfig` makes it. */
export const ADMIN = pair('admin.kubeconfig');

/** Without the defaults of the distribution's file, such as marking every certificate as an authority. */
const OPENSSL_CONFIG = join(FOLDER, 'openssl.cnf');

/** Makes the authority and the certificates of servers. */
export async function makeCertificates(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(OPENSSL_CONFIG, '[req]\ndistinguished_name = name\n[name]\n');
  await certificate(AUTHORITY, '/CN=e2e', ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign']);
  await certificate(SERVICE_ACCOUNTS, '/CN=service-accounts', []);
  const apiNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'].map(name => `DNS:${name}`);
  const apiAddresses = ['127.0.0.1', NODE_ADDRESS, API_SERVICE].map(address => `IP:${address}`);
  await certificate(API_SERVER, '/CN=kube-apiserver', serverUse(...apiNames, ...apiAddresses), AUTHORITY);
  await certificate(KUBELET, `/CN=${NODE}`, serverUse(`DNS:${NODE}`, `IP:${NODE_ADDRESS}`), AUTHORITY);
  await userCertificate('api-server-as-client', 'kube-apiserver', ['system:masters']);
}

/** Makes a certificate with which somebody can be a user of the API server. */
export async function userCertificate(file: string, user: string, groups: readonly string[]): Promise<KeyPair> {
  const subject = [...groups.map(group => `/O=${group}`), `/CN=${user}`].join('');
  await certificate(pair(file), subject, ['extendedKeyUsage=clientAuth'], AUTHORITY);
  return pair(file);
}

/** Makes a configuration of kubectl, and of everything else that talks to the API server, for a user. */
export async function kubeconfig(file: string, user: string, groups: readonly string[] = []): Promise<void> {
  const { certificate: clientCertificate, key } = await userCertificate(file.split('/').pop()!, user, groups);
  writeFileSync(file, JSON.stringify({
    'apiVersion': 'v1',
    'kind': 'Config',
    'clusters': [{ name: 'e2e', cluster: { 'server': `https://${NODE_ADDRESS}:${API_PORT}`, 'certificate-authority': AUTHORITY.certificate } }],
    'users': [{ name: 'user', user: { 'client-certificate': clientCertificate, 'client-key': key } }],
    'contexts': [{ name: 'e2e', context: { cluster: 'e2e', user: 'user' } }],
    'current-context': 'e2e',
  }));
}

function pair(name: string): KeyPair {
  return { certificate: join(FOLDER, `${name}.crt`), key: join(FOLDER, `${name}.key`) };
}

function serverUse(...names: readonly string[]): string[] {
  return ['extendedKeyUsage=serverAuth', `subjectAltName=${names.join(',')}`];
}

/** Signed by itself, or by an authority. */
async function certificate({ certificate: file, key }: KeyPair, subject: string, extensions: readonly string[], authority?: KeyPair): Promise<void> {
  await run('openssl', [
    'req', '-x509', '-config', OPENSSL_CONFIG, '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', subject, ...extensions.flatMap(extension => ['-addext', extension]),
    ...(authority ? ['-CA', authority.certificate, '-CAkey', authority.key] : []),
    '-keyout', key, '-out', file,
  ]);
}
