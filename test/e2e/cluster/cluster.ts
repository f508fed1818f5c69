import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { Api } from './api';
import { Components } from './components';
import { controlPlane } from './control-plane';
import type { Digests } from './images';
import { ctr, loadImages } from './images';
import { documentFor, Installation } from './installation';
import { Kubectl } from './kubectl';
import { HOME, NODE } from './layout';
import { becomeNode } from './machine';
import { makeNetwork } from './network';
import { containerd, nodeComponents } from './node';
import { makeCertificates } from './pki';
import type { ProgramName, Programs } from '../harness/prepare';
import { until } from '../harness/processes';

/** What a cluster is made of. */
export const CLUSTER_PROGRAMS: readonly ProgramName[] = [
  'bash', 'bpftool', 'busybox', 'containerd', 'coredns', 'curl', 'etcd', 'fake-agent', 'fake-pyroscope', 'grpc-health-probe', 'haproxy-3.2', 'host-local', 'iptables', 'jq',
  'kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubectl', 'kubelet', 'network-policy-engine',
  'openssl', 'parca', 'pause', 'runc',
];

/** A cluster of one node, in the namespaces that the tests run in. It ends with their first process. */
export class Cluster {
  /** Starts it from nothing, and waits until pods can run. */
  public static async start(programs: Programs, say: (stage: string) => void): Promise<Cluster> {
    const components = new Components(programs);
    const kubectl = Kubectl.admin(programs);
    try {
      await becomeNode();
      linkPrograms(programs);
      await makeNetwork();
      await makeCertificates();
      say('network and certificates are made');

      components.start(containerd(programs));
      (await controlPlane()).forEach(component => components.start(component));
      const [digests] = await Promise.all([
        answers(components, 'the container runtime', () => ctr('version')).then(() => loadImages(programs)),
        answers(components, 'the API server', () => kubectl.run(['get', '--raw', '/readyz'])),
      ]);
      say('the control plane is up, images are loaded');

      (await nodeComponents()).forEach(component => components.start(component));
      await kubectl.apply(loadAll(readFileSync(join(__dirname, 'coredns.yaml'), 'utf8')));
      await answers(components, 'the node', () => kubectl.run(['wait', '--for=condition=Ready', `node/${NODE}`, '--timeout=1s']));
      await answers(components, 'the service account', () => kubectl.run(['get', 'serviceaccount', 'default', '-n', 'default']));
      await kubectl.rolledOut('deployment/coredns', 'kube-system');
      await components.assertRunning();
      say('the node is ready, names resolve');
      return new Cluster(programs, components, kubectl, new Api(), digests);
    } catch (error) {
      components.writeLogs(LOGS);
      throw error;
    }
  }

  private shared?: Promise<Installation>;

  private constructor(
    public readonly programs: Programs,
    private readonly components: Components,
    /** Kubectl as administrator. */
    public readonly kubectl: Kubectl,
    /** The API server without kubectl, as administrator. */
    public readonly api: Api,
    /** The digests of the images that are there. */
    public readonly digests: Digests,
  ) {}

  /** What the library emits for the document that most suites share, applied for the first that asks. */
  public installation(): Promise<Installation> {
    return this.shared ??= Installation.apply(this, documentFor(this.digests));
  }

  /** Kubectl as somebody else. */
  public user(name: string, ...groups: readonly string[]): Promise<Kubectl> {
    return Kubectl.forUser(this.programs, name, groups);
  }

  /** Writes down what the components said, and what there is in the cluster, for whoever looks for the cause of a failure. */
  public async writeLogs(): Promise<void> {
    this.components.writeLogs(LOGS);
    await this.components.assertRunning();
  }
}

/** Puts the programs where a shell on the node finds them. */
function linkPrograms(programs: Programs): void {
  const folder = join(HOME, 'bin');
  mkdirSync(folder);
  CLUSTER_PROGRAMS.forEach(name => symlinkSync(programs[name].path, join(folder, name)));
}

const LOGS = 'dist/e2e/logs';

/** Waits until a call succeeds, or a component has ended. */
function answers(components: Components, what: string, call: () => Promise<unknown>): Promise<true> {
  return until(`${what} is ready`, 90, async () => {
    await components.assertRunning();
    return call().then(() => true as const, () => undefined);
  });
}
