import { namespaces } from './access/namespaces';
import { networkPolicies } from './access/network-policies';
import { podSecurityFiles } from './access/pod-security';
import { portForward, tunnels } from './access/port-forward';
import { admission } from './admission/admission';
import type { Deployment } from './admission/policy';
import { sharedByProfilers } from './agents/priority-class';
import type { Chart, Component, Contribution, Names, SecretChoice } from './component';
import { COMPONENTS, contributionsTo } from './components';
import type { ResolvedSpec } from './config/resolved-spec';
import { gitOps, gitOpsAnnotations } from './delivery/git-ops';
import type { HelmValues } from './kube/helm';
import type { Manifest, Part } from './kube/manifest';
import { merge } from './kube/manifest';
import type { Additions } from './kube/metadata';
import { withAdditions } from './kube/metadata';
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
 *
 * @param only components to have the objects of; the others are there for them to connect to
 */
export function renderParts(spec: ResolvedSpec, only: readonly Component[] = COMPONENTS): Readonly<Record<string, Part>> {
  const all = contributionsTo(spec);
  const contributions = contributionsTo(spec, only);
  const { access, agents, images, namespaces: { create } } = spec;
  const charts = chartsOf(contributions);
  const complete = additions(spec);
  const parts: Readonly<Record<string, Part>> = {
    'namespaces': namespaces(spec, contributions),
    'network-policies': networkPolicies(contributions, all, access.scrapers, create),
    'port-forward': portForward(access, contributions, create),
    ...Object.assign({}, ...contributions.map(({ objects }) => objects())) as Record<string, Part>,
    'git-ops': spec.gitOps ? gitOps(spec.gitOps, charts, images.chartRepository) : {},
  };
  const completed = Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, complete(part)]));
  const deployment = deploymentOf(spec, contributions, completed);
  const rendered: Readonly<Record<string, Part>> = {
    ...completed,
    profilers: complete({ ...merge(contributions.map(({ shared }) => shared?.() ?? {})), ...sharedByProfilers(agents, deployment.emitted) }),
    admission: renderAdmission(spec, deployment),
  };
  return Object.fromEntries(PARTS.map(id => [id, rendered[id] ?? {}]));
}

/** The admission policies around a deployment; none unless the specification asks for them. */
export function renderAdmission(spec: ResolvedSpec, deployment: Deployment): Part {
  return spec.admission ? additions(spec)(admission(deployment, spec.admission)) : {};
}

/** What the specification adds to every object, whichever component it is of. */
function additions({ metadata, images, gitOps: tool }: ResolvedSpec): (part: Part) => Part {
  const added: Additions = {
    ...metadata,
    pullSecrets: images.pullSecrets,
    ...(tool && { annotationsOf: (kind: string) => gitOpsAnnotations(tool, kind) }),
  };
  return part => withAdditions(part, added);
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
  const secrets = contributionsTo(spec).flatMap(contribution => contribution.secrets?.(newToken, choice) ?? []);
  return Object.values(additions(spec)(Object.fromEntries(secrets.map((secret, i) => [`secret-${i}`, secret]))));
}

/** NetworkPolicies of every part. */
export function renderNetworkPolicies(spec: ResolvedSpec): Part {
  const contributions = contributionsTo(spec);
  return additions(spec)(networkPolicies(contributions, contributions, spec.access.scrapers, spec.namespaces.create));
}

/** NetworkPolicy for pods of a namespace that push to Pyroscope, where their egress is denied by default. */
export function renderPushPolicy(spec: ResolvedSpec, namespace: string): Part {
  return spec.pyroscope ? additions(spec)(pushEgressPolicy(spec.pyroscope, namespace)) : {};
}

/** Summary of a synthesis. `document` is how the user calls the document, for the commands, `valuesFile` where a chart's values are. */
export function summarize(
  spec: ResolvedSpec,
  manifests: readonly Manifest[],
  document: string,
  valuesFile: Names['valuesFile'] = chart => `${chart}.values.yaml`,
  only: readonly Component[] = COMPONENTS,
): Summary {
  return summaryOf(spec, contributionsTo(spec, only), manifests, { document, valuesFile });
}

/** Files for those who configure nodes without the cluster, by their names; none unless the specification says so. */
export function renderNodeConfiguration(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return nodeConfiguration(spec);
}

/** Pod Security labels of other people's namespaces, by the names of their files; none unless the specification says so. */
export function renderPodSecurity(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return podSecurityFiles(spec);
}
