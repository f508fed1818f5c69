import type { GrantedCapability } from '../agents/capabilities';

/**
 * Capabilities of the Parca Agent, found by taking away one at a time. Three of them are missed silently: the agent runs on and
 * sends profiles without most of their frames.
 *
 * @see https://github.com/parca-dev/opentelemetry-ebpf-profiler
 * @see https://man7.org/linux/man-pages/man7/capabilities.7.html
 */
const ALWAYS: readonly GrantedCapability[] = [
  { name: 'BPF', reason: 'creates eBPF maps; without it the agent exits' },
  { name: 'CHECKPOINT_RESTORE', reason: 'opens executables through /proc/PID/map_files; without it every user frame is lost, silently' },
  { name: 'DAC_READ_SEARCH', reason: 'reads executables of other users; without it their processes are lost, silently' },
  { name: 'PERFMON', reason: 'loads tracing programs and opens perf events for every process; without it the agent exits' },
  { name: 'SYSLOG', reason: 'reads kernel symbol addresses under kptr_restrict 1; without it the agent exits' },
  { name: 'SYS_PTRACE', reason: 'reads memory and maps of other processes; without it every user frame is lost, silently' },
];

/** Capabilities for the runtime's default RLIMIT_MEMLOCK; needless where the limit is lifted. */
const WITH_LIMITED_MEMLOCK: readonly GrantedCapability[] = [
  { name: 'IPC_LOCK', reason: 'locks perf ring buffers beyond RLIMIT_MEMLOCK; without it the agent exits where little memory may be locked' },
  { name: 'SYS_RESOURCE', reason: 'raises RLIMIT_MEMLOCK at start; without it the agent exits' },
];

/** Capabilities of the previous generation of the agent on kernels before 5.8, which have no finer ones. */
const FALLBACK: readonly GrantedCapability[] = [
  { name: 'SYS_ADMIN', reason: 'stands for BPF, PERFMON and CHECKPOINT_RESTORE, which these kernels do not have' },
  { name: 'SYS_PTRACE', reason: 'reads memory and maps of other processes' },
  { name: 'SYS_RESOURCE', reason: 'raises RLIMIT_MEMLOCK for eBPF maps' },
  { name: 'SYSLOG', reason: 'reads kernel symbol addresses under kptr_restrict 1' },
  { name: 'DAC_READ_SEARCH', reason: 'reads executables of other users' },
];

/** Capabilities granted to a pool's agent, by how the pool is run. Each list is sorted by name. */
const GRANTED = {
  fallback: byName(FALLBACK),
  limitedMemlock: byName([...ALWAYS, ...WITH_LIMITED_MEMLOCK]),
  unlimitedMemlock: byName(ALWAYS),
};

/** The capabilities of a pool's agent, sorted by name. */
export function agentCapabilities(
  { mode, memlockUnlimited }: { readonly mode: 'leastPrivilege' | 'fallback'; readonly memlockUnlimited: boolean },
): readonly GrantedCapability[] {
  if (mode === 'fallback') { return GRANTED.fallback; }
  return memlockUnlimited ? GRANTED.unlimitedMemlock : GRANTED.limitedMemlock;
}

function byName(capabilities: readonly GrantedCapability[]): readonly GrantedCapability[] {
  return [...capabilities].sort((a, b) => (a.name < b.name ? -1 : 1));
}
