import { namespaces } from './access/namespaces';
import { networkPolicies } from './access/network-policies';
import { podSecurityFiles } from './access/pod-security';
import { portForward } from './access/port-forward';
import { admission } from './admission/admission';
import { alloy } from './alloy/alloy';
import { alloyValues } from './alloy/chart';
import type { ResolvedSpec } from './config/resolved-spec';
import type { HelmValues } from './kube/helm';
import type { Manifest, Part } from './kube/manifest';
import { nodeConfiguration } from './nodes/node-configuration';
import { nodes } from './nodes/nodes';
import { agent } from './parca/agent';
import { gateway } from './parca/gateway';
import { server } from './parca/server';
import { pyroscopeValues } from './pyroscope/chart';
import { pyroscopeGateway } from './pyroscope/gateway';
import { pyroscope } from './pyroscope/pyroscope';

/**
 * Every part by its construct id, in the order of the output. A part is a pure function of the specification: the same
 * specification gives the same bytes, and no part reads what another made but the policies, which come before what they judge.
 */
const PARTS = {
  'network-policies': networkPolicies,
  'port-forward': portForward,
  'gateway': gateway,
  'server': server,
  'agent': agent,
  'pyroscope-gateway': pyroscopeGateway,
  'pyroscope': pyroscope,
  'alloy': alloy,
  'nodes': nodes,
} as const satisfies Record<string, (spec: ResolvedSpec) => Part>;

export type PartId = keyof typeof PARTS | 'admission' | 'namespaces';

/** The objects of every part. */
export function renderParts(spec: ResolvedSpec): Record<PartId, Part> {
  const parts = Object.fromEntries(Object.entries(PARTS).map(([id, part]) => [id, part(spec)])) as Record<keyof typeof PARTS, Part>;
  const emitted = Object.values(parts).flatMap(part => Object.values(part));
  return { namespaces: namespaces(spec), admission: admission(spec, emitted), ...parts };
}

/** All objects in the order in which they can be applied. */
export function renderManifests(spec: ResolvedSpec): Manifest[] {
  return Object.values(renderParts(spec)).flatMap(part => Object.values(part));
}

/** Values of Helm charts, by the name of the chart; only of those that the specification wants. */
export function renderHelmValues(spec: ResolvedSpec): Readonly<Record<string, HelmValues>> {
  const values = { pyroscope: pyroscopeValues(spec), alloy: alloyValues(spec) };
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, HelmValues] => entry[1] !== undefined));
}

/** Files for those who configure nodes without the cluster, by their names; none unless the specification says so. */
export function renderNodeConfiguration(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return nodeConfiguration(spec);
}

/** Pod Security labels of other people's namespaces, by the names of their files; none unless the specification says so. */
export function renderPodSecurity(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return podSecurityFiles(spec);
}
