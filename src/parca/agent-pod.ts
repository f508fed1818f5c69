import type { Container, NodeAffinity, PodSpec, Volume } from 'kubernetes-types/core/v1';
import { currentAgentArgs, fallbackAgentArgs } from './agent-args';
import { CA_DIRECTORY, CONFIG_DIRECTORY, TOKEN_DIRECTORY } from './agent-paths';
import { agentImage } from './agent-workloads';
import type { ProfiledPool } from './agent-workloads';
import { agentCapabilities } from './capabilities';
import { AGENT_METRICS_PORT, AGENT_NAME } from './names';
import { pushSecretOf } from './push-tokens';
import type { AgentSlice } from './store';
import { otherNodes } from '../agents/node-pools';
import { priorityClassName } from '../agents/priority-class';
import { API_ACCESS_MOUNT, API_ACCESS_VOLUME, caVolume, hasAppArmorField, profilerSecurityContext, TRACEFS_MOUNT, TRACEFS_VOLUME } from '../agents/profiler-pod';
import { Memlock } from '../api/agents';
import { podField } from '../kube/objects';

/** The pod of a pool's agents. */
export function agentPodSpec(spec: AgentSlice, pool: ProfiledPool): PodSpec {
  const affinity = nodeAffinity(spec, pool);
  return {
    serviceAccountName: AGENT_NAME,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // Processes are looked up by their id in the node's process table.
    hostPID: true,
    priorityClassName: priorityClassName(spec.agents),
    terminationGracePeriodSeconds: 30,
    nodeSelector: { 'kubernetes.io/os': 'linux', ...pool.nodeSelector },
    ...(affinity && { affinity: { nodeAffinity: affinity } }),
    initContainers: [preflightContainer(spec, pool)],
    containers: [agentContainer(spec, pool)],
    volumes: volumes(spec, pool),
  };
}

/** Keeps the pool without a selector off the nodes of the others, including those that get no agent at all. */
function nodeAffinity({ agents }: AgentSlice, pool: ProfiledPool): NodeAffinity | undefined {
  if (pool.nodeSelector || agents.nodePools.length === 1) { return undefined; }
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: otherNodes(agents.nodePools) } };
}

function agentContainer(spec: AgentSlice, pool: ProfiledPool): Container {
  const { cpuRequest, memoryRequest, memoryLimit } = pool.pod.resources;
  return {
    name: 'parca-agent',
    image: agentImage(spec, pool),
    imagePullPolicy: 'IfNotPresent',
    // The image of the previous generation has a command and no entry point.
    ...(pool.fallback && { command: ['/bin/parca-agent'] }),
    args: pool.fallback ? fallbackAgentArgs(spec, pool.fallback) : currentAgentArgs(spec),
    env: [
      { name: 'NODE_NAME', valueFrom: podField('spec.nodeName') },
      { name: 'POD_IP', valueFrom: podField('status.podIP') },
      // The agent has no flag for its authorities. Go reads the system's directories besides the file, unless it is told another one.
      ...(spec.store.ca ? [{ name: 'SSL_CERT_FILE', value: `${CA_DIRECTORY}/ca.crt` }, { name: 'SSL_CERT_DIR', value: CA_DIRECTORY }] : []),
    ],
    ports: [{ name: 'metrics', containerPort: AGENT_METRICS_PORT, protocol: 'TCP' }],
    securityContext: profilerSecurityContext(spec, agentCapabilities(pool).map(({ name }) => name), pool.appArmorProfile),
    resources: {
      requests: { 'cpu': cpuRequest, 'memory': memoryRequest, 'ephemeral-storage': '16Mi' },
      limits: { 'memory': memoryLimit, 'ephemeral-storage': pool.fallback ? '384Mi' : '128Mi' },
    },
    // The agent serves nothing before it has reached the gateway, and gives up by itself after 6 minutes.
    startupProbe: { ...metricsProbe(), periodSeconds: 10, failureThreshold: 42 },
    livenessProbe: { ...metricsProbe(), periodSeconds: 30, failureThreshold: 5 },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true },
      { name: 'token', mountPath: TOKEN_DIRECTORY, readOnly: true },
      ...(spec.store.ca ? [{ name: 'ca', mountPath: CA_DIRECTORY, readOnly: true }] : []),
      API_ACCESS_MOUNT,
      TRACEFS_MOUNT,
      ...(pool.fallback ? [
        { name: 'runtime-socket', mountPath: pool.fallback.containerRuntimeSocket, readOnly: true },
        // The previous generation makes directories for symbols there, and ends where it cannot.
        { name: 'tmp', mountPath: '/tmp' },
      ] : []),
    ],
  };
}

function metricsProbe(): { httpGet: { port: string; path: string }; timeoutSeconds: number } {
  return { httpGet: { port: 'metrics', path: '/metrics' }, timeoutSeconds: 5 };
}

/** Tells in the pod's status why the node cannot run the agent. See the script. */
function preflightContainer(spec: AgentSlice, pool: ProfiledPool): Container {
  return {
    name: 'preflight',
    image: spec.images.preflight,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', `${CONFIG_DIRECTORY}/preflight.sh`],
    env: [
      { name: 'MODE', value: pool.mode },
      { name: 'MEMLOCK', value: pool.memlockUnlimited ? Memlock.UNLIMITED : Memlock.LIMITED },
      { name: 'APPARMOR_PROFILE', value: pool.appArmorProfile ?? 'unconfined' },
    ],
    securityContext: profilerSecurityContext(spec, [], pool.appArmorProfile),
    resources: {
      requests: { 'cpu': '10m', 'memory': '16Mi', 'ephemeral-storage': '4Mi' },
      limits: { 'memory': '32Mi', 'ephemeral-storage': '16Mi' },
    },
    // What it printed becomes the message in the pod's status.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: [{ name: 'config', mountPath: CONFIG_DIRECTORY, readOnly: true }, TRACEFS_MOUNT],
  };
}

/** The form of AppArmor settings for API servers before 1.30, which drop the field. */
export function appArmorAnnotations(spec: AgentSlice, pool: ProfiledPool): Record<string, string> {
  if (hasAppArmorField(spec)) { return {}; }
  const profile = pool.appArmorProfile ? `localhost/${pool.appArmorProfile}` : 'unconfined';
  return Object.fromEntries(['parca-agent', 'preflight'].map(container => [`container.apparmor.security.beta.kubernetes.io/${container}`, profile]));
}

function volumes({ store }: AgentSlice, pool: ProfiledPool): Volume[] {
  return [
    { name: 'config', configMap: { name: AGENT_NAME } },
    // The raw token, and nothing else that the Secret may hold.
    { name: 'token', secret: { secretName: pushSecretOf(store, pool), items: [{ key: 'token', path: 'token' }], defaultMode: 0o400 } },
    ...(store.ca ? [caVolume(store.ca)] : []),
    API_ACCESS_VOLUME,
    TRACEFS_VOLUME,
    ...(pool.fallback ? [
      { name: 'runtime-socket', hostPath: { path: pool.fallback.containerRuntimeSocket, type: 'Socket' } },
      { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
    ] : []),
  ];
}
