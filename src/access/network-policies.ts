import type { NetworkPolicy, NetworkPolicyPeer } from 'kubernetes-types/networking/v1';
import type { Contribution, Flow, PodGroup } from '../component';
import type { ResolvedPeer } from '../config/resolved-spec';
import { PART_OF } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import { connection, defaultDeny, defaultDenyOf, pods, policy, tcp } from '../kube/network-policy';

/**
 * NetworkPolicies: a default deny in each namespace and exactly the flows that the components need. In namespaces of others the default deny
 * selects the pods of this deployment alone.
 *
 * Flows go to and from the pods of all contributions, and the policies are those of the first ones.
 *
 * Policies add up, so each flow to or from somebody else is an object of its own: granting is adding one.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function networkPolicies(
  contributions: readonly Contribution[], all: readonly Contribution[], scrapers: readonly ResolvedPeer[], ownsNamespaces: boolean,
): Part {
  const groups = all.flatMap(contribution => contribution.pods ?? []);
  const flows = all.flatMap(contribution => contribution.flows ?? []);
  return {
    ...merge(contributions.flatMap(contribution => [
      ...contribution.namespaces.map(({ id, name }) => ({ [`deny-${id}`]: ownsNamespaces ? defaultDeny(name) : defaultDenyOf(name, PART_OF) })),
      ...(contribution.pods ?? []).map(group => ({ [group.id]: policyOf(group, groups, flows) })),
    ])),
    ...merge(contributions.map(({ peers = {} }) => peers)),
    ...merge(scrapers.map(scraper => scraperPolicies(contributions, scraper))),
  };
}

/** Lets a peer scrape the metrics of every component. */
function scraperPolicies(contributions: readonly Contribution[], scraper: ResolvedPeer): Part {
  return merge(contributions.flatMap(({ metrics = [] }) => metrics).map(endpoint => connection(endpoint, scraper)));
}

/** Flows inside the deployment and those to and from outside; flows by the same ports are one rule. */
function policyOf(group: PodGroup, groups: readonly PodGroup[], flows: readonly Flow[]): Complete<NetworkPolicy> {
  const peerOf = (id: string): NetworkPolicyPeer[] =>
    groups.filter(other => other.id === id).map(({ namespace, podLabels }) => pods(namespace, podLabels));
  const callers = byPorts([
    ...flows.filter(({ to }) => to === group.id).map(({ from, ports }) => ({ peers: peerOf(from), ports })),
    ...(group.ingress ? [{ peers: [...group.ingress.from], ports: group.ingress.ports }] : []),
  ]);
  const called = byPorts(flows.filter(({ from }) => from === group.id).map(({ to, ports }) => ({ peers: peerOf(to), ports })));
  return policy(group.namespace, group.name, group.podLabels, {
    ingress: callers.map(({ peers, ports }) => ({ from: peers, ports: ports.map(tcp) })),
    egress: [...group.egress ?? [], ...called.map(({ peers, ports }) => ({ to: peers, ports: ports.map(tcp) }))],
  });
}

interface Rule { readonly peers: NetworkPolicyPeer[]; readonly ports: readonly number[] }

/** Without rules that would name no peer: those would admit everybody. */
function byPorts(rules: readonly Rule[]): Rule[] {
  const merged = new Map<string, Rule>();
  for (const { peers, ports } of rules) {
    const key = ports.join();
    merged.set(key, { peers: [...merged.get(key)?.peers ?? [], ...peers], ports });
  }
  return [...merged.values()].filter(({ peers }) => peers.length > 0);
}
