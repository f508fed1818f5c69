#!/bin/sh
# Holds kernel settings of this node. Needs root without capabilities, and each setting's file mounted below /host.
set -u
host=${HOST_DIRECTORY:-/host}
work=${WORK_DIRECTORY:-/work}

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

# Counts something of a setting, in a variable named after both, and leaves the count in $counted.
count() { # FILE WHAT STEP
  eval "counted=\$((\${$1_$2:-0} + $3)); $1_$2=\$counted"
}

say() {
  echo "{\"time\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\",\"sysctl\":\"kernel.$1\",\"was\":\"$2\",\"wanted\":\"$3\",\"now\":\"$4\"}"
}

is_number() {
  case $1 in
    '' | - | *[!0-9-]* | ?*-*) return 1 ;;
  esac
}

is_held() {
  case $2 in
    atLeast) [ "$1" -ge "$3" ] ;;
    atMost) [ "$1" -le "$3" ] ;;
    exact) [ "$1" -eq "$3" ] ;;
    *) return 1 ;;
  esac
}

# Corrects a setting where it has to be. Leaves what the node has afterwards in $now.
hold() { # FILE RULE VALUE
  now=$(cat "$host/$1" 2>/dev/null)
  if is_number "$now" && is_held "$now" "$2" "$3"; then return; fi
  was=$now
  # What cannot be read may be stricter than what would be written.
  if is_number "$now" || [ "$2" = exact ]; then
    (echo "$3" >"$host/$1") 2>/dev/null
    now=$(cat "$host/$1" 2>/dev/null)
  fi
  if is_number "$now" && is_held "$now" "$2" "$3"; then
    count "$1" corrections 1
  else
    count "$1" failures 1
    # The log has the first, the metrics count them all.
    [ "$counted" -eq 1 ] || return
  fi
  say "$1" "$was" "$3" "$now"
}

family() { # NAME TYPE HELP SAMPLES
  printf '# HELP hardened_profiling_sysctl_%s %s
# TYPE hardened_profiling_sysctl_%s %s
%s' "$1" "$3" "$1" "$2" "$4"
}

newline='
'

while :; do
  values='' wanted='' corrections='' failures=''
  for setting in $SETTINGS; do
    file=${setting%%:*}
    value=${setting##*:}
    rule=${setting#*:}
    rule=${rule%%:*}
    hold "$file" "$rule" "$value"
    sysctl="sysctl=\"kernel.$file\""
    if is_number "$now"; then values="${values}hardened_profiling_sysctl_value{$sysctl} $now$newline"; fi
    wanted="${wanted}hardened_profiling_sysctl_wanted{$sysctl,rule=\"$rule\"} $value$newline"
    count "$file" corrections 0
    corrections="${corrections}hardened_profiling_sysctl_corrections_total{$sysctl} $counted$newline"
    count "$file" failures 0
    failures="${failures}hardened_profiling_sysctl_failures_total{$sysctl} $counted$newline"
  done
  {
    family value gauge "What the node has. Absent if it cannot be read." "$values"
    family wanted gauge "What the node should have, and whether more or less will do." "$wanted"
    family corrections_total counter "How often another value was replaced." "$corrections"
    family failures_total counter "How often another value could not be replaced." "$failures"
    family last_check_timestamp_seconds gauge "When the settings were looked at." "hardened_profiling_sysctl_last_check_timestamp_seconds $(date +%s)$newline"
  } >"$work/metrics.next" && publish
  pause "${INTERVAL_SECONDS:-10}"
done
