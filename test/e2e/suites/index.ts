import { admission } from './admission';
import { admitted } from './admitted';
import { agentPod } from './agent-pod';
import { alloy } from './alloy';
import { assets } from './assets';
import { companyMetadata } from './company-metadata';
import { flags } from './flags';
import { flooded } from './flood';
import { gateway } from './gateway';
import { inventory } from './inventory';
import { kyverno } from './kyverno';
import { limits } from './limits';
import { liveRotation } from './live-rotation';
import { liveServer } from './live-server';
import { liveTenants } from './live-tenants';
import { networkPolicies } from './network-policies';
import { nodeScripts } from './node-scripts';
import { nodes } from './nodes';
import { podSecurity } from './pod-security';
import { portForward } from './port-forward';
import { readmeExample } from './readme-example';
import { remoteStore } from './remote-store';
import { replicas } from './replicas';
import { rotation } from './rotation';
import { server } from './server';
import { sharedNamespaces } from './shared-namespaces';
import { starts } from './starts';
import { tenants } from './tenants';
import { upgrade } from './upgrade';
import type { Cluster } from '../cluster/cluster';
import type { ProgramName, Programs } from '../harness/prepare';
import type { Report } from '../harness/report';

/** A part of the end-to-end tests that can run alone. */
export interface Suite {
  readonly name: SuiteName;
  /** What it proves, in one line. */
  readonly about: string;
  /** Without one of these it does not run. */
  readonly needs: readonly ProgramName[];
  /** Without one of these it says itself what it could not do. @default - none */
  readonly uses?: readonly ProgramName[];
  /** The suite on the cluster that it begins with, since it mostly waits and touches nothing of that one and the next. @default - none */
  readonly beside?: SuiteName;
  /** Whether everything before it on the cluster must be over, since it changes what holds for all. @default false */
  readonly alone?: boolean;
  readonly run: (context: SuiteContext) => Promise<void>;
}

/** What a suite works with. */
export interface SuiteContext {
  readonly report: Report;
  readonly programs: Programs;
  /** The cluster, which is started for the first suite that asks. */
  readonly cluster: () => Promise<Cluster>;
}

export type SuiteName = 'assets' | 'flags' | 'server' | 'gateway' | 'flood' | 'limits' | 'rotation' | 'alloy' | 'tenants' | 'replicas' | 'node-scripts'
| 'admitted' | 'readme-example' | 'starts' | 'pod-security' | 'live-server' | 'port-forward' | 'agent-pod' | 'nodes' | 'inventory' | 'network-policies' | 'live-rotation' | 'live-tenants' | 'upgrade' | 'admission' | 'kyverno'
| 'company-metadata' | 'remote-store' | 'shared-namespaces';

/** Every suite, in the order in which they run: first what needs no cluster. */
export const SUITES: readonly Suite[] = [
  assets, flags, server, gateway, limits, flooded, rotation, alloy, tenants, replicas, nodeScripts,
  admitted, companyMetadata, readmeExample, podSecurity, liveServer, portForward, starts,
  agentPod, networkPolicies, liveRotation, nodes, liveTenants, inventory, remoteStore, upgrade, sharedNamespaces, admission, kyverno,
];
