import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Container, NodeAffinity, PodSpec, SecurityContext, ServiceAccount, Volume, VolumeMount } from 'kubernetes-types/core/v1';
import type { ClusterRole, ClusterRoleBinding } from 'kubernetes-types/rbac/v1';
import type { PriorityClass } from 'kubernetes-types/scheduling/v1';
import { currentAgentArgs, fallbackAgentArgs } from './agent-args';
import { CA_DIRECTORY, CONFIG_DIRECTORY, TOKEN_DIRECTORY } from './agent-paths';
import { agentConfig, fallbackAgentConfig } from './agent-scope';
import { agentCapabilities } from './capabilities';
import { AGENT_METRICS_PORT, AGENT_NAME } from './names';
import { remainder } from './node-pools';
import { PREFLIGHT_SCRIPT } from './preflight';
import { checksum } from '../kube/checksum';
import { ANNOTATION_PREFIX, labels, selectorLabels } from '../kube/labels';
import type { Complete, Part } from '../kube/manifest';
import { compareVersions } from '../kube/version';
import type { ResolvedNodePool, ResolvedSpec } from '../spec/resolved-spec';

type ProfiledPool = ResolvedNodePool & { readonly mode: 'leastPrivilege' | 'fallback' };

/**
 * The Parca Agents: a DaemonSet for each node pool, and what all of them share.
 *
 * An agent is root on its node's process table, so everything else is taken away: no privilege escalation, a read-only
 * root, tracefs as its only host path, no host network, and a service account that can list pods and get nodes.
 */
export function agent(spec: ResolvedSpec): Part {
  const { agentNamespace } = spec.parca;
  const clusterName = `${agentNamespace}-${AGENT_NAME}`;
  const profiled = spec.parca.agent.nodePools.filter(isProfiled);
  // Once and not for each pool: writing the rules and reading them back takes longer than the rest of a DaemonSet.
  const current = configData(spec, false);
  const all = profiled.some(pool => pool.fallback) ? configData(spec, true) : current;
  const [currentChecksum, allChecksum] = [current, all].map(data => checksum(JSON.stringify(data)));
  return {
    'service-account': serviceAccount(agentNamespace),
    'cluster-role': clusterRole(clusterName),
    'cluster-role-binding': clusterRoleBinding(clusterName, agentNamespace),
    'priority-class': priorityClass(clusterName),
    'config': configMap(agentNamespace, all),
    ...Object.fromEntries(profiled.map(pool => [
      `daemon-set-${pool.name}`, daemonSet(spec, pool, clusterName, pool.fallback ? allChecksum : currentChecksum),
    ])),
  };
}

function isProfiled(pool: ResolvedNodePool): pool is ProfiledPool {
  return pool.mode !== 'none';
}

/** The token is mounted by the pod template alone, not into every pod that names this account. */
function serviceAccount(namespace: string): Complete<ServiceAccount> {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: AGENT_NAME, namespace, labels: labels(AGENT_NAME) },
    automountServiceAccountToken: false,
  };
}

/** What the agent calls, and nothing else. RBAC cannot narrow it to one node. */
function clusterRole(name: string): Complete<ClusterRole> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels: labels(AGENT_NAME) },
    rules: [
      { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    ],
  };
}

function clusterRoleBinding(name: string, namespace: string): Complete<ClusterRoleBinding> {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: labels(AGENT_NAME) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: AGENT_NAME, namespace }],
  };
}

/** Kept when a node runs short, but no workload is ever evicted to make room for a profiler. */
function priorityClass(name: string): Complete<PriorityClass> {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, labels: labels(AGENT_NAME) },
    value: 1_000_000,
    preemptionPolicy: 'Never',
    globalDefault: false,
    description: 'Profiling agents: kept before ordinary workloads, never in place of them.',
  };
}

function configData({ scope }: ResolvedSpec, hasFallback: boolean): Record<string, string> {
  return {
    'parca-agent.yaml': agentConfig(scope),
    ...(hasFallback && { 'parca-agent-fallback.yaml': fallbackAgentConfig(scope) }),
    'preflight.sh': PREFLIGHT_SCRIPT,
  };
}

function configMap(namespace: string, data: Record<string, string>): Complete<ConfigMap> {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: AGENT_NAME, namespace, labels: labels(AGENT_NAME) },
    data,
  };
}

