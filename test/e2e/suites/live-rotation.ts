import { strict as assert } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from '.';
import { toYaml } from '../../../src/kube/yaml';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { readyPod } from '../cluster/containers';
import { documentFor, PEERS, SERVER_NAMESPACE } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { HOME } from '../cluster/layout';
import { SYNC_SECONDS } from '../cluster/node';
import { newCertificate, servedFingerprint } from '../harness/certificates';
import { Client } from '../harness/client';
import { digestOf, HOST, TOKENS } from '../harness/deployment';
import { commandsOf, rotationOf, shell } from '../harness/documentation';
import { ProcessList } from '../harness/process-list';
import { BETWEEN_REFUSALS, until } from '../harness/processes';
import { Stream } from '../harness/stream';

const HOW_TO = 'docs/how-to/rotate-tokens-and-certificates.md';

/** The kubelet's period with its jitter, the gateway's 5 seconds, and what a busy machine adds. */
const SECONDS = 2 * SYNC_SECONDS + 15;

/** The commands of the how-to, on the cluster, under load. */
export const liveRotation: Suite = {
  name: 'live-rotation',
  about: 'the commands of the how-to exchange tokens and certificate in the cluster, under load',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const installation = await cluster.installation();
    const address = await installation.service();
    const [first, second] = [installation.certificate, await newCertificate(HOST)];
    const before = await readyPod(cluster, SERVER_NAMESPACE, 'parca-0');
    const [toNew, endOld, restart, toNewByHand, endOldByHand, exchangeCertificate] = commandsOf(HOW_TO);
    const { preamble, steps } = rotationOf(toNew, endOld);
    writeFileSync(join(HOME, 'profiling.yaml'), toYaml(documentFor(cluster.digests)));

    let authority = first.certificate;
    const status = async (token: string): Promise<number> => (await new Client(authority, address).get('/api/profiles/types', token)).status;
    const secondsUntil = async (what: string, probe: () => Promise<boolean>): Promise<string> => {
      const started = Date.now();
      await until(what, SECONDS, async () => await probe() || undefined, BETWEEN_REFUSALS);
      return `after ${((Date.now() - started) / 1000).toFixed(1)} s`;
    };
    const tokens = [TOKENS.read];
    let current = TOKENS.read;
    const stream = new Stream([first.certificate, second.certificate], () => current, address);
    const processes = new ProcessList();
    try {
      await report.check('A new token works beside the old one', `${HOW_TO}, step 1`, async () => {
        await shell(preamble + steps[0]);
        const next = await readerSecret(cluster, 'token.next');
        assert.match(next, /^[0-9a-f]{64}$/);
        tokens.push(next);
        const seen = await secondsUntil('200 with the new token', async () => await status(next) === 200);
        assert.equal(await status(TOKENS.read), 200, 'the old one still works');
        assert.equal(await readerSecret(cluster, 'token'), TOKENS.read, 'and is what readers have');
        return seen;
      });
      await report.check('Readers find the new token in their Secret', `${HOW_TO}, step 2`, async () => {
        await shell(preamble + steps[1]);
        current = await readerSecret(cluster, 'token');
        assert.equal(current, tokens[1]);
      });
      await report.check('The old token ends', `${HOW_TO}, step 3`, async () => {
        await shell(preamble + steps[2]);
        const seen = await secondsUntil('401 with the old token', async () => await status(TOKENS.read) === 401);
        assert.equal(await status(current), 200);
        return seen;
      });
      await report.check('The same by hand', `${HOW_TO}, By hand`, async () => {
        const byHand = rotationOf(toNewByHand, endOldByHand);
        const done = shell(byHand.preamble + byHand.steps.join(`sleep ${SECONDS}\n`));
        await until('a new token in the Secret', 2 * SECONDS, async () => await readerSecret(cluster, 'token') !== tokens[1] ? true : undefined);
        current = await readerSecret(cluster, 'token');
        tokens.push(current);
        await done;
        return secondsUntil('401 with the token of before', async () => await status(tokens[1]) === 401);
      });
      await report.check('A new certificate is served', `${HOW_TO}, kubectl replace of the Secret`, async () => {
        assert.equal(await servedFingerprint(address), first.fingerprint, 'not before');
        const folder = join(HOME, 'new-certificate');
        mkdirSync(folder);
        writeFileSync(join(folder, 'tls.crt'), second.certificate);
        writeFileSync(join(folder, 'tls.key'), second.key);
        await shell(`cd ${folder}\n${exchangeCertificate}`);
        const seen = await secondsUntil('the new certificate', async () => await servedFingerprint(address) === second.fingerprint);
        authority = second.certificate;
        return seen;
      });
    } finally {
      await stream.stop();
    }
    const seen = processes.stop();
    await report.check('No request fails meanwhile', 'three callers without a break, two of them on a lasting connection', async () => {
      const { sent, failures } = stream.tally();
      assert.deepEqual(failures, []);
      assert.ok(sent > 100, `only ${sent} requests`);
      return `${sent} requests, none failed`;
    });
    await report.check('No token was in the list of processes', 'command lines and environments of all processes, every few milliseconds', async () => {
      assert.equal(tokens.length, 3);
      ['secrets\0profiling.yaml\0--rotate\0read', 'kubectl\0replace', 'kubectl\0create\0secret'].forEach(command => assert.ok(seen.includes(command), `${command.replaceAll('\0', ' ')} was not seen`));
      tokens.forEach(token => assert.ok(!seen.includes(token)));
    });
    await report.check('The server\'s namespace has no raw token afterwards', 'all Secrets there, with their annotations', async () => {
      const secrets = await cluster.kubectl.list<KubeObject & { data?: Record<string, string> }>('secrets', '-n', SERVER_NAMESPACE);
      const texts = secrets.flatMap(secret => [JSON.stringify(secret), ...Object.values(secret.data ?? {}).map(text => Buffer.from(text, 'base64').toString())]);
      texts.forEach(text => tokens.forEach(token => assert.ok(!text.includes(token) && !text.includes(Buffer.from(token).toString('base64')))));
      const { data } = secrets.find(({ metadata }) => metadata.name === 'parca-read-token')!;
      assert.deepEqual(Object.keys(data!), ['sha256']);
      assert.equal(Buffer.from(data!.sha256, 'base64').toString().trim(), digestOf(current), 'the digest of the token in use alone');
    });
    await report.check('Nothing was restarted', 'uid and restarts of the pod', async () => {
      const after = await readyPod(cluster, SERVER_NAMESPACE, 'parca-0');
      const identity = ({ metadata, status: { containerStatuses = [] } }: typeof after): unknown =>
        [metadata.uid, containerStatuses.map(({ name, restartCount, containerID }) => [name, restartCount, containerID])];
      assert.deepEqual(identity(after), identity(before));
    });
    await report.check('The agents take over a new push token and authority when they are restarted', `${HOW_TO}, kubectl rollout restart`, async () => {
      const uids = async (): Promise<string[]> => (await cluster.api.list<KubeObject>('Pod', 'profiling-agents')).map(({ metadata }) => metadata.uid!);
      const old = await uids();
      await shell(restart);
      await until('only new pods', 60, async () => (await uids()).every(uid => !old.includes(uid)) ? true : undefined);
    });
    await report.check('A token can be ended at once', 'hardened-profiling secrets --role read | kubectl replace -f -', async () => {
      await shell('hardened-profiling secrets profiling.yaml --role read | kubectl replace -f -');
      const ended = await secondsUntil('401 with the token of before', async () => await status(current) === 401);
      const token = await readerSecret(cluster, 'token');
      await until('200 with the token in the Secret', SECONDS, async () => await status(token) === 200 ? true : undefined, BETWEEN_REFUSALS);
      return ended;
    });
    await restore(cluster);
    report.notVerified(`the kubelet's default sync period of a minute: ${SYNC_SECONDS} s here, so changes take longer elsewhere`);
  },
};

/** What readers have at a key of their Secret. */
async function readerSecret(cluster: Cluster, key: string): Promise<string> {
  const secret = await cluster.kubectl.get<KubeObject & { data: Record<string, string> }>('secret', 'parca-read-token', PEERS.reader.namespace);
  return Buffer.from(secret!.data[key] ?? '', 'base64').toString();
}

/** Later suites find the tokens and the certificate that they know. */
async function restore(cluster: Cluster): Promise<void> {
  const installation = await cluster.installation();
  await shell('kubectl replace -f "$OBJECTS"', { OBJECTS: writeObjects(installation.prerequisites()) });
  const client = await installation.client();
  await until('the old token', SECONDS, async () => {
    const status = await client.get('/api/profiles/types', TOKENS.read).then(reply => reply.status, () => undefined);
    return status === 200 ? true : undefined;
  });
}

function writeObjects(objects: readonly unknown[]): string {
  const file = join(HOME, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return file;
}
