import { agent } from './agent';
import { parcaChecks } from './checks';
import { gateway } from './gateway';
import { AGENT_METRICS_PORT, AGENT_NAME, SERVER_NAME } from './names';
import { parcaMissing, parcaNotes } from './notes';
import { parcaTokens, tokenSecrets } from './secrets';
import { server } from './server';
import { agentsChecks } from '../agents/checks';
import type { Component, Slice } from '../component';
import { PARCA_ROLES } from '../config/defaults';
import type { ResolvedPeer } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';
import { selectorLabels } from '../kube/labels';
import type { Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import type { Endpoint } from '../kube/network-policy';
import { blocks, connection, dnsRules } from '../kube/network-policy';
import { storageRules } from '../storage/network';

/** Parca: its server behind a gateway, and its agents on the nodes. */
export const parca: Component = {
  parts: ['gateway', 'server', 'agent'],
  tokenRoles: PARCA_ROLES,
  checks: [agentsChecks, parcaChecks],
  images: { parca: () => true, agent: () => true, gateway: () => true, preflight: () => true },
  contribution: spec => {
    const { cluster, agents, access, parca: { namespace, server: { objectStorage } } } = spec;
    return {
      namespaces: [
        { id: 'server', name: namespace, podSecurity: 'restricted' },
        { id: 'agents', name: agents.namespace, podSecurity: 'privileged' },
      ],
      objects: () => ({ gateway: gateway(spec), server: server(spec), agent: agent(spec) }),
      pods: [
        {
          id: 'server',
          name: SERVER_NAME,
          namespace,
          podLabels: selectorLabels(SERVER_NAME),
          // Without a bucket the server has no reason to look up or reach anything.
          egress: objectStorage ? storageRules(objectStorage, cluster.dns) : [],
        },
        {
          id: 'agents',
          name: AGENT_NAME,
          namespace: agents.namespace,
          podLabels: selectorLabels(AGENT_NAME),
          egress: [...dnsRules(cluster.dns), ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts)],
        },
      ],
      flows: [{ from: 'agents', to: 'server', ports: [GATEWAY_PORT] }],
      peers: merge([
        ...access.readers.map(peer => readerPolicies(spec, peer)),
        ...access.symbolUploaders.map(peer => symbolUploaderPolicies(spec, peer)),
      ]),
      metrics: [
        gatewayEndpoint(spec, 'scraper'),
        {
          id: 'agent-scraper', name: `${AGENT_NAME}-scraper`, namespace: agents.namespace, podLabels: selectorLabels(AGENT_NAME), port: AGENT_METRICS_PORT,
        },
      ],
      portForward: { id: '', name: `${SERVER_NAME}-port-forward`, namespace },
      secrets: (newToken, { roles = PARCA_ROLES, name }) => name === undefined ? tokenSecrets(spec, roles, newToken) : [],
      tokens: () => parcaTokens(spec),
      notes: () => parcaNotes(spec),
      missing: ({ document }) => parcaMissing(spec, document),
    };
  },
};

/** Lets a peer query the gateway. */
export function readerPolicies(spec: Slice<'parca'>, peer: ResolvedPeer): Part {
  return connection(gatewayEndpoint(spec, 'reader'), peer);
}

/** Lets a peer upload debug information to the gateway. */
export function symbolUploaderPolicies(spec: Slice<'parca'>, peer: ResolvedPeer): Part {
  return connection(gatewayEndpoint(spec, 'symbols'), peer);
}

function gatewayEndpoint({ parca: { namespace } }: Slice<'parca'>, purpose: string): Endpoint {
  return { id: purpose, name: `${SERVER_NAME}-${purpose}`, namespace, podLabels: selectorLabels(SERVER_NAME), port: GATEWAY_PORT };
}
