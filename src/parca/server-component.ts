import { parcaChecks } from './checks';
import { parcaExternalSecrets } from './external-secrets';
import { gateway } from './gateway';
import { SERVER_NAME, SERVER_PODS } from './names';
import { serverMissing, serverNotes } from './notes';
import type { ServerSlice } from './push-tokens';
import { parcaTokens, tokenSecrets } from './secrets';
import { server } from './server';
import type { Component, Contribution, Slice } from '../component';
import { PARCA_ROLES } from '../config/defaults';
import { hasParcaServer } from '../config/partial-spec';
import type { ResolvedPeer } from '../config/resolved-spec';
import { GATEWAY_PORT } from '../gateway/routes';
import { selectorLabels } from '../kube/labels';
import type { Part } from '../kube/manifest';
import { merge } from '../kube/manifest';
import type { Endpoint } from '../kube/network-policy';
import { connection } from '../kube/network-policy';
import { storageRules } from '../storage/network';

/** The Parca server behind its gateway. */
export const parcaServer: Component = {
  parts: ['gateway', 'server'],
  tokenRoles: PARCA_ROLES,
  checks: [parcaChecks],
  images: { parca: hasParcaServer, gateway: hasParcaServer },
  contribution: spec => spec.parca && contribution({ ...spec, parca: spec.parca }),
};

function contribution(spec: ServerSlice): Contribution {
  const { cluster, access, parca: { namespace, server: { objectStorage } } } = spec;
  return {
    namespaces: [{ id: 'server', name: namespace, podSecurity: 'restricted' }],
    objects: () => ({ gateway: gateway(spec), server: { ...server(spec), ...parcaExternalSecrets(spec) } }),
    pods: [{
      id: SERVER_PODS,
      name: SERVER_NAME,
      namespace,
      podLabels: selectorLabels(SERVER_NAME),
      // Without a bucket the server has no reason to look up or reach anything.
      egress: objectStorage ? storageRules(objectStorage, cluster.dns) : [],
    }],
    peers: merge([
      ...access.readers.map(peer => readerPolicies(spec, peer)),
      ...access.symbolUploaders.map(peer => symbolUploaderPolicies(spec, peer)),
    ]),
    metrics: [gatewayEndpoint(spec, 'scraper')],
    portForward: { id: '', name: `${SERVER_NAME}-port-forward`, namespace, pod: `${SERVER_NAME}-0` },
    secrets: (newToken, { roles = PARCA_ROLES, name }) => name === undefined ? tokenSecrets(spec, roles, newToken) : [],
    tokens: () => parcaTokens(spec),
    notes: () => serverNotes(spec),
    missing: ({ document }) => serverMissing(spec, document),
  };
}

/** Lets a peer query the gateway. */
function readerPolicies(spec: Slice<'parca'>, peer: ResolvedPeer): Part {
  return connection(gatewayEndpoint(spec, 'reader'), peer);
}

/** Lets a peer upload debug information to the gateway. */
function symbolUploaderPolicies(spec: Slice<'parca'>, peer: ResolvedPeer): Part {
  return connection(gatewayEndpoint(spec, 'symbols'), peer);
}

function gatewayEndpoint({ parca: { namespace } }: Slice<'parca'>, purpose: string): Endpoint {
  return { id: purpose, name: `${SERVER_NAME}-${purpose}`, namespace, podLabels: selectorLabels(SERVER_NAME), port: GATEWAY_PORT };
}
