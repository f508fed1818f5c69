# Completes commands of hardened-profiling and their options; other arguments complete to files. In zsh, bashcompinit comes before this.
# _hardened_profiling_words, which the command line puts before these lines, has a line for each command: its name and its options.
_hardened_profiling() {
  local current="${COMP_WORDS[COMP_CWORD]}" offered='' name rest
  while read -r name rest; do
    if [ "$COMP_CWORD" -eq 1 ]; then
      offered="$offered $name"
    elif [ "$name" = "${COMP_WORDS[1]}" ]; then
      offered=$rest
    fi
  done <<<"$_hardened_profiling_words"
  # One word each, and none has a character that the shell would expand.
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _hardened_profiling hardened-profiling
