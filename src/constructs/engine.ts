/** Functions that the constructs call to resolve and render a specification; loaded with the first of them, see `HardenedProfiling`. */
export { COMPONENT, contributionsTo } from '../components';
export { readDocuments } from '../config/overlay';
export { sorted } from '../config/resolve-values';
export { toYaml } from '../kube/yaml';
export { gatewayAddress } from '../parca/gateway';
export { pyroscopeUrl } from '../pyroscope/datasources';
export {
  deploymentOf, renderAdmission, renderHelmValues, renderManifests, renderNetworkPolicies, renderNodeConfiguration, renderParts, renderPodSecurity,
  renderPushPolicy, summarize,
} from '../render';
export { resolve, resolvePart } from '../resolve';
export { formatSummary } from '../summary/format-summary';
export { textOf } from '../summary/lines';
