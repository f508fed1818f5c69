import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Chapter } from '.';
import { find, render } from '../../support';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import type { Sections } from '../harness/deployment';
import { emitted, HOST, secretsOf, serverPod, startParca, TOKEN_SECRETS } from '../harness/deployment';
import { Pod } from '../harness/pod';
import type { Programs } from '../harness/prepare';
import { lastLines, until } from '../harness/processes';
import type { Report } from '../harness/report';

const AGENT_VERSION = 'v0.49.0';

/** Agent flags that are found in published manifests and that no current agent has. */
const IMAGINARY_AGENT_FLAGS = ['--kubernetes-node', '--pod-label-selector', '--exclude-namespaces', '--dwarf-unwinding-only'];

interface Bucket {
  readonly name: string;
  readonly objectStorage?: unknown;
  /** What the server says once it has accepted the configuration. Without a network, it ends right after. */
  readonly accepted: RegExp;
  /** Whether the server looks for unknown keys in this kind of bucket at all. */
  readonly isStrict: boolean;
}

const BUCKETS: readonly Bucket[] = [
  { name: 'volume', accepted: /msg="starting server"/, isStrict: false },
  {
    name: 'S3',
    objectStorage: { s3: { bucket: 'profiles', region: 'eu-west-1', roleArn: 'arn:aws:iam::123456789012:role/parca' } },
    // The store is opened right after the bucket; then it waits for the network.
    accepted: /All 0 tables opened/,
    isStrict: true,
  },
  {
    name: 'GCS',
    objectStorage: { gcs: { bucket: 'profiles', serviceAccount: 'parca-server@my-project.iam.gserviceaccount.com' } },
    accepted: /could not find default credentials/,
    isStrict: true,
  },
  {
    name: 'Azure',
    objectStorage: { azure: { storageAccount: 'profiles', container: 'parca', clientId: '00000000-0000-0000-0000-000000000001' } },
    accepted: /DefaultAzureCredential: failed to acquire a token/,
    isStrict: true,
  },
];

/** Every flag and configuration file is understood by the program that gets it. */
export const flags: Chapter = {
  name: 'flags',
  about: 'emitted flags and configuration files are accepted by the real programs',
  needs: ['parca', 'grpc-health-probe', 'haproxy-3.2', 'openssl'],
  uses: ['haproxy'],
  run: async ({ report, programs }) => {
    const certificate = await newCertificate(HOST);
    await serverFlags(report, programs, certificate);
    await buckets(report, programs, certificate);
    await agentFlags(report);
    await haproxyConfig(report, certificate);
  },
};

async function serverFlags(report: Report, programs: Programs, certificate: Certificate): Promise<void> {
  const pod = serverPod(certificate, TOKEN_SECRETS, programs);
  const { args = [] } = pod.container('parca');
  try {
    await report.check('Parca 0.28.0 accepts every emitted flag', `started with the ${args.length} emitted arguments, until it listens`, async () => {
      await startParca(pod);
      return args.map(arg => arg.split('=')[0]).join(' ');
    });
  } finally {
    await pod.stop();
  }
  await report.check('An unknown flag of Parca would be noticed', 'started with --no-such-flag added', async () => {
    try {
      const { code, output } = await (await pod.start('parca', [...args, '--no-such-flag'])).ended;
      assert.match(output, /unknown flag --no-such-flag/);
      assert.notEqual(code, 0);
      return `exit code ${code}, unknown flag --no-such-flag`;
    } finally {
      await pod.stop();
    }
  });
}

async function buckets(report: Report, programs: Programs, certificate: Certificate): Promise<void> {
  const podOf = (config: (text: string) => string, sections: Sections): Pod => {
    const { pod, configMaps } = emitted(sections);
    const changed = { ...configMaps, parca: { 'parca.yaml': config(configMaps.parca['parca.yaml']) } };
    return serverPod(certificate, TOKEN_SECRETS, programs, { pod, configMaps: changed });
  };
  const sectionsOf = ({ objectStorage }: Bucket): Sections => ({
    ...(objectStorage !== undefined && { parca: { tls: { secretName: 'parca-tls' }, server: { objectStorage } } }),
  });

  await report.each('Parca accepts the emitted bucket configuration', BUCKETS,
    ({ name, isStrict }) => `${name}: ${isStrict ? 'started without a network, until it has made a client for the bucket or ends for want of credentials' : 'started'}`,
    async bucket => {
      const output = await outputUntil(podOf(text => text, sectionsOf(bucket)), bucket.accepted);
      assert.doesNotMatch(output, /not found in type|failed to read config/);
      return output.split('\n').find(line => bucket.accepted.test(line))!.slice(0, 300);
    });
  await report.each('An unknown key of a bucket would be noticed', BUCKETS.filter(({ isStrict }) => isStrict), ({ name }) => `${name}: one more key`,
    async bucket => {
      // The last line of the file is a key of the bucket's own section.
      const withKey = (text: string): string => text.trimEnd().replace(/\n( +)([^\n]+)$/, '\n$1$2\n$1no_such_key: 1\n');
      await outputUntil(podOf(withKey, sectionsOf(bucket)), /field no_such_key not found in type/);
    });
  report.notVerified('real S3, GCS and Azure buckets: there is no network here, so only the parsing of their configuration was seen');
  report.notVerified('an unknown key below a FILESYSTEM bucket is not noticed: Parca ignores it');
}

