import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import { BAD_BUILD_IDS, buildId, UPLOAD_MESSAGES } from './upload-messages';
import { Agent } from '../harness/agents';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { Client, grpcFrame } from '../harness/client';
import type { Sections } from '../harness/deployment';
import { emitted, GATEWAY, HOST, probe, ROLES, serverPod, startGateway, TOKEN_SECRETS, TOKENS } from '../harness/deployment';
import type { Running } from '../harness/processes';
import { until } from '../harness/processes';
import { WRITE_RAW } from '../harness/profiles';
import { bytes } from '../harness/protobuf';
import type { Recorder } from '../harness/recorder';
import { startRecorder } from '../harness/recorder';
import type { Report } from '../harness/report';
import { http1, newClientAddress } from '../harness/wire';

const DEBUGINFO = '/parca.debuginfo.v1alpha1.DebuginfoService';
const MiB = 2 ** 20;
const TLS = { tls: { secretName: 'parca-tls' } } as const;

/** What a good token may send, how wrong ones are met, and what becomes of token files that are none. */
export const limits: Suite = {
  name: 'limits',
  about: 'what one credential may send, how wrong tokens are met, and which token files the log names',
  needs: ['haproxy-3.2', 'openssl'],
  run: async ({ report }) => {
    const certificate = await newCertificate(HOST);
    const recorder = await startRecorder();
    try {
      await withGateway(certificate, {}, async () => {
        await buildIds(report, certificate, recorder);
        await wrongTokens(report, certificate);
        await upgrades(report, certificate, recorder);
      });
      await withGateway(certificate, { parca: { ...TLS, gateway: { clients: 100, pushPerMinute: '96Mi', uploadSize: '16Mi', uploadsPerDay: '32Mi' } } },
        async () => sizes(report, certificate));
      await tokenFiles(report, certificate);
    } finally {
      await recorder.close();
    }
  },
};

