/** The document that `hardened-profiling init` writes. */
export const STARTER_DOCUMENT = `# yaml-language-server: $schema=node_modules/cdk8s-hardened-profiling/schema/profiling.schema.json
# What hardened-profiling makes manifests from. Every key that is left out has a hardened default.
apiVersion: hardened-profiling/v1alpha1
cluster:
  name: my-cluster
  kubernetesVersion: "1.33"          # the oldest API server of the cluster
  # Addresses of the API server, for the agents' egress rule:
  #   kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes
  apiServerCidrs: [10.0.0.10/32]
images:
  pinning: tagsAllowed               # remove this line for production, and give each image with its digest
scope:
  optInLabel: { key: profiling, value: enabled }
  sensitiveNamespaces: []            # never profiled, whatever their pods' labels say
parca:
  server:
    activeMemory: 512Mi
    persistence: { size: 50Gi }
  tls:
    # An existing Secret of type kubernetes.io/tls for parca.profiling.svc, or cert-manager:
    #   certManager: { issuerRef: { kind: ClusterIssuer, name: my-ca } }
    secretName: parca-tls
    caConfigMap: { name: parca-ca, key: ca.crt }
access:
  portForward: { groups: [] }        # groups that may open a tunnel to the gateway
  readers: []                        # such as { namespace: monitoring, podLabels: { app.kubernetes.io/name: grafana } }
  scrapers: []                       # such as { namespace: monitoring, podLabels: { app.kubernetes.io/name: prometheus } }
`;
