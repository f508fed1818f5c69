import { admission } from './admission';
import { admitted } from './admitted';
import { agentPod } from './agent-pod';
import { flags } from './flags';
import { gateway } from './gateway';
import { kyverno } from './kyverno';
import { liveRotation } from './live-rotation';
import { liveServer } from './live-server';
import { networkPolicies } from './network-policies';
import { podSecurity } from './pod-security';
import { portForward } from './port-forward';
import { rotation } from './rotation';
import { server } from './server';
import { upgrade } from './upgrade';
import type { Cluster } from '../cluster/cluster';
import type { ProgramName, Programs } from '../harness/prepare';
import type { Report } from '../harness/report';

/** A part of the suite that can run alone. */
export interface Chapter {
  readonly name: ChapterName;
  /** What it proves, in one line. */
  readonly about: string;
  /** Without one of these it does not run. */
  readonly needs: readonly ProgramName[];
  /** Without one of these it says itself what it could not do. @default - none */
  readonly uses?: readonly ProgramName[];
  readonly run: (stage: Stage) => Promise<void>;
}

/** What a chapter works with. */
export interface Stage {
  readonly report: Report;
  readonly programs: Programs;
  /** The cluster, which is started for the first chapter that asks. */
  readonly cluster: () => Promise<Cluster>;
}

export type ChapterName = 'flags' | 'server' | 'gateway' | 'rotation'
| 'admitted' | 'pod-security' | 'live-server' | 'port-forward' | 'agent-pod' | 'network-policies' | 'live-rotation' | 'upgrade' | 'admission' | 'kyverno';

/** Every chapter, in the order in which they run: first what needs no cluster. */
export const CHAPTERS: readonly Chapter[] = [
  flags, server, gateway, rotation,
  admitted, podSecurity, liveServer, portForward, agentPod, networkPolicies, liveRotation, upgrade, admission, kyverno,
];
