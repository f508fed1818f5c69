import { namespaces } from './access/namespaces';
import { networkPolicies } from './access/network-policies';
import { podSecurityFiles } from './access/pod-security';
import { portForward, tunnels } from './access/port-forward';
import { admission } from './admission/admission';
import type { Deployment } from './admission/policy';
import { sharedByProfilers } from './agents/priority-class';
import type { Chart, Contribution, Names, SecretChoice } from './component';
import { COMPONENTS, contributionsTo } from './components';
import type { ResolvedSpec } from './config/resolved-spec';
import { gitOps, gitOpsAnnotations } from './delivery/git-ops';
import type { HelmValues } from './kube/helm';
import type { Manifest, Part } from './kube/manifest';
import { merge } from './kube/manifest';
import type { Additions } from './kube/metadata';
import { added, withAdditions } from './kube/metadata';
import { nodeConfiguration } from './nodes/node-configuration';
import { pushEgressPolicy } from './pyroscope/network';
import type { Summary } from './summary/summary';
import { summaryOf } from './summary/summary';

/** Parts that no component brings alone, before those that components bring. */
const COMMON_PARTS = ['namespaces', 'profilers', 'admission', 'network-policies', 'port-forward'] as const;

/** The ids of all parts, in the order of the output. */
const PARTS: readonly string[] = [...COMMON_PARTS, ...COMPONENTS.flatMap(({ parts }) => parts), 'git-ops'];

/**
 * The objects of every part. A part is a pure function of the specification: the same specification gives the same bytes, and no part
 * reads what another made but the policies, which come before what they judge.
 */
export function renderParts(spec: ResolvedSpec): Readonly<Record<string, Part>> {
  const contributions = contributionsTo(spec);
  const { access, agents, images, namespaces: { create } } = spec;
  const charts = chartsOf(contributions);
  const additions = additionsOf(spec);
  const complete = (parts: Readonly<Record<string, Part>>): Record<string, Part> =>
    Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, withAdditions(part, additions)]));
  const parts = complete({
    'namespaces': namespaces(spec, contributions),
    'network-policies': networkPolicies(contributions, access.scrapers, create),
    'port-forward': portForward(access, contributions, create),
    ...Object.assign({}, ...contributions.map(({ objects }) => objects())) as Record<string, Part>,
    'git-ops': spec.gitOps ? gitOps(spec.gitOps, charts, images.chartRepository) : {},
  });
  const deployment = deploymentOf(spec, contributions, parts);
  const all: Readonly<Record<string, Part>> = {
    ...parts,
    ...complete({
      profilers: { ...merge(contributions.map(({ shared }) => shared?.() ?? {})), ...sharedByProfilers(agents, deployment.emitted) },
      admission: spec.admission ? admission(deployment, spec.admission) : {},
    }),
  };
  return Object.fromEntries(PARTS.map(id => [id, all[id] ?? {}]));
}

/** What the specification adds to every object, whichever component it is of. */
function additionsOf({ metadata, images, gitOps: tool }: ResolvedSpec): Additions {
  return { ...metadata, pullSecrets: images.pullSecrets, annotationsOf: kind => (tool ? gitOpsAnnotations(tool, kind) : {}) };
}

/** The deployment that the admission policies guard: namespaces, DaemonSets, tunnels and configuration. */
export function deploymentOf(
  { access, agents, scope, namespaces: { create } }: ResolvedSpec, contributions: readonly Contribution[], parts: Readonly<Record<string, Part>>,
): Deployment {
  return {
    access,
    agents,
    scope,
    ownsNamespaces: create,
    namespaces: [...new Set(contributions.flatMap(contribution => contribution.namespaces.map(({ name }) => name)))].sort(),
    tunnels: tunnels(contributions).map(({ namespace }) => namespace),
    emitted: [
      ...Object.values(parts).flatMap(part => Object.values(part)),
      ...chartsOf(contributions).flatMap(({ daemonSets }) => daemonSets),
    ],
  };
}

/** All objects in the order in which they can be applied. */
export function renderManifests(spec: ResolvedSpec): Manifest[] {
  return Object.values(renderParts(spec)).flatMap(part => Object.values(part));
}

/** Values of Helm charts, by the name of the chart; only of those that the specification wants. */
export function renderHelmValues(spec: ResolvedSpec): Readonly<Record<string, HelmValues>> {
  return Object.fromEntries(chartsOf(contributionsTo(spec)).map(({ name, values }) => [name, values]));
}

function chartsOf(contributions: readonly Contribution[]): Chart[] {
  return contributions.flatMap(({ charts }) => charts?.() ?? []);
}

/** Secrets with fresh tokens for what the components wait for. */
export function renderSecrets(spec: ResolvedSpec, newToken: () => string, choice: SecretChoice = {}): Manifest[] {
  const additions = additionsOf(spec);
  return contributionsTo(spec).flatMap(({ secrets }) => secrets?.(newToken, choice) ?? []).map(secret => added(secret, additions));
}

/** NetworkPolicies of every part. */
export function renderNetworkPolicies(spec: ResolvedSpec): Part {
  return withAdditions(networkPolicies(contributionsTo(spec), spec.access.scrapers, spec.namespaces.create), additionsOf(spec));
}

/** NetworkPolicy for pods of a namespace that push to Pyroscope, where their egress is denied by default. */
export function renderPushPolicy(spec: ResolvedSpec, namespace: string): Part {
  return spec.pyroscope ? withAdditions(pushEgressPolicy(spec.pyroscope, namespace), additionsOf(spec)) : {};
}

/** Summary of a synthesis. `document` is how the user calls the document, for the commands, `valuesFile` where a chart's values are. */
export function summarize(
  spec: ResolvedSpec, manifests: readonly Manifest[], document: string, valuesFile: Names['valuesFile'] = chart => `${chart}.values.yaml`,
): Summary {
  return summaryOf(spec, contributionsTo(spec), manifests, { document, valuesFile });
}

/** Files for those who configure nodes without the cluster, by their names; none unless the specification says so. */
export function renderNodeConfiguration(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return nodeConfiguration(spec);
}

/** Pod Security labels of other people's namespaces, by the names of their files; none unless the specification says so. */
export function renderPodSecurity(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return podSecurityFiles(spec);
}
