import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions } from 'node:tls';
import { connect as tlsConnect } from 'node:tls';
import type { Suite } from '.';
import type { Attack } from './attacks';
import { ATTACKS, ENDPOINTS, ENTITLEMENTS, STRIPPED_HEADERS } from './attacks';
import { TOKEN_FILES } from './token-files';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { Client } from '../harness/client';
import type { Role, TokenSecrets } from '../harness/deployment';
import { GATEWAY, HOST, probe, ROLES, serverPod, startGateway, TOKEN_SECRETS, TOKENS } from '../harness/deployment';
import { run, until } from '../harness/processes';
import type { Recorder } from '../harness/recorder';
import { startRecorder } from '../harness/recorder';
import type { Report } from '../harness/report';
import type { Answer } from '../harness/wire';
import { http1, http1Text, http2, newClientAddress } from '../harness/wire';

/** The gateway alone, before a backend that records what reaches it. */
export const gateway: Suite = {
  name: 'gateway',
  about: 'an attack matrix against the real HAProxy, and what of it reaches the server',
  needs: ['haproxy-3.2', 'openssl', 'curl'],
  run: async ({ report }) => {
    const certificate = await newCertificate(HOST);
    const recorder = await startRecorder();
    try {
      await withGateway(certificate, TOKEN_SECRETS, async () => {
        await matrix(report, certificate, recorder);
        await stripped(report, certificate, recorder);
        await bodies(report, certificate);
        await transport(report, certificate);
      });
      await tokenFiles(report, certificate);
    } finally {
      await recorder.close();
    }
  },
};

/** Runs a gateway with these Secrets while `body` runs. */
async function withGateway(certificate: Certificate, tokens: TokenSecrets, body: () => Promise<void>): Promise<void> {
  const pod = serverPod(certificate, tokens);
  try {
    await startGateway(pod);
    await body();
  } finally {
    await pod.stop();
  }
}

async function matrix(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  await until('the gateway reaches the recorder', 10, async () => await probe('/proxy-readyz') === 200 ? true : undefined);
  const all = [...ENTITLEMENTS, ...ATTACKS];
  const seen = new Map<Attack, Answer>();
  const before = recorder.requests.length;
  for (const promise of new Set(all.map(attack => attack.promise))) {
    await report.each(promise, all.filter(attack => attack.promise === promise), ({ name }) => name, async attack => {
      const reached = recorder.requests.length;
      const answer = await perform(certificate, attack);
      seen.set(attack, answer);
      assert.equal(answer, attack.expected, `answered ${answer}, not ${attack.expected}`);
      const count = recorder.requests.length - reached;
      assert.equal(count, reaches(attack) ? 1 : 0, `${count} requests reached the server`);
      return `${answer}`;
    });
  }
  await report.check('Nothing that is refused reaches the server', `requests counted behind the gateway during all ${all.length} rows`, async () => {
    // A request that the gateway held back and sent on later would have come by now.
    await sleep(1500);
    const allowed = all.filter(reaches).length;
    const count = recorder.requests.length - before;
    assert.equal(count, allowed, `${count} requests reached the server, not ${allowed}`);
    return `${allowed} reached it, ${all.length - allowed} did not`;
  });

  const statuses = (owner: string, method: string, path: string): string[] => {
    const row = ENTITLEMENTS.filter(attack => attack.method === method && attack.path === path);
    return [owner, `${method} ${path}`, ...row.map(attack => `${seen.get(attack)}`)];
  };
  report.table({
    title: 'Who may call what', header: ['entitled', 'endpoint', 'no token', ...ROLES], rows: ENDPOINTS.map(endpoint => statuses(...endpoint)),
  });
  report.table({
    title: 'Attack matrix',
    header: ['promise', 'request', 'expected', 'seen'],
    rows: ATTACKS.map(attack => [attack.promise, printable(attack.name), `${attack.expected}`, `${seen.get(attack)}`]),
  });
}

function reaches(attack: Attack): boolean {
  return attack.reaches ?? attack.expected === 200;
}

function perform(certificate: Certificate, attack: Attack): Promise<Answer> {
  const tls = { ca: certificate.certificate, servername: HOST };
  return attack.protocol === 'h1' ? http1(GATEWAY, tls, attack.text ?? http1Text(attack)) : http2(GATEWAY, tls, attack, HOST);
}

function printable(text: string): string {
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}

/** What an allowed request looks like to the server. */
async function stripped(report: Report, certificate: Certificate, recorder: Recorder): Promise<void> {
  const headers = [...STRIPPED_HEADERS, ['authorization', `Bearer ${TOKENS.read}`], ['x-kept', 'yes']] as const;
  await report.each('Credentials and headers that steer never reach the server', ['h1', 'h2'] as const, protocol => `${STRIPPED_HEADERS.length + 1} headers over ${protocol}`,
    async protocol => {
      const host = protocol === 'h1' ? [['host', HOST] as const] : [];
      const attack = { promise: '', name: '', protocol, method: 'GET', path: '/api/profiles/types', headers: [...host, ...headers], body: '', expected: 200 } as const;
      assert.equal(await perform(certificate, attack), 200);
      const received = recorder.requests[recorder.requests.length - 1];
      assert.equal(received['x-kept'], 'yes');
      assert.deepEqual(headers.map(([name]) => name).filter(name => name !== 'x-kept' && name in received), []);
    });
  await report.check('No request ever carried a credential to the server', 'every request recorded in this suite', async () => {
    const text = JSON.stringify(recorder.requests);
    assert.doesNotMatch(text, /"(proxy-)?authorization"|"cookie"/i);
    // The token in a query string is refused for want of a header; it must not be there either.
    ROLES.forEach(role => assert.ok(!text.includes(TOKENS[role]), `token of ${role}`));
    return `${recorder.requests.length} requests`;
  });
}

