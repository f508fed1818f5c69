import { formatNodes, loadNodes } from './audit';
import { asArguments, loadDocuments, requireOneReader } from './documents';
import { MANIFESTS_FILE, writeFiles } from './output';
import { readSecrets } from './rotation/current-secrets';
import { rotatedToken } from './rotation/rotated-token';
import type { Step } from './rotation/rotation';
import { rotate, STEPS } from './rotation/rotation';
import type { Screen } from './screen';
import { synthEach } from './synth-each';
import { synthesisFiles, synthesisJson, synthesize, valuesFile } from './synthesis';
import type { ParcaRole } from '../config/defaults';
import { printableJson } from '../config/printable';
import type { Source } from '../config/problem';
import { SpecError } from '../config/problem';
import type { ResolvedSpec } from '../config/resolved-spec';
import { freshToken } from '../kube/token';
import { toYamlStream } from '../kube/yaml';
import { nodeFits, NodeVerdict } from '../posture/node-fit';
import { nodeNotes, nodeProblems } from '../posture/node-report';
import { pyroscopeReaders } from '../pyroscope/readers';
import { renderSecrets, summarize } from '../render';
import { resolve } from '../resolve';
import { formatSummary } from '../summary/format-summary';

export { ROTATED_ROLES } from './rotation/rotated-token';

/** The least that can be said of a cluster, for questions about nodes alone. */
const STARTING_POINT = { cluster: { name: 'cluster' }, images: { pinning: 'tagsAllowed' }, parca: { tls: { secretName: 'parca-tls' } } };

export interface SynthOptions {
  readonly out?: string;
  readonly nodes?: string;
  readonly each?: readonly string[];
  readonly format: string;
}

/** Makes manifests and Helm values, and says what a person wants to know of them. */
export function synth(input: number, screen: Screen, documents: readonly string[], { out, nodes, each, format }: SynthOptions): void {
  if (each !== undefined) { synthEach(input, screen, documents, each, out); return; }
  requireOneReader({ documents, nodes });
  const isJson = format === 'json';
  if (isJson && out !== undefined) {
    throw new SpecError([{
      path: [], message: '--format json prints one object and writes no files', found: `--out ${out}`, allowed: 'one of the two', fix: 'leave one of the two out',
    }], documents);
  }
  const summary = screen.withProgress(progress => {
    progress('reading');
    const { spec, source, locate } = loadDocuments(documents, input);
    const fits = nodes === undefined ? [] : nodeFits(spec, loadNodes(nodes, input));
    const problems = nodeProblems(spec, fits);
    if (problems.length > 0) { throw new SpecError(problems, source, locate); }
    progress('rendering');
    const synthesis = synthesize(spec);
    const { notes, ...others } = summarize(spec, synthesis.objects, asArguments(documents), chart => `${out ?? 'dist'}/${valuesFile(chart)}`);
    const complete = { ...others, notes: [...notes, ...nodeNotes(fits)] };
    if (out === undefined) {
      const output = isJson ? synthesisJson(synthesis, complete) : toYamlStream(synthesis.objects);
      progress('writing');
      screen.data(output);
    } else {
      const files = synthesisFiles(synthesis, toYamlStream);
      progress('writing');
      writeFiles(out, files);
    }
    return complete;
  });
  if (isJson) { return; } // the summary is in it
  screen.tell(formatSummary(summary, out === undefined
    ? `hardened-profiling synth ${asArguments(documents)} | kubectl apply --server-side -f -`
    : `kubectl apply --server-side -f ${out}/${MANIFESTS_FILE}`));
}

export interface AuditOptions {
  readonly nodes: string;
  readonly document?: readonly string[];
  readonly format: string;
}

/** Judges the nodes, and says whether agents can run on all of them. */
export function audit(input: number, screen: Screen, { nodes, document: documents, format }: AuditOptions): boolean {
  requireOneReader({ documents, nodes });
  const spec = documents === undefined ? resolve(STARTING_POINT) : loadDocuments(documents, input).spec;
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
export function secrets(
  input: number, screen: Screen, documents: readonly string[], { role, tenant, rotate: rotated, pool, step }: SecretsOptions,
): void {
  requireOneReader({ documents, rotate: rotated });
  const { spec, source } = loadDocuments(documents, input);
  if (tenant !== undefined) { requireTenant(spec, tenant, source); }
  if (rotated === undefined) {
    // Without a role these would print new tokens for all of them.
    const stray = step !== undefined ? { option: '--step', found: step } : pool !== undefined ? { option: '--pool', found: pool } : undefined;
    if (stray) {
      const { option, found } = stray;
      throw new SpecError([{ path: [], message: `${option} has nothing to change`, found, allowed: 'beside --rotate', fix: 'add --rotate <role>' }], source);
    }
  }
  if (rotated !== undefined) {
    const token = rotatedToken(spec, rotated, { tenant, pool }, source);
    const { secrets: changed, notes } = rotate(token, readSecrets(input), step ?? STEPS[0], freshToken);
    // In JSON, which escapes whatever others have written into these Secrets.
    screen.data(`${printableJson({ apiVersion: 'v1', kind: 'List', items: changed })}\n`);
    screen.tell(notes);
  } else {
    const made = renderSecrets(spec, freshToken, { roles: role, name: tenant });
    if (made.length === 0) { throw nothingToMake(spec, role, source); }
    screen.data(toYamlStream(made));
  }
  if (screen.isOutputShown) { screen.tell([SHOWN_TOKENS]); }
}

/** An empty output would look as if something had been made. */
function nothingToMake({ externalSecrets, parca }: ResolvedSpec, roles: readonly ParcaRole[] | undefined, source: Source): SpecError {
  const problem = externalSecrets
    ? { message: 'has no tokens to make: they come from `externalSecrets`', fix: 'change them in the secret store' }
    : roles && !parca
      ? { message: '--role has nothing to make: the document has no Parca server', found: roles.join(', '), fix: 'leave --role out' }
      : { message: 'has no tokens to make: its profilers send to stores elsewhere', fix: 'ask the owners of the store for tokens; `synth` says into which Secrets they go' };
  return new SpecError([{ path: [], allowed: 'a document with a Parca server or Pyroscope, and without `externalSecrets`', ...problem }], source);
}

function requireTenant({ pyroscope, externalSecrets }: ResolvedSpec, name: string, source: Source): void {
  const known = pyroscope ? pyroscopeReaders(pyroscope).map(reader => reader.name) : [];
  const problem = externalSecrets
    ? { message: '--tenant has nothing to make: tokens come from `externalSecrets`', fix: 'change the token in the secret store' }
    : known.includes(name) ? undefined : { message: '--tenant names no tenant or reader that has a token', fix: 'correct the name' };
  if (!problem) { return; }
  throw new SpecError([{ path: [], found: name, allowed: known.join(', ') || 'none: the document has no section `pyroscope`', ...problem }], source);
}
