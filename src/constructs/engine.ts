/** What the constructs are a thin shell around; loaded with the first of them, see `HardenedProfiling`. */
export { formatSummary } from '../summary/format-summary';
export { readerPolicies, scraperPolicies, symbolUploaderPolicies } from '../access/network-policies';
export { pushEgressPolicy } from '../pyroscope/network';
export { gatewayAddress } from '../parca/gateway';
export { toYaml } from '../kube/yaml';
export { textOf } from '../summary/lines';
export { renderHelmValues, renderManifests, renderNodeConfiguration, renderParts, renderPodSecurity } from '../render';
export { pyroscopeUrl } from '../pyroscope/datasources';
export { readDocument } from '../config/document';
export { resolve } from '../config/resolve';
export { summarize } from '../summary/summary';
