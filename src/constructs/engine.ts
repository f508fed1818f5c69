/** Functions that the constructs call to resolve and render a specification; loaded with the first of them, see `HardenedProfiling`. */
export { readDocuments } from '../config/overlay';
export { toYaml } from '../kube/yaml';
export { readerPolicies, symbolUploaderPolicies } from '../parca/component';
export { gatewayAddress } from '../parca/gateway';
export { pyroscopeUrl } from '../pyroscope/datasources';
export { pushEgressPolicy } from '../pyroscope/network';
export {
  renderHelmValues, renderManifests, renderNodeConfiguration, renderParts, renderPodSecurity, renderScraperPolicies, summarize,
} from '../render';
export { resolve } from '../resolve';
export { formatSummary } from '../summary/format-summary';
export { textOf } from '../summary/lines';
