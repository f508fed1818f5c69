import { ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { externalSecret, fromStore } from '../delivery/external-secrets';
import type { Part } from '../kube/manifest';

/** The token of each tenant that Alloy takes from a secret store, for a Pyroscope elsewhere. */
export function alloyExternalSecrets({ externalSecrets, agents: { namespace }, alloy: { tenants, remote }, destination }: AlloySlice): Part {
  if (!externalSecrets || !remote) { return {}; }
  return {
    'external-secret-tokens': externalSecret(externalSecrets, {
      namespace,
      name: destination.tokenSecret,
      app: ALLOY_NAME,
      entries: tenants.map(({ name }) => ({ key: name, storeKey: `${name}/agent`, template: fromStore(`${name}/agent`) })),
    }),
  };
}
