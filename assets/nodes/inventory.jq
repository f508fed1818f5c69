# Compares eBPF programs. A program is {type, name, tag, uid}; an entry of a baseline may leave out its tag, which means any.

# A type that bpftool has no name for is a number.
def programs: map(select(has("id")) | {type: (.type | tostring), name: (.name // ""), tag: (.tag // ""), uid: (.uid // 0)}) | unique;

def unreadable: map(select(has("error"))) | length;

def set(key): reduce .[] as $entry ({}; .[$entry | key | tojson] = true);

def compare($baseline):
  ($baseline | map(select(has("tag"))) | set([.type, .name, .uid, .tag])) as $exact
  | ($baseline | map(select(has("tag") | not)) | set([.type, .name, .uid])) as $any
  | set([.type, .name]) as $loaded
  | {
      loaded: length,
      unexpected: map(select(($exact[[.type, .name, .uid, .tag] | tojson] or $any[[.type, .name, .uid] | tojson]) | not)),
      missing: ($baseline | map(select($loaded[[.type, .name] | tojson] | not)) | unique_by([.type, .name]) | map({type, name}))
    };

# A line for each program that is new on one of the lists, or no longer on it.
def changes($before):
  def line($change; $was; $is): ($is - $was)[] | {time: (now | floor | todate), change: $change, program: .};
  line("unexpected"; $before.unexpected; .unexpected),
  line("no longer unexpected"; .unexpected; $before.unexpected),
  line("missing"; $before.missing; .missing),
  line("no longer missing"; .missing; $before.missing);

def quoted: tojson;

def family($name; $help): "# HELP hardened_profiling_ebpf_\($name) \($help)", "# TYPE hardened_profiling_ebpf_\($name) gauge";

# Nothing is said of programs before there has been a complete look: 0 would mean that all is well.
def metrics($unreadable; $kernel; $source; $learning; $time):
  (if $time == 0 then empty else
    family("programs"; "Programs that are loaded, alike ones counted once."), "hardened_profiling_ebpf_programs \(.loaded)",
    family("programs_unexpected"; "Programs that are loaded and not in the baseline."),
    "hardened_profiling_ebpf_programs_unexpected \(.unexpected | length)",
    family("programs_missing"; "Programs of the baseline of which none with that type and name is loaded."),
    "hardened_profiling_ebpf_programs_missing \(.missing | length)",
    family("unexpected_program_info"; "One for each unexpected program, at most 100."),
    (.unexpected[:100][]
      | "hardened_profiling_ebpf_unexpected_program_info{type=\(.type | quoted),name=\(.name | quoted),tag=\(.tag | quoted),uid=\"\(.uid)\"} 1"),
    family("baseline_info"; "Where the baseline is from, and the kernel it is for."),
    "hardened_profiling_ebpf_baseline_info{source=\($source | quoted),kernel=\($kernel | quoted)} 1",
    family("baseline_learning"; "Whether what is loaded still becomes part of the baseline."), "hardened_profiling_ebpf_baseline_learning \($learning)"
  end),
  family("programs_unreadable"; "Errors of the last look. While there are any, the other values are those of the look before, if there was one."),
  "hardened_profiling_ebpf_programs_unreadable \($unreadable)",
  family("last_scan_timestamp_seconds"; "When the last complete look was taken; 0 if none was."), "hardened_profiling_ebpf_last_scan_timestamp_seconds \($time)";

# For nodes.ebpfInventory.baseline of the document. JSON is YAML.
def entries: .[] | "- " + ({type, name, tag} + (if .uid == 0 then {} else {uid} end) | tojson);
