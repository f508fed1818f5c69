import { alloy } from './alloy';
import { alloyChartDaemonSet, alloyValues } from './chart';
import { ALLOY_METRICS_PORT, ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Component, Contribution, Destination } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { chartCommand } from '../delivery/charts';
import { selectorLabels } from '../kube/labels';
import { blocks, dnsRules } from '../kube/network-policy';

/** Grafana Alloy on the nodes, for tenants whose namespaces are profiled there; it sends to the destination that another product is. */
export function alloyFor(destination: (spec: ResolvedSpec) => Destination | undefined): Component {
  return {
    parts: ['alloy'],
    tokenRoles: [],
    checks: [],
    images: { alloy: spec => 'pyroscope' in spec },
    contribution: spec => {
      const to = destination(spec);
      return spec.alloy && to && contribution({ ...spec, alloy: spec.alloy, destination: to });
    },
  };
}

function contribution(spec: AlloySlice): Contribution {
  const { cluster, agents: { namespace }, destination } = spec;
  return {
    namespaces: [{ id: 'agents', name: namespace, podSecurity: 'privileged' }],
    objects: () => ({ alloy: alloy(spec) }),
    pods: [{
      id: 'alloy',
      name: ALLOY_NAME,
      namespace,
      podLabels: selectorLabels(ALLOY_NAME),
      egress: [...dnsRules(cluster.dns), ...blocks(cluster.apiServerCidrs, cluster.apiServerPorts)],
    }],
    flows: [{ from: 'alloy', to: destination.pods, ports: [destination.port] }],
    metrics: [{ id: 'alloy-scraper', name: `${ALLOY_NAME}-scraper`, namespace, podLabels: selectorLabels(ALLOY_NAME), port: ALLOY_METRICS_PORT }],
    charts: () => {
      const values = alloyValues(spec);
      return values ? [{ name: ALLOY_NAME, namespace, values, daemonSets: [alloyChartDaemonSet(spec)!] }] : [];
    },
    notes: () => notes(spec),
    missing: ({ valuesFile }) => [
      {
        what: `CA ConfigMap ${destination.caConfigMap.name} in ${namespace}, with the CA of that certificate`,
        command: `kubectl create configmap ${destination.caConfigMap.name} -n ${namespace} --from-file=${destination.caConfigMap.key}=ca.crt`,
      },
      ...(spec.alloy.delivery === PyroscopeDelivery.CHART && !destination.isChartInstalled ? [chartCommand(ALLOY_NAME, namespace, valuesFile)] : []),
    ],
  };
}

function notes({ alloy: { tenants }, agents }: AlloySlice): string[] {
  const java = tenants.filter(tenant => tenant.java).map(({ name }) => name);
  return [
    ...(java.length > 0 ? [
      `Java profiling (${java.join(', ')}) gives Alloy SETUID and SETGID on every node, and writes a library into the /tmp of each opted-in JVM.`,
    ] : []),
    ...agents.nodePools.filter(({ mode }) => mode !== 'leastPrivilege').map(({ name }) => `Node pool ${name} gets no Alloy: its kernel is too old.`),
  ];
}
