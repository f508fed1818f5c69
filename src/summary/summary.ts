import { POD_SECURITY_FIELD_MANAGER } from '../access/pod-security';
import { AdmissionAction, AdmissionEngine } from '../api/admission';
import type { ResolvedPeer, ResolvedSpec } from '../config/resolved-spec';
import { parseImage } from '../kube/image';
import type { Manifest } from '../kube/manifest';
import { nodesMissing, nodesNotes } from '../nodes/notes';
import { pushSecrets } from '../parca/push-tokens';
import { pyroscopeMissing, pyroscopeNotes } from '../pyroscope/notes';
import { LOWEST_KERNEL } from '../versions';

/** What a person wants to know after a synthesis, before they apply its output. */
export interface Summary {
  readonly cluster: string;
  readonly objects: ReadonlyArray<{ readonly kind: string; readonly count: number }>;
  readonly images: ReadonlyArray<{ readonly image: string; readonly isPinned: boolean }>;
  readonly fallbacks: ReadonlyArray<{ readonly pool: string; readonly reason: string; readonly remediateBy: string }>;
  /** What the output leaves closed or out, and why. */
  readonly notes: readonly string[];
  /** What the user must still create, each with the command that does it. */
  readonly missing: ReadonlyArray<{ readonly what: string; readonly command: string }>;
}

/** Summarises a synthesis. `document` is how the user calls the document, for the commands, `valuesFile` where a chart's values are. */
export function summarize(
  spec: ResolvedSpec, manifests: readonly Manifest[], document: string, valuesFile: (chart: string) => string = chart => `${chart}.values.yaml`,
): Summary {
  return {
    cluster: spec.cluster.name,
    objects: countKinds(manifests),
    images: imagesOf(manifests).map(image => ({ image, isPinned: parseImage(image)?.digest !== undefined })),
    fallbacks: spec.parca.agent.nodePools.flatMap(({ name, fallback }) => fallback
      ? [{ pool: name, reason: fallback.reason, remediateBy: fallback.remediateBy }] : []),
    notes: [...notes(spec), ...nodesNotes(spec), ...pyroscopeNotes(spec)],
    missing: joined([...missing(spec, document), ...nodesMissing(spec), ...pyroscopeMissing(spec, document, valuesFile)]),
  };
}

/** What one command makes, in one entry. */
function joined(entries: Summary['missing']): Summary['missing'] {
  const byCommand = new Map<string, string[]>();
  entries.forEach(({ what, command }) => byCommand.set(command, [...byCommand.get(command) ?? [], what]));
  return [...byCommand].map(([command, whats]) => ({ what: whats.join('; '), command }));
}

function countKinds(manifests: readonly Manifest[]): Array<{ kind: string; count: number }> {
  const counts = new Map<string, number>();
  manifests.forEach(({ kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => ({ kind, count }));
}

interface PodTemplateHolder {
  readonly spec?: { readonly template?: { readonly spec?: Readonly<Record<string, ReadonlyArray<{ image?: string }> | undefined>> } };
}

function imagesOf(manifests: readonly Manifest[]): string[] {
  const images = manifests.flatMap(manifest => {
    const podSpec = (manifest as Manifest & PodTemplateHolder).spec?.template?.spec;
    return [...podSpec?.initContainers ?? [], ...podSpec?.containers ?? []].map(container => container.image ?? '');
  });
  return [...new Set(images)].sort();
}

function notes({ cluster, parca, access, admission }: ResolvedSpec): string[] {
  const { nodePools } = parca.agent;
  const storage = parca.server.objectStorage;
  return [
    ...nodePools.filter(pool => pool.mode === 'none').map(({ name, kernel }) =>
      `Node pool ${name} gets no agent: its kernel ${kernel} is older than ${LOWEST_KERNEL}, and it has no fallback.`),
    ...(cluster.apiServerCidrs.length === 0
      ? ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the agents cannot reach the API server and do not start.'] : []),
    ...(storage && !storage.egressCidrs?.length
      ? ['objectStorage.egressCidrs is not set: where NetworkPolicies are enforced, the server cannot reach its bucket.'] : []),
    ...admissionNotes(admission, access),
    'Native frames (C, C++, Go, Rust) have no function names until CI uploads the symbols of opted-in builds with the symbols token.',
  ];
}

function admissionNotes(admission: ResolvedSpec['admission'], { portForward }: ResolvedSpec['access']): string[] {
  if (!admission) { return []; }
  const { engine, action, platformGroups, podSecurity } = admission;
  const restricted = podSecurity?.restrictedNamespaces ?? [];
  return [
    ...(engine === AdmissionEngine.KYVERNO ? ['admission.engine kyverno needs Kyverno 1.17 or newer in the cluster.'] : []),
    ...(engine === AdmissionEngine.KYVERNO_CLUSTER_POLICY
      ? ['admission.engine kyvernoClusterPolicy is deprecated by Kyverno since 1.17 and planned to be removed in 1.20.'] : []),
    ...(action === AdmissionAction.AUDIT ? ['admission.action is audit: violations are reported and not refused.'] : []),
    ...(portForward.breakGlassGroups.length === 0
      ? ['access.portForward.breakGlassGroups is empty: with admission.action enforce, not even administrators run commands in the pods.'] : []),
    ...(platformGroups.length === 0
      ? ['admission.platformGroups is empty: Pod Security labels, NetworkPolicies, bindings and ConfigMaps of the namespaces are guarded by RBAC alone.'] : []),
    ...(restricted.length > 0 ? [`admission.podSecurity labels ${restricted.join(', ')}: write files with --out, and then `
      + `kubectl apply --server-side --field-manager=${POD_SECURITY_FIELD_MANAGER} -f pod-security/namespaces.yaml in that folder.`] : []),
  ];
}

function missing({ parca, access }: ResolvedSpec, document: string): Array<{ what: string; command: string }> {
  const { tls, namespace, agentNamespace, tokens } = parca;
  const consumers: ReadonlyArray<readonly [string, readonly ResolvedPeer[]]> = [
    [tokens.read, access.readers], [tokens.symbols, access.symbolUploaders], [tokens.metrics, access.scrapers],
  ];
  const ofPools = pushSecrets(parca).map(({ secretName }) => secretName);
  const places = consumers.flatMap(([secret, peers]) => [...new Set(peers.map(peer => peer.namespace))].map(peer => `${secret} in ${peer}`));
  return [
    {
      what: `token Secrets: ${[...Object.values(tokens), ...ofPools].join(', ')} in ${namespace}; ${[`${[tokens.push, ...ofPools].join(', ')} in ${agentNamespace}`, ...places].join('; ')}`,
      command: `hardened-profiling secrets ${document} | kubectl create -f -`,
    },
    ...(tls.certManager ? [] : [{
      what: `TLS Secret ${tls.secretName} in ${namespace}, for the host parca.${namespace}.svc`,
      command: `kubectl create secret tls ${tls.secretName} -n ${namespace} --cert=tls.crt --key=tls.key`,
    }]),
    {
      what: `CA ConfigMap ${tls.caConfigMap.name} in ${agentNamespace}, with the CA of that certificate`,
      command: `kubectl create configmap ${tls.caConfigMap.name} -n ${agentNamespace} --from-file=${tls.caConfigMap.key}=ca.crt`,
    },
  ];
}
