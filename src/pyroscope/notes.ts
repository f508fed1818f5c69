import { PYROSCOPE_GATEWAY_NAME, PYROSCOPE_NAME, SECRETS } from './names';
import { pyroscopeReaders } from './readers';
import type { PyroscopeSlice } from './tokens';
import { PyroscopeDelivery, PyroscopeMode } from '../api/pyroscope';
import type { Missing, Names, Slice } from '../component';
import { isProfiledOnNodes } from '../config/resolve-pyroscope';
import type { ResolvedPyroscope } from '../config/resolved-spec';
import { retentionHours } from '../config/retention';
import { chartCommand } from '../delivery/charts';

/** Notes on what Pyroscope's output leaves closed, what it opens, and what it cannot isolate. */
export function pyroscopeNotes(spec: Slice<'pyroscope'>): string[] {
  const { pyroscope, agents } = spec;
  const { storage, delivery, mode, grafana, tenants, readers, limits } = pyroscope;
  const leaving = tenants.filter(({ offboarding }) => offboarding).map(({ name }) => name);
  return [
    ...(tenants.some(isProfiledOnNodes) && agents.nodePools.every(pool => pool.mode !== 'leastPrivilege')
      ? ['Alloy runs nowhere: no node pool has a kernel without need of a fallback.'] : []),
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

/** Objects that the user must still create, each with the command that does it. */
export function pyroscopeMissing(spec: PyroscopeSlice, { document, valuesFile }: Names): Missing[] {
  const { pyroscope, alloy, agents, images, externalSecrets, gitOps } = spec;
  const { namespace, tls, delivery, grafana } = pyroscope;
  return [
    ...(externalSecrets ? [] : [{
      what: `token Secrets of Pyroscope: ${SECRETS.gateway} in ${namespace}, ${SECRETS.push} in the tenants' namespaces`
        + `${alloy ? `, ${SECRETS.alloy} in ${agents.namespace}` : ''}`
        + `${grafana ? `, data sources in ${grafana.namespace}` : ''}. All namespaces must exist. For a tenant that is added later, see --tenant`,
      command: `hardened-profiling secrets ${document} | kubectl create -f -`,
    }]),
    ...(tls.certManager ? [] : [{
      what: `TLS Secret ${tls.secretName} in ${namespace}, for the host ${PYROSCOPE_GATEWAY_NAME}.${namespace}.svc`,
      command: `kubectl create secret tls ${tls.secretName} -n ${namespace} --cert=tls.crt --key=tls.key`,
    }]),
    ...(delivery === PyroscopeDelivery.CHART && !gitOps ? [chartCommand({ images }, PYROSCOPE_NAME, namespace, valuesFile)] : []),
  ];
}