async function withGateway(
  certificate: Certificate, sections: Sections, body: (gateway: Running) => Promise<void>, secrets: Parameters<typeof serverPod>[1] = TOKEN_SECRETS,
): Promise<void> {
  const manifests = emitted(sections);
  const pod = serverPod(certificate, secrets, undefined, manifests);
  try {
    const gateway = await startGateway(pod);
    await until('the gateway is ready', 20, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
    await body(gateway);
  } finally {
    await pod.stop();
  }
}

/** A request of the symbols role, and its answer. Before the gateway looked at them, all were answered with 200. */
interface UploadCase {
  readonly name: string;
  readonly message: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly expected: number;
}

const UPLOADS: readonly UploadCase[] = [
  ...UPLOAD_MESSAGES,
  { name: 'encoding identity, by name', message: grpcFrame(buildId('abcdef')), headers: { 'grpc-encoding': 'identity' }, expected: 200 },
  ...BAD_BUILD_IDS.flatMap(text => ['InitiateUpload', 'ShouldInitiateUpload', 'MarkUploadFinished'].map((method): UploadCase => (
    { name: `build id ${JSON.stringify(text.slice(0, 24))} to ${method}`, message: grpcFrame(buildId(text)), method, expected: 400 }))),
  { name: 'more than fits into a buffer', message: grpcFrame(Buffer.concat([buildId('abcdef'), bytes(3, 'a'.repeat(20_000))])), expected: 400 },
  ...['gzip', 'identity, gzip', 'IDENTITY', ''].map((encoding): UploadCase => (
    { name: `encoding ${JSON.stringify(encoding)}`, message: grpcFrame(buildId('abcdef')), headers: { 'grpc-encoding': encoding }, expected: 415 })),
  ...['application/grpc-web+proto', 'application/grpc-web-text', 'application/json', 'application/proto', ''].map((type): UploadCase => (
    { name: `content type ${JSON.stringify(type)}`, message: grpcFrame(buildId('../x')), headers: { 'content-type': type }, expected: 415 })),
];

async function buildIds(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  const send = async ({ message, headers, method = 'InitiateUpload', expected }: UploadCase): Promise<string> => {
    const before = recorder.requests.length;
    const { status } = await new Client(certificate.certificate).send({
      ':method': 'POST', ':path': `${DEBUGINFO}/${method}`, 'content-type': 'application/grpc', 'te': 'trailers', 'authorization': `Bearer ${TOKENS.symbols}`, ...headers,
    }, message);
    assert.equal(status, expected);
    assert.equal(recorder.requests.length - before, expected === 200 ? 1 : 0, 'requests that reached the server');
    return `${status}`;
  };
  await report.each('A token for symbols names nothing outside the bucket', UPLOADS, ({ name }) => name, send);
}

async function wrongTokens(report: Report, certificate: Certificate): Promise<void> {
  const guess = (localAddress: string, token: string): Promise<string> => {
    const agent = new Agent(localAddress, token);
    return agent.call({ ':method': 'GET', ':path': '/api/profiles/types' }).finally(() => agent.close());
  };
  await report.check('Wrong tokens are damped by address, and a good one is not', '40 guesses from an address, one after the other, each over a connection of its own', async () => {
    const good = new Agent('127.8.0.1', TOKENS.read);
    assert.equal(await good.call({ ':method': 'GET', ':path': '/api/profiles/types' }), '200');
    const answers: string[] = [];
    for (let count = 0; count < 40; count++) { answers.push(await guess('127.8.0.1', `guess-number-${count}`)); }
    assert.ok(answers.slice(0, 15).every(answer => answer === '401'), answers.slice(0, 15).join(', '));
    assert.ok(answers.slice(25).every(answer => answer === '429'), answers.slice(25).join(', '));
    assert.equal(await good.call({ ':method': 'GET', ':path': '/api/profiles/types' }), '200', 'a good token from the same address');
    assert.equal(await guess('127.8.0.1', TOKENS.read), '200', 'a good token from the same address over a new connection');
    assert.equal(await guess('127.8.0.2', 'guess-from-elsewhere'), '401', 'another address');
    good.close();
    return `${answers.filter(answer => answer === '401').length} times 401, then 429; a good token 200 all the while`;
  });
  await report.check('An address without a good token is let in 16 times in 30 seconds', '40 guesses from an address that nobody has shown a good token from', async () => {
    const answers: string[] = [];
    for (let count = 0; count < 40; count++) { answers.push(await guess('127.8.0.3', `guess-number-${count}`)); }
    assert.equal(answers.filter(answer => answer === '401').length, 16);
    assert.ok(answers.slice(16).every(answer => !/^\d/.test(answer)), answers.slice(16).join(', '));
    return '16 times 401, then no connection';
  });
  await report.check('They are counted in a metric', 'haproxy_frontend_requests_denied_total in /gateway/metrics', async () => {
    const { body } = await new Client(certificate.certificate).get('/gateway/metrics', TOKENS.metrics);
    const counted = Number(/^haproxy_frontend_requests_denied_total\{proxy="gateway"\} (\d+)/m.exec(body.toString())?.[1]);
    assert.ok(counted >= 57, `${counted}`);
    return `${counted}`;
  });
  // Last, since it makes the gateway strict with addresses that it does not know.
  await report.check('Callers with a good token are not taken for who guesses behind the same address', '600 guesses, and a new agent after every 20 of them', async () => {
    assert.equal(await guess('127.8.0.4', TOKENS.read), '200');
    const agents: string[] = [];
    for (let count = 0; count < 600; count++) {
      await guess('127.8.0.4', `guess-number-${count}`);
      if (count % 20 === 0) { agents.push(await guess('127.8.0.4', TOKENS.read)); }
    }
    assert.deepEqual([...new Set(agents)], ['200']);
    return `${agents.length} agents, all answered with 200`;
  });
}

async function upgrades(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  const NAMES = ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'http2-settings'];
  const upgrade = (protocol: string): string => `GET /api/profiles/types HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${TOKENS.read}\r\nConnection: Upgrade, HTTP2-Settings\r\n`
    + `Upgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\n\r\n`;
  await report.each('What concerns one connection alone does not go on', ['h2c', 'anything'], protocol => `Upgrade: ${protocol}`, async protocol => {
    assert.equal(await http1(GATEWAY, { ca: certificate.certificate, servername: HOST }, upgrade(protocol)), 200);
    const received = recorder.requests[recorder.requests.length - 1];
    assert.deepEqual(NAMES.filter(name => name in received), []);
  });
}

