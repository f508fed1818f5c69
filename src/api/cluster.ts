/**
 * The cluster the manifests are made for.
 */
export interface ClusterSpec {
  /**
   * Name of the cluster, shown in summaries and on the namespaces.
   *
   * @format dns-label
   */
  readonly name: string;

  /**
   * The oldest API server this output must work on, as `major.minor`, 1.28 or newer.
   *
   * It decides between the AppArmor field and its annotation (field from 1.30) and pins
   * the version of the Pod Security labels.
   *
   * @default "1.30"
   * @format kubernetes-version
   */
  readonly kubernetesVersion?: string;

  /**
   * Addresses of the API server's endpoints, for the egress rules of the agents.
   *
   * NetworkPolicy has no selector for the API server, and most engines evaluate egress after
   * Service address translation: give the endpoints (`kubectl get endpointslices -n default
   * -l kubernetes.io/service-name=kubernetes`), not the ClusterIP.
   *
   * @default - no rule: where NetworkPolicies are enforced the agents cannot start; the summary says so
   * @format cidr
   * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
   */
  readonly apiServerCidrs?: string[];

  /**
   * TCP ports of the API server's endpoints.
   *
   * @default [443, 6443]
   * @format port
   * @minItems 1
   */
  readonly apiServerPorts?: number[];

  /**
   * DNS server of the cluster.
   *
   * @default - pods labelled `k8s-app: kube-dns` in `kube-system`, port 53
   */
  readonly dns?: DnsSpec;
}

/**
 * The cluster's DNS server, for egress rules over UDP and TCP.
 *
 * OpenShift: `{ namespace: openshift-dns, podLabels: { dns.operator.openshift.io/daemonset-dns: default }, port: 5353 }`.
 * NodeLocal DNSCache answers on the node, which only a CIDR matches: `{ cidrs: [169.254.20.10/32] }`.
 */
export interface DnsSpec {
  /**
   * Namespace of the DNS pods.
   *
   * @default "kube-system"
   * @format dns-label
   */
  readonly namespace?: string;

  /**
   * Labels of the DNS pods.
   *
   * @default { k8s-app: kube-dns }
   * @format labels
   * @minItems 1
   */
  readonly podLabels?: { [key: string]: string };

  /**
   * Port the DNS pods listen on.
   *
   * @default 53
   * @format port
   */
  readonly port?: number;

  /**
   * Further addresses that answer DNS, such as NodeLocal DNSCache.
   *
   * @default - none
   * @format cidr
   */
  readonly cidrs?: string[];

  /**
   * Domain of the cluster's names, which the kubelets have as `clusterDomain`: for certificates, for Pyroscope's chart, and for the
   * gateway before it, which looks replicas up itself. Everything else is looked up as `<service>.<namespace>.svc`, which resolves in
   * every domain.
   *
   * @default "cluster.local"
   * @format cluster-domain
   */
  readonly domain?: string;
}
