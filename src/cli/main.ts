import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Argument, Command, CommanderError, Option } from 'commander';
import { formatNodes, loadNodes } from './audit';
import { completionScript, SHELLS } from './completion';
import type { Shell } from './completion';
import { writeFiles } from './output';
import { LABEL, readSecrets } from './rotation/current-secrets';
import { ROTATED_ROLES, rotatedToken } from './rotation/rotated-token';
import type { Step } from './rotation/rotation';
import { rotate, STEPS } from './rotation/rotation';
import type { Terminal } from './screen';
import { Screen } from './screen';
import { STARTER_DOCUMENT } from './starter';
import { PARCA_ROLES } from '../config/defaults';
import type { ParcaRole } from '../config/defaults';
import { readDocument } from '../config/document';
import { printableJson } from '../config/printable';
import { SpecError } from '../config/problem';
import type { ResolvedSpec } from '../config/resolved-spec';
import { SCHEMA_FILE } from '../config/shape';
import { freshToken } from '../kube/token';
import { toYaml, toYamlStream } from '../kube/yaml';
import { nodeFits, NodeVerdict } from '../posture/node-fit';
import { nodeNotes, nodeProblems } from '../posture/node-report';
import { pyroscopeReaders } from '../pyroscope/readers';
import { renderHelmValues, renderManifests, renderNodeConfiguration, renderPodSecurity, renderSecrets, summarize } from '../render';
import { resolve } from '../resolve';
import { formatSummary } from '../summary/format-summary';

/** Ended as asked. */
const OK = 0;
/** Did its work and found problems. */
const PROBLEMS = 1;
const BAD_INPUT = 2;
const BUG = 3;

const MANIFESTS_FILE = 'manifests.yaml';
const NODES_FOLDER = 'node-configuration';
/** In a folder of their own: whoever deletes or prunes the manifests must not delete the namespaces of others. */
const POD_SECURITY_FOLDER = 'pod-security';

/** The least that can be said of a cluster, for questions about nodes alone. */
const STARTING_POINT = { cluster: { name: 'cluster' }, images: { pinning: 'tagsAllowed' }, parca: { tls: { secretName: 'parca-tls' } } };

/** In a folder of their own: `kubectl apply -f` would take values for manifests. */
function valuesFile(chart: string): string {
  return `helm/${chart}.values.yaml`;
}

/** Runs the command line of this process. */
export function run(): void {
  process.exitCode = main(process.argv.slice(2), {
    input: 0,
    // Synchronous, so that nothing is lost when the process ends; a reader that went away is no error.
    out: text => writeAll(1, text),
    err: text => writeAll(2, text),
    isInteractive: Boolean(process.stderr.isTTY) && process.env.NO_COLOR === undefined,
    isOutputShown: Boolean(process.stdout.isTTY),
  });
}

/** Runs the command line and returns its exit code: 0, 1 for problems found, 2 for bad input, 3 for a bug of its own. */
export function main(args: readonly string[], terminal: Terminal): number {
  const result = { exitCode: OK };
  const screen = new Screen(terminal);
  try {
    program(terminal.input, screen, result).parse(args, { from: 'user' });
    return result.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) { return error.exitCode === 0 ? OK : BAD_INPUT; }
    if (error instanceof SpecError) {
      screen.tell(error.message.split('\n'));
      return BAD_INPUT;
    }
    const { code, message, stack } = error as NodeJS.ErrnoException;
    // Errors of the file system are the user's to mend; everything else is ours and shows its stack.
    screen.tell(code === undefined ? ['This is a bug of hardened-profiling, please report it:', ...`${stack}`.split('\n')] : [message]);
    return code === undefined ? BUG : BAD_INPUT;
  }
}

