import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, Command, CommanderError, Option } from 'commander';
import type { AuditOptions, SecretsOptions, SynthOptions } from './commands';
import { completionScript, SHELLS } from './completion';
import type { Shell } from './completion';
import { MANIFESTS_FILE, NODES_FOLDER, POD_SECURITY_FOLDER } from './output';
import { LABEL } from './rotation/current-secrets';
import { STEPS } from './rotation/rotation';
import type { Terminal } from './screen';
import { Screen } from './screen';
import { STARTER_DOCUMENT } from './starter';
import { PARCA_ROLES } from '../config/defaults';
import { SpecError } from '../config/problem';
import { SCHEMA_FILE } from '../config/shape';

/** The commands that read documents, loaded with the first command that does: neither help nor completion waits for it. */
const commands = (): typeof import('./commands') => require('./commands');

const DOCUMENTS = 'YAML or JSON file, or - for standard input; each further one is merged over those before it';

/** Ended as asked. */
const OK = 0;
/** Did its work and found problems. */
const PROBLEMS = 1;
const BAD_INPUT = 2;
const BUG = 3;

/** Asked without a look at `process.stdout`, which makes a pipe refuse what its reader has no room for yet. */
const isTerminal = (descriptor: number): boolean => (require('node:tty') as typeof import('node:tty')).isatty(descriptor);

/** Runs the command line of this process. */
export function run(): void {
  process.exitCode = main(process.argv.slice(2), {
    input: 0,
    // Synchronous, so that nothing is lost when the process ends; a reader that went away is no error.
    out: text => writeAll(1, text),
    err: text => writeAll(2, text),
    get isInteractive() { return isTerminal(2) && process.env.NO_COLOR === undefined; },
    get isOutputShown() { return isTerminal(1); },
  });
}

/** Runs the command line and returns its exit code: 0, 1 for problems found, 2 for bad input, 3 for a bug of its own. */
export function main(args: readonly string[], terminal: Terminal): number {
  const result = { exitCode: OK };
  const screen = new Screen(terminal);
  try {
    program(args, terminal.input, screen, result).parse(args, { from: 'user' });
    return result.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) { return error.exitCode === 0 ? OK : BAD_INPUT; }
    // By its name: there is one such class in each file of the bundle.
    if ((error as Error).name === 'SpecError') {
      screen.tell((error as Error).message.split('\n'));
      return BAD_INPUT;
    }
    const { code, message, stack } = error as NodeJS.ErrnoException;
    // Errors of the file system are the user's to mend; everything else is ours and shows its stack.
    screen.tell(code === undefined ? ['This is a bug of hardened-profiling, please report it:', ...`${stack}`.split('\n')] : [message]);
    return code === undefined ? BUG : BAD_INPUT;
  }
}

function program(args: readonly string[], input: number, screen: Screen, result: { exitCode: number }): Command {
  const root = new Command('hardened-profiling')
    .description('Continuous profiling for Kubernetes that is safe by default: one document in, hardened manifests out.')
    .exitOverride()
    .configureOutput({ writeOut: text => screen.show(linesOf(text)), writeErr: text => screen.tell(linesOf(text)) })
    // Read for this option alone: nothing else has to wait for it.
    .version(args.includes('--version') ? packageVersion() : '', '--version', 'print the version')
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
    .argument('<document...>', DOCUMENTS)
    .option('-o, --out <folder>', `write ${MANIFESTS_FILE}, values of charts below helm/, files for nodes below ${NODES_FOLDER}/ and labels of other namespaces below ${POD_SECURITY_FOLDER}/, into this folder`)
    .option('--nodes <file>', 'what `kubectl get nodes -o json` printed, or - to read it from standard input; refuse pools whose nodes cannot run their agents')
    .addOption(new Option('--each <file...>', 'make the manifests of many clusters: the document with each of these merged over it, into a folder for each cluster below --out')
      .conflicts(['nodes', 'format']))
    .addOption(new Option('--format <format>', 'how to print it; json is one object with manifests, values, files and all that the summary says')
      .choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', `
Examples:
  hardened-profiling synth profiling.yaml --out dist && kubectl apply --server-side -f dist
  hardened-profiling synth profiling.yaml | kubectl diff -f -
  hardened-profiling synth base.yaml production.yaml --out dist             the second is merged over the first
  hardened-profiling synth base.yaml --each clusters/*.yaml --out dist      thirty clusters at once, each in a folder of its name
  hardened-profiling synth profiling.yaml --format json | jq -r '.images[].image'`)
    .action((documents: string[], options: SynthOptions) => commands().synth(input, screen, documents, options));

  root.command('audit')
    .description('look for what contradicts the document')
    .requiredOption('--nodes <file>', 'what `kubectl get nodes -o json` printed, or - to read it from standard input: which pool takes each node, and whether agents can run there')
    .option('--document <file...>', 'YAML or JSON file with the node pools, and those to merge over it', undefined)
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', `
Examples:
  kubectl get nodes -o json | hardened-profiling audit --nodes - --document profiling.yaml
  kubectl get nodes -o json | hardened-profiling audit --nodes -       one pool with the least capabilities

Exit code 1 if there are nodes on which agents cannot run.`)
    .action((options: AuditOptions) => {
      if (!commands().audit(input, screen, options)) { result.exitCode = PROBLEMS; }
    });

  // The components know them, which are loaded for this command alone and for its help.
  const rotatedRoles = args.includes('secrets') ? commands().ROTATED_ROLES : [];
  root.command('secrets')
    .description('print Secrets with fresh random tokens, to pipe into kubectl; never commit them')
    .argument('<document...>', DOCUMENTS)
    .addOption(new Option('--role <role...>', 'only for these roles of Parca').choices(PARCA_ROLES))
    // One at a time: server-side apply takes back what the same manager applied before and does not apply again.
    .addOption(new Option('--tenant <name>', 'only for this tenant or reader of Pyroscope, to be merged into the Secrets of all').conflicts('role'))
    .addOption(new Option('--rotate <role>', 'change the token of a role, or with --tenant of one of its roles, without losing a request;\n'
      + 'reads the Secrets as they are from standard input').choices(rotatedRoles).conflicts('role'))
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
    .action((documents: string[], options: SecretsOptions) => commands().secrets(input, screen, documents, options));

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
      commands: [...root.commands.map(command => command.name()), ...root.options.map(option => option.long!), '--help'],
      options: Object.fromEntries(root.commands.map(command => [
        command.name(), [...command.options.map(option => option.long!), '--help'],
      ])),
    })));
  return root;
}

/** From the file of the package, which lies two folders above this one and above its bundle. */
function packageVersion(): string {
  return (JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as { version: string }).version;
}

/** The lines of a text that ends with a line break. */
function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
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
