import { pyroscopeDiscovery } from './chart';
import { datasources } from './datasources';
import { externalSecrets } from './external-secrets';
import { gitOps } from './git-ops';
import { pyroscopeServer } from './native';
import type { ResolvedSpec } from '../config/resolved-spec';
import type { Part } from '../kube/manifest';

/** Pyroscope and what belongs to it, besides the gateway and the walls; nothing unless the specification has it. */
export function pyroscope(spec: ResolvedSpec): Part {
  return {
    ...pyroscopeServer(spec),
    ...pyroscopeDiscovery(spec),
    ...gitOps(spec),
    ...datasources(spec),
    ...externalSecrets(spec),
  };
}
