/** A specification with as many objects as its pools and readers ask for. */
function specification({ namespace = 'profiling', pools = 1, readers = 0 }) {
  return {
    cluster: { name: 'bench', apiServerCidrs: ['10.0.0.10/32'] },
    images: { pinning: 'tagsAllowed' },
    agents: { namespace: `${namespace}-agents`, nodePools: list(pools, i => ({ name: `pool-${i}`, nodeSelector: { pool: `pool-${i}` } })) },
    parca: { namespace, tls: { secretName: 'parca-tls' } },
    access: { readers: list(readers, i => ({ namespace: `team-${i}`, podLabels: { 'app.kubernetes.io/name': 'grafana' } })) },
  };
}

/** Pyroscope for many tenants, each with objects for the operators of Grafana and of External Secrets. */
function tenants(count) {
  return {
    ...specification({}),
    pyroscope: {
      tenants: list(count, i => ({ name: `team-${i}`, namespaces: [`team-${i}`, `team-${i}-jobs`], retention: `${1 + i % 30}d` })),
      grafana: { namespace: 'monitoring', operator: { instanceLabels: { dashboards: 'grafana' } } },
    },
    externalSecrets: { storeRef: { name: 'vault' } },
  };
}

/** Several deployments beside each other in one chart. */
function fleet(instances, { pools, readers }) {
  return list(instances, i => specification({ namespace: `profiling-${i}`, pools, readers }));
}

function list(length, item) {
  return Array.from({ length }, (_, i) => item(i));
}

module.exports = { specification, fleet, tenants };
