import type { LabelSelector } from 'kubernetes-types/meta/v1';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import type { Manifest } from '../../src/kube/manifest';

/** One end of a flow: a pod, or an address outside. */
export type End = { readonly namespace: string; readonly labels: Readonly<Record<string, string>> } | { readonly address: string };

export interface Flow {
  readonly from: End;
  readonly to: End;
  readonly port: number;
  readonly protocol?: 'TCP' | 'UDP';
}

/**
 * Whether the policies let a flow pass, by the rules of the Kubernetes documentation: a pod that no policy of a direction
 * selects is open in that direction, and otherwise one rule of one of them must match.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function allows(manifests: readonly Manifest[], { from, to, port, protocol = 'TCP' }: Flow): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as Array<NetworkPolicy & Manifest>;
  return direction(policies, 'Egress', from, to, port, protocol) && direction(policies, 'Ingress', to, from, port, protocol);
}

function direction(
  policies: ReadonlyArray<NetworkPolicy & Manifest>, type: 'Egress' | 'Ingress', subject: End, other: End, port: number, protocol: string,
): boolean {
  if ('address' in subject) { return true; }
  const selecting = policies.filter(policy => policy.spec!.policyTypes!.includes(type)
    && policy.metadata.namespace === subject.namespace && matches(policy.spec!.podSelector, subject.labels));
  if (selecting.length === 0) { return true; }
  return selecting.some(({ spec }) => type === 'Egress'
    ? (spec!.egress ?? []).some(rule => peers(rule.to, other) && ports(rule.ports, port, protocol))
    : (spec!.ingress ?? []).some(rule => peers(rule.from, other) && ports(rule.ports, port, protocol)));
}

function peers(list: NetworkPolicyPeer[] | undefined, end: End): boolean {
  if (!list || list.length === 0) { return true; } // upstream: everybody
  return list.some(({ namespaceSelector, podSelector, ipBlock }) => {
    if ('address' in end) { return ipBlock !== undefined && inBlock(end.address, ipBlock.cidr); }
    return ipBlock === undefined
      && matches(namespaceSelector, { 'kubernetes.io/metadata.name': end.namespace })
      && matches(podSelector, end.labels);
  });
}

function ports(list: NetworkPolicyPort[] | undefined, port: number, protocol: string): boolean {
  if (!list || list.length === 0) { return true; } // upstream: every port
  return list.some(entry => entry.protocol === protocol && (entry.port === undefined || entry.port === port));
}

function matches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [], ...rest } = selector ?? {};
  if (Object.keys(rest).length > 0) { throw new Error(`what is ${Object.keys(rest).join()}?`); }
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
    && matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator !== 'In') { throw new Error(`what is ${operator}?`); }
      return values.includes(labels[key]);
    });
}

function inBlock(address: string, cidr: string): boolean {
  const [base, bits] = cidr.split('/');
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  return Math.floor(number(address) / size) === Math.floor(number(base) / size);
}

/** Every rule without peers or ports, and every peer that is everybody: what would open more than it says. */
export function openRules(manifests: readonly Manifest[]): unknown[] {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as NetworkPolicy[];
  const rules = policies.flatMap(({ spec }) => [
    ...(spec?.ingress ?? []).map(({ from, ports: list }) => ({ from, list })),
    ...(spec?.egress ?? []).map(({ to, ports: list }) => ({ from: to, list })),
  ]);
  const selectsAll = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): boolean =>
    Object.keys(matchLabels).length === 0 && !matchExpressions.some(({ operator, values = [] }) => operator === 'In' && values.length > 0);
  const isEverybody = ({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer): boolean => ipBlock
    ? /\/0+$/.test(ipBlock.cidr)
    : selectsAll(namespaceSelector) || selectsAll(podSelector);
  return rules.filter(({ from, list }) => !from?.length || !list?.length || from.some(isEverybody)
    || list.some(({ port, endPort }) => typeof port !== 'number' || endPort !== undefined));
}