function program(input: number, screen: Screen, result: { exitCode: number }): Command {
  const root = new Command('hardened-profiling')
    .description('Continuous profiling for Kubernetes that is safe by default: one document in, hardened manifests out.')
    .exitOverride()
    .configureOutput({ writeOut: text => screen.show(linesOf(text)), writeErr: text => screen.tell(linesOf(text)) })
    .showHelpAfterError('(add --help for usage and examples)')
    .addHelpText('after', `
Examples:
  hardened-profiling init profiling.yaml                    write a commented starter document
  hardened-profiling synth profiling.yaml | less            look at the manifests
  hardened-profiling synth profiling.yaml --out dist        write them to dist/${MANIFESTS_FILE}
  hardened-profiling secrets profiling.yaml | kubectl create -f -
  kubectl get nodes -o json | hardened-profiling audit --nodes - --document profiling.yaml

Exit codes: 0 done, 1 problems found, 2 bad input (nothing is written).`);

  root.command('synth')
    .description('make manifests and Helm values from a document; without --out, print the manifests')
    .argument('<document>', 'YAML or JSON file')
    .option('-o, --out <folder>', `write ${MANIFESTS_FILE}, values of charts below helm/, files for nodes below ${NODES_FOLDER}/ and labels of other namespaces below ${POD_SECURITY_FOLDER}/, into this folder`)
    .option('--nodes <file>', 'what `kubectl get nodes -o json` printed; refuse pools whose nodes cannot run their agents')
    .addHelpText('after', `
Examples:
  hardened-profiling synth profiling.yaml --out dist && kubectl apply --server-side -f dist
  hardened-profiling synth profiling.yaml | kubectl diff -f -`)
    .action((document: string, { out, nodes }: { out?: string; nodes?: string }) => synth(input, screen, document, out, nodes));

  root.command('audit')
    .description('look for what contradicts the document')
    .requiredOption('--nodes <file>', 'what `kubectl get nodes -o json` printed, or - to read it from standard input: which pool takes each node, and whether agents can run there')
    .option('--document <file>', 'YAML or JSON file with the node pools', undefined)
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', `
Examples:
  kubectl get nodes -o json | hardened-profiling audit --nodes - --document profiling.yaml
  kubectl get nodes -o json | hardened-profiling audit --nodes -       one pool with the least capabilities

Exit code 1 if there are nodes on which agents cannot run.`)
    .action(({ nodes, document, format }: { nodes: string; document?: string; format: string }) => {
      const spec = document === undefined ? resolve(STARTING_POINT) : load(document);
      const fits = nodeFits(spec, loadNodes(nodes, input));
      if (format === 'json') { screen.data(`${printableJson({ nodes: fits })}\n`); } else { screen.show(formatNodes(fits)); }
      if (fits.some(({ verdict }) => verdict === NodeVerdict.CANNOT)) { result.exitCode = PROBLEMS; }
    });

  root.command('secrets')
    .description('print Secrets with fresh random tokens, to pipe into kubectl; never commit them')
    .argument('<document>', 'YAML or JSON file')
    .addOption(new Option('--role <role...>', 'only for these roles of Parca').choices(PARCA_ROLES))
    // One at a time: server-side apply takes back what the same manager applied before and does not apply again.
    .addOption(new Option('--tenant <name>', 'only for this tenant or reader of Pyroscope, to be merged into the Secrets of all').conflicts('role'))
    .addOption(new Option('--rotate <role>', 'change the token of a role, or with --tenant of one of its roles, without losing a request;\n'
      + 'reads the Secrets as they are from standard input').choices(ROTATED_ROLES).conflicts('role'))
    .addOption(new Option('--pool <name>', 'with --rotate push, only the token of this node pool, which has one of its own').conflicts(['role', 'tenant']))
    .addOption(new Option('--step <step>', `of --rotate; by default ${STEPS[0]}`).choices(STEPS))
    .addHelpText('after', `
Examples:
  hardened-profiling secrets profiling.yaml | kubectl create -f -                  refuses to replace what exists
  hardened-profiling secrets profiling.yaml --role read | kubectl replace -f -     ends the old token at once
  hardened-profiling secrets profiling.yaml --tenant checkout |
    kubectl apply --server-side --force-conflicts --field-manager=checkout -f -    adds a tenant, or ends its old tokens

Rotate a token in three steps, each two minutes after the one before:
  kubectl get secrets --all-namespaces -l ${LABEL} -o json |
    hardened-profiling secrets profiling.yaml --rotate read --step accept | kubectl replace -f -
  --step accept  the gateway accepts a new token beside the old one
  --step use     those who use the token get the new one
  --step end     the old one ends`)
    .action((document: string, options: SecretsOptions) => secrets(input, screen, document, options));

  root.command('schema')
    .description('print the JSON Schema of the document, for editors')
    .action(() => screen.data(readFileSync(SCHEMA_FILE, 'utf8')));

  root.command('init')
    .description('write a commented starter document; without a file, print it')
    .argument('[file]', 'file to create; an existing one is left alone')
    .action((file?: string) => init(screen, file));

  root.command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', `
Examples:
  source <(hardened-profiling completion bash)
  hardened-profiling completion fish > ~/.config/fish/completions/hardened-profiling.fish`)
    .action((shell: Shell) => screen.data(completionScript(shell, {
      commands: root.commands.map(command => command.name()),
      options: Object.fromEntries(root.commands.map(command => [
        command.name(), [...command.options.map(option => option.long!), '--help'],
      ])),
    })));
  return root;
}

function synth(input: number, screen: Screen, document: string, folder: string | undefined, nodes: string | undefined): void {
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

/** The lines of a text that ends with a line break. */
function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

const SHOWN_TOKENS = 'These tokens are on the screen now: make others, and pipe them into kubectl: hardened-profiling secrets … | kubectl create -f -';

interface SecretsOptions {
  readonly role?: ParcaRole[];
  readonly tenant?: string;
  readonly rotate?: string;
  readonly pool?: string;
  readonly step?: Step;
}

function secrets(input: number, screen: Screen, document: string, { role, tenant, rotate: rotated, pool, step }: SecretsOptions): void {
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

function requireTenant({ pyroscope }: ResolvedSpec, name: string, document: string): void {
  const known = pyroscope ? pyroscopeReaders(pyroscope).map(reader => reader.name) : [];
  const problem = pyroscope?.externalSecrets
    ? { message: '--tenant has nothing to make: tokens come from `pyroscope.externalSecrets`', fix: 'change the token in the secret store' }
    : known.includes(name) ? undefined : { message: '--tenant names no tenant or reader that has a token', fix: 'correct the name' };
  if (!problem) { return; }
  throw new SpecError([{ path: [], found: name, allowed: known.join(', ') || 'none: the document has no section `pyroscope`', ...problem }], document);
}

function init(screen: Screen, file: string | undefined): void {
  if (file === undefined) {
    screen.data(STARTER_DOCUMENT);
    return;
  }
  if (existsSync(file)) {
    throw new SpecError([{ path: [], message: 'exists already', allowed: 'a file that does not exist', fix: 'choose another name' }], file);
  }
  writeFileSync(file, STARTER_DOCUMENT, { flag: 'wx' });
  screen.tell([`Wrote ${file}. Next: hardened-profiling synth ${file}`]);
}

function load(document: string): ResolvedSpec {
  const loaded = readDocument(document);
  return resolve(loaded.value, loaded);
}

function writeAll(descriptor: number, text: string): void {
  const data = Buffer.from(text);
  for (let offset = 0; offset < data.length;) {
    try {
      offset += writeSync(descriptor, data, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') { return; }
      if (code !== 'EAGAIN') { throw error; }
    }
  }
}
