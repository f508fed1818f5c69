import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from 'kubernetes-types/apps/v1';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Suite } from '.';
import { renderManifests } from '../../../src/render';
import { find, resolved } from '../../support';
import { Agent } from '../harness/agents';
import type { Certificate } from '../harness/certificates';
import { newCertificate } from '../harness/certificates';
import { probe } from '../harness/deployment';
import { startNameServer } from '../harness/name-server';
import { Pod } from '../harness/pod';
import type { Programs } from '../harness/prepare';
import type { Running } from '../harness/processes';
import { run, start, until } from '../harness/processes';
import { gatewayKeys, TENANTS, TENANTS_HOST, TENANTS_NAMESPACE, tenantTokens } from '../harness/tenants';

const SPEC = resolved({
  pyroscope: { ...TENANTS, mode: 'microservices', storage: { s3: { bucket: 'profiles', region: 'eu-west-1', roleArn: 'arn:aws:iam::111122223333:role/pyroscope' } } },
});
const REPLICAS = ['127.0.10.1', '127.0.10.2'] as const;
const NAME_SERVER = '127.0.0.53';
const PUSH = { ':method': 'POST', ':path': '/push.v1.PusherService/Push', 'content-type': 'application/proto' } as const;
/** What a replica that hangs may cost. */
const LONGEST_SECONDS = 15;

/** The gateway before the chart, with fakes as distributors. */
export const replicas: Suite = {
  name: 'replicas',
  about: 'a replica that DNS still names and that refuses, hangs or is cut off loses no push or costs at most 15 seconds',
  needs: ['haproxy-3.2', 'openssl', 'fake-pyroscope', 'iptables'],
  run: async ({ report, programs }) => {
    const certificate = await newCertificate(TENANTS_HOST);
    const names = await startNameServer(NAME_SERVER, REPLICAS);
    try {
      await report.check('A replica that is gone loses no push', 'one of two ended by SIGKILL, DNS names both', async () =>
        withReplicas(programs, certificate, async ([first]) => {
          const { failures, pushes, longest } = await pushing(async () => { await first.stop('SIGKILL'); });
          assert.deepEqual([...new Set(failures)], [], `${failures.length} of ${pushes}`);
          return `${pushes} pushes, all answered with 200, the longest after ${longest.toFixed(1)} s`;
        }));
      await report.check('A replica that hangs costs at most 15 seconds', 'one of two stopped by SIGSTOP for 20 s', async () =>
        withReplicas(programs, certificate, async ([first]) => {
          const { failures, pushes, longest } = await pushing(() => { process.kill(first.pid, 'SIGSTOP'); }, 20);
          process.kill(first.pid, 'SIGCONT');
          assert.ok(longest <= LONGEST_SECONDS, `${longest.toFixed(1)} s`);
          return `${pushes} pushes, ${failures.length} failed, the longest after ${longest.toFixed(1)} s`;
        }));
      await report.check('A replica that is cut off costs at most 15 seconds', 'all packets to one of two dropped for 20 s', async () => {
        const rule = ['INPUT', '-d', REPLICAS[0], '-p', 'tcp', '-j', 'DROP'];
        try {
          return await withReplicas(programs, certificate, async () => {
            const { failures, pushes, longest } = await pushing(async () => { await run('iptables', ['-A', ...rule]); }, 20);
            assert.ok(longest <= LONGEST_SECONDS, `${longest.toFixed(1)} s`);
            return `${pushes} pushes, ${failures.length} failed, the longest after ${longest.toFixed(1)} s`;
          });
        } finally {
          await run('iptables', ['-D', ...rule], { strict: false });
        }
      });
    } finally {
      names.close();
    }
  },
};

async function withReplicas(
  programs: Programs, certificate: Certificate, body: (distributors: readonly Running[]) => Promise<string>,
): Promise<string> {
  const distributors = REPLICAS.map(address => start(programs['fake-pyroscope'].path, [`-server.http-listen-address=${address}`]));
  const pod = gatewayPod(certificate);
  try {
    await pod.start('gateway');
    await until('the gateway is ready', 30, async () => await probe('/proxy-readyz').catch(() => 0) === 200 ? true : undefined);
    // Both replicas have passed a check by then.
    await sleep(4000);
    return await body(distributors);
  } finally {
    await pod.stop();
    await Promise.all(distributors.map(one => one.stop('SIGKILL').catch(() => undefined)));
  }
}

/** The pod of the Deployment, with a resolver of its own. */
function gatewayPod(certificate: Certificate): Pod {
  const manifests = renderManifests(SPEC);
  const { spec } = find<Deployment>(manifests, 'Deployment', 'pyroscope-gateway', TENANTS_NAMESPACE).spec!.template;
  writeFileSync('/run/resolv.conf', `nameserver ${NAME_SERVER}\n`);
  return new Pod(spec!, {
    configMaps: { 'pyroscope-gateway': find<ConfigMap>(manifests, 'ConfigMap', 'pyroscope-gateway', TENANTS_NAMESPACE).data ?? {} },
    secrets: {
      'pyroscope-tls': { 'tls.crt': certificate.certificate, 'tls.key': certificate.key },
      'pyroscope-gateway-tokens': gatewayKeys(SPEC),
    },
  }, { gateway: { '/etc/resolv.conf': '/run/resolv.conf' } });
}

interface Pushes { readonly pushes: number; readonly failures: readonly string[]; readonly longest: number }

/** About a hundred pushes a second by clients that stay connected, before and after an event, which no push is in flight at. */
async function pushing(event: () => Promise<void> | void, secondsAfter = 6): Promise<Pushes> {
  const clients = Array.from({ length: 20 }, (_, index) => new Agent(`127.7.0.${index + 1}`, tenantTokens(SPEC)['team-a.push'], TENANTS_HOST));
  const failures: string[] = [];
  let [pushes, longest] = [0, 0];
  const phase = async (seconds: number): Promise<void> => {
    const deadline = Date.now() + seconds * 1000;
    await Promise.all(clients.map(async client => {
      while (Date.now() < deadline) {
        const started = Date.now();
        const seen = await client.call(PUSH, Buffer.from('profile'), 30);
        longest = Math.max(longest, (Date.now() - started) / 1000);
        pushes++;
        if (seen !== '200') { failures.push(seen); }
        await sleep(200);
      }
    }));
  };
  try {
    await phase(2);
    await event();
    await phase(secondsAfter);
  } finally {
    clients.forEach(client => client.close());
  }
  return { pushes, failures, longest };
}
