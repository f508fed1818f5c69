import { formatNodes, loadNodes } from './audit';
import { MANIFESTS_FILE, NODES_FOLDER, POD_SECURITY_FOLDER, writeFiles } from './output';
import { readSecrets } from './rotation/current-secrets';
import { rotatedToken } from './rotation/rotated-token';
import type { Step } from './rotation/rotation';
import { rotate, STEPS } from './rotation/rotation';
import type { Screen } from './screen';
import type { ParcaRole } from '../config/defaults';
import { readDocument } from '../config/document';
import { printableJson } from '../config/printable';
import { SpecError } from '../config/problem';
import type { ResolvedSpec } from '../config/resolved-spec';
import { freshToken } from '../kube/token';
import { toYaml, toYamlStream } from '../kube/yaml';
import { nodeFits, NodeVerdict } from '../posture/node-fit';
import { nodeNotes, nodeProblems } from '../posture/node-report';
import { pyroscopeReaders } from '../pyroscope/readers';
import { renderHelmValues, renderManifests, renderNodeConfiguration, renderPodSecurity, renderSecrets, summarize } from '../render';
import { resolve } from '../resolve';
import { formatSummary } from '../summary/format-summary';

export { ROTATED_ROLES } from './rotation/rotated-token';

/** The least that can be said of a cluster, for questions about nodes alone. */
const STARTING_POINT = { cluster: { name: 'cluster' }, images: { pinning: 'tagsAllowed' }, parca: { tls: { secretName: 'parca-tls' } } };

/** In a folder of their own: `kubectl apply -f` would take values for manifests. */
function valuesFile(chart: string): string {
  return `helm/${chart}.values.yaml`;
}

/** Makes manifests and Helm values, and says what a person wants to know of them. */
export function synth(input: number, screen: Screen, document: string, folder: string | undefined, nodes: string | undefined): void {
  const { spec, manifests, fits } = screen.withProgress(progress => {
    progress('reading');
    const loaded = load(document);
    const judged = nodes === undefined ? [] : nodeFits(loaded, loadNodes(nodes, input));
    const problems = nodeProblems(loaded, judged);
    if (problems.length > 0) { throw new SpecError(problems, document); }
    progress('rendering');
    const rendered = renderManifests(loaded);
    const yaml = toYamlStream(rendered);
    progress('writing');
    const values = Object.entries(renderHelmValues(loaded)).map(([chart, content]) => [valuesFile(chart), toYaml(content)]);
    const files = [[NODES_FOLDER, renderNodeConfiguration(loaded)], [POD_SECURITY_FOLDER, renderPodSecurity(loaded)]] as const;
    const inFolders = files.flatMap(([name, contents]) => Object.entries(contents).map(([file, content]) => [`${name}/${file}`, content]));
    if (folder === undefined) {
      screen.data(yaml);
    } else {
      writeFiles(folder, { [MANIFESTS_FILE]: yaml, ...Object.fromEntries([...values, ...inFolders]) });
    }
    return { spec: loaded, manifests: rendered, fits: judged };
  });
  const applied = folder === undefined
    ? `hardened-profiling synth ${document} | kubectl apply --server-side -f -`
    : `kubectl apply --server-side -f ${folder}/${MANIFESTS_FILE}`;
  const summary = summarize(spec, manifests, document, chart => `${folder ?? 'dist'}/${valuesFile(chart)}`);
  screen.tell(formatSummary({ ...summary, notes: [...summary.notes, ...nodeNotes(fits)] }, applied));
}

export interface AuditOptions {
  readonly nodes: string;
  readonly document?: string;
  readonly format: string;
}

/** Judges the nodes, and says whether agents can run on all of them. */
export function audit(input: number, screen: Screen, { nodes, document, format }: AuditOptions): boolean {
  const spec = document === undefined ? resolve(STARTING_POINT) : load(document);
  const fits = nodeFits(spec, loadNodes(nodes, input));
  if (format === 'json') { screen.data(`${printableJson({ nodes: fits })}\n`); } else { screen.show(formatNodes(fits)); }
  return fits.every(({ verdict }) => verdict !== NodeVerdict.CANNOT);
}

const SHOWN_TOKENS = 'These tokens are on the screen now: make others, and pipe them into kubectl: hardened-profiling secrets … | kubectl create -f -';

export interface SecretsOptions {
  readonly role?: ParcaRole[];
  readonly tenant?: string;
  readonly rotate?: string;
  readonly pool?: string;
  readonly step?: Step;
}

/** Prints Secrets with fresh tokens, or with one that is being rotated. */
export function secrets(input: number, screen: Screen, document: string, { role, tenant, rotate: rotated, pool, step }: SecretsOptions): void {
  const spec = load(document);
  if (tenant !== undefined) { requireTenant(spec, tenant, document); }
  if (rotated === undefined) {
    // Without a role these would print new tokens for all of them.
    const stray = step !== undefined ? { option: '--step', found: step } : pool !== undefined ? { option: '--pool', found: pool } : undefined;
    if (stray) {
      const { option, found } = stray;
      throw new SpecError([{ path: [], message: `${option} has nothing to change`, found, allowed: 'beside --rotate', fix: 'add --rotate <role>' }], document);
    }
  }
  if (rotated !== undefined) {
    const token = rotatedToken(spec, rotated, { tenant, pool }, document);
    const { secrets: changed, notes } = rotate(token, readSecrets(input), step ?? STEPS[0], freshToken);
    // In JSON, which escapes whatever others have written into these Secrets.
    screen.data(`${printableJson({ apiVersion: 'v1', kind: 'List', items: changed })}\n`);
    screen.tell(notes);
  } else {
    screen.data(toYamlStream(renderSecrets(spec, freshToken, { roles: role, name: tenant })));
  }
  if (screen.isOutputShown) { screen.tell([SHOWN_TOKENS]); }
}

function requireTenant({ pyroscope, externalSecrets }: ResolvedSpec, name: string, document: string): void {
  const known = pyroscope ? pyroscopeReaders(pyroscope).map(reader => reader.name) : [];
  const problem = externalSecrets
    ? { message: '--tenant has nothing to make: tokens come from `externalSecrets`', fix: 'change the token in the secret store' }
    : known.includes(name) ? undefined : { message: '--tenant names no tenant or reader that has a token', fix: 'correct the name' };
  if (!problem) { return; }
  throw new SpecError([{ path: [], found: name, allowed: known.join(', ') || 'none: the document has no section `pyroscope`', ...problem }], document);
}

function load(document: string): ResolvedSpec {
  const loaded = readDocument(document);
  return resolve(loaded.value, loaded);
}
