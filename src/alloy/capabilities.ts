import type { AlloySlice } from './slice';
import { profilesJava } from './slice';
import type { GrantedCapability } from '../agents/capabilities';

/**
 * The set that Alloy's documentation publishes for `pyroscope.ebpf`, from kernel 5.9.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/pyroscope/pyroscope.ebpf/
 */
const EBPF: readonly GrantedCapability[] = [
  { name: 'BPF', reason: 'creates eBPF maps and loads programs' },
  { name: 'CHECKPOINT_RESTORE', reason: 'opens executables through /proc/PID/map_files' },
  { name: 'DAC_READ_SEARCH', reason: 'reads executables of other users' },
  { name: 'PERFMON', reason: 'loads tracing programs and opens perf events for every process' },
  { name: 'SYSLOG', reason: 'reads kernel symbol addresses' },
  { name: 'SYS_PTRACE', reason: 'reads memory and maps of other processes' },
  { name: 'SYS_RESOURCE', reason: 'raises RLIMIT_MEMLOCK' },
];

/**
 * Further capabilities that `pyroscope.java` needs: it becomes the user of each JVM before it attaches. The documentation asks for SYS_ADMIN
 * and not for these two; executed, it is the other way round.
 *
 * @see https://github.com/grafana/alloy/tree/v1.18.1/internal/component/pyroscope/java
 */
const JAVA: readonly GrantedCapability[] = [
  { name: 'SETGID', reason: 'takes the group of a JVM, to load async-profiler into it' },
  { name: 'SETUID', reason: 'takes the user of a JVM, to load async-profiler into it' },
];

/** The capabilities of Alloy, sorted by name. */
export function alloyCapabilities(spec: AlloySlice): readonly GrantedCapability[] {
  return [...EBPF, ...(profilesJava(spec) ? JAVA : [])].sort((a, b) => (a.name < b.name ? -1 : 1));
}
