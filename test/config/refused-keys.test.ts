import { BUCKETS, nodePools, onlyProblem, parca, pyroscope, refusalOf, tenants } from './errors';
import { adviceFor, movedTo } from '../../src/config/refused-keys';
import { MINIMAL, resolved } from '../support';

const STATIC_KEYS = 'remove it: static keys are refused. Use workload identity (`roleArn`, `serviceAccount` or `clientId`)';
const TOKENS = 'remove it: a token never stands in a specification. '
  + 'Create a Secret (hardened-profiling secrets) and name it with `secretName`';
const TLS = 'remove it: tokens are sent over verified TLS, and no other way';
const SECURITY = 'remove it: the security context is not an option. '
  + 'What the agent needs is fixed and was tested one capability at a time';
const CAPABILITIES = 'remove it: the capabilities follow from `memlock` and `fallback`. Kubernetes spells them without the CAP_ prefix';
const FLAGS = 'remove it: flags are not an option. The chart drops a list of them, and with it the tenancy';
const CONFIGURATION = 'remove it: the configuration is made from this document. Limits are keys such as `retention` and `ingestionRateMb`';
const RETENTION = 'use `retention`: the compactor\'s setting does nothing since Pyroscope 2';
const SERIES = 'remove it: Pyroscope 2 enforces no such limit. Use `ingestionRateMb` and `maxLabelNamesPerSeries`';
const COMPONENTS = 'remove it: components are not configured one by one, and Pyroscope 2 has other ones than 1';

const { s3 } = BUCKETS;
const storage = (keys: object) => parca({ server: { objectStorage: { s3: { ...s3, ...keys } } } });
const token = (keys: object) => parca({ tokens: { read: { secretName: 'a', ...keys } } });
const bucket = (keys: object) => pyroscope({ storage: { s3: { ...s3, ...keys } } });
const pool = (keys: object) => nodePools({ name: 'a', ...keys });

/** The sections with a value at another place. */
function moved(sections: object, from: readonly string[], to: readonly string[]): object {
  type Mapping = Record<string, unknown>;
  const copy = JSON.parse(JSON.stringify({ ...MINIMAL, ...sections })) as Mapping;
  const parentOf = (path: readonly string[]) => path.slice(0, -1).reduce((parent, key) => (parent[key] ??= {}) as Mapping, copy);
  const value = parentOf(from)[from[from.length - 1]];
  delete parentOf(from)[from[from.length - 1]];
  parentOf(to)[to[to.length - 1]] = value;
  return copy;
}

