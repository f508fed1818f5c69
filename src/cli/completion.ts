import { asset } from '../assets/asset';

/** Words for shell completion: the commands and their options. */
export interface CompletionWords {
  readonly commands: readonly string[];
  readonly options: Readonly<Record<string, readonly string[]>>;
}

/** Shells that completion is made for. */
export const SHELLS = ['bash', 'fish', 'zsh'] as const;
export type Shell = typeof SHELLS[number];

const NAME = 'hardened-profiling';

/** A script for the shell to source; arguments that are no commands or options complete to files. */
export function completionScript(shell: Shell, { commands, options }: CompletionWords): string {
  const words = commands.map(command => [command, ...options[command] ?? []].join(' ')).join('\n');
  const bash = (): string => `_hardened_profiling_words='${words}'\n${asset('cli/completion.bash')}`;
  switch (shell) {
    case 'bash': return bash();
    case 'zsh': return `autoload -U +X bashcompinit && bashcompinit\n${bash()}`;
    case 'fish': return [
      ...commands.map(command => `complete -c ${NAME} -n __fish_use_subcommand -f -a ${command}`),
      ...commands.flatMap(command => (options[command] ?? []).filter(option => option.startsWith('--'))
        .map(option => `complete -c ${NAME} -n '__fish_seen_subcommand_from ${command}' -l ${option.slice(2)}`)),
      '',
    ].join('\n');
  }
}