function daemonSet(spec: ResolvedSpec, pool: ProfiledPool, priorityClassName: string, configChecksum: string): Complete<DaemonSet> {
  const name = `${AGENT_NAME}-${pool.name}`;
  const { agentNamespace: namespace } = spec.parca;
  // On the DaemonSet for reviewers, on the pods for whoever looks at a node.
  const fallbackAnnotations = pool.fallback && {
    [`${ANNOTATION_PREFIX}/fallback-reason`]: pool.fallback.reason,
    [`${ANNOTATION_PREFIX}/fallback-remediate-by`]: pool.fallback.remediateBy,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels: labels(AGENT_NAME, name), ...(fallbackAnnotations && { annotations: fallbackAnnotations }) },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: selectorLabels(AGENT_NAME, name) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: {
          labels: labels(AGENT_NAME, name),
          annotations: {
            // The agent reads its configuration at start only, so a change has to roll the pods.
            [`${ANNOTATION_PREFIX}/config`]: configChecksum,
            ...fallbackAnnotations,
            ...appArmorAnnotations(spec, pool),
          },
        },
        spec: podSpec(spec, pool, priorityClassName),
      },
    },
  };
}

function podSpec(spec: ResolvedSpec, pool: ProfiledPool, priorityClassName: string): PodSpec {
  const affinity = nodeAffinity(spec, pool);
  return {
    serviceAccountName: AGENT_NAME,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Processes are looked up by their id in the node's process table.
    hostPID: true,
    priorityClassName,
    terminationGracePeriodSeconds: 30,
    nodeSelector: { 'kubernetes.io/os': 'linux', ...pool.nodeSelector },
    ...(affinity && { affinity: { nodeAffinity: affinity } }),
    ...(pool.tolerations.length > 0 && {
      tolerations: pool.tolerations.map(({ key, value, effect }) => (
        { key, operator: value === undefined ? 'Exists' : 'Equal', ...(value !== undefined && { value }), ...(effect && { effect }) }
      )),
    }),
    initContainers: [preflightContainer(spec, pool)],
    containers: [agentContainer(spec, pool)],
    volumes: volumes(spec, pool),
  };
}

/** Keeps the pool without a selector off the nodes of the others, including those that get no agent at all. */
function nodeAffinity({ parca }: ResolvedSpec, pool: ProfiledPool): NodeAffinity | undefined {
  if (pool.nodeSelector || parca.agent.nodePools.length === 1) { return undefined; }
  const nodeSelectorTerms = remainder(parca.agent.nodePools)!.map(exclusion => ({
    matchExpressions: Object.entries(exclusion).sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, values]) => ({ key, operator: 'NotIn', values: [...values] })),
  }));
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

function agentContainer(spec: ResolvedSpec, pool: ProfiledPool): Container {
  const { images, parca } = spec;
  const { cpuRequest, memoryRequest, memoryLimit } = parca.agent.resources;
  return {
    name: 'parca-agent',
    image: pool.fallback?.image ?? images.agent,
    imagePullPolicy: 'IfNotPresent',
    // The image of the previous generation has a command and no entry point.
    ...(pool.fallback && { command: ['/bin/parca-agent'] }),
    args: pool.fallback ? fallbackAgentArgs(spec, pool.fallback) : currentAgentArgs(spec),
    env: [
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      // The agent has no flag for it: this replaces the system's roots for the connection to the gateway.
      { name: 'SSL_CERT_FILE', value: `${CA_DIRECTORY}/ca.crt` },
    ],
    ports: [{ name: 'metrics', containerPort: AGENT_METRICS_PORT, protocol: 'TCP' }],
    securityContext: securityContext(spec, pool, agentCapabilities(pool).map(({ name }) => name)),
    resources: {
      requests: { 'cpu': cpuRequest, 'memory': memoryRequest, 'ephemeral-storage': '16Mi' },
      limits: { 'memory': memoryLimit, 'ephemeral-storage': '128Mi' },
    },
    // The agent serves nothing before it has reached the gateway, and gives up by itself after 6 minutes.
    startupProbe: { ...metricsProbe(), periodSeconds: 10, failureThreshold: 42 },
    livenessProbe: { ...metricsProbe(), periodSeconds: 30, failureThreshold: 5 },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true },
      { name: 'token', mountPath: TOKEN_DIRECTORY, readOnly: true },
      { name: 'ca', mountPath: CA_DIRECTORY, readOnly: true },
      { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
      TRACEFS_MOUNT,
      ...(pool.fallback ? [{ name: 'runtime-socket', mountPath: pool.fallback.containerRuntimeSocket, readOnly: true }] : []),
    ],
  };
}

