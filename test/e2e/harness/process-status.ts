import { readFileSync } from 'node:fs';

/** What the kernel says of the privileges of a process. */
export interface ProcessStatus {
  readonly uid: string;
  readonly gid: string;
  /** Supplementary groups. */
  readonly groups: string;
  /** Effective capabilities, as 16 hex digits. */
  readonly effective: string;
  readonly bounding: string;
  readonly noNewPrivs: string;
  /** 0 none, 1 strict, 2 filter */
  readonly seccomp: string;
}

export function processStatus(pid: number | 'self'): ProcessStatus {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (key: string): string => new RegExp(`^${key}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1] ?? '';
  const all = (key: string): string => [...new Set(field(key).split('\t'))].join(' ');
  return {
    uid: all('Uid'),
    gid: all('Gid'),
    groups: field('Groups'),
    effective: field('CapEff'),
    bounding: field('CapBnd'),
    noNewPrivs: field('NoNewPrivs'),
    seccomp: field('Seccomp'),
  };
}

/** The numbers of the capabilities that manifests of the library ask for. */
export const CAPABILITIES = {
  DAC_READ_SEARCH: 2, IPC_LOCK: 14, SYS_PTRACE: 19, SYS_ADMIN: 21, SYS_RESOURCE: 24, SYSLOG: 34, PERFMON: 38, BPF: 39, CHECKPOINT_RESTORE: 40,
} as const satisfies Record<string, number>;
export type Capability = keyof typeof CAPABILITIES;

/** A set of capabilities as the kernel writes it down: 16 hex digits. */
export function capabilityText(names: readonly Capability[]): string {
  const mask = names.reduce((sum, name) => sum + 2n ** BigInt(CAPABILITIES[name]), 0n);
  return mask.toString(16).padStart(16, '0');
}

/** Whether a set that the kernel has written down has this capability. */
export function hasCapability(text: string, name: Capability): boolean {
  return BigInt(`0x${text}`) / 2n ** BigInt(CAPABILITIES[name]) % 2n === 1n;
}

export const NO_CAPABILITIES = capabilityText([]);
