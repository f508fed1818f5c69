import { App } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { Deployed } from './composition';
import { addNetworkPolicies, composedOf } from './composition';
import { GrafanaAlloy } from './grafana-alloy';
import { engine } from './load-engine';
import { NodeHardening } from './node-hardening';
import { ParcaAgents } from './parca-agents';
import { ParcaServer } from './parca-server';
import { mountedToken } from './pod-additions';
import { ProfilingAccess } from './profiling-access';
import { ProfilingAdmission } from './profiling-admission';
import { ProfilingPart } from './profiling-part';
import { ProfilingTenant } from './profiling-tenant';
import { Pyroscope } from './pyroscope';
import { Workload } from './workload';
import type { PodPeerSpec } from '../api/access';
import type { ProfilingSpec } from '../api/profiling';
import type { ResolvedSpec } from '../config/resolved-spec';

/** The lists of peers in the section `access`. */
type PeerList = 'readers' | 'scrapers' | 'symbolUploaders';

/**
 * Options for the token that a workload is granted.
 */
export interface GrantOptions {
  /**
   * Directory of the container in which the file `token` appears. A workload that is granted two tokens needs two.
   *
   * @default "/var/run/secrets/parca"
   */
  readonly mountPath?: string;

  /**
   * Emit an egress rule in the workload's namespace. For namespaces that deny egress by default; see `PodPeerSpec.egressPolicy`.
   *
   * @default false
   */
  readonly egressPolicy?: boolean;
}

/**
 * Continuous profiling that is safe by default: Parca agents with the least capabilities that work, a Parca server
 * behind a gateway that asks for TLS and a token, and NetworkPolicies around both.
 *
 * The parts are scopes below this construct, so that every object has a stable construct path.
 */
export class HardenedProfiling extends Construct {
  /**
   * Reads the specification from a YAML or JSON file.
   *
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param file path of the document
   */
  public static fromFile(scope: Construct, id: string, file: string): HardenedProfiling {
    return HardenedProfiling.fromFiles(scope, id, [file]);
  }

  /**
   * Reads the specification from several YAML or JSON files, each an overlay on those before it: mappings are merged, lists and other
   * values are replaced, and null removes a key.
   *
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param files paths of the documents, the base first
   * @see https://www.rfc-editor.org/rfc/rfc7396
   */
  public static fromFiles(scope: Construct, id: string, files: string[]): HardenedProfiling {
    const { readDocuments, resolve } = engine();
    const document = readDocuments(files);
    resolve(document.value, document); // reports problems with file, line and column, which the constructor cannot know
    return new HardenedProfiling(scope, id, document.value as ProfilingSpec);
  }

  /**
   * Takes the specification as plain data, such as a parsed YAML or JSON document.
   *
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param document mappings, lists, strings, numbers and booleans with the keys of `ProfilingSpec`
   */
  public static fromDocument(scope: Construct, id: string, document: unknown): HardenedProfiling {
    return new HardenedProfiling(scope, id, document as ProfilingSpec);
  }

  /** Namespaces, NetworkPolicies, and RBAC for `kubectl port-forward`. */
  public readonly access: ProfilingAccess;

  /** What all profilers on the nodes share: the PriorityClass. */
  public readonly profilers: ProfilingPart;

  /** Policies of the API server around profiling; empty unless the specification asks for them, like each part below. */
  public readonly admission: ProfilingAdmission;

  /** The Parca server and its gateway. */
  public readonly parcaServer: ParcaServer;

  /** The Parca Agents, a DaemonSet for each node pool. */
  public readonly parcaAgents: ParcaAgents;

  /** Pyroscope, its gateway and its data sources. */
  public readonly pyroscope: Pyroscope;

  /** Grafana Alloy. */
  public readonly alloy: GrafanaAlloy;

  /** DaemonSets that hold kernel settings and list eBPF programs on the nodes. */
  public readonly nodeHardening: NodeHardening;

  /** Objects by which Argo CD or Flux installs the charts. */
  public readonly gitOps: ProfilingPart;

  private readonly _props: ProfilingSpec;
  private readonly _spec: ResolvedSpec;

  /** Peers that were added to those of the specification. */
  private readonly _peers: Record<PeerList, PodPeerSpec[]> = { readers: [], scrapers: [], symbolUploaders: [] };

