import { pyroscopeDiscovery } from './chart';
import { datasources } from './datasources';
import { externalSecrets } from './external-secrets';
import { pyroscopeServer } from './native';
import type { Slice } from '../component';
import type { Part } from '../kube/manifest';

/** Pyroscope and what belongs to it, besides the gateway and NetworkPolicies. */
export function pyroscope(spec: Slice<'pyroscope'>): Part {
  return {
    ...pyroscopeServer(spec),
    ...pyroscopeDiscovery(spec),
    ...datasources(spec),
    ...externalSecrets(spec),
  };
}
