import { ALLOY_NAME } from './names';
import type { AlloySlice } from './slice';
import { caSecret, externalSecret, fromStore } from '../delivery/external-secrets';
import type { Part } from '../kube/manifest';

/** What Alloy takes from a secret store: its CA and, for a Pyroscope elsewhere, the token of each tenant. */
export function alloyExternalSecrets({ externalSecrets, agents: { namespace }, alloy: { tenants, remote }, destination }: AlloySlice): Part {
  if (!externalSecrets) { return {}; }
  return {
    ...caSecret(externalSecrets, namespace, destination.ca),
    ...(remote && {
      'external-secret-tokens': externalSecret(externalSecrets, {
        namespace,
        name: destination.tokenSecret,
        app: ALLOY_NAME,
        entries: tenants.map(({ name }) => ({ key: name, storeKey: `${name}/agent`, template: fromStore(`${name}/agent`) })),
      }),
    }),
  };
}
