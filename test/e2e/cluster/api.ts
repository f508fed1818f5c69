import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { KubeObject } from './kubectl';
import { API_PORT, NODE_ADDRESS } from './layout';
import { ADMIN, AUTHORITY } from './pki';

/** Who a request is made for; the administrator may speak for anybody. */
export interface User { readonly name: string; readonly groups: readonly string[] }

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** Texts of the Warning headers, which kubectl shows to people. */
  readonly warnings: readonly string[];
}

/** Where the resources of a kind are. */
const RESOURCES: Readonly<Record<string, readonly [path: string, plural: string]>> = {
  Certificate: ['apis/cert-manager.io/v1', 'certificates'],
  ClusterRole: ['apis/rbac.authorization.k8s.io/v1', 'clusterroles'],
  ClusterRoleBinding: ['apis/rbac.authorization.k8s.io/v1', 'clusterrolebindings'],
  ConfigMap: ['api/v1', 'configmaps'],
  CronJob: ['apis/batch/v1', 'cronjobs'],
  DaemonSet: ['apis/apps/v1', 'daemonsets'],
  Deployment: ['apis/apps/v1', 'deployments'],
  Job: ['apis/batch/v1', 'jobs'],
  Namespace: ['api/v1', 'namespaces'],
  NetworkPolicy: ['apis/networking.k8s.io/v1', 'networkpolicies'],
  PersistentVolumeClaim: ['api/v1', 'persistentvolumeclaims'],
  PodDisruptionBudget: ['apis/policy/v1', 'poddisruptionbudgets'],
  Pod: ['api/v1', 'pods'],
  PriorityClass: ['apis/scheduling.k8s.io/v1', 'priorityclasses'],
  ReplicaSet: ['apis/apps/v1', 'replicasets'],
  ReplicationController: ['api/v1', 'replicationcontrollers'],
  Role: ['apis/rbac.authorization.k8s.io/v1', 'roles'],
  RoleBinding: ['apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  Secret: ['api/v1', 'secrets'],
  Service: ['api/v1', 'services'],
  ServiceAccount: ['api/v1', 'serviceaccounts'],
  StatefulSet: ['apis/apps/v1', 'statefulsets'],
  ValidatingAdmissionPolicy: ['apis/admissionregistration.k8s.io/v1', 'validatingadmissionpolicies'],
  ValidatingAdmissionPolicyBinding: ['apis/admissionregistration.k8s.io/v1', 'validatingadmissionpolicybindings'],
};

/** Group, version and plural of a kind. */
export function resourceOf(kind: string): [group: string, version: string, resource: string] {
  const [path, plural] = RESOURCES[kind];
  const parts = path.split('/');
  return [parts.length === 2 ? '' : parts[1], parts[parts.length - 1], plural];
}

/** The API server without kubectl, for what is asked hundreds of times: with it that would take minutes, and the processor from the pods. */
export class Api {
  private readonly agent = new Agent({
    keepAlive: true,
    ca: readFileSync(AUTHORITY.certificate),
    cert: readFileSync(ADMIN.certificate),
    key: readFileSync(ADMIN.key),
  });

  /** The path of an object, or of all objects like it. */
  public path({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>, scope: 'one' | 'all', subresource = ''): string {
    const [base, plural] = RESOURCES[kind];
    const namespace = metadata.namespace ? `/namespaces/${metadata.namespace}` : '';
    return `/${base}${namespace}/${plural}${scope === 'one' ? `/${metadata.name}` : ''}${subresource && `/${subresource}`}`;
  }

  /** One object; undefined if there is none. */
  public async get<T extends KubeObject>(kind: string, name: string, namespace?: string): Promise<T | undefined> {
    const path = this.path({ kind, metadata: { name, namespace } }, 'one');
    const { status, body } = await this.call('GET', path);
    if (status === 404) { return undefined; }
    return parsed<T>(path, status, body);
  }

  /** Objects of a namespace, or those that carry a label. */
  public async list<T extends KubeObject>(kind: string, namespace: string, label = ''): Promise<T[]> {
    const path = `${this.path({ kind, metadata: { name: '', namespace } }, 'all')}?labelSelector=${encodeURIComponent(label)}`;
    const { status, body } = await this.call('GET', path);
    return parsed<{ items: T[] }>(path, status, body).items;
  }

  public call(method: string, path: string, body?: unknown, user?: User): Promise<ApiAnswer> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((done, failed) => {
      const call = request({
        host: NODE_ADDRESS,
        port: API_PORT,
        agent: this.agent,
        method,
        path,
        timeout: 20_000,
        headers: {
          ...(content !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
          ...(user && { 'impersonate-user': user.name, 'impersonate-group': [...user.groups] }),
        },
      }, response => {
        let text = '';
        response.on('data', (chunk: Buffer) => { text += chunk.toString(); });
        response.on('error', failed);
        response.on('end', () => done({ status: response.statusCode!, body: text, warnings: warningsOf(response.rawHeaders) }));
      });
      call.on('timeout', () => call.destroy(new Error(`${method} ${path}: no answer`)));
      call.on('error', failed);
      call.end(content);
    });
  }
}

function parsed<T>(path: string, status: number, body: string): T {
  if (status !== 200) { throw new Error(`GET ${path}: ${status} ${body}`); }
  return JSON.parse(body) as T;
}

/** A header such as `299 - "text"`, of which there can be several. */
function warningsOf(raw: readonly string[]): string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1].toLowerCase() === 'warning')
    .map(text => text.replace(/^299 \S+ "/, '').replace(/"$/, '').replace(/\\"/g, '"'));
}
