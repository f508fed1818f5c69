import { gatewayHost } from './gateway';
import { SERVER_PODS } from './names';
import type { Slice } from '../component';
import type { ResolvedCa, ResolvedSpec } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';

/** Store that agents send to, be it the server here or one elsewhere. */
export interface Store {
  readonly host: string;
  readonly port: number;
  /** Name of the Secret in the agents' namespace with the push token of pools that have none of their own. */
  readonly tokenSecret: string;
  /** Undefined means the authorities of the agent's image. */
  readonly ca?: ResolvedCa;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  /** The pods behind it by the id of their NetworkPolicy, or its addresses. */
  readonly reachedBy: { readonly pods: string } | { readonly cidrs: readonly string[] };
}

/** Sections of a specification that the agents read, with their store. */
export type AgentSlice = Slice<'parcaAgent'> & { readonly store: Store };

/** The store of a specification's agents. */
export function storeOf({ parca, parcaAgent }: Pick<ResolvedSpec, 'parca' | 'parcaAgent'>): Store | undefined {
  if (parcaAgent?.remoteStore) {
    const { egressCidrs, ...store } = parcaAgent.remoteStore;
    return { ...store, reachedBy: { cidrs: egressCidrs } };
  }
  return parca && {
    host: gatewayHost(parca.namespace),
    port: GATEWAY_PORT,
    tokenSecret: parca.tokens.push,
    ca: parca.tls.ca,
    headers: [],
    reachedBy: { pods: SERVER_PODS },
  };
}
