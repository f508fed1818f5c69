import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { KubeObject, Kubectl } from './kubectl';

/** Makes the API server know the kinds of other projects that the library emits, but for Kyverno's. */
export async function defineForeignKinds(kubectl: Kubectl): Promise<void> {
  const definitions = loadAll(readFileSync(join(__dirname, 'definitions.yaml'), 'utf8')) as KubeObject[];
  await kubectl.apply(definitions);
  await kubectl.run(['wait', '--for=condition=Established', ...definitions.map(({ metadata }) => `customresourcedefinition/${metadata.name}`), '--timeout=20s']);
}

/** What these definitions do not show, for the report. */
export const FOREIGN_KINDS = 'the definitions that cert-manager, the External Secrets Operator, Argo CD, Flux, the Grafana Operator and Tetragon install: '
  + 'short ones of the same fields and defaults were used';
