import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import { newCertificate } from '../harness/certificates';
import { Client } from '../harness/client';
import { BACKEND, HOST, serverPod, startGateway, startParca, TOKEN_SECRETS, TOKENS, probe } from '../harness/deployment';
import type { Pod } from '../harness/pod';
import type { Running } from '../harness/processes';
import { until } from '../harness/processes';
import type { Profile } from '../harness/profiles';
import { push, query } from '../harness/profiles';
import { bytes, number } from '../harness/protobuf';
import type { Report } from '../harness/report';
import { connects } from '../harness/wire';

const DEBUGINFO = '/parca.debuginfo.v1alpha1.DebuginfoService';
const BUILD_ID = '0123456789abcdef0123456789abcdef01234567';
/** What a file of an attacker holds. */
const CONTENT = Buffer.from('written by the token for symbols '.repeat(1000));

/** The real server and the real gateway in one pod, as emitted. */
export const server: Suite = {
  name: 'server',
  about: 'the real Parca behind the real HAProxy: confinement, push, query, health, restarts',
  needs: ['parca', 'grpc-health-probe', 'haproxy-3.2', 'openssl'],
  run: async ({ report, programs }) => {
    const certificate = await newCertificate(HOST);
    const client = new Client(certificate.certificate);
    const pod = serverPod(certificate, TOKEN_SECRETS, programs);
    try {
      const gateway = await startGateway(pod);
      const readiness = (): Promise<number> => probe('/proxy-readyz');
      await report.check('The gateway is not ready without its server', 'GET /proxy-readyz before Parca is started', async () => {
        await until('503', 10, async () => await readiness() === 503 ? true : undefined);
        assert.equal(await probe('/proxy-healthz'), 200, 'but it is alive');
        return '503, and /proxy-healthz 200';
      });
      let parca = await startParca(pod);
      await reachability(report, pod);
      await report.check('The gateway is ready while its server is up', 'GET /proxy-readyz after Parca has started', async () => {
        await until('200', 10, async () => await readiness() === 200 ? true : undefined);
      });
      await confinement(report, pod, { parca, gateway });

      const first = await pushAndFind(report, client, 'first_promise');
      await symbols(report, client);
      await uploads(report, client, pod);
      await report.check('The gateway stops being ready when its server stops', 'GET /proxy-readyz after SIGTERM', async () => {
        await parca.stop('SIGTERM');
        await until('503', 10, async () => await readiness() === 503 ? true : undefined);
      });
      parca = await startParca(pod);
      await readBack(report, client, 'Profiles survive a restart', 'SIGTERM, started again, same query', first);

      const second = await pushAndFind(report, client, 'second_promise');
      // The log is written every 50 milliseconds: what came in since is lost, as was seen without this second.
      await sleep(1000);
      await parca.stop('SIGKILL');
      await startParca(pod);
      await readBack(report, client, 'Profiles survive a crash, from the write-ahead log', 'kill -9 one second after the push, started again, same query', second);
    } finally {
      await pod.stop();
    }
    report.notVerified('seccomp RuntimeDefault and cgroup limits: they need a container runtime');
  },
};

