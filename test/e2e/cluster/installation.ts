import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from './cluster';
import type { Digests } from './images';
import type { KubeObject } from './kubectl';
import { HOME, NODE, NODE_ADDRESS } from './layout';
import type { ProfilingSpec } from '../../../src/api/profiling';
import { PARCA_ROLES } from '../../../src/config/defaults';
import type { ResolvedParca, ResolvedSpec } from '../../../src/config/resolved-spec';
import type { Manifest } from '../../../src/kube/manifest';
import { toYamlStream } from '../../../src/kube/yaml';
import { gatewayHost } from '../../../src/parca/gateway';
import { tokenSecrets } from '../../../src/parca/secrets';
import { renderManifests } from '../../../src/render';
import { DEFAULT_IMAGES } from '../../../src/versions';
import { resolved } from '../../support';
import { newCertificate } from '../harness/certificates';
import type { Certificate } from '../harness/certificates';
import { Client } from '../harness/client';
import { GATEWAY, TOKENS } from '../harness/deployment';
import type { Address } from '../harness/wire';

export const SERVER_NAMESPACE = 'profiling';
export const AGENT_NAMESPACE = 'profiling-agents';

/** Who may do what, in the document that most suites install. */
export const PEERS = {
  reader: { namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'grafana' } },
  scraper: { namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } },
  symbolUploader: { namespace: 'ci', podLabels: { app: 'runner' } },
} as const;
export const PORT_FORWARDERS = 'sre-team';
export const SENSITIVE_NAMESPACE = 'payments';

/** Sections of a document. */
export type Sections = Partial<Record<keyof ProfilingSpec, unknown>>;

/**
 * The document that most suites install, with every NetworkPolicy.
 *
 * @param digests the images that were loaded, by which the document pins them; without, it names tags
 */
export function documentFor(digests?: Digests): Sections {
  const pinned = Object.entries(DEFAULT_IMAGES).map(([key, reference]) => [key, `${reference}@${digests?.get(reference)}`]);
  return {
    cluster: { name: 'e2e', kubernetesVersion: '1.34', apiServerCidrs: [`${NODE_ADDRESS}/32`] },
    images: digests ? Object.fromEntries(pinned) : { pinning: 'tagsAllowed' },
    scope: { sensitiveNamespaces: [SENSITIVE_NAMESPACE] },
    parca: { tls: { secretName: 'parca-tls' }, server: { persistence: { size: '1Gi' } } },
    access: {
      portForward: { groups: [PORT_FORWARDERS] },
      readers: [PEERS.reader],
      scrapers: [PEERS.scraper],
      symbolUploaders: [PEERS.symbolUploader],
    },
  };
}

/** A document that has a Parca server. */
type ServerSpec = ResolvedSpec & { readonly parca: ResolvedParca };

/** What the library emits for a document with a Parca server, in the cluster, with all that it leaves to the user. */
export class Installation {
  /**
   * Applies everything and waits until the server and the agents are ready.
   *
   * @param aliases other names that the gateway's certificate is valid for
   */
  public static async apply(cluster: Cluster, sections: Sections, ...aliases: readonly string[]): Promise<Installation> {
    const { parca, ...rest } = resolved(sections);
    if (!parca) { throw new Error('the document has no Parca server'); }
    const spec = { ...rest, parca };
    const installation = new Installation(cluster, spec, renderManifests(spec), await newCertificate(gatewayHost(parca.namespace), ...aliases));
    const { kubectl } = cluster;
    // Namespaces and Secrets first: the kubelet waits ever longer for what a pod names and does not find.
    await kubectl.apply([...installation.peerNamespaces(), ...installation.manifests.filter(({ kind }) => kind === 'Namespace')]);
    await kubectl.apply([...installation.prerequisites(), disk(parca.namespace, 'parca', parca.server.persistence.size)]);
    await kubectl.apply(installation.manifests);
    await kubectl.rolledOut('statefulset/parca', parca.namespace);
    if (spec.parcaAgent) { await kubectl.rolledOut('daemonset', spec.agents.namespace); }
    await (await installation.client()).reachable();
    return installation;
  }

  private constructor(
    private readonly cluster: Cluster,
    public readonly spec: ServerSpec,
    public readonly manifests: readonly Manifest[],
    public readonly certificate: Certificate,
  ) {}

  /** Where the Service is, for requests from the node. */
  public async service(): Promise<Address> {
    const service = await this.cluster.kubectl.get<KubeObject & { spec: { clusterIP: string } }>('service', 'parca', this.spec.parca.namespace);
    return { host: service!.spec.clusterIP, port: GATEWAY.port };
  }

  /** A client that reaches the gateway through the Service. */
  public async client(): Promise<Client> {
    return new Client(this.certificate.certificate, await this.service(), gatewayHost(this.spec.parca.namespace));
  }

  /** Secrets and the agents' authority, as the documentation says to make them. */
  public prerequisites(): Manifest[] {
    const { parca: { namespace, tls }, parcaAgent, agents } = this.spec;
    const tokens = PARCA_ROLES.map(role => TOKENS[role]);
    return [
      ...tokenSecrets(this.spec, PARCA_ROLES, () => tokens.shift()!),
      tlsSecret(tls.secretName, namespace, this.certificate),
      ...(parcaAgent ? [object('v1', 'ConfigMap', tls.ca.name, agents.namespace, { data: { [tls.ca.key]: this.certificate.certificate } })] : []),
    ];
  }

  /** Takes away everything that was applied, and its disk. Namespaces of others stay, and so does what is theirs in them. */
  public async remove(): Promise<void> {
    const { kubectl } = this.cluster;
    const objects = [...this.prerequisites(), ...this.manifests].reverse();
    await kubectl.run(['delete', '--ignore-not-found', '--cascade=foreground', '--timeout=150s', '-f', '-'], { input: toYamlStream(objects), seconds: 160 });
    await kubectl.run(['delete', 'persistentvolume', this.spec.parca.namespace, '--ignore-not-found', '--wait=false']);
  }

  /** Namespaces of those who are let in; none where all namespaces belong to others. */
  private peerNamespaces(): Manifest[] {
    if (!this.spec.namespaces.create) { return []; }
    const { readers, scrapers, symbolUploaders } = this.spec.access;
    const names = [...readers, ...scrapers, ...symbolUploaders].map(peer => peer.namespace);
    return [...new Set(names)].map(name => object('v1', 'Namespace', name));
  }
}

/** A disk for a claim. Unlike a directory of the host, the kubelet hands it over to the pod's group. */
export function disk(namespace: string, claim: string, storage: string): Manifest {
  const path = join(HOME, 'disks', namespace);
  mkdirSync(path, { recursive: true });
  return object('v1', 'PersistentVolume', namespace, undefined, {
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      claimRef: { namespace, name: claim },
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [NODE] }] }] } },
    },
  });
}

/** A Secret of type kubernetes.io/tls. */
export function tlsSecret(name: string, namespace: string, { certificate, key }: Certificate): Manifest {
  return object('v1', 'Secret', name, namespace, { type: 'kubernetes.io/tls', stringData: { 'tls.crt': certificate, 'tls.key': key } });
}

/** An object with a name. */
export function object(apiVersion: string, kind: string, name: string, namespace?: string, content: object = {}): Manifest {
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, ...content };
}
