import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramName, Programs } from '../harness/prepare';
import type { Running } from '../harness/processes';
import { lastLines, start } from '../harness/processes';

/** A program of the cluster. */
export interface Component {
  readonly name: ProgramName;
  readonly args: readonly string[];
}

/** The programs of the cluster that run. They end with the first process of the run. */
export class Components {
  private readonly running = new Map<string, Running>();

  constructor(private readonly programs: Programs) {}

  public start({ name, args }: Component): Running {
    const running = start(this.programs[name].path, args);
    this.running.set(name, running);
    return running;
  }

  /** @throws Error if one has ended, with what it said */
  public async assertRunning(): Promise<void> {
    for (const [name, running] of this.running) {
      const ended = await Promise.race([running.ended, Promise.resolve()]);
      if (ended) { throw new Error(`${name} has ended with ${ended.code}:\n${lastLines(ended.output)}`); }
    }
  }

  public writeLogs(folder: string): void {
    mkdirSync(folder, { recursive: true });
    this.running.forEach(({ output }, name) => writeFileSync(join(folder, `${name}.log`), output));
  }
}
