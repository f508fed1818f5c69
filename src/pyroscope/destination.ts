import { pyroscopeUrl } from './datasources';
import { SECRETS } from './names';
import { GATEWAY_PODS } from './network';
import type { Destination } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';

/** Destination of the collectors on the nodes: the Pyroscope here or one elsewhere; undefined without both. */
export function collectorDestination({ pyroscope, alloy }: Pick<ResolvedSpec, 'pyroscope' | 'alloy'>): Destination | undefined {
  if (alloy?.remote) {
    const { egressCidrs, ...remote } = alloy.remote;
    return { ...remote, reachedBy: { cidrs: egressCidrs } };
  }
  return pyroscope && {
    url: pyroscopeUrl(pyroscope), port: GATEWAY_PORT, ca: pyroscope.tls.ca, tokenSecret: SECRETS.alloy, reachedBy: { pods: GATEWAY_PODS },
  };
}
