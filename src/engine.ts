/** What the constructs are a thin shell around; loaded with the first of them, see `HardenedProfiling`. */
export { readerPolicies, scraperPolicies, symbolUploaderPolicies } from './foundation/network-policies';
export { gatewayAddress } from './gateway/gateway';
export { renderParts } from './render';
export { readDocument } from './spec/document';
export { resolve } from './spec/resolve';
