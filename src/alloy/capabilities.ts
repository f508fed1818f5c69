import { profiledTenants } from './tenants';
import type { GrantedCapability } from '../parca/capabilities';
import type { ResolvedSpec } from '../spec/resolved-spec';

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
 * What `pyroscope.java` needs besides: it enters the namespaces of each JVM to load its library there.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/pyroscope/pyroscope.java/
 */
const JAVA: readonly GrantedCapability[] = [{ name: 'SYS_ADMIN', reason: 'loads async-profiler into JVMs' }];

/** The capabilities of Alloy, sorted by name. */
export function alloyCapabilities({ pyroscope }: ResolvedSpec): readonly GrantedCapability[] {
  const hasJava = pyroscope !== undefined && profiledTenants(pyroscope).some(({ java }) => java !== undefined);
  return [...EBPF, ...(hasJava ? JAVA : [])].sort((a, b) => (a.name < b.name ? -1 : 1));
}
