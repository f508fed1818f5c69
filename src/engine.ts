/** What the constructs are a thin shell around; loaded with the first of them, see `HardenedProfiling`. */
export { formatSummary } from './format-summary';
export { readerPolicies, scraperPolicies, symbolUploaderPolicies } from './foundation/network-policies';
export { pushEgressPolicy } from './foundation/pyroscope-network-policies';
export { gatewayAddress } from './parca/gateway';
export { toYaml } from './kube/yaml';
export { textOf } from './lines';
export { renderHelmValues, renderManifests, renderNodeConfiguration, renderParts, renderPodSecurity } from './render';
export { pyroscopeUrl } from './pyroscope/datasources';
export { readDocument } from './spec/document';
export { resolve } from './spec/resolve';
export { summarize } from './summary';
