import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { ResolvedPeer, ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';
import { selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { blocks, defaultDeny, dnsRules, peerId, pods, policy, storageRules, tcp } from '../kube/network-policy';
import { INVENTORY_NAME, NODES_METRICS_PORT, SETTINGS_NAME } from '../nodes/names';
import { bundledInventory, heldSettings } from '../nodes/needs';
import { AGENT_METRICS_PORT, AGENT_NAME, SERVER_NAME } from '../parca/names';
import { pyroscopePolicies, pyroscopeScraperPolicies } from '../pyroscope/network';

/**
 * A default deny in each namespace and exactly the flows that the parts need.
 *
 * Policies add up, so each flow to or from somebody else is an object of its own: granting is adding one.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function networkPolicies(spec: ResolvedSpec): Part {
  const { access, parca } = spec;
  return {
    'deny-server': defaultDeny(parca.namespace),
    'deny-agents': defaultDeny(parca.agentNamespace),
    'server': serverPolicy(spec),
    'agents': agentPolicy(spec),
    ...pyroscopePolicies(spec),
    ...merge(access.readers.map(peer => readerPolicies(spec, peer))),
    ...merge(access.symbolUploaders.map(peer => symbolUploaderPolicies(spec, peer))),
    ...merge(access.scrapers.map(peer => scraperPolicies(spec, peer))),
  };
}

/** Lets a peer query the gateway. */
export function readerPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  return gatewayPolicies(spec, peer, 'reader');
}

/** Lets a peer upload debug information to the gateway. */
export function symbolUploaderPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  return gatewayPolicies(spec, peer, 'symbols');
}

/** Lets a peer scrape the agents and, through the gateways, the servers. */
export function scraperPolicies(spec: ResolvedSpec, peer: ResolvedPeer): Part {
  return {
    ...gatewayPolicies(spec, peer, 'scraper'),
    ...podScraperPolicies(spec, peer, AGENT_NAME, AGENT_METRICS_PORT, 'agent'),
    ...merge(nodeWorkloads(spec).map(workload => podScraperPolicies(spec, peer, workload, NODES_METRICS_PORT))),
    ...pyroscopeScraperPolicies(spec, peer),
  };
}

/** Lets a peer scrape pods of the agents' namespace themselves. */
function podScraperPolicies({ parca }: ResolvedSpec, peer: ResolvedPeer, app: string, port: number, id = app): Part {
  const name = `${app}-scraper-${peerId(peer)}`;
  return {
    [`${id}-scraper-${peerId(peer)}`]: policy(parca.agentNamespace, name, selectorLabels(app), {
      ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(port)] }],
    }),
    ...(peer.egressPolicy && {
      [`${id}-scraper-egress-${peerId(peer)}`]: policy(peer.namespace, name, peer.podLabels, {
        egress: [{ to: [pods(parca.agentNamespace, selectorLabels(app))], ports: [tcp(port)] }],
      }),
    }),
  };
}

/** What runs on every node and serves metrics there. It needs no other flow than that. */
function nodeWorkloads(spec: ResolvedSpec): string[] {
  return [...(heldSettings(spec).length > 0 ? [SETTINGS_NAME] : []), ...(bundledInventory(spec) ? [INVENTORY_NAME] : [])];
}

function gatewayPolicies({ parca }: ResolvedSpec, peer: ResolvedPeer, purpose: string): Part {
  const id = peerId(peer);
  const name = `${SERVER_NAME}-${purpose}-${id}`;
  return {
    [`${purpose}-${id}`]: policy(parca.namespace, name, selectorLabels(SERVER_NAME), {
      ingress: [{ from: [pods(peer.namespace, peer.podLabels)], ports: [tcp(GATEWAY_PORT)] }],
    }),
    ...(peer.egressPolicy && {
      [`${purpose}-egress-${id}`]: policy(peer.namespace, name, peer.podLabels, {
        egress: [{ to: [pods(parca.namespace, selectorLabels(SERVER_NAME))], ports: [tcp(GATEWAY_PORT)] }],
      }),
    }),
  };
}

function serverPolicy({ cluster, parca }: ResolvedSpec): Complete<NetworkPolicy> {
  const storage = parca.server.objectStorage;
  return policy(parca.namespace, SERVER_NAME, selectorLabels(SERVER_NAME), {
    ingress: [{ from: [pods(parca.agentNamespace, selectorLabels(AGENT_NAME))], ports: [tcp(GATEWAY_PORT)] }],
    // Without a bucket the server has no reason to look up or reach anything.
    egress: storage ? storageRules(storage, cluster) : [],
  });
}

function agentPolicy({ cluster, parca }: ResolvedSpec): Complete<NetworkPolicy> {
  return policy(parca.agentNamespace, AGENT_NAME, selectorLabels(AGENT_NAME), {
    ingress: [],
    egress: [
      ...dnsRules(cluster),
      ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
      { to: [pods(parca.namespace, selectorLabels(SERVER_NAME))], ports: [tcp(GATEWAY_PORT)] },
    ],
  });
}
