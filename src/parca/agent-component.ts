import { agent } from './agent';
import { agentExternalSecrets } from './external-secrets';
import { AGENT_METRICS_PORT, AGENT_NAME } from './names';
import { agentMissing, agentNotes } from './notes';
import type { AgentSlice } from './store';
import { storeOf } from './store';
import { agentsChecks } from '../agents/checks';
import type { Component, Contribution } from '../component';
import { hasParcaAgents } from '../config/partial-spec';
import { caSecret } from '../delivery/external-secrets';
import { selectorLabels } from '../kube/labels';
import { blocks, dnsRules } from '../kube/network-policy';

/** The Parca Agents on the nodes, which send to the server here or to a store elsewhere. */
export const parcaAgents: Component = {
  parts: ['agent'],
  tokenRoles: [],
  checks: [agentsChecks],
  images: { agent: hasParcaAgents, preflight: hasParcaAgents },
  contribution: spec => {
    const store = storeOf(spec);
    return spec.parcaAgent && store && contribution({ ...spec, parcaAgent: spec.parcaAgent, store });
  },
};

function contribution(spec: AgentSlice): Contribution {
  const { cluster, agents: { namespace }, store } = spec;
  const { reachedBy } = store;
  return {
    namespaces: [{ id: 'agents', name: namespace, podSecurity: 'privileged' }],
    objects: () => ({ agent: { ...agent(spec), ...agentExternalSecrets(spec) } }),
    shared: () => caSecret(spec, store.ca),
    pods: [{
      id: 'agents',
      name: AGENT_NAME,
      namespace,
      podLabels: selectorLabels(AGENT_NAME),
      egress: [
        ...dnsRules(cluster.dns),
        ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
        ...('cidrs' in reachedBy ? blocks(reachedBy.cidrs, [store.port]) : []),
      ],
    }],
    flows: 'pods' in reachedBy ? [{ from: 'agents', to: reachedBy.pods, ports: [store.port] }] : [],
    metrics: [{ id: 'agent-scraper', name: `${AGENT_NAME}-scraper`, namespace, podLabels: selectorLabels(AGENT_NAME), port: AGENT_METRICS_PORT }],
    notes: () => agentNotes(spec),
    missing: () => agentMissing(spec),
  };
}
