import { strict as assert } from 'node:assert';
import type { Suite } from '.';
import { renderManifests } from '../../../src/render';
import type { ProgramName } from '../../containers/programs';
import { programOf, PROGRAMS } from '../../containers/programs';
import { containersOf, podsOf, unknownFlags, unknownsOf } from '../../containers/unknowns';
import { resolved } from '../../support';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import type { Sections } from '../harness/deployment';
import { emitted, HOST, secretsOf, serverPod, startParca, TOKEN_SECRETS } from '../harness/deployment';
import { Pod } from '../harness/pod';
import type { Programs } from '../harness/prepare';
import { lastLines, run, until } from '../harness/processes';
import type { Report } from '../harness/report';

/** Flags that are found in published pages and manifests, and that the program does not have; only of those that are not run here. */
const IMAGINARY_FLAGS: Readonly<Partial<Record<ProgramName, readonly string[]>>> = {
  'parca-agent': ['--kubernetes-node', '--pod-label-selector', '--exclude-namespaces', '--dwarf-unwinding-only'],
  'parca-agent of the previous generation': ['--tracers', '--systemd-units'],
  'alloy': ['--disable-support-bundle', '--config.file'],
  'pyroscope': ['-auth.enabled', '-server.http-address'],
};

/** A document in which every container is. */
const EVERYTHING: Sections = {
  agents: {
    nodePools: [{ name: 'default' }, {
      name: 'old',
      kernel: '5.4',
      nodeSelector: { pool: 'old' },
      fallback: { image: 'ghcr.io/parca-dev/parca-agent:v0.30.0', reason: 'AMI pinned by vendor driver', remediateBy: '2999-01-01' },
    }],
  },
  nodes: { perfEventParanoid: { mode: 'atLeast', value: 2 }, ebpfInventory: {} },
  pyroscope: { tenants: [{ name: 'jvm', namespaces: ['jvm'], java: { enabled: true } }] },
};

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
export const flags: Suite = {
  name: 'flags',
  about: 'emitted flags and configuration files are accepted by the real programs',
  needs: ['busybox', 'parca', 'grpc-health-probe', 'haproxy-3.2', 'openssl'],
  uses: ['haproxy'],
  run: async ({ report, programs }) => {
    const certificate = await newCertificate(HOST);
    await serverFlags(report, programs, certificate);
    await buckets(report, programs, certificate);
    await listed(report);
    await usages(report, programs, certificate);
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

/** Programs that no registry has which tests may use: what is emitted for them is compared with a list of what they have. */
async function listed(report: Report): Promise<void> {
  const manifests = renderManifests(resolved(EVERYTHING));
  const containers = podsOf(manifests).flatMap(containersOf).filter(container => IMAGINARY_FLAGS[programOf(container)]);
  await report.each('Every emitted flag is one that the program has', containers, container => `${programOf(container)}: compared with a list, not executed`,
    async container => {
      const { flags: known } = PROGRAMS[programOf(container)];
      assert.ok(container.args!.length > 3);
      assert.deepEqual(unknownFlags(container.args!, known), []);
      return `${container.args!.filter(arg => arg.startsWith('-')).length} of ${known.length} flags`;
    });
  await report.each('An unknown flag would be noticed', containers, container => `${programOf(container)}: flags that are found in published pages`,
    async container => {
      const imaginary = IMAGINARY_FLAGS[programOf(container)]!;
      assert.deepEqual(unknownFlags(imaginary, PROGRAMS[programOf(container)].flags), imaginary.map(flag => `no flag ${flag}`));
      return imaginary.join(' ');
    });
  await report.check('Nothing that is emitted names a file, a variable or an endpoint that is not there', 'every container of a document with everything in it', async () => {
    const pods = podsOf(manifests);
    assert.deepEqual(pods.flatMap(pod => unknownsOf(pod, manifests)), []);
    return `${pods.flatMap(containersOf).length} containers`;
  });
  containers.forEach(container => report.notVerified(
    `${programOf(container)}: its modules cannot be had from every module proxy, so what is emitted for it is compared with a list; see docs/reference/containers.md`));
}

/** Programs that say themselves which flags they have. */
async function usages(report: Report, programs: Programs, certificate: Certificate): Promise<void> {
  const pod = serverPod(certificate, TOKEN_SECRETS);
  await report.each('Every emitted flag is in the usage of the program', [
    {
      name: 'gateway',
      usage: () => pod.exec('gateway', ['haproxy', '-h']),
      has: (flag: string) => new RegExp(`(^|[\\s;])${flag}[\\s<]|\\[${flag} `, 'm'),
    },
    {
      name: 'metrics',
      usage: () => run(programs.busybox.path, ['httpd', '--help'], { strict: false }),
      has: (flag: string) => new RegExp(`^\\s+${flag}(\\s|\\[)`, 'm'),
    },
  ] as const, ({ name }) => name, async ({ name, usage, has }) => {
    const { output } = await usage();
    const { flags: used } = PROGRAMS[name];
    assert.deepEqual(used.filter(flag => !has(flag).test(output)), []);
    assert.ok(!has('-Zq').test(output), 'anything is found');
    return used.join(' ');
  });
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
