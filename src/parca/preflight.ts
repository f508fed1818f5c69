import { asset } from '../assets/asset';

/**
 * Distributions whose kernels demand SYS_ADMIN for performance events where `kernel.perf_event_paranoid` is more than this.
 * The script has the same numbers.
 *
 * @see https://github.com/falcosecurity/falco/issues/2487
 */
export const PARANOID_THRESHOLDS = [{ name: 'Ubuntu', threshold: 3 }, { name: 'Debian', threshold: 2 }] as const;

/**
 * A shell script that ends with one sentence if the node cannot run the agent. Several of these conditions are silent in
 * the agent itself: it runs, and its profiles lack most of what one wants to see.
 *
 * It only reads, and needs no capabilities. The pool's settings come as the environment variables MODE
 * (`leastPrivilege` or `fallback`), MEMLOCK (`limited` or `unlimited`) and APPARMOR_PROFILE; NODE_ROOT stands before every path, for tests.
 *
 * The PID namespace that it looks for is that of the machine itself, which has the same number on every kernel. eBPF programs
 * see processes by their ids there. The file that it reads in tracefs is the one that the agent reads first.
 *
 * @see https://github.com/torvalds/linux/blob/v6.12/include/linux/proc_ns.h
 */
export function preflightScript(): string {
  return asset('parca/preflight.sh');
}
