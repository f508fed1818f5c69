import { join } from 'node:path';
import { ADMIN_KUBECONFIG, HOME } from './layout';
import { kubeconfig } from './pki';
import { toYamlStream } from '../../../src/kube/yaml';
import type { Programs } from '../harness/prepare';
import type { Ended, Running, RunOptions } from '../harness/processes';
import { run, start } from '../harness/processes';

/** An object as the API server gives it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly generation?: number;
    readonly ownerReferences?: readonly unknown[];
  };
}

/** What every object of the library carries. */
export const MANAGED_LABEL = 'app.kubernetes.io/managed-by=cdk8s-hardened-profiling';

/** Kubectl as one user. Strict means that a refusal is an error. */
export class Kubectl {
  /** Makes a user, who is known to the API server by a certificate. */
  public static async forUser(programs: Programs, user: string, groups: readonly string[]): Promise<Kubectl> {
    const file = join(HOME, `user-${user}.kubeconfig`);
    await kubeconfig(file, user, groups);
    return new Kubectl(programs.kubectl.path, file);
  }

  public static admin(programs: Programs): Kubectl {
    return new Kubectl(programs.kubectl.path, ADMIN_KUBECONFIG);
  }

  private constructor(
    private readonly program: string,
    /** Its configuration. */
    public readonly file: string,
  ) {}

  public run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return run(this.program, args, { ...options, env: this.environment });
  }

  /** Starts something that goes on, such as a tunnel. */
  public start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    return start(this.program, args, { ...this.environment, ...env });
  }

  /** What was said in refusal, or undefined if nothing was refused. */
  public async refusal(args: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
    const { code, output } = await this.run(args, { ...options, strict: false });
    return code === 0 ? undefined : output.trim();
  }

  /** Waits until a workload is rolled out. A failure says what the cluster says of its pods. */
  public async rolledOut(workload: string, namespace: string): Promise<void> {
    const { code, output } = await this.run(['rollout', 'status', workload, '-n', namespace, '--timeout=90s'], { seconds: 100, strict: false });
    if (code === 0) { return; }
    const columns = 'custom-columns=:.involvedObject.name,:.message';
    const { stdout } = await this.run(['get', 'events', '-n', namespace, '--field-selector', 'type=Warning', '-o', columns, '--no-headers']);
    throw new Error(`${workload} in ${namespace} is not rolled out: ${output.trim()}\n${stdout}`);
  }

  /** Applies objects on the server's side; fields that do not exist are an error. */
  public async apply(objects: readonly unknown[], ...options: readonly string[]): Promise<string> {
    if (objects.length === 0) { return ''; }
    const { output } = await this.run(
      ['apply', '--server-side', '--validate=strict', '--force-conflicts', '-f', '-', ...options], { input: toYamlStream(objects), seconds: 120 },
    );
    return output;
  }

  /** Objects by the arguments of `kubectl get`. */
  public async list<T extends KubeObject>(...args: readonly string[]): Promise<T[]> {
    const { stdout } = await this.run(['get', ...args, '-o', 'json']);
    return (JSON.parse(stdout) as { items: T[] }).items;
  }

  /** Every object that carries a label, of whatever kind. */
  public async everything(label: string): Promise<KubeObject[]> {
    const { stdout } = await this.run(['api-resources', '--verbs=list', '-o', 'name']);
    const kinds = stdout.trim().split('\n').filter(kind => !/^(events|componentstatuses|endpoints$)/.test(kind));
    return this.list(kinds.join(','), '--all-namespaces', '-l', label);
  }

  /** One object; undefined if there is none. */
  public async get<T extends KubeObject>(kind: string, name: string, namespace?: string): Promise<T | undefined> {
    const { stdout } = await this.run(['get', kind, name, ...(namespace === undefined ? [] : ['-n', namespace]), '--ignore-not-found', '-o', 'json']);
    return stdout.trim() === '' ? undefined : JSON.parse(stdout) as T;
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, KUBECONFIG: this.file };
  }
}
