import { strict as assert } from 'node:assert';
import type { Suite } from '.';
import { AGENT_METRICS_PORT } from '../../../src/parca/names';
import { CLUSTER_PROGRAMS } from '../cluster/cluster';
import { AGENT_NAMESPACE, PORT_FORWARDERS, SERVER_NAMESPACE } from '../cluster/installation';
import type { KubeObject, Kubectl } from '../cluster/kubectl';
import { tryTunnel, Tunnel, TUNNEL_PROTOCOLS } from '../cluster/tunnel';
import { Client } from '../harness/client';
import { BACKEND, GATEWAY, TOKENS } from '../harness/deployment';

const PROTOCOLS = Object.keys(TUNNEL_PROTOCOLS) as Array<keyof typeof TUNNEL_PROTOCOLS>;

/** Tunnels of `kubectl port-forward`, by people in the group and by others. */
export const portForward: Suite = {
  name: 'port-forward',
  about: 'who may open a tunnel, and what is at its other end',
  needs: CLUSTER_PROGRAMS,
  run: async ({ report, cluster: start }) => {
    const cluster = await start();
    const { certificate } = await cluster.installation();
    const member = await cluster.user('alice', PORT_FORWARDERS);
    const [agent] = await cluster.kubectl.list<KubeObject>('pods', '-n', AGENT_NAMESPACE);

    for (const protocol of PROTOCOLS) {
      await report.check(`The group may open a tunnel (${protocol})`, 'to the gateway\'s port of the Service, then requests through it', async () => {
        const tunnel = await Tunnel.open(member, SERVER_NAMESPACE, 'service/parca', GATEWAY.port, protocol);
        try {
          const client = new Client(certificate.certificate, tunnel.address);
          const statuses = [undefined, TOKENS.push, TOKENS.read].map(async token => (await client.get('/api/profiles/types', token)).status);
          assert.deepEqual(await Promise.all(statuses), [401, 403, 200]);
          return 'no token 401, push token 403, read token 200';
        } finally {
          await tunnel.close();
        }
      });
      await report.check(`A tunnel to the server itself is refused (${protocol})`, `kubectl port-forward pod/parca-0 :${BACKEND.port}`, async () => {
        const said = await tryTunnel(member, SERVER_NAMESPACE, 'pod/parca-0', BACKEND.port, protocol);
        assert.match(said, /connection refused/);
        return 'connection refused';
      });
    }
    await report.check('A tunnel to an agent is refused', 'by the administrator: metrics and pprof are on the pod\'s address alone', async () => {
      assert.match(await tryTunnel(cluster.kubectl, AGENT_NAMESPACE, `pod/${agent.metadata.name}`, AGENT_METRICS_PORT), /connection refused/);
      return 'connection refused';
    });

    const others: ReadonlyArray<readonly [string, Kubectl]> = [
      ['somebody of another group', await cluster.user('mallory', 'interns')],
      ['somebody whose group only looks alike', await cluster.user('trudy', `${PORT_FORWARDERS}-2`, PORT_FORWARDERS.toUpperCase())],
      ['a user named like the group', await cluster.user(PORT_FORWARDERS)],
    ];
    await report.each('Others may not', others, ([name]) => name, async ([, kubectl]) => {
      for (const target of ['service/parca', 'pod/parca-0']) {
        await assert.rejects(Tunnel.open(kubectl, SERVER_NAMESPACE, target, GATEWAY.port), /forbidden/i);
      }
      return '403';
    });
    await report.each('The group may nothing else', [
      ['read a Secret', ['get', 'secret', 'parca-push-token', '-n', SERVER_NAMESPACE]],
      ['list Secrets', ['get', 'secrets', '-n', SERVER_NAMESPACE]],
      ['run a command in the server', ['exec', '-n', SERVER_NAMESPACE, 'parca-0', '-c', 'parca', '--', '/parca', '--version']],
      ['attach to the server', ['attach', '-n', SERVER_NAMESPACE, 'parca-0', '-c', 'parca']],
      ['add a debug container', ['debug', '-n', SERVER_NAMESPACE, 'parca-0', '--image=busybox', '--profile=restricted']],
      ['reach the server by the API server\'s proxy', ['get', '--raw', `/api/v1/namespaces/${SERVER_NAMESPACE}/pods/https:parca-0:${GATEWAY.port}/proxy/metrics`]],
      ['reach the Service by the API server\'s proxy', ['get', '--raw', `/api/v1/namespaces/${SERVER_NAMESPACE}/services/https:parca:https/proxy/metrics`]],
      ['delete the server', ['delete', 'pod', 'parca-0', '-n', SERVER_NAMESPACE]],
      ['look at the agents', ['get', 'pods', '-n', AGENT_NAMESPACE]],
      ['tunnel to an agent', ['port-forward', '-n', AGENT_NAMESPACE, `pod/${agent.metadata.name}`, `:${AGENT_METRICS_PORT}`]],
    ] as const, ([name]) => name, async ([, args]) => {
      const refusal = await member.refusal(args, { seconds: 20 }) ?? 'allowed';
      assert.match(refusal, /forbidden/i);
      return '403';
    });
  },
};