/** What the kernel says of the two processes, and what happens when a container tries to write. */
async function confinement(report: Report, pod: Pod, processes: { readonly parca: Running; readonly gateway: Running }): Promise<void> {
  const expected = { parca: ['65534', '65534', '65534'], gateway: ['99', '99', '65534'] } as const;
  for (const [name, { pid }] of Object.entries(processes) as Array<[keyof typeof expected, Running]>) {
    const [uid, gid, groups] = expected[name];
    await report.check(`${name} runs as uid ${uid} without capabilities`, '/proc/PID/status of the running process', async () => {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const field = (key: string): string => new RegExp(`^${key}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1] ?? '';
      const seen = { uid: field('Uid'), gid: field('Gid'), groups: field('Groups'), caps: field('CapEff'), bounding: field('CapBnd'), nnp: field('NoNewPrivs') };
      const none = '0000000000000000';
      assert.deepEqual(seen, { uid: Array(4).fill(uid).join('\t'), gid: Array(4).fill(gid).join('\t'), groups, caps: none, bounding: none, nnp: '1' });
      return `uid ${uid}, gid ${gid}, groups ${groups}, CapEff 0, CapBnd 0, NoNewPrivs 1`;
    });
  }
  await report.check('Only the emitted mounts can be written to', 'touch in the containers, as their users', async () => {
    const touch = async (container: 'parca' | 'gateway', path: string): Promise<string> => {
      const { code, output } = await pod.exec(container, ['touch', path]);
      return code === 0 ? 'written' : output.trim().split(': ').pop()!;
    };
    const seen: Record<string, string> = {};
    for (const path of ['/probe', '/etc/parca/probe', '/var/lib/probe']) { seen[`parca ${path}`] = await touch('parca', path); }
    for (const path of ['/probe', '/etc/proxy/probe', '/run/auth/probe', '/run/tls/probe']) { seen[`gateway ${path}`] = await touch('gateway', path); }
    assert.deepEqual([...new Set(Object.values(seen))], ['Read-only file system'], JSON.stringify(seen));
    assert.deepEqual([await touch('parca', '/var/lib/parca/probe'), await touch('parca', '/tmp/probe')], ['written', 'written']);
    return 'Read-only file system, but for /var/lib/parca and /tmp';
  });
}

async function reachability(report: Report, pod: Pod): Promise<void> {
  await report.check('Parca listens where port-forward cannot reach it', 'connections to port 7070 of 127.0.0.1 and ::1', async () => {
    const seen = [await connects({ host: '127.0.0.1', port: BACKEND.port }), await connects({ host: '::1', port: BACKEND.port })];
    assert.deepEqual(seen, ['ECONNREFUSED', 'ECONNREFUSED']);
    assert.equal(await connects(BACKEND), 'connected', 'the same client reaches 127.0.0.2');
    return 'both refused; 127.0.0.2 connected';
  });
  const container = pod.container('parca');
  const { startupProbe, readinessProbe, livenessProbe } = container;
  await report.each('The emitted health probe succeeds', Object.entries({ startupProbe, readinessProbe, livenessProbe }), ([name]) => name,
    async ([, emittedProbe]) => {
      const { code, output } = await pod.exec('parca', emittedProbe!.exec!.command!);
      assert.equal(code, 0, output);
      return output.trim();
    });
  await report.check('The health probe can fail', 'the same command with another port', async () => {
    const command = readinessProbe!.exec!.command!.map(arg => arg.replace(`${BACKEND.port}`, '7099'));
    const { code } = await pod.exec('parca', command);
    assert.notEqual(code, 0);
    return `exit code ${code}`;
  });
  report.notVerified('the grpc_health_probe of the official image: a fake with the same flags was used');
}

async function pushAndFind(report: Report, client: Client, functionName: string): Promise<Profile> {
  const profile = { functionName, at: new Date() };
  await report.check(`A profile can be pushed with the push token (${functionName})`, 'gRPC WriteRaw over HTTP/2 through the gateway', async () => {
    const status = await push(client, TOKENS.push, profile);
    assert.equal(status, 'grpc-status 0');
    return status;
  });
  await readBack(report, client, `It is read back with the read token (${functionName})`, 'GET /api/profiles/query, as pprof', profile);
  return profile;
}

async function readBack(report: Report, client: Client, promise: string, test: string, profile: Profile): Promise<void> {
  await report.check(promise, test, async () => {
    const strings = await until(`a profile with ${profile.functionName}`, 20, () => query(client, TOKENS.read, profile));
    assert.ok(strings.includes('main.c'));
    return `function ${profile.functionName}`;
  });
}

async function symbols(report: Report, client: Client): Promise<void> {
  // A build id, the hash of the file, and the kind of the id.
  const message = Buffer.concat([bytes(1, BUILD_ID), bytes(2, 'hash'), number(5, 1)]);
  await report.check('Debug information can be announced with the symbols token', 'gRPC ShouldInitiateUpload through the gateway', async () => {
    const { status, body } = await client.grpc(`${DEBUGINFO}/ShouldInitiateUpload`, TOKENS.symbols, message);
    assert.equal(status, 'grpc-status 0');
    return `${status}, ${body.length} bytes`;
  });
  await report.check('Nobody else can', 'the same call with the push token', async () => {
    const { status } = await client.grpc(`${DEBUGINFO}/ShouldInitiateUpload`, TOKENS.push, message);
    assert.equal(status, 'HTTP 403');
    return status;
  });
}

/** Build ids that Parca makes a path outside its bucket of, or one of another file inside. */
const PATHS = ['../../../../../tmp/escape', '../escape', 'blocks/evil', `${BUILD_ID}/../evil`, '/evil'];

/** Uploads past the question whether they are wanted. What is written is looked for in the container, wherever it may write. */
async function uploads(report: Report, client: Client, pod: Pod): Promise<void> {
  const written = async (): Promise<string[]> => {
    const { output } = await pod.exec('parca', ['grep', '-rlF', CONTENT.subarray(0, 33).toString(), '/tmp', '/var/lib/parca']);
    return output.split('\n').filter(line => line !== '').sort();
  };
  const stored = `/var/lib/parca/bucket/debuginfo/${BUILD_ID}/debuginfo`;
  await report.check('Debug information is stored below its build id', 'gRPC InitiateUpload and Upload with the symbols token', async () => {
    const statuses = await upload(client, BUILD_ID);
    assert.deepEqual([statuses, await written()], [['grpc-status 0', 'grpc-status 0'], [stored]]);
    return stored;
  });
  await report.each('A token for symbols writes nothing outside its build id, before the real Parca', PATHS, path => path, async path => {
    const [initiated, uploaded] = await upload(client, path);
    assert.equal(initiated, 'HTTP 400');
    assert.notEqual(uploaded, 'grpc-status 0');
    assert.deepEqual(await written(), [stored]);
    return `${initiated}, and Upload all the same: ${uploaded}`;
  });
  await report.check('Parca itself would write it', `the same calls past the gateway, for ${PATHS[0]}`, async () => {
    const statuses = await upload(new Client(undefined, BACKEND), PATHS[0]);
    const outside = (await written()).filter(path => path !== stored);
    assert.deepEqual([statuses, outside], [['grpc-status 0', 'grpc-status 0'], ['/tmp/escape/debuginfo']]);
    await pod.exec('parca', ['rm', '-r', '/tmp/escape']);
    return outside.join(', ');
  });
}

/** Initiates an upload and makes it, with a made-up id where the first is refused. */
async function upload(to: Client, buildId: string): Promise<string[]> {
  // A build id, the size and the hash of the file, and the kind of the id.
  const initiated = await to.grpc(`${DEBUGINFO}/InitiateUpload`, TOKENS.symbols, Buffer.concat([bytes(1, buildId), number(2, CONTENT.length), bytes(3, 'hash'), number(6, 1)]));
  const id = /\x12\x24([0-9a-f-]{36})/.exec(initiated.body.toString('latin1'))?.[1] ?? '00000000-0000-0000-0000-000000000000';
  const uploaded = await to.grpc(`${DEBUGINFO}/Upload`, TOKENS.symbols, bytes(1, Buffer.concat([bytes(1, buildId), bytes(2, id)])), bytes(2, CONTENT));
  return [initiated.status, uploaded.status];
}
