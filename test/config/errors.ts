import type { ProfilingSpec } from '../../src/api/profiling';
import { parseDocument } from '../../src/config/document';
import type { Problem } from '../../src/config/problem';
import { formatPath, SpecError } from '../../src/config/problem';
import { resolve } from '../../src/resolve';
import { resolved } from '../support';

type Sections = Partial<Record<keyof ProfilingSpec, unknown>>;

/** What the work refuses with; any other error is passed on. */
export function refusal(work: () => unknown): SpecError {
  try {
    work();
  } catch (error) {
    if (error instanceof SpecError) { return error; }
    throw error;
  }
  throw new Error('nothing was refused');
}

/** What is wrong with the minimal specification with these sections in place of its own. */
export function refusalOf(sections: Sections): SpecError {
  return refusal(() => resolved(sections));
}

/** What is wrong with a document. */
export function refusalOfText(text: string): SpecError {
  return refusal(() => {
    const document = parseDocument(text, 'profiling.yaml');
    resolve(document.value, document);
  });
}

/** Where the problems are, in their order. */
export function paths({ problems }: SpecError): string[] {
  return problems.map(({ path }) => formatPath(path));
}

/** The only problem, with its path as text. */
export function onlyProblem(error: SpecError): Omit<Problem, 'path'> & { readonly path: string } {
  expect(paths(error)).toHaveLength(1);
  const [problem] = error.problems;
  return { ...problem, path: formatPath(problem.path) };
}

/** A section `parca` with these keys besides a certificate. */
export function parca(keys: object): { parca: object } {
  return { parca: { tls: { secretName: 'parca-tls' }, ...keys } };
}

/** A section `agents` with these keys. */
export function agents(keys: object): { agents: object } {
  return { agents: keys };
}

/** Sections by which the server and the agents are in these namespaces. */
export function inNamespaces(server: string, nodes: string): { parca: object; agents: object } {
  return { ...parca({ namespace: server }), ...agents({ namespace: nodes }) };
}

/** A section `agents` with these node pools. */
export function nodePools(...pools: unknown[]): { agents: object } {
  return agents({ nodePools: pools });
}

/** A section `admission` with one policy of the user's with these keys. */
export function extraPolicy(keys: object = {}): { admission: object } {
  return { admission: { extraPolicies: [{ ...EXTRA_POLICY, ...keys }] } };
}

/** A section `admission` with one exemption with these keys. */
export function exemption(keys: object = {}): { admission: object } {
  return { admission: { exemptions: [{ ...EXEMPTION, ...keys }] } };
}

/** A section `pyroscope` with a tenant `checkout` and these keys. */
export function pyroscope(keys: object = {}): { pyroscope: object } {
  return { pyroscope: { tenants: [{ name: 'checkout', namespaces: ['checkout'] }], ...keys } };
}

/** A section `pyroscope` with these tenants, which have a name and a namespace unless they say otherwise. */
export function tenants(...list: object[]): { pyroscope: object } {
  return pyroscope({ tenants: list.map((tenant, i) => ({ name: `tenant-${i}`, namespaces: [`app-${i}`], ...tenant })) });
}

/** The least that a policy of the user's must say. */
export const EXTRA_POLICY = {
  name: 'no-latest', reason: 'images are named by version', resources: ['pods'], expression: 'true', message: 'name a version of the image',
} as const;

/** The least that an exemption must say. */
export const EXEMPTION = { namespace: 'monitoring', privileges: ['hostPID'], reason: 'node exporter reads the process table' } as const;

/** Buckets of each kind. */
export const BUCKETS = {
  s3: { bucket: 'profiles', region: 'eu-central-1', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' },
  gcs: { bucket: 'profiles', serviceAccount: 'pyroscope-server@my-project.iam.gserviceaccount.com' },
  azure: { storageAccount: 'corpprofiles', container: 'profiles', clientId: '00000000-0000-0000-0000-000000000000' },
} as const;

/** A block of PEM. */
export function pem(label: string, content: string = 'MIIBszCCAVmgAwIBAgIUaW52YWxpZCBidXQgYmFzZTY0\nZm9yIHRlc3Rz=='): string {
  return [`-----BEGIN ${label}-----`, content, `-----END ${label}-----`, ''].join('\n');
}

/** Put together here, so that no scanner takes this file for a leak. */
export const CREDENTIALS: Readonly<Record<string, string>> = {
  'hex': 'deadbeef'.repeat(8),
  'upper-case hex': '0123456789ABCDEF'.repeat(2),
  'base62': 'a1B2c3D4'.repeat(4),
  'a JSON web token': ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJwYXJjYSJ9', 'c2ln'].join('.'),
  'a PEM block': ['-----BEGIN', 'PRIVATE KEY-----'].join(' '),
  'an AWS access key id': ['AKIA', 'IOSFODNN7', 'EXAMPLE'].join(''),
  'a temporary AWS access key id': ['ASIA', 'IOSFODNN7', 'EXAMPLE'].join(''),
  'an AWS secret access key': ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/'),
  'a GitHub token': ['ghp', 'abcdefghijklmnopqrst'].join('_'),
  'a GitLab token': ['glpat', 'abcdefghijklmnopqrst'].join('-'),
  'a Slack token': ['xoxb', '123456789012'].join('-'),
  'a Vault token': ['hvs', 'abcdefghijklmnop'].join('.'),
  'a Grafana token': ['glsa', 'abcdefghijklmnop'].join('_'),
  'an Authorization header': ['Bearer', 'abcdef'].join(' '),
  'a password in a URL': ['https://parca', 'hunter2@example.com'].join(':'),
};
