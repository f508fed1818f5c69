import { strict as assert } from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter } from '.';
import { toYaml } from '../../../src/kube/yaml';
import type { Cluster } from '../cluster/cluster';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { readyPod } from '../cluster/containers';
import type { Sections } from '../cluster/installation';
import { documentFor, PEERS, SERVER_NAMESPACE } from '../cluster/installation';
import type { KubeObject } from '../cluster/kubectl';
import { HOME } from '../cluster/layout';
import { SYNC_SECONDS } from '../cluster/node';
import { newCertificate, servedFingerprint } from '../harness/certificates';
import { Client } from '../harness/client';
import { HOST, TOKENS } from '../harness/deployment';
import { commandsOf, ROOT, shell } from '../harness/documentation';
import { until } from '../harness/processes';
import { Stream } from '../harness/stream';

const HOW_TO = 'docs/how-to/rotate-tokens-and-certificates.md';

/** The kubelet's period with its jitter, the gateway's 5 seconds, and what a busy machine adds. */
const SECONDS = 2 * SYNC_SECONDS + 15;

/** The commands of the how-to, on the cluster, under load. */
export const liveRotation: Chapter = {
  name: 'live-rotation',
  about: 'the commands of the how-to exchange tokens and certificate in the cluster, under load',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const installation = await cluster.installation();
    const address = await installation.service();
    const [first, second] = [installation.certificate, await newCertificate(HOST)];
    const before = await readyPod(cluster, SERVER_NAMESPACE, 'parca-0');
    const blocks = commandsOf(HOW_TO);
    const [preamble, addNew, handOut, endOld] = blocks[0].split(/^# \d\. .*$/m);

    let authority = first.certificate;
    const status = async (token: string): Promise<number> => (await new Client(authority, address).get('/api/profiles/types', token)).status;
    const secondsUntil = async (what: string, probe: () => Promise<boolean>): Promise<string> => {
      const started = Date.now();
      await until(what, SECONDS, async () => await probe() || undefined);
      return `after ${((Date.now() - started) / 1000).toFixed(1)} s`;
    };
    const { output } = await shell(`${preamble}\necho "$NEW $OLD"`);
    const [NEW, OLD] = output.trim().split(' ');
    assert.equal(OLD, TOKENS.read, 'the how-to finds the token of the installation');
    let current = OLD;
    const stream = new Stream([first.certificate, second.certificate], () => current, address);
    try {
      await report.check('A new token works beside the old one', `${HOW_TO}, step 1`, async () => {
        assert.equal(await status(NEW), 401, 'not before');
        await shell(addNew, { NEW, OLD });
        const seen = await secondsUntil('200 with the new token', async () => await status(NEW) === 200);
        assert.equal(await status(OLD), 200, 'the old one still works');
        return seen;
      });
      await report.check('Readers find the new token in their Secret', `${HOW_TO}, step 2`, async () => {
        await shell(handOut, { NEW, OLD });
        assert.equal(await tokenOf(cluster), NEW);
        current = NEW;
      });
      await report.check('The old token ends', `${HOW_TO}, step 3`, async () => {
        await shell(endOld, { NEW, OLD });
        const seen = await secondsUntil('401 with the old token', async () => await status(OLD) === 401);
        assert.equal(await status(NEW), 200);
        return seen;
      });
      await report.check('A new certificate is served', `${HOW_TO}, kubectl replace of the Secret`, async () => {
        assert.equal(await servedFingerprint(address), first.fingerprint, 'not before');
        const folder = join(HOME, 'new-certificate');
        mkdirSync(folder);
        writeFileSync(join(folder, 'tls.crt'), second.certificate);
        writeFileSync(join(folder, 'tls.key'), second.key);
        await shell(`cd ${folder}\n${blocks[2]}`);
        const seen = await secondsUntil('the new certificate', async () => await servedFingerprint(address) === second.fingerprint);
        authority = second.certificate;
        return seen;
      });
    } finally {
      await stream.stop();
    }
    await report.check('No request fails meanwhile', 'three callers without a break, two of them on a lasting connection', async () => {
      const { sent, failures } = stream.tally();
      assert.deepEqual(failures, []);
      assert.ok(sent > 100, `only ${sent} requests`);
      return `${sent} requests, none failed`;
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
      await shell(blocks[1]);
      await until('only new pods', 60, async () => (await uids()).every(uid => !old.includes(uid)) ? true : undefined);
    });
    await report.check('A token can be ended at once', 'hardened-profiling secrets --role read | kubectl replace -f -', async () => {
      await revoke(documentFor(cluster.digests));
      const seen = await secondsUntil('401 with the token of before', async () => await status(NEW) === 401);
      const token = await tokenOf(cluster);
      await until('200 with the token in the Secret', SECONDS, async () => await status(token) === 200 ? true : undefined);
      return seen;
    });
    await restore(cluster);
    report.notVerified(`the kubelet's default sync period of a minute: ${SYNC_SECONDS} s here, so changes take longer elsewhere`);
  },
};

async function revoke(sections: Sections): Promise<void> {
  const file = join(HOME, 'profiling.yaml');
  writeFileSync(file, toYaml(sections));
  await shell(`${join(ROOT, 'bin/hardened-profiling')} secrets ${file} --role read | kubectl replace -f -`);
}

/** The token that readers have. */
async function tokenOf(cluster: Cluster): Promise<string> {
  const secret = await cluster.kubectl.get<KubeObject & { data: Record<string, string> }>('secret', 'parca-read-token', PEERS.reader.namespace);
  return Buffer.from(secret!.data.token, 'base64').toString();
}

/** Later chapters find the tokens and the certificate that they know. */
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
