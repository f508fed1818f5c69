import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What suites change of the kernel's settings. These belong to the whole machine, not to a namespace. */
const SYSCTLS = ['kernel.kptr_restrict', 'kernel.perf_event_max_sample_rate', 'kernel.perf_event_paranoid'] as const;
export type Sysctl = typeof SYSCTLS[number];

export function readSysctl(name: Sysctl): string {
  return readFileSync(fileOf(name), 'utf8').trim();
}

export function writeSysctl(name: Sysctl, value: string): void {
  writeFileSync(fileOf(name), value);
}

/** Remembers the values of now. Returns what puts back those that have changed. */
export function saveSysctls(): () => void {
  const saved = SYSCTLS.filter(name => existsSync(fileOf(name))).map(name => [name, readSysctl(name)] as const);
  return () => saved.filter(([name, value]) => readSysctl(name) !== value).forEach(([name, value]) => writeSysctl(name, value));
}

function fileOf(name: Sysctl): string {
  return join('/proc/sys', name.replace(/\./g, '/'));
}
