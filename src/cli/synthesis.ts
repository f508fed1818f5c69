import { MANIFESTS_FILE, NODES_FOLDER, POD_SECURITY_FOLDER } from './output';
import { printableJson } from '../config/printable';
import type { ResolvedSpec } from '../config/resolved-spec';
import type { HelmValues } from '../kube/helm';
import type { Manifest } from '../kube/manifest';
import { toYaml } from '../kube/yaml';
import { renderHelmValues, renderManifests, renderNodeConfiguration, renderPodSecurity } from '../render';
import type { Summary } from '../summary/summary';

/** Everything that `synth` makes. */
export interface Synthesis {
  /** Manifests in the order in which they can be applied. */
  readonly objects: readonly Manifest[];
  /** By the name of the chart. */
  readonly helmValues: Readonly<Record<string, HelmValues>>;
  /** What is no manifest of the deployment, for nodes and namespaces of others: texts by their paths in the folder of the output. */
  readonly files: Readonly<Record<string, string>>;
}

/** Makes everything of a specification. */
export function synthesize(spec: ResolvedSpec): Synthesis {
  return {
    objects: renderManifests(spec),
    helmValues: renderHelmValues(spec),
    files: { ...inFolder(NODES_FOLDER, renderNodeConfiguration(spec)), ...inFolder(POD_SECURITY_FOLDER, renderPodSecurity(spec)) },
  };
}

/** File of a chart's values. In a folder of their own: `kubectl apply -f` would take values for manifests. */
export function valuesFile(chart: string): string {
  return `helm/${chart}.values.yaml`;
}

/** Every file of a synthesis, by its path in the folder of the output. */
export function synthesisFiles({ objects, helmValues, files }: Synthesis, yaml: (values: readonly unknown[]) => string): Record<string, string> {
  return {
    [MANIFESTS_FILE]: yaml(objects),
    ...Object.fromEntries(Object.entries(helmValues).map(([chart, values]) => [valuesFile(chart), toYaml(values)])),
    ...files,
  };
}

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]));
}

/** Everything, and what the summary says of it, as one object in JSON. */
export function synthesisJson({ objects, helmValues, files }: Synthesis, { cluster, images, fallbacks, notes, missing }: Summary): string {
  return `${printableJson({ cluster, objects, helmValues, files, images, fallbacks, notes, missing })}\n`;
}
