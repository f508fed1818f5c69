import { PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME, SECRETS } from './names';
import { pyroscopeReaders } from './readers';
import { profiledTenants, runsAlloy } from '../alloy/tenants';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { ResolvedPyroscope, ResolvedSpec } from '../config/resolved-spec';
import { retentionHours } from '../config/retention';
import { CHARTS } from '../versions';

/** What the output leaves closed, what it opens, and what it cannot keep apart. */
export function pyroscopeNotes(spec: ResolvedSpec): string[] {
  const { pyroscope, parca } = spec;
  if (!pyroscope) { return []; }
  const { storage, delivery, mode, grafana, tenants, readers, limits } = pyroscope;
  const java = tenants.filter(tenant => tenant.java).map(({ name }) => name);
  const leaving = tenants.filter(({ offboarding }) => offboarding).map(({ name }) => name);
  return [
    ...(java.length > 0 ? [
      `Java profiling (${java.join(', ')}) gives Alloy SETUID and SETGID on every node, and writes a library into the /tmp of each opted-in JVM.`,
    ] : []),
    ...(profiledTenants(pyroscope).length > 0 && !runsAlloy(spec)
      ? ['Alloy runs nowhere: no node pool has a kernel without need of a fallback.'] : []),
    ...(runsAlloy(spec) ? parca.agent.nodePools.filter(({ mode: poolMode }) => poolMode !== 'leastPrivilege')
      .map(({ name }) => `Node pool ${name} gets no Alloy: its kernel is too old.`) : []),
    ...(storage && !storage.egressCidrs?.length
      ? ['pyroscope.storage.egressCidrs is not set: where NetworkPolicies are enforced, Pyroscope cannot reach its bucket.'] : []),
    ...(delivery === PyroscopeDelivery.CHART
      ? ['Pyroscope from the chart listens on every address of its pods: without enforced NetworkPolicies, whoever reaches them reads every tenant.'] : []),
    ...(mode === PyroscopeMode.MICROSERVICES
      ? ['The gateway serves no metrics of microservices; each pod has its own, on the port that also shows every tenant.'] : []),
    ...(delivery === PyroscopeDelivery.CHART && spec.cluster.apiServerCidrs.length === 0
      ? ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, the parts of Pyroscope do not find one another.'] : []),
    ...shortenedReaders(pyroscope),
    ...sharedOrganisations(pyroscope),
    ...(grafana && !grafana.caBundle
      ? ['pyroscope.grafana.caBundle is not set: Grafana verifies the gateway with the certificate authorities of its own container.'] : []),
    ...(readers.some(reader => reader.tenants.includes('anonymous'))
      ? [`What was stored before tenancy was on belongs to tenant anonymous, and is kept for pyroscope.retention (${limits.retention}).`] : []),
    ...(leaving.length > 0
      ? [`Tenants that leave: ${leaving.join(', ')}. Remove them from the document when their profiles are gone, after a day.`] : []),
  ];
}

/** A request for several tenants has the shortest window of them all; what is older is missing from the answer, without an error. */
function shortenedReaders({ tenants, readers, limits: common }: ResolvedPyroscope): string[] {
  const all = [...tenants, { name: 'anonymous', limits: common }];
  return readers.flatMap(reader => {
    const windows = all.filter(({ name }) => reader.tenants.includes(name))
      .map(({ name, limits }) => ({ name, window: limits.maxQueryLookback, hours: retentionHours(limits.maxQueryLookback) }))
      .sort((a, b) => a.hours - b.hours);
    const [shortest, ...others] = windows;
    return others.some(({ hours }) => hours > shortest.hours)
      ? [`Reader ${reader.name} sees the last ${shortest.window} of all its tenants, which is the retention of ${shortest.name}.`] : [];
  });
}

function sharedOrganisations(pyroscope: ResolvedPyroscope): string[] {
  if (!pyroscope.grafana) { return []; }
  const byOrganisation = new Map<number, Set<string>>();
  for (const { tenants, orgId } of pyroscopeReaders(pyroscope)) {
    if (orgId === undefined) { continue; }
    byOrganisation.set(orgId, new Set([...byOrganisation.get(orgId) ?? [], ...tenants]));
  }
  return [...byOrganisation].filter(([, names]) => names.size > 1)
    .map(([orgId, names]) => `In Grafana, every member of organisation ${orgId} reads the tenants ${shortList([...names].sort())}.`);
}

function shortList(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 4).join(', ')} and ${names.length - 4} more`;
}

/** What the user must still create, each with the command that does it. */
export function pyroscopeMissing(
  spec: ResolvedSpec, document: string, valuesFile: (chart: string) => string,
): Array<{ what: string; command: string }> {
  const { pyroscope, parca } = spec;
  if (!pyroscope) { return []; }
  const { namespace, tls, delivery, gitOps, externalSecrets, alloy, grafana } = pyroscope;
  const install = (chart: keyof typeof CHARTS & ('alloy' | 'pyroscope'), target: string): { what: string; command: string } => ({
    what: `chart ${chart} ${CHARTS[chart].version} in ${target}`,
    command: `helm upgrade --install ${chart} ${chart} --repo ${CHARTS.repository} --version ${CHARTS[chart].version} -n ${target} -f ${valuesFile(chart)}`,
  });
  const caConfigMap = tls.caConfigMap;
  return [
    ...(externalSecrets ? [] : [{
      what: `token Secrets of Pyroscope: ${SECRETS.gateway} in ${namespace}, ${SECRETS.push} in the tenants' namespaces`
        + `${profiledTenants(pyroscope).length > 0 ? `, ${SECRETS.alloy} in ${parca.agentNamespace}` : ''}`
        + `${grafana ? `, data sources in ${grafana.namespace}` : ''}. All namespaces must exist. For a tenant that is added later, see --tenant`,
      command: `hardened-profiling secrets ${document} | kubectl create -f -`,
    }]),
    ...(tls.certManager ? [] : [{
      what: `TLS Secret ${tls.secretName} in ${namespace}, for the host ${PYROSCOPE_GATEWAY_NAME}.${namespace}.svc`,
      command: `kubectl create secret tls ${tls.secretName} -n ${namespace} --cert=tls.crt --key=tls.key`,
    }]),
    ...(caConfigMap.name === parca.tls.caConfigMap.name || !runsAlloy(spec) ? [] : [{
      what: `CA ConfigMap ${caConfigMap.name} in ${parca.agentNamespace}, with the CA of that certificate`,
      command: `kubectl create configmap ${caConfigMap.name} -n ${parca.agentNamespace} --from-file=${caConfigMap.key}=ca.crt`,
    }]),
    ...(delivery === PyroscopeDelivery.CHART && !gitOps ? [install(PYROSCOPE_NAME, namespace)] : []),
    ...(alloy.delivery === PyroscopeDelivery.CHART && runsAlloy(spec) && !gitOps ? [install('alloy', parca.agentNamespace)] : []),
  ];
}