  /**
   * @param scope the chart, or a construct in it
   * @param id the construct id
   * @param props the specification; an error names everything that is wrong with it
   */
  constructor(scope: Construct, id: string, props: ProfilingSpec) {
    super(scope, id);
    const { renderParts, resolve } = engine();
    this._props = props;
    this._spec = resolve(props, { source: this.node.path });
    const deployed: Deployed = { spec: this._props, parts: renderParts(this._spec) };
    const part = (name: string): ProfilingPart => {
      const construct = new ProfilingPart(this, name);
      construct._add(deployed.parts[name], this._spec.cluster.name);
      return construct;
    };
    // In the order in which the objects can be applied.
    this.access = new ProfilingAccess(this, 'access', composedOf(deployed));
    this.profilers = part('profilers');
    this.admission = new ProfilingAdmission(this, 'admission', composedOf(deployed));
    this.parcaServer = new ParcaServer(this, 'parca-server', composedOf(deployed));
    this.parcaAgents = new ParcaAgents(this, 'parca-agents', composedOf(deployed));
    this.pyroscope = new Pyroscope(this, 'pyroscope', composedOf(deployed));
    this.alloy = new GrafanaAlloy(this, 'alloy', composedOf(deployed));
    this.nodeHardening = new NodeHardening(this, 'nodes', composedOf(deployed));
    this.gitOps = part('git-ops');
  }

  /** Host and port of the gateway inside the cluster, such as `parca.profiling.svc:7443`; TLS only. */
  public get gatewayAddress(): string {
    return engine().gatewayAddress({ ...this._spec, parca: this.server });
  }

  /**
   * Values for Helm charts, by the name of the chart: `pyroscope` and `alloy`, where the specification wants the chart.
   *
   * A cdk8s app hands them to `Helm` or to a tool of its own; the command line writes them into files.
   */
  public get helmValues(): { [chart: string]: any } {
    return engine().renderHelmValues(this._spec) as { [chart: string]: any };
  }

  /**
   * Kernel settings as files for those who bake images, by the names of the files; empty unless `nodes.delivery` is
   * `NODE_CONFIGURATION`. The command line writes them into a folder.
   */
  public get nodeConfiguration(): { [file: string]: string } {
    return { ...engine().renderNodeConfiguration(this._spec) };
  }

  /**
   * The specification with everything that was granted, as the YAML document that the command line takes:
   * `hardened-profiling secrets` makes the Secrets of exactly what this app deploys.
   */
  public get document(): string {
    return engine().toYaml(this.withPeers());
  }

  /**
   * Summary to be read before the output is applied, as the command line prints it: objects, images, what is left closed, and what
   * must still be created, with the commands for it. These call the `document` profiling.yaml.
   */
  public get summary(): string {
    const { formatSummary, renderManifests, resolve, summarize, textOf } = engine();
    const spec = resolve(this.withPeers(), { source: this.node.path });
    const { root } = this.node;
    const folder = root instanceof App ? root.outdir : 'dist';
    return textOf(formatSummary(summarize(spec, renderManifests(spec), 'profiling.yaml'), `kubectl apply --server-side -f ${folder}`));
  }

  /**
   * Pod Security labels of the namespaces in `admission.podSecurity`, as files by their names; empty unless there are some. They are no
   * objects of the chart: a tool that prunes what a chart no longer has would delete the namespaces. The command line writes them into a
   * folder.
   */
  public get podSecurity(): { [file: string]: string } {
    return { ...engine().renderPodSecurity(this._spec) };
  }

  /** The label that opts a pod in, for workloads that are no constructs of this app. */
  public get optInLabels(): { [key: string]: string } {
    const { key, value } = this._spec.scope.optInLabel;
    return { [key]: value };
  }

  /**
   * Opts a workload in: its pods get the opt-in label.
   *
   * @param workload a workload of any cdk8s-plus or an `ApiObject` with a pod template, outside the sensitive namespaces
   */
  public optIn(workload: IConstruct): void {
    const { sensitiveNamespaces, namespaces, optInLabel } = this._spec.scope;
    const pods = Workload.of(workload);
    const { namespace, path } = pods;
    if (namespace !== undefined && sensitiveNamespaces.includes(namespace)) {
      throw new Error(`${path} is in the sensitive namespace \`${namespace}\`, which is never profiled. `
        + `Sensitive are: ${sensitiveNamespaces.join(', ')}. Do not opt it in, or remove the namespace from \`scope.sensitiveNamespaces\`.`);
    }
    if (namespace !== undefined && namespaces && !namespaces.includes(namespace)) {
      throw new Error(`${path} is in the namespace \`${namespace}\`, which is not among \`scope.namespaces\`: `
        + `${namespaces.join(', ')}. Add it there.`);
    }
    pods.add({ labels: { [optInLabel.key]: optInLabel.value } });
  }

  /**
   * A tenant of Pyroscope, to grant its applications something.
   *
   * @param name one of `pyroscope.tenants`
   */
  public tenant(name: string): ProfilingTenant {
    const tenants = this._spec.pyroscope?.tenants ?? [];
    const tenant = tenants.find(candidate => candidate.name === name);
    if (!tenant || tenant.offboarding) {
      throw new Error(`${this.node.path} has no tenant \`${name}\`${tenant ? ': it is leaving' : ''}. `
        + `It has: ${tenants.filter(({ offboarding }) => !offboarding).map(candidate => candidate.name).join(', ') || 'none'}.`);
    }
    return ProfilingTenant._of(name, tenant.namespaces, engine().pyroscopeUrl(this._spec.pyroscope!),
      namespace => addNetworkPolicies(this.access, engine().renderPushPolicy(this._spec, namespace)));
  }

