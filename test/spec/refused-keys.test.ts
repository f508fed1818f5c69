import { nodePools, onlyProblem, parca, refusalOf } from './errors';
import { adviceFor } from '../../src/spec/refused-keys';

const STATIC_KEYS = 'remove it: static keys are refused. Use workload identity (`roleArn`, `serviceAccount` or `clientId`)';
const TOKENS = 'remove it: a token never stands in a specification. '
  + 'Create a Secret (hardened-profiling secrets) and name it with `secretName`';
const TLS = 'remove it: agents send their token over verified TLS to the gateway, and to nowhere else';
const SECURITY = 'remove it: the security context is not an option. '
  + 'What the agent needs is fixed and was tested one capability at a time';
const CAPABILITIES = 'remove it: the capabilities follow from `memlock` and `fallback`. Kubernetes spells them without the CAP_ prefix';

const s3 = { bucket: 'profiles', region: 'eu-central-1', roleArn: 'arn:aws:iam::111122223333:role/parca' };
const storage = (keys: object) => parca({ server: { objectStorage: { s3: { ...s3, ...keys } } } });
const token = (keys: object) => parca({ tokens: { read: { secretName: 'a', ...keys } } });
const pool = (keys: object) => nodePools({ name: 'a', ...keys });

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
    ['parca.agent.remoteStoreAddress', TLS, parca({ agent: { remoteStoreAddress: 'grpc.example.com:443' } })],
    ['parca.agent.nodePools[0].privileged', SECURITY, pool({ privileged: true })],
    ['parca.agent.nodePools[0].securityContext', SECURITY, pool({ securityContext: {} })],
    ['parca.agent.nodePools[0].hostNetwork', SECURITY, pool({ hostNetwork: true })],
    ['parca.agent.nodePools[0].capabilities', CAPABILITIES, pool({ capabilities: ['CAP_BPF'] })],
    ['parca.agent.nodePools[0].extraCapabilities', CAPABILITIES, pool({ extraCapabilities: [] })],
    ['parca.agent.nodePools[0].CAP_BPF', CAPABILITIES, pool({ CAP_BPF: true })],
    ['parca.agent.nodePools[0].cap_sys_admin', CAPABILITIES, pool({ cap_sys_admin: true })],
  ])('%s is answered with what to do instead', (path, fix, sections) => {
    expect(onlyProblem(refusalOf(sections))).toMatchObject({ path, message: 'unknown key', fix });
  });

  it.each(['capable', 'tokens', 'recapture', 'name'])('%s has no advice', key => {
    expect(adviceFor(key)).toBeUndefined();
  });
});
