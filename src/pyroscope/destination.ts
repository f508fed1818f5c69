import { pyroscopeUrl } from './datasources';
import { SECRETS } from './names';
import { GATEWAY_PODS } from './network';
import type { Destination } from '../component';
import type { ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';

/** Destination of the collectors on the nodes; undefined without Pyroscope. */
export function collectorDestination({ pyroscope }: Pick<ResolvedSpec, 'pyroscope'>): Destination | undefined {
  return pyroscope && {
    url: pyroscopeUrl(pyroscope),
    caConfigMap: pyroscope.tls.caConfigMap,
    tokenSecret: SECRETS.alloy,
    pods: GATEWAY_PODS,
    port: GATEWAY_PORT,
    isChartInstalled: pyroscope.gitOps !== undefined,
  };
}