describe('Refused keys', () => {
  it.each<[string, string, object]>([
    ['parca.tokens.read.token', TOKENS, token({ token: 'x' })],
    ['parca.tokens.read.bearerToken', TOKENS, token({ bearerToken: 'x' })],
    ['parca.tokens.read.password', TOKENS, token({ password: 'x' })],
    ['parca.tokens.read.sha256', TOKENS, token({ sha256: 'x' })],
    ['parca.server.objectStorage.s3.accessKey', STATIC_KEYS, storage({ accessKey: 'x' })],
    ['parca.server.objectStorage.s3.awsAccessKeyId', STATIC_KEYS, storage({ awsAccessKeyId: 'x' })],
    ['parca.server.objectStorage.s3.secretKey', STATIC_KEYS, storage({ secretKey: 'x' })],
    ['parca.server.objectStorage.s3.sessionToken', STATIC_KEYS, storage({ sessionToken: 'x' })],
    ['parca.server.objectStorage.s3.connectionString', STATIC_KEYS, storage({ connectionString: 'x' })],
    ['parca.tls.insecure', TLS, { parca: { tls: { secretName: 'a', insecure: true } } }],
    ['parca.tls.insecureSkipVerify', TLS, { parca: { tls: { secretName: 'a', insecureSkipVerify: true } } }],
    ['parca.agent.plaintext', TLS, parca({ agent: { plaintext: true } })],
    ['parca.remoteStore.insecure', TLS, { parca: { remoteStore: { address: 'a:443', tokenSecret: { secretName: 'b' }, insecure: true } } }],
    ['parca.remoteStore.token', TOKENS, { parca: { remoteStore: { address: 'a:443', tokenSecret: { secretName: 'b' }, token: 'x' } } }],
    ['pyroscope.remote.password', TOKENS, pyroscope({ remote: { url: 'https://a', password: 'x' } })],
    ['agents.nodePools[0].privileged', SECURITY, pool({ privileged: true })],
    ['agents.nodePools[0].securityContext', SECURITY, pool({ securityContext: {} })],
    ['agents.nodePools[0].hostNetwork', SECURITY, pool({ hostNetwork: true })],
    ['agents.nodePools[0].capabilities', CAPABILITIES, pool({ capabilities: ['CAP_BPF'] })],
    ['agents.nodePools[0].extraCapabilities', CAPABILITIES, pool({ extraCapabilities: [] })],
    ['agents.nodePools[0].CAP_BPF', CAPABILITIES, pool({ CAP_BPF: true })],
    ['agents.nodePools[0].cap_sys_admin', CAPABILITIES, pool({ cap_sys_admin: true })],
    ...['accessKey', 'accessKeyId', 'access_key_id', 'secretAccessKey', 'secret_access_key', 'secret-key', 'sessionToken', 'session_token', 'credentials']
      .map((key): [string, string, object] => [`pyroscope.storage.s3.${key}`, STATIC_KEYS, bucket({ [key]: 'x' })]),
    ['pyroscope.storage.gcs.serviceAccountKey', STATIC_KEYS, pyroscope({ storage: { gcs: { ...BUCKETS.gcs, serviceAccountKey: 'x' } } })],
    ...['accountKey', 'account_key', 'storageKey', 'sasToken', 'connectionString', 'connection_string'].map((key): [string, string, object] => [
      `pyroscope.storage.azure.${key}`, STATIC_KEYS, pyroscope({ storage: { azure: { ...BUCKETS.azure, [key]: 'x' } } }),
    ]),
    ['pyroscope.storage.s3.insecure', TLS, bucket({ insecure: true })],
    ['pyroscope.tenants[0].token', TOKENS, tenants({ token: 'x' })],
    ['pyroscope.readers[0].token', TOKENS, pyroscope({ readers: [{ name: 'all', tenants: ['checkout'], token: 'x' }] })],
    ['pyroscope.grafana.password', TOKENS, pyroscope({ grafana: { namespace: 'monitoring', password: 'x' } })],
    ['pyroscope.alloy.privileged', SECURITY, pyroscope({ alloy: { privileged: true } })],
    ['pyroscope.tenants[0].java.capabilities', CAPABILITIES, tenants({ java: { capabilities: [] } })],
    ['pyroscope.extraArgs', FLAGS, pyroscope({ extraArgs: { 'auth.multitenancy-enabled': false } })],
    ['pyroscope.alloy.extraArgs', FLAGS, pyroscope({ alloy: { extraArgs: [] } })],
    ...['structuredConfig', 'config', 'tenantOverrides', 'helmValues', 'values']
      .map((key): [string, string, object] => [`pyroscope.${key}`, CONFIGURATION, pyroscope({ [key]: {} })]),
    ...['compactor_blocks_retention_period', 'compactorBlocksRetentionPeriod', 'blocksRetentionPeriod', 'retentionPeriod', 'retention_period']
      .flatMap((key): Array<[string, string, object]> => [
        [`pyroscope.${key}`, RETENTION, pyroscope({ [key]: '7d' })], [`pyroscope.tenants[0].${key}`, RETENTION, tenants({ [key]: '7d' })],
      ]),
    ...['max_global_series_per_user', 'maxGlobalSeriesPerUser', 'maxGlobalSeriesPerTenant', 'max_local_series_per_tenant']
      .flatMap((key): Array<[string, string, object]> => [
        [`pyroscope.${key}`, SERIES, pyroscope({ [key]: 5000 })], [`pyroscope.tenants[0].${key}`, SERIES, tenants({ [key]: 5000 })],
      ]),
    ...['components', 'querier', 'compactor', 'ingester', 'storeGateway', 'distributor']
      .map((key): [string, string, object] => [`pyroscope.${key}`, COMPONENTS, pyroscope({ [key]: {} })]),
  ])('%s is answered with what to do instead', (path, fix, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({ path, message: 'unknown key', fix });
  });

  it.each<[string, string, object]>([
    ['parca.agentNamespace', 'agents.namespace', parca({ agentNamespace: 'obs-agents' })],
    ['parca.agent.nodePools', 'agents.nodePools', parca({ agent: { nodePools: [{ name: 'a' }] } })],
    ['parca.agent.resources', 'agents.pod.resources', parca({ agent: { resources: { memoryLimit: '2Gi' } } })],
    ['pyroscope.alloy.resources', 'pyroscope.alloy.pod.resources', pyroscope({ alloy: { resources: { memoryLimit: '2Gi' } } })],
    ['pyroscope.externalSecrets', 'externalSecrets', pyroscope({ externalSecrets: { storeRef: { name: 'vault' } } })],
    ['pyroscope.gitOps', 'gitOps', pyroscope({ gitOps: { flux: {} } })],
  ])('%s has moved, and the new place takes what it had', (path, place, sections) => {
    expect(onlyProblem(refusalOf(sections))).toEqual({
      path, message: 'has moved', allowed: `\`${place}\``, fix: `write the same value as \`${place}\`, from the top of the document`,
    });
    expect(() => resolved(moved(sections, path.split('.'), place.split('.')))).not.toThrow();
  });

  it('do not take a key elsewhere for one that has moved', () => {
    expect(onlyProblem(refusalOf({ scope: { agentNamespace: 'a' } }))).toMatchObject({ message: 'unknown key', fix: 'remove it' });
    expect(movedTo(['parca', 'agent', 'nodePools', 0, 'tolerations'])).toBeUndefined();
    expect(movedTo(['constructor'])).toBeUndefined();
  });

  it.each([
    'capable', 'tokens', 'recapture', 'name', 'retention', 'maxQueryLength', 'arguments', 'extraArgument', 'component', 'configMap', 'value', 'series', 'accountant', 'keyPrefix',
  ])('%s has no advice', key => {
    expect(adviceFor(key)).toBeUndefined();
  });
});
