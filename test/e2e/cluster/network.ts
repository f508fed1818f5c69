import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BRIDGE, HOME, NODE_ADDRESS, POD_CIDR, SERVICE_CIDR } from './layout';
import { run } from '../harness/processes';

/** Where the container runtime looks for the network's configuration. */
export const CNI_CONFIG = join(HOME, 'cni');

/** The bridge, and what hangs each pod on it. */
export async function makeNetwork(): Promise<void> {
  await run('ip', ['link', 'add', BRIDGE, 'type', 'bridge']);
  await run('ip', ['address', 'add', `${NODE_ADDRESS}/${POD_CIDR.split('/')[1]}`, 'dev', BRIDGE]);
  await run('ip', ['link', 'set', BRIDGE, 'up']);
  // From the node to a Service: the kernel wants a route before kube-proxy's rules can change the address.
  await run('ip', ['route', 'add', SERVICE_CIDR, 'dev', BRIDGE, 'src', NODE_ADDRESS]);
  // A packet that the kernel takes for part of no connection keeps the address of the Service. Nobody answers to that, and the "host unreachable"
  // would end a connection that has the same port meanwhile: lost like this, it is sent again.
  await run('iptables', ['-A', 'OUTPUT', '-d', SERVICE_CIDR, '-j', 'DROP']);
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  // Packets between two ports of the bridge pass the rules of kube-proxy and of NetworkPolicies.
  writeFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', '1');

  mkdirSync(CNI_CONFIG, { recursive: true });
  writeFileSync(join(CNI_CONFIG, '10-e2e.conflist'), JSON.stringify({
    cniVersion: '0.4.0',
    name: 'e2e',
    plugins: [{
      type: 'bridge',
      bridge: BRIDGE,
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: join(HOME, 'ipam'),
        ranges: [[{ subnet: POD_CIDR, gateway: NODE_ADDRESS }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    }],
  }));
}