/** What parca writes until this appears in it. */
async function outputUntil(pod: Pod, expected: RegExp): Promise<string> {
  try {
    const server = await pod.start('parca');
    let isOver = false;
    server.ended.then(() => { isOver = true; }, () => { isOver = true; });
    await until(`parca writes ${expected}`, 30, () => {
      if (expected.test(server.output)) { return true; }
      if (isOver) { throw new Error(`parca ended without ${expected}:\n${lastLines(server.output, 4)}`); }
      return undefined;
    });
    return server.output;
  } finally {
    await pod.stop();
  }
}

async function agentFlags(report: Report): Promise<void> {
  const list = readFileSync(join(__dirname, `../../fixtures/parca-agent-${AGENT_VERSION}.flags`), 'utf8');
  const known = new Set(list.split('\n').filter(line => line.startsWith('--')));
  await report.check(`Every emitted flag is one of Parca Agent ${AGENT_VERSION}`, 'list, not executed: compared with the flags in its source', async () => {
    const { args = [] } = find<DaemonSet>(render(), 'DaemonSet', 'parca-agent-default').spec!.template.spec!.containers[0];
    const names = args.map(arg => arg.split('=')[0]);
    assert.ok(names.length > 0);
    assert.deepEqual(names.filter(name => !known.has(name)), []);
    return `${names.length} of ${known.size} flags: ${names.join(' ')}`;
  });
  await report.check('An unknown flag of the agent would be noticed', 'flags of published snippets that do not exist, looked up in the same list', async () => {
    assert.deepEqual(IMAGINARY_AGENT_FLAGS.filter(name => known.has(name)), []);
    return IMAGINARY_AGENT_FLAGS.join(' ');
  });
  report.notVerified('Parca Agent itself: its modules cannot be had from every module proxy, so its flags are compared with a list');
  report.notVerified('the fallback agents (0.28 to 0.31): their flags are compared with a list, by the unit tests');
}

async function haproxyConfig(report: Report, certificate: Certificate): Promise<void> {
  const pod = serverPod(certificate, TOKEN_SECRETS);
  const check = ['-c', ...pod.container('gateway').args!.filter(arg => arg !== '-W' && arg !== '-db')];
  const version = /version (\S+)/.exec((await pod.exec('gateway', ['haproxy', '-v'])).output)?.[1] ?? 'unknown';
  const { pod: spec, configMaps } = emitted();
  // That of this machine, which is an older one.
  const older = new Pod(spec, { configMaps, secrets: secretsOf(certificate, TOKEN_SECRETS) }, {}, {});
  await report.each('HAProxy accepts the emitted configuration', [pod, older], one => `haproxy ${check.join(' ')} as the emitted user, ${one === pod ? 'version 3.2' : 'that of this machine'}`,
    async one => {
      const { code, output } = await one.exec('gateway', ['haproxy', ...check]);
      assert.equal(code, 0, output);
      assert.doesNotMatch(output, /\[(WARNING|ALERT)\]/);
      return `${/version (\S+)/.exec((await one.exec('gateway', ['haproxy', '-v'])).output)?.[1]}, no warning`;
    });
  await report.check('An unknown keyword of HAProxy would be noticed', 'the same with a misspelt keyword', async () => {
    const misspelt = configMaps['parca-gateway']['haproxy.cfg'].replace('wait-for-body', 'wait-for-bodies');
    const broken = serverPod(certificate, TOKEN_SECRETS, undefined, {
      pod: spec, configMaps: { ...configMaps, 'parca-gateway': { ...configMaps['parca-gateway'], 'haproxy.cfg': misspelt } },
    });
    const { code, output } = await broken.exec('gateway', ['haproxy', ...check]);
    assert.notEqual(code, 0);
    return lastLines(output, 20).split('\n').find(line => line.includes('wait-for-bodies')) ?? output;
  });
  report.notVerified(`the official image of HAProxy: everything here ran on ${version}, which Debian has`);
}
