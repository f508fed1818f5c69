import { alloy } from './alloy';
import { alloyChartDaemonSet, alloyValues } from './chart';
import { alloyExternalSecrets } from './external-secrets';
import { ALLOY_METRICS_PORT, ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { caMissing } from '../agents/missing';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Component, Contribution, Destination, Missing } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { chartCommand } from '../delivery/charts';
import { caSecret } from '../delivery/external-secrets';
import { selectorLabels } from '../kube/labels';
import { blocks, dnsRules } from '../kube/network-policy';

/** Grafana Alloy on the nodes, for tenants whose namespaces are profiled there; it sends to the destination that another product is. */
export function alloyFor(destination: (spec: ResolvedSpec) => Destination | undefined): Component {
  return {
    parts: ['alloy'],
    tokenRoles: [],
    checks: [],
    images: { alloy: spec => spec.pyroscope !== undefined },
    contribution: spec => {
      const to = destination(spec);
      return spec.alloy && to && contribution({ ...spec, alloy: spec.alloy, destination: to });
    },
  };
}

function contribution(spec: AlloySlice): Contribution {
  const { cluster, agents: { namespace }, destination, externalSecrets } = spec;
  const { reachedBy } = destination;
  return {
    namespaces: [{ id: 'agents', name: namespace, podSecurity: 'privileged' }],
    objects: () => ({ alloy: { ...alloy(spec), ...alloyExternalSecrets(spec) } }),
    shared: () => caSecret(spec, destination.ca),
    pods: [{
      id: 'alloy',
      name: ALLOY_NAME,
      namespace,
      podLabels: selectorLabels(ALLOY_NAME),
      egress: [
        ...dnsRules(cluster.dns),
        ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts),
        ...('cidrs' in reachedBy ? blocks(reachedBy.cidrs, [destination.port]) : []),
      ],
    }],
    flows: 'pods' in reachedBy ? [{ from: 'alloy', to: reachedBy.pods, ports: [destination.port] }] : [],
    metrics: [{ id: 'alloy-scraper', name: `${ALLOY_NAME}-scraper`, namespace, podLabels: selectorLabels(ALLOY_NAME), port: ALLOY_METRICS_PORT }],
    charts: () => {
      const values = alloyValues(spec);
      return values ? [{ name: ALLOY_NAME, namespace, values, images: [spec.images.alloy], daemonSets: [alloyChartDaemonSet(spec)!] }] : [];
    },
    notes: () => notes(spec),
    missing: ({ valuesFile }) => [
      ...(spec.alloy.remote && !externalSecrets ? [tokensMissing(spec)] : []),
      ...caMissing(namespace, destination.ca),
      ...(spec.alloy.delivery === PyroscopeDelivery.CHART && !spec.gitOps ? [chartCommand(spec, ALLOY_NAME, namespace, valuesFile)] : []),
    ],
  };
}

/** Tokens of a Pyroscope elsewhere, which its owners give. */
function tokensMissing({ agents: { namespace }, alloy: { tenants }, destination: { tokenSecret, url } }: AlloySlice): Missing {
  const files = tenants.map(({ name }) => `--from-file=${name}=${name}.txt`);
  return {
    what: `token Secret ${tokenSecret} in ${namespace}, with the token or password that the owners of ${url} gave each tenant`,
    command: `kubectl create secret generic ${tokenSecret} -n ${namespace} ${files.join(' ')}`,
  };
}

function notes({ alloy: { tenants, delivery }, agents, cluster, destination: { url, reachedBy } }: AlloySlice): string[] {
  const java = tenants.filter(tenant => tenant.java).map(({ name }) => name);
  return [
    ...(java.length > 0 ? [
      `Java profiling (${java.join(', ')}) gives Alloy SETUID and SETGID on every node, and writes a library into the /tmp of each opted-in JVM.`,
    ] : []),
    ...(cluster.apiServerCidrs.length === 0
      ? ['cluster.apiServerCidrs is not set: where NetworkPolicies are enforced, Alloy cannot reach the API server and finds no pods.'] : []),
    ...('cidrs' in reachedBy && reachedBy.cidrs.length === 0
      ? [`pyroscope.remote.egressCidrs is not set: where NetworkPolicies are enforced, Alloy cannot reach ${url}.`] : []),
    ...(delivery === PyroscopeDelivery.CHART && agents.nodePools.some(pool => pool.hasOwnPod)
      ? ['Alloy from the chart is one DaemonSet: of the settings of single node pools it has the tolerations alone.'] : []),
    ...agents.nodePools.filter(({ mode }) => mode !== 'leastPrivilege').map(({ name }) => `Node pool ${name} gets no Alloy: its kernel is too old.`),
  ];
}
