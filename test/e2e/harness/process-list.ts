import { readdirSync, readFileSync } from 'node:fs';

/** Looks at the command lines and environments of all processes, over and over, as everybody on the machine can. */
export class ProcessList {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), 5);

  /** Everything that was to be seen. */
  public stop(): string {
    clearInterval(this.timer);
    return [...this.seen].join('\n');
  }

  private look(): void {
    for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        try {
          this.seen.add(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
        } catch {
          // It has ended meanwhile.
        }
      }
    }
  }
}
