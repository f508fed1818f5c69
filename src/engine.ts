/** What the constructs are a thin shell around; loaded with the first of them, see `HardenedProfiling`. */
export { readerPolicies, scraperPolicies, symbolUploaderPolicies } from './foundation/network-policies';
export { pushEgressPolicy } from './foundation/pyroscope-network-policies';
export { gatewayAddress } from './parca/gateway';
export { renderHelmValues, renderNodeConfiguration, renderParts } from './render';
export { pyroscopeUrl } from './pyroscope/datasources';
export { readDocument } from './spec/document';
export { resolve } from './spec/resolve';
