import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupRoots } from '../cluster/machine';

/** Names of the same files in both versions of cgroups. */
const FILES = [
  { limit: 'memory.max', peak: 'memory.peak', now: 'memory.current', kills: 'memory.events' },
  { limit: 'memory.limit_in_bytes', peak: 'memory.max_usage_in_bytes', now: 'memory.usage_in_bytes', kills: 'memory.oom_control' },
] as const;

/** A memory cgroup with a limit, as a container has. It is removed with those of pods, at the end of the run. */
export class MemoryGroup {
  public readonly folder: string;
  private readonly files: typeof FILES[number];

  constructor(name: string, limitBytes: number) {
    const [root] = cgroupRoots().filter(path => existsSync(join(path, '..', 'memory.usage_in_bytes')) || existsSync(join(path, '..', 'cgroup.controllers')));
    if (root === undefined) { throw new Error('this machine has no memory cgroups'); }
    this.folder = join(root, name);
    mkdirSync(this.folder, { recursive: true });
    const files = FILES.find(({ limit }) => existsSync(join(this.folder, limit)));
    if (!files) { throw new Error('the memory controller is not enabled for this cgroup'); }
    this.files = files;
    writeFileSync(join(this.folder, files.limit), `${limitBytes}`);
  }

  /** What all processes of the group, and the kernel for them, hold. */
  public get nowBytes(): number { return this.number(this.files.now); }

  /** The most there ever was. */
  public get peakBytes(): number { return this.number(this.files.peak); }

  /** How many processes the kernel has ended for want of memory. */
  public get kills(): number {
    return Number(/^oom_kill (\d+)/m.exec(readFileSync(join(this.folder, this.files.kills), 'utf8'))?.[1] ?? 0);
  }

  private number(file: string): number {
    return Number(readFileSync(join(this.folder, file), 'utf8'));
  }
}
