/** What can be completed: the commands and their options. */
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
  const cases = commands.map(command => `    ${command}) words="${(options[command] ?? []).join(' ')}" ;;`).join('\n');
  const bash = `_hardened_profiling() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="${commands.join(' ')}"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _hardened_profiling ${NAME}
`;
  switch (shell) {
    case 'bash': return bash;
    case 'zsh': return `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
    case 'fish': return [
      ...commands.map(command => `complete -c ${NAME} -n __fish_use_subcommand -f -a ${command}`),
      ...commands.flatMap(command => (options[command] ?? []).filter(option => option.startsWith('--'))
        .map(option => `complete -c ${NAME} -n '__fish_seen_subcommand_from ${command}' -l ${option.slice(2)}`)),
      '',
    ].join('\n');
  }
}
