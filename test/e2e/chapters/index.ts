import { flags } from './flags';
import { gateway } from './gateway';
import { rotation } from './rotation';
import { server } from './server';
import type { ProgramName, Programs } from '../harness/prepare';
import type { Report } from '../harness/report';

/** A part of the suite that can run alone. */
export interface Chapter {
  readonly name: ChapterName;
  /** What it proves, in one line. */
  readonly about: string;
  readonly needs: readonly ProgramName[];
  readonly run: (report: Report, programs: Programs) => Promise<void>;
}

export type ChapterName = 'flags' | 'server' | 'gateway' | 'rotation';

/** Every chapter, in the order in which they run. */
export const CHAPTERS: readonly Chapter[] = [flags, server, gateway, rotation];