async function sizes(report: Report, certificate: Certificate): Promise<void> {
  const send = async (path: string, token: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<number> => {
    const agent = new Agent(newClientAddress(GATEWAY).localAddress!, token);
    return Number(await agent.call({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', 'te': 'trailers', ...headers }, body).finally(() => agent.close()));
  };
  await report.check('A push that is too large is refused', '17 MiB, as its first message tells, and as its length does', async () => {
    assert.equal(await send(WRITE_RAW, TOKENS.push, Buffer.concat([Buffer.from([0, 255, 255, 255, 255]), Buffer.alloc(100)])), 413, '4 GiB by a lie');
    // What has come by then fills the gateway's buffer, so that it does not wait for more.
    const head = `POST ${WRITE_RAW} HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${TOKENS.push}\r\nContent-Length: ${17 * MiB}\r\n\r\n`;
    assert.equal(await http1(GATEWAY, { ca: certificate.certificate, servername: HOST }, head + 'x'.repeat(40_000)), 413, 'by length');
    return '413 and 413';
  });
  await report.check('One push token writes no more than its share', '96 MiB a minute: pushes of 5 MiB without a break', async () => {
    const answers: number[] = [];
    for (let count = 0; count < 8; count++) { answers.push(await send(WRITE_RAW, TOKENS.push, grpcFrame(Buffer.alloc(5 * MiB)))); }
    assert.deepEqual([...new Set(answers)], [200, 429]);
    assert.ok(answers.filter(answer => answer === 200).length <= 5, answers.join(', '));
    assert.equal(await send('/api/parca.query.v1alpha1.QueryService/Query', TOKENS.read, grpcFrame(Buffer.alloc(10))), 200, 'another credential');
    return answers.join(', ');
  });
  await report.check('Uploads are bounded per file and per day', '16 MiB a file, 32 MiB a day, by bodies that tell no length', async () => {
    const upload = (mebibytes: number): Promise<number> => send(`${DEBUGINFO}/Upload`, TOKENS.symbols, Buffer.alloc(mebibytes * MiB));
    assert.equal(await upload(10), 200);
    // Amid the body, the answer may be overtaken by the end of the stream.
    const large = await upload(17);
    assert.notEqual(large, 200, 'a file that is too large');
    const rest = [await upload(10), await upload(10)];
    assert.ok(rest.some(status => status !== 200), rest.join(', '));
    assert.equal(await upload(1), 429, 'when the day is used up');
    return `200, ${large || 'reset'}, ${rest.map(status => status || 'reset').join(', ')}, 429`;
  });
}

/** Files of raw tokens that cannot be used, and what the log says of each. */
const FILES: ReadonlyArray<readonly [name: string, content: string, complaint: string]> = [
  ['a byte order mark', `\uFEFF${TOKENS.read}`, 'begins with a byte order mark'],
  ['several tokens', `${TOKENS.read} ${TOKENS.push}`, 'holds more than one token'],
  ['a few letters', 'too-short', 'is shorter than 16 characters'],
  ['5,000 letters', 'a'.repeat(5000), 'is longer than 4096 characters'],
  ['a megabyte of spaces between two letters', `a${' '.repeat(1_000_000)}b`, 'holds more than one token'],
  ['more than a megabyte', ` ${TOKENS.read}${' '.repeat(1_100_000)}`, 'has more than 1048576 bytes'],
  ['UTF-16', Buffer.from(TOKENS.read, 'utf16le').toString('latin1'), 'holds characters that are no printable ASCII'],
  ['nothing', '\n', 'is empty'],
];

/** All of them in the Secrets of one gateway: two keys for each role. */
async function tokenFiles(report: Report, certificate: Certificate): Promise<void> {
  const places = ROLES.flatMap(role => (['token', 'token-previous'] as const).map(key => ({ role, key })));
  const secrets = Object.fromEntries(ROLES.map((role, index) => [role, { 'token': FILES[2 * index][1], 'token-previous': FILES[2 * index + 1][1] }]));
  await withGateway(certificate, {}, async gateway => {
    // The files are read again every five seconds.
    await sleep(11_000);
    await report.each('A token file that cannot be used is named once, and opens nothing', [...FILES.entries()], ([, [name]]) => name, async ([index, [, , complaint]]) => {
      const { role, key } = places[index];
      const said = gateway.output.split('\n').filter(line => line.includes(`${role}/${key} ${complaint}`));
      assert.equal(said.length, 1, gateway.output.slice(-500));
    });
    await report.check('No token is in the log, and none of them opens anything', 'the token that most of the files hold in a wrong way', async () => {
      assert.equal((await new Client(certificate.certificate).get('/api/profiles/types', TOKENS.read)).status, 401);
      assert.ok(!gateway.output.includes(TOKENS.read.slice(0, 16)));
      assert.equal(await probe('/proxy-healthz'), 200);
    });
  }, secrets);
}