  /**
   * Lets a workload query profiles: opens the network path and mounts the read token into its containers, from the Secret that
   * `hardened-profiling secrets` makes of `document`.
   *
   * Containers that are added later have it too, init containers have not.
   *
   * @param workload a workload of any cdk8s-plus or an `ApiObject` with a pod template, whose namespace is known from its metadata or its chart
   * @param options how it gets the token
   */
  public grantRead(workload: IConstruct, options: GrantOptions = {}): void {
    this.grant('readers', 'reader', this.server.tokens.read, workload, options);
  }

  /**
   * Lets a workload scrape metrics of agents and server: opens the network path and mounts the metrics token, from the Secret that
   * `hardened-profiling secrets` makes of `document`.
   *
   * Containers that are added later have it too, init containers have not.
   *
   * @param workload a workload of any cdk8s-plus or an `ApiObject` with a pod template, whose namespace is known from its metadata or its chart
   * @param options how it gets the token
   */
  public grantMetrics(workload: IConstruct, options: GrantOptions = {}): void {
    this.grant('scrapers', 'scraper', this.server.tokens.metrics, workload, options);
  }

  /**
   * Opens the network path for readers that are no constructs of this app. The same as an entry of `access.readers`.
   *
   * @param peer the pods, by namespace and labels
   */
  public addReader(peer: PodPeerSpec): void {
    this.addPeer('readers', peer);
  }

  /**
   * Opens the network path for scrapers of metrics. The same as an entry of `access.scrapers`.
   *
   * @param peer the pods, by namespace and labels
   */
  public addScraper(peer: PodPeerSpec): void {
    this.addPeer('scrapers', peer);
  }

  /**
   * Opens the network path for pods that upload debug information. The same as an entry of `access.symbolUploaders`.
   *
   * @param peer the pods, by namespace and labels
   */
  public addSymbolUploader(peer: PodPeerSpec): void {
    this.addPeer('symbolUploaders', peer);
  }

  /** The server of Parca, which some questions are about. */
  private get server(): NonNullable<ResolvedSpec['parca']> {
    const { parca } = this._spec;
    if (!parca) { throw new Error(`${this.node.path} has no Parca server. Add \`parca\` without \`remoteStore\` to its specification.`); }
    return parca;
  }

  /** Checks a peer as the document's would be. */
  private addPeer(list: PeerList, peer: PodPeerSpec): void {
    const { renderNetworkPolicies, resolve } = engine();
    const opened = resolve(this.withPeers({ [list]: [...this.peers(list), peer] }), { source: this.node.path });
    addNetworkPolicies(this.access, renderNetworkPolicies(opened));
    const isKnown = this.peers(list).some(other => JSON.stringify(other) === JSON.stringify(peer));
    if (!isKnown) { this._peers[list].push(peer); }
  }

  /** Peers of the specification and those that were added. */
  private peers(list: PeerList): PodPeerSpec[] {
    return [...this._props.access?.[list] ?? [], ...this._peers[list]];
  }

  /** The specification with the peers that were added to it. */
  private withPeers(others: Partial<Record<PeerList, PodPeerSpec[]>> = {}): ProfilingSpec {
    const extended = (Object.keys(this._peers) as PeerList[]).filter(list => this._peers[list].length > 0);
    const added = Object.fromEntries(extended.map(list => [list, this.peers(list)]));
    const lists = { ...added, ...others };
    // As plain data, without keys that are undefined.
    return JSON.parse(JSON.stringify({
      ...this._props, ...(Object.keys(lists).length > 0 && { access: { ...this._props.access, ...lists } }),
    })) as ProfilingSpec;
  }

  /** Marks the workload's pods with a label of ours, since labels of their own may follow from construct paths, as in cdk8s-plus. */
  private grant(list: PeerList, purpose: string, secretName: string, construct: IConstruct, options: GrantOptions): void {
    const workload = Workload.of(construct);
    const { namespace, path } = workload;
    if (namespace === undefined) {
      throw new Error(`${path} has no namespace, which the NetworkPolicy must name. Set it on the chart, or in the metadata of the workload.`);
    }
    const { mountPath = '/var/run/secrets/parca', egressPolicy = false } = options;
    const label = `hardened-profiling/${purpose}`;
    this.addPeer(list, { namespace, podLabels: { [label]: 'true' }, egressPolicy });
    workload.add(mountedToken(label, `parca-${purpose}-token`, secretName, mountPath));
  }
}
