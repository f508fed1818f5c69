import type { Block } from './alloy-text';
import { alloyText, reference } from './alloy-text';
import type { AlloySlice } from './slice';
import type { ResolvedTenant } from '../config/resolved-spec';

/** Directory of the tenants' tokens, each in a file named after its tenant. */
export const TOKENS_DIRECTORY = '/etc/alloy-tokens';

/** Directory of `ca.crt`. */
export const CA_DIRECTORY = '/etc/alloy-ca';

/** Directory in which async-profiler is unpacked; must have the sticky bit. */
export const JAVA_DIRECTORY = '/tmp/asprof';

/**
 * Alloy's configuration: what runs on the node and opted in, to the tenant that owns its namespace.
 *
 * The namespace comes from the API server, and no label of a pod is taken over: a pod that called itself into another
 * tenant's namespace would send its profiles there.
 *
 * @see https://grafana.com/docs/alloy/latest/reference/components/pyroscope/pyroscope.ebpf/
 */
export function alloyConfig(spec: AlloySlice): string {
  const { tenants } = spec.alloy;
  const ebpf = tenants.filter(tenant => tenant.ebpf);
  const java = tenants.filter(tenant => tenant.java);
  return alloyText([
    discoverPods(spec),
    relabelPods(tenants),
    ...(ebpf.length > 0 ? profileByEbpf(ebpf, ebpf.length < tenants.length) : []),
    ...(java.length > 0 ? [discoverProcesses(), ...java.flatMap(profileJava)] : []),
    ...tenants.flatMap(tenant => writeTo(tenant, spec)),
  ]);
}

/** Identifiers have no dashes, and begin with a letter. */
function identifier({ name }: ResolvedTenant): string {
  return `tenant_${name.replace(/-/g, '_')}`;
}

/** The API server filters: what did not opt in never reaches the node. */
function discoverPods({ scope }: AlloySlice): Block {
  const { key, value } = scope.optInLabel;
  return {
    type: 'discovery.kubernetes',
    label: 'pods',
    attributes: { role: 'pod' },
    blocks: [{
      type: 'selectors',
      attributes: { role: 'pod', field: reference('"spec.nodeName=" + sys.env("HOSTNAME")'), label: `${key}=${value}` },
    }],
  };
}

function relabelPods(tenants: readonly ResolvedTenant[]): Block {
  const copy = (source: string, target: string): Block => (
    { type: 'rule', attributes: { action: 'replace', source_labels: [`__meta_kubernetes_${source}`], target_label: target } });
  return {
    type: 'discovery.relabel',
    label: 'pods',
    attributes: { targets: reference('discovery.kubernetes.pods.targets') },
    blocks: [
      keepNamespaces('__meta_kubernetes_namespace', tenants.flatMap(({ namespaces }) => namespaces)),
      copy('namespace', 'namespace'),
      copy('pod_name', 'pod'),
      copy('pod_container_name', 'container'),
      {
        type: 'rule',
        attributes: {
          action: 'replace',
          source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_container_name'],
          separator: '/',
          target_label: 'service_name',
        },
      },
    ],
  };
}

/** Names of namespaces have no character that means something in a pattern, and patterns match a whole value. */
function keepNamespaces(label: string, namespaces: readonly string[]): Block {
  return { type: 'rule', attributes: { action: 'keep', source_labels: [label], regex: [...namespaces].sort().join('|') } };
}

/** One for the node: a second would load all its programs again. `isSome` says that other tenants are profiled otherwise. */
function profileByEbpf(tenants: readonly ResolvedTenant[], isSome: boolean): Block[] {
  const choice: Block = {
    type: 'discovery.relabel',
    label: 'ebpf',
    attributes: { targets: reference('discovery.relabel.pods.output') },
    blocks: [keepNamespaces('namespace', tenants.flatMap(({ namespaces }) => namespaces))],
  };
  return [...(isSome ? [choice] : []), {
    type: 'pyroscope.ebpf',
    label: 'node',
    attributes: {
      targets: reference(`discovery.relabel.${isSome ? 'ebpf' : 'pods'}.output`),
      forward_to: tenants.map(tenant => reference(`pyroscope.relabel.${identifier(tenant)}.receiver`)),
      // Frames of the kernel, and names of commands, can tell more of others than of the profiled.
      kernel_frames: false,
      comm: 'none',
    },
  }];
}

function discoverProcesses(): Block {
  return { type: 'discovery.process', label: 'node', attributes: { join: reference('discovery.relabel.pods.output') } };
}

/** Without the choice of processes it would attach to every one of the node. */
function profileJava(tenant: ResolvedTenant): Block[] {
  const name = identifier(tenant);
  const { cpu, alloc = '', lock = '' } = tenant.java!;
  return [
    {
      type: 'discovery.relabel',
      label: `${name}_java`,
      attributes: { targets: reference('discovery.process.node.targets') },
      blocks: [
        keepNamespaces('namespace', tenant.namespaces),
        { type: 'rule', attributes: { action: 'keep', source_labels: ['__meta_process_exe'], regex: '.*/java' } },
      ],
    },
    {
      type: 'pyroscope.java',
      label: name,
      attributes: {
        targets: reference(`discovery.relabel.${name}_java.output`),
        forward_to: [reference(`pyroscope.relabel.${name}.receiver`)],
        tmp_dir: JAVA_DIRECTORY,
      },
      // Off is an empty string.
      blocks: [{ type: 'profiling_config', attributes: { interval: '60s', cpu, alloc, lock } }],
    },
  ];
}

function writeTo(tenant: ResolvedTenant, { alloy, cluster, destination }: AlloySlice): Block[] {
  const name = identifier(tenant);
  const tokenFile = `${TOKENS_DIRECTORY}/${tenant.name}`;
  return [
    {
      type: 'pyroscope.relabel',
      label: name,
      attributes: { forward_to: [reference(`pyroscope.write.${name}.receiver`)] },
      blocks: [keepNamespaces('namespace', tenant.namespaces)],
    },
    {
      type: 'pyroscope.write',
      label: name,
      attributes: { external_labels: { map: { cluster: cluster.name } } },
      blocks: [{
        type: 'endpoint',
        attributes: {
          url: destination.url,
          ...(tenant.user === undefined && { bearer_token_file: tokenFile }),
          // The gateway here takes the tenant from the token, and nothing that a request says.
          ...(alloy.remote && tenant.user === undefined && { headers: { map: { 'X-Scope-OrgID': tenant.id } } }),
        },
        blocks: [
          ...(tenant.user === undefined ? [] : [{ type: 'basic_auth', attributes: { username: tenant.user, password_file: tokenFile } }]),
          { type: 'tls_config', attributes: { ...(destination.ca && { ca_file: `${CA_DIRECTORY}/ca.crt` }), min_version: 'TLS12' } },
        ],
      }],
    },
  ];
}