/** A refusal that overtakes the request's body is a reset for many clients, and agents then log that and not the status. */
async function bodies(report: Report, certificate: Certificate): Promise<void> {
  const CERTIFICATE_FILE = '/run/ca.crt';
  writeFileSync(CERTIFICATE_FILE, certificate.certificate);
  const post = async (token: string): Promise<string> => (await run('curl', [
    '--silent', '--interface', newClientAddress(GATEWAY).localAddress!, '--http2', '--max-time', '10', '--cacert', CERTIFICATE_FILE, '--resolve', `${HOST}:${GATEWAY.port}:${GATEWAY.host}`,
    '--header', 'content-type: application/grpc', '--header', `authorization: Bearer ${token}`, '--data-binary', 'x'.repeat(100),
    '--output', '/dev/null', '--write-out', '%{http_code} exit %{exitcode}', `https://${HOST}:${GATEWAY.port}/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw`,
  ], { strict: false })).output;
  const cases = { '401 exit 0': 'wrong-wrong-wrong-wrong', '403 exit 0': TOKENS.read } as const;
  for (const [expected, token] of Object.entries(cases)) {
    await report.check(`A refused POST gets its ${expected.slice(0, 3)} and not a reset`, '75 small POSTs with curl over HTTP/2', async () => {
      const answers: string[] = [];
      for (let count = 0; count < 75; count++) { answers.push(await post(token)); }
      const other = answers.filter(answer => answer !== expected);
      assert.equal(other.length, 0, `${other.length} of 75: ${[...new Set(other)].join(', ')}`);
      return '75 of 75';
    });
  }
}

async function transport(report: Report, certificate: Certificate): Promise<void> {
  // Level 0 lets this client offer what it should not get.
  const offers: ReadonlyArray<{ readonly name: string; readonly options: ConnectionOptions; readonly expected: RegExp }> = [
    { name: 'TLS 1.0', options: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }, expected: /alert protocol version/i },
    { name: 'TLS 1.1', options: { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, expected: /alert protocol version/i },
    { name: 'TLS 1.2', options: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, expected: /^TLSv1.2 .*ECDHE-ECDSA-AES\d+-GCM/ },
    { name: 'TLS 1.3', options: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' }, expected: /^TLSv1.3 / },
    { name: 'TLS 1.2 with CBC', options: { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA' }, expected: /alert handshake failure/i },
    { name: 'HTTP/2 by ALPN', options: { ALPNProtocols: ['h2', 'http/1.1'] }, expected: / h2$/ },
  ];
  await report.each('TLS 1.2 with forward secrecy or 1.3, and nothing older', offers, ({ name }) => name, async ({ options, expected }) => {
    const seen = await handshake(certificate, options);
    assert.match(seen, expected);
    return seen;
  });
  await report.check('Plaintext is not served', 'an HTTP/1.1 request with a good token, without TLS', async () => {
    const answer = await plaintext(`GET /api/profiles/types HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${TOKENS.read}\r\n\r\n`);
    assert.doesNotMatch(answer, /HTTP\/1/);
    return answer === '' ? 'closed without an answer' : answer;
  });
}

/** Version, cipher and protocol that were agreed on, or why none were. */
function handshake(certificate: Certificate, options: ConnectionOptions): Promise<string> {
  return new Promise(done => {
    const socket = tlsConnect({ ...GATEWAY, ca: certificate.certificate, servername: HOST, ...options }, () => {
      const seen = `${socket.getProtocol()} ${socket.getCipher().name} ${socket.alpnProtocol || '-'}`;
      socket.destroy();
      done(seen);
    });
    socket.setTimeout(5000, () => socket.destroy(new Error('timeout')));
    socket.on('error', error => done(error.message));
  });
}

function plaintext(request: string): Promise<string> {
  return new Promise(done => {
    let received = '';
    const socket = connect(GATEWAY, () => socket.write(request));
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', chunk => { received += chunk.toString('latin1'); });
    socket.on('error', () => undefined);
    socket.on('close', () => done(received));
  });
}

/** A route that each role may take. */
const OWN_ROUTE: Readonly<Record<Role, readonly [method: string, path: string]>> = {
  metrics: ['GET', '/metrics'],
  push: ['POST', '/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw'],
  read: ['GET', '/api/profiles/types'],
  symbols: ['POST', '/parca.debuginfo.v1alpha1.DebuginfoService/Upload'],
};

async function tokenFiles(report: Report, certificate: Certificate): Promise<void> {
  await report.each('Token files that are wrong open nothing', TOKEN_FILES, ({ name }) => name, async ({ secrets, attempts }) => {
    await withGateway(certificate, secrets, async () => {
      for (const { role, token, expected } of attempts) {
        const [method, path] = OWN_ROUTE[role];
        const { status } = await new Client(certificate.certificate).send({ ':method': method, ':path': path, 'authorization': `Bearer ${token}` });
        assert.equal(status, expected, `${role} with ${token === '' ? 'an empty token' : `the token that begins with ${token.slice(0, 8)}`}`);
      }
    });
    return attempts.map(({ role, expected }) => `${role} ${expected}`).join(', ');
  });
}
