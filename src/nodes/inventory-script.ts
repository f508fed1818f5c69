import { METRICS_SHELL } from './metrics-shell';

/**
 * A shell script that compares the eBPF programs of a node with a baseline, and the commands to look at the baseline and to change it.
 *
 * Its computing is in `inventory.jq`. With a baseline in `/etc/ebpf-inventory` it learns nothing; else it keeps one for each kernel
 * in `/state`, a directory of the node, so that it survives the pod. A baseline that cannot be read ends it: to learn a new one
 * unasked would call good whatever is loaded.
 */
export const INVENTORY_SCRIPT = `#!/bin/sh
# Compares the eBPF programs that are loaded on this node with a baseline. Needs SYS_ADMIN to list them, bpftool, jq and busybox.
#   inventory.sh            goes on for ever, and serves metrics
#   inventory.sh review     prints what is unexpected and what is missing
#   inventory.sh promote    makes what is loaded now this node's baseline
#   inventory.sh export     prints what is loaded as entries for nodes.ebpfInventory.baseline
set -u
config=\${CONFIG_DIRECTORY:-/etc/ebpf-inventory}
state=\${STATE_DIRECTORY:-/state}
${METRICS_SHELL}
kernel=$(cat "\${KERNEL_RELEASE:-/proc/sys/kernel/osrelease}")
given=$config/baseline.json
learned=$state/$kernel.json

run_jq() {
  filter=$1
  shift
  jq -L "$config" "include \\"inventory\\"; $filter" "$@"
}

say() {
  jq -cn --arg change "$1" --arg detail "$2" '{time: (now | floor | todate), change: $change, detail: $detail}'
}

fail() {
  say "$1" "$2" >&2
  exit 1
}

# Lists what is loaded into the file $1, and fails unless the list is complete. Leaves the number of errors in $unreadable.
list() {
  bpftool --json prog show >"$1.raw" 2>"$1.errors"
  # Of an empty file jq says nothing, and that this is no error.
  unreadable=$(run_jq unreadable "$1.raw" 2>/dev/null)
  case $unreadable in
    0) run_jq programs -c "$1.raw" >"$1" ;;
    '' | *[!0-9]*) unreadable=1 && return 1 ;;
    *) return 1 ;;
  esac
}

# The baseline as a list, into the file $1.
read_baseline() {
  if [ -f "$given" ]; then
    jq -c arrays "$given" >"$1"
  else
    jq -c '.programs | arrays' "$learned" >"$1"
  fi
  [ -s "$1" ] || no_baseline
}

no_baseline() {
  if [ -f "$given" ]; then fail "the baseline cannot be read" "$given"; fi
  fail "the baseline cannot be read" "$learned on the node. Remove the file to learn a new one, or run: inventory.sh promote"
}

# Replaces the baseline of this kernel by the list in the file $1; it grows until the second $2.
keep() {
  jq -c --argjson until "$2" '{until: $until, programs: .}' "$1" >"$learned.next" && mv "$learned.next" "$learned" \\
    || fail "the baseline cannot be written" "$learned"
}

learn() {
  [ -f "$given" ] && return
  if [ ! -e "$learned" ]; then
    keep "$work/loaded" $(($(date +%s) + LEARN_SECONDS))
    say "baseline begun" "$(jq length "$work/loaded") programs on kernel $kernel"
  fi
  until=$(jq '.until | numbers' "$learned")
  [ -n "$until" ] || no_baseline
  learning=0
  if [ "$(date +%s)" -lt "\${until%%.*}" ]; then
    learning=1
    read_baseline "$work/baseline"
    jq -cs 'add | unique' "$work/baseline" "$work/loaded" >"$work/grown"
    cmp -s "$work/baseline" "$work/grown" || keep "$work/grown" "$until"
  fi
}

case \${1:-} in
  '') ;;
  review | promote | export)
    loaded=$(mktemp -d "$work/command.XXXXXX") || exit 1
    trap 'rm -rf "$loaded"' EXIT
    list "$loaded/loaded" || fail "programs cannot be listed" "$(cat "$loaded/loaded.raw" "$loaded/loaded.errors")"
    case $1 in
      export) run_jq entries -r "$loaded/loaded" ;;
      promote)
        [ -f "$given" ] && fail "the baseline is from the document" "Put what inventory.sh export prints under nodes.ebpfInventory.baseline, and apply."
        keep "$loaded/loaded" 0
        say "baseline promoted" "$(jq length "$loaded/loaded") programs on kernel $kernel"
        ;;
      review)
        read_baseline "$loaded/baseline"
        run_jq 'compare($baseline[0]) | changes({unexpected: [], missing: []})' -c --slurpfile baseline "$loaded/baseline" "$loaded/loaded"
        ;;
    esac
    exit
    ;;
  *) fail "unknown command" "$1. There are review, promote and export." ;;
esac

[ -f "$given" ] && source=document || source=learned
learning=0
echo '{"loaded":0,"unexpected":[],"missing":[]}' >"$work/result"
scanned=0
serve
while :; do
  if list "$work/loaded"; then
    learn
    read_baseline "$work/baseline"
    run_jq 'compare($baseline[0])' -c --slurpfile baseline "$work/baseline" "$work/loaded" >"$work/result.next" || fail "programs cannot be compared" "jq failed"
    run_jq 'changes($before[0])' -c --slurpfile before "$work/result" "$work/result.next"
    mv "$work/result.next" "$work/result"
    scanned=$(date +%s)
  else
    say "programs cannot be listed" "$(cat "$work/loaded.raw" "$work/loaded.errors")"
  fi
  run_jq 'metrics($unreadable; $kernel; $source; $learning; $scanned)' -r --argjson unreadable "$unreadable" --arg kernel "$kernel" \\
    --arg source "$source" --argjson learning "$learning" --argjson scanned "$scanned" "$work/result" >"$work/metrics.next" && publish
  pause "$INTERVAL_SECONDS"
done
`;
