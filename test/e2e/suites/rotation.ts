import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Suite } from '.';
import type { Certificate } from '../harness/certificates';
import { newCertificate, servedFingerprint } from '../harness/certificates';
import { Client } from '../harness/client';
import type { TokenSecrets } from '../harness/deployment';
import { digestOf, emitted, GATEWAY, HOST, secretsOf, serverPod, startGateway } from '../harness/deployment';
import type { Pod } from '../harness/pod';
import { until } from '../harness/processes';
import { startRecorder } from '../harness/recorder';
import type { Report } from '../harness/report';
import { Stream } from '../harness/stream';

/** Files are read every five seconds; one more for a busy machine. */
const SECONDS = 6;

/** About what fits into a Secret. */
const LONG_LIST = 15_000;

const [OLD, NEW, NEXT] = ['old', 'new', 'next'].map(name => digestOf(`${name} token`));

/** Tokens and certificate change under load, the way the kubelet changes files. */
export const rotation: Suite = {
  name: 'rotation',
  about: 'tokens and certificates are exchanged without a restart and without a lost request',
  needs: ['haproxy-3.2', 'openssl'],
  run: async ({ report }) => {
    const [first, second] = [await newCertificate(HOST), await newCertificate(HOST)];
    const recorder = await startRecorder();
    const pod = serverPod(first, { read: { token: OLD } });
    try {
      const gateway = await startGateway(pod);
      await exchange(report, new Rotation(pod, first), second);
      await report.check('The gateway was not restarted meanwhile', 'the process is the one that was started', async () => {
        assert.equal(await Promise.race([gateway.ended, Promise.resolve('running')]), 'running');
      });
    } finally {
      await pod.stop();
      await recorder.close();
    }
  },
};

/** A gateway's files, and how long it takes until a change of theirs is seen. */
class Rotation {
  private tokens: TokenSecrets = {};

  constructor(private readonly pod: Pod, public served: Certificate) {}

  public change(tokens: TokenSecrets, certificate: Certificate = this.served): void {
    this.tokens = tokens;
    this.served = certificate;
    this.pod.sync({ configMaps: emitted().configMaps, secrets: secretsOf(certificate, this.tokens) });
  }

  public async status(token: string): Promise<number> {
    return (await new Client(this.served.certificate).get('/api/profiles/types', token)).status;
  }

  /** Seconds until a token is answered with this status. */
  public async secondsUntil(token: string, expected: number): Promise<number> {
    const started = Date.now();
    await until(`${expected} with the token`, SECONDS, async () => await this.status(token) === expected ? true : undefined);
    return (Date.now() - started) / 1000;
  }
}

async function exchange(report: Report, files: Rotation, second: Certificate): Promise<void> {
  const first = files.served;
  let current = OLD;
  const stream = new Stream([first.certificate, second.certificate], () => current);
  try {
    await report.check('A new token works beside the old one', '`token` replaced, the old one moved to `token-previous`', async () => {
      assert.equal(await files.status(NEW), 401, 'not before');
      files.change({ read: { 'token': NEW, 'token-previous': OLD } });
      const seconds = await files.secondsUntil(NEW, 200);
      assert.equal(await files.status(OLD), 200, 'the old one still works');
      return `after ${seconds.toFixed(1)} s`;
    });
    current = NEW;
    await report.check('An old token ends when it is removed', '`token-previous` removed', async () => {
      files.change({ read: { token: NEW } });
      const seconds = await files.secondsUntil(OLD, 401);
      assert.equal(await files.status(NEW), 200);
      return `after ${seconds.toFixed(1)} s`;
    });
    await report.check('A digest does as well as a token', '`sha256` with the digest of the next token added', async () => {
      files.change({ read: { token: NEW, sha256: `${digestOf(NEXT)}\n` } });
      return `after ${(await files.secondsUntil(NEXT, 200)).toFixed(1)} s`;
    });
    await report.check('A new certificate is served', 'both files of the Secret replaced at once', async () => {
      assert.equal(await servedFingerprint(GATEWAY), first.fingerprint, 'not before');
      files.change({ read: { token: NEW, sha256: `${digestOf(NEXT)}\n` } }, second);
      const started = Date.now();
      await until('the new certificate', SECONDS, async () => await servedFingerprint(GATEWAY) === second.fingerprint ? true : undefined);
      return `after ${((Date.now() - started) / 1000).toFixed(1)} s`;
    });
    await report.check('A long list of digests is read without a gap', `\`sha256\` with ${LONG_LIST} digests, the good one last, read twice`, async () => {
      const filler = Array.from({ length: LONG_LIST - 1 }, (_, index) => digestOf(`filler ${index}`));
      const before = stream.tally();
      files.change({ read: { sha256: [...filler, digestOf(NEW)].join('\n') } });
      await files.secondsUntil(NEXT, 401);
      await sleep(SECONDS * 1000);
      const { sent, failures } = stream.tally();
      assert.equal(failures.length, before.failures.length, `${failures.length - before.failures.length} requests of ${sent - before.sent}: ${failures[failures.length - 1]}`);
      return `${sent - before.sent} requests, all answered with 200`;
    });
  } finally {
    await stream.stop();
  }
  await report.check('No request is lost meanwhile', 'three callers without a break, two of them always connected', async () => {
    const { sent, failures } = stream.tally();
    assert.ok(sent > 100, `only ${sent} requests`);
    assert.equal(failures.length, 0, `${failures.length} of ${sent}: ${[...new Set(failures)].join(', ')}`);
    return `${sent} requests, all answered with 200`;
  });
  await report.check('A Secret that is removed lets nobody in', 'the role’s Secret deleted', async () => {
    files.change({});
    const seconds = await files.secondsUntil(NEW, 401);
    assert.equal(await files.status(NEXT), 401);
    return `after ${seconds.toFixed(1)} s`;
  });
  await report.check('It lets them in again when it is back', 'the Secret created again', async () => {
    files.change({ read: { token: NEW } });
    return `after ${(await files.secondsUntil(NEW, 200)).toFixed(1)} s`;
  });
}