const TRACEFS_MOUNT: VolumeMount = { name: 'tracefs', mountPath: '/sys/kernel/tracing', readOnly: true };

function metricsProbe(): { httpGet: { port: string; path: string }; timeoutSeconds: number } {
  return { httpGet: { port: 'metrics', path: '/metrics' }, timeoutSeconds: 5 };
}

/** Tells in the pod's status why the node cannot run the agent. See the script. */
function preflightContainer(spec: ResolvedSpec, pool: ProfiledPool): Container {
  return {
    name: 'preflight',
    image: spec.images.preflight,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', `${CONFIG_DIRECTORY}/preflight.sh`],
    env: [
      { name: 'MODE', value: pool.mode },
      { name: 'APPARMOR_PROFILE', value: pool.appArmorProfile ?? 'unconfined' },
    ],
    securityContext: securityContext(spec, pool, []),
    resources: {
      requests: { 'cpu': '10m', 'memory': '16Mi', 'ephemeral-storage': '4Mi' },
      limits: { 'memory': '32Mi', 'ephemeral-storage': '16Mi' },
    },
    // What it printed becomes the message in the pod's status.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true }, TRACEFS_MOUNT],
  };
}

/**
 * Root, because capabilities reach only root without file capabilities; and nothing that root usually has.
 *
 * The runtimes' default AppArmor profile and SELinux type forbid to trace other processes, and the agent then silently
 * loses their frames. `spc_t` means something on SELinux nodes alone.
 *
 * @see https://github.com/containerd/containerd/blob/v2.3.4/contrib/apparmor/template.go
 */
function securityContext(spec: ResolvedSpec, pool: ProfiledPool, capabilities: readonly string[]): SecurityContext {
  return {
    runAsUser: 0,
    runAsGroup: 0,
    runAsNonRoot: false,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], ...(capabilities.length > 0 && { add: [...capabilities] }) },
    seccompProfile: { type: 'RuntimeDefault' },
    seLinuxOptions: { type: 'spc_t' },
    ...(hasAppArmorField(spec) && {
      appArmorProfile: pool.appArmorProfile
        ? { type: 'Localhost', localhostProfile: pool.appArmorProfile }
        : { type: 'Unconfined' },
    }),
  };
}

/** The form of AppArmor settings for API servers before 1.30, which drop the field. */
function appArmorAnnotations(spec: ResolvedSpec, pool: ProfiledPool): Record<string, string> {
  if (hasAppArmorField(spec)) { return {}; }
  const profile = pool.appArmorProfile ? `localhost/${pool.appArmorProfile}` : 'unconfined';
  return Object.fromEntries(['parca-agent', 'preflight'].map(container => [`container.apparmor.security.beta.kubernetes.io/${container}`, profile]));
}

function hasAppArmorField({ cluster }: ResolvedSpec): boolean {
  return compareVersions(cluster.kubernetesVersion, '1.30') >= 0;
}

function volumes({ parca }: ResolvedSpec, pool: ProfiledPool): Volume[] {
  const { caConfigMap } = parca.tls;
  return [
    { name: 'config', configMap: { name: AGENT_NAME } },
    // The raw token, and nothing else that the Secret may hold.
    { name: 'token', secret: { secretName: parca.tokens.push, items: [{ key: 'token', path: 'token' }], defaultMode: 0o400 } },
    { name: 'ca', configMap: { name: caConfigMap.name, items: [{ key: caConfigMap.key, path: 'ca.crt' }] } },
    {
      // What automounting would give, but for the agent's container alone and not for the preflight check.
      name: 'kube-api-access',
      projected: {
        defaultMode: 0o400,
        sources: [
          { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
          { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    },
    { name: 'tracefs', hostPath: { path: '/sys/kernel/tracing', type: 'Directory' } },
    ...(pool.fallback ? [{ name: 'runtime-socket', hostPath: { path: pool.fallback.containerRuntimeSocket, type: 'Socket' } }] : []),
  ];
}
