import { pyroscopeDiscovery } from './chart';
import { datasources } from './datasources';
import { externalSecrets } from './external-secrets';
import { pyroscopeServer } from './native';
import type { PyroscopeSlice } from './tokens';
import type { Part } from '../kube/manifest';

/** Pyroscope and what belongs to it, besides the gateway and NetworkPolicies. */
export function pyroscope(spec: PyroscopeSlice): Part {
  return {
    ...pyroscopeServer(spec),
    ...pyroscopeDiscovery(spec),
    ...datasources(spec),
    ...externalSecrets(spec),
  };
}
