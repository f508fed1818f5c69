import { pyroscopeValues } from './chart';
import { pyroscopeChecks } from './checks';
import { pyroscopeGateway } from './gateway';
import { PYROSCOPE_NAME } from './names';
import { gatewayEndpoint, pyroscopeFlows, pyroscopePods, readerEgress } from './network';
import { pyroscopeMissing, pyroscopeNotes } from './notes';
import { pyroscope as pyroscopeObjects } from './pyroscope';
import { pyroscopeSecrets } from './secrets';
import type { PyroscopeSlice } from './tokens';
import { METRICS_TOKEN_ROLE, rotatableTokens } from './tokens';
import { PyroscopeDelivery } from '../api/pyroscope';
import type { Component, Contribution } from '../component';
import { hasPyroscopeServer } from '../config/partial-spec';

/** Pyroscope for many tenants: its gateway, and its own manifests or values of its chart. */
export const pyroscope: Component = {
  parts: ['pyroscope-gateway', 'pyroscope'],
  tokenRoles: ['agent', 'push', 'read', METRICS_TOKEN_ROLE],
  checks: [pyroscopeChecks],
  images: { pyroscope: hasPyroscopeServer, gateway: hasPyroscopeServer },
  contribution: spec => spec.pyroscope && contribution({ ...spec, pyroscope: spec.pyroscope }),
};

function contribution(spec: PyroscopeSlice): Contribution {
  const { namespace, delivery } = spec.pyroscope;
  return {
    namespaces: [{ id: 'pyroscope', name: namespace, podSecurity: 'restricted' }],
    objects: () => ({ 'pyroscope-gateway': pyroscopeGateway(spec), 'pyroscope': pyroscopeObjects(spec) }),
    pods: pyroscopePods(spec),
    flows: pyroscopeFlows(spec),
    peers: readerEgress(spec),
    metrics: [gatewayEndpoint(spec.pyroscope, 'scraper')],
    // The pods of the chart listen to every tunnel.
    ...(delivery === PyroscopeDelivery.NATIVE && { portForward: { id: 'pyroscope-', name: 'pyroscope-port-forward', namespace, pod: `${PYROSCOPE_NAME}-0` } }),
    charts: () => {
      const values = pyroscopeValues(spec);
      return values ? [{ name: PYROSCOPE_NAME, namespace, values, images: [spec.images.pyroscope], daemonSets: [] }] : [];
    },
    secrets: (newToken, { roles, name }) => roles ? [] : pyroscopeSecrets(spec, newToken, name),
    tokens: () => rotatableTokens(spec),
    notes: () => pyroscopeNotes(spec),
    missing: names => pyroscopeMissing(spec, names),
  };
}
