#!/bin/sh
# Compares the eBPF programs that are loaded on this node with a baseline. Needs SYS_ADMIN to list them, bpftool and jq.
#   inventory.sh            goes on for ever, and publishes metrics
#   inventory.sh review     prints what is unexpected and what is missing
#   inventory.sh promote    prints the same, and makes what is loaded now this node's baseline
#   inventory.sh export     prints what is loaded as entries for nodes.ebpfInventory.baseline
set -u
config=${CONFIG_DIRECTORY:-/etc/ebpf-inventory}
state=${STATE_DIRECTORY:-/state}
work=${WORK_DIRECTORY:-/work}
kernel=$(cat "${KERNEL_RELEASE:-/proc/sys/kernel/osrelease}")
library=$config
given=$config/baseline.json
learned=$state/$kernel.json
[ -f "$given" ] && source=document || source=learned

run_jq() { # FILTER ARGUMENT...
  filter=$1
  shift
  jq -L "$library" "include \"inventory\"; $filter" "$@"
}

say() { # CHANGE DETAIL
  jq -cn --arg change "$1" --arg detail "$2" '{time: (now | floor | todate), change: $change, detail: $detail}'
}

fail() { # CHANGE DETAIL
  say "$1" "$2" >&2
  exit 1
}

# Lists what is loaded, and fails unless the list is complete. Leaves the number of errors in $unreadable.
list() { # FILE
  timeout 60 bpftool --json prog show >"$1.raw" 2>"$1.errors"
  # Of an empty file jq says nothing, and that this is no error.
  unreadable=$(run_jq unreadable "$1.raw" 2>/dev/null)
  case $unreadable in
    0) run_jq programs -c "$1.raw" >"$1" && [ -s "$1" ] && return ;;
    '' | *[!0-9]*) ;;
    *) return 1 ;;
  esac
  unreadable=1
  return 1
}

# Why there is no list, in a few words, however long the list is.
why() { # FILE
  { run_jq '.[] | .error // empty' -r "$1.raw" 2>/dev/null; cat "$1.errors"; } | head -c 500
}

# The baseline as a list.
read_baseline() { # FILE
  if [ "$source" = document ]; then
    jq -c arrays "$given" >"$1"
  else
    jq -c '.programs | arrays' "$learned" >"$1"
  fi
  [ -s "$1" ] || no_baseline
}

no_baseline() {
  if [ "$source" = document ]; then fail "the baseline cannot be read" "$given"; fi
  fail "the baseline cannot be read" "$learned on the node. Remove the file to learn a new one, or run: inventory.sh promote"
}

# Replaces the baseline of this kernel by a list. It grows until the given second.
keep() { # FILE SECOND
  { jq -c --argjson until "$2" '{until: $until, programs: .}' "$1" >"$learned.$$" && [ -s "$learned.$$" ] && mv "$learned.$$" "$learned"; } \
    || { rm -f "$learned.$$"; fail "the baseline cannot be written" "$learned"; }
}

learn() {
  [ "$source" = learned ] || return
  now=$(date +%s)
  if [ ! -e "$learned" ]; then
    keep "$work/loaded" $((now + LEARN_SECONDS))
    say "baseline begun" "$(jq length "$work/loaded") programs on kernel $kernel"
  fi
  until=$(jq '.until | numbers | floor' "$learned")
  [ -n "$until" ] || no_baseline
  learning=0
  [ "$now" -lt "$until" ] || return
  learning=1
  # Never longer than the document says, whatever the clock said when it began.
  [ $((until - now)) -le "$LEARN_SECONDS" ] || until=$((now + LEARN_SECONDS))
  read_baseline "$work/baseline"
  jq -cs 'add | unique' "$work/baseline" "$work/loaded" >"$work/grown" && [ -s "$work/grown" ] || fail "programs cannot be added" "$learned"
  # Somebody may have promoted meanwhile.
  [ "$(jq '.until | numbers | floor' "$learned")" = 0 ] || keep "$work/grown" "$until"
}

# What is unexpected and what is missing, of a list.
differences() { # FILE
  read_baseline "$1.baseline"
  run_jq 'compare($baseline[0]) | changes({unexpected: [], missing: []})' -c --slurpfile baseline "$1.baseline" "$1"
}

run_command() { # NAME
  folder=$(mktemp -d "$work/command.XXXXXX") || exit 1
  trap 'rm -rf "$folder"' EXIT
  list "$folder/loaded" || fail "programs cannot be listed" "$(why "$folder/loaded")"
  case $1 in
    export) run_jq entries -r "$folder/loaded" ;;
    review) differences "$folder/loaded" ;;
    promote)
      if [ "$source" = document ]; then
        fail "the baseline is from the document" "Put what inventory.sh export prints under nodes.ebpfInventory.baseline, and apply."
      fi
      (differences "$folder/loaded")
      keep "$folder/loaded" 0
      say "baseline promoted" "$(jq length "$folder/loaded") programs on kernel $kernel"
      ;;
  esac
  exit
}

case ${1:-} in
  '') ;;
  review | promote | export) run_command "$1" ;;
  *) fail "unknown command" "$1. There are review, promote and export." ;;
esac

www=${WWW_DIRECTORY:-/www}
sleeper=
trap 'kill $sleeper 2>/dev/null' EXIT
trap 'exit 0' TERM INT

# Publishes what was written into the file metrics.next; a reader sees the old metrics or the new ones.
publish() {
  mkdir -p "$www/metrics" && mv "$work/metrics.next" "$www/metrics/index.txt"
}

pause() {
  sleep "$1" &
  sleeper=$!
  wait "$sleeper"
}

if [ "$source" = learned ]; then : "${LEARN_SECONDS:?}"; fi
# The files of a ConfigMap change in running pods, and this script does not.
mkdir -p "$work/library" && cp "$config/inventory.jq" "$work/library" || exit 1
library=$work/library
if [ "$source" = document ]; then given=$work/given.json && cp "$config/baseline.json" "$given" || exit 1; fi

learning=0
echo '{"loaded":0,"unexpected":[],"missing":[]}' >"$work/result"
scanned=0
reason=
while :; do
  if list "$work/loaded"; then
    reason=
    learn
    read_baseline "$work/baseline"
    run_jq 'compare($baseline[0])' -c --slurpfile baseline "$work/baseline" "$work/loaded" >"$work/result.next" \
      && [ -s "$work/result.next" ] || fail "programs cannot be compared" "jq failed"
    run_jq 'changes($before[0])' -c --slurpfile before "$work/result" "$work/result.next"
    mv "$work/result.next" "$work/result"
    scanned=$(date +%s)
  else
    before=$reason
    reason=$(why "$work/loaded")
    [ "$reason" = "$before" ] && [ -n "$reason" ] || say "programs cannot be listed" "$reason"
  fi
  run_jq 'metrics($unreadable; $kernel; $source; $learning; $scanned)' -r --argjson unreadable "$unreadable" --arg kernel "$kernel" \
    --arg source "$source" --argjson learning "$learning" --argjson scanned "$scanned" "$work/result" >"$work/metrics.next" && publish
  pace=$INTERVAL_SECONDS
  [ "$learning" = 1 ] && [ "$pace" -gt 60 ] && pace=60
  pause "$pace"
done
